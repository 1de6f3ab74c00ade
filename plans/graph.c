/*
 * Rules between the phases of a plan.  Everything is looked up in maps and
 * walked once; only what is wrong costs more, and of that the first hundred
 * of a kind are told, since mending them changes the rest.
 */
#include "plans/graph.h"

#include "core/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST         100 /* cycles told, and names that get a "did you mean" */
#define LONGEST_PATH 40 /* phases of a cycle that are named */

/* The check under way. */
struct check_run {
	const struct plan *plan;
	const struct config *config; /* NULL: what it would know is not asked */
	struct findings *findings;
	struct map names; /* checks and agents, "check/x", "agent/x" */
	size_t hints;
};

static struct place at_item(const struct places *places, size_t i)
{
	return i < places->len ? places->items[i] : place_of(NULL);
}

/* "did you mean" costs a look at every name: not for thousands of words. */
static int may_hint(struct check_run *run)
{
	return run->hints++ < MOST;
}

static void hint_near(struct finding *finding, const char *word,
		      const char *const *names, size_t n)
{
	const char *near = nearest(word, names, n);

	if (near)
		finding_hint(finding, "did you mean '%s'?", near);
}

static void unknown_dependency(struct check_run *run, const struct phase *phase,
			       size_t i)
{
	const struct phase_list *phases = &run->plan->phases;
	const char *name = phase->depends_on.items[i];
	struct finding *finding =
		finding_put(run->findings, "unknown-dependency", phase->path,
			    at_item(&phase->depends_at, i),
			    "depends on '%s', which plan '%s' does not have",
			    name, run->plan->id);
	const char **names;
	size_t n = 0;

	if (!may_hint(run))
		return;
	names = xcalloc(phases->len, sizeof *names);
	FOR_EACH (const struct phase, it, phases)
		if (it != phase)
			names[n++] = it->id;
	hint_near(finding, name, names, n);
	free(names);
}

static void check_dependencies(struct check_run *run, const struct phase *phase)
{
	for (size_t i = 0; i < phase->depends_on.len; i++) {
		const char *name = phase->depends_on.items[i];

		if (!strcmp(name, phase->id))
			finding_hint(finding_put(run->findings,
						 "self-dependency", phase->path,
						 at_item(&phase->depends_at, i),
						 "'%s' depends on itself",
						 name),
				     "take it out of depends_on");
		else if (!plan_phase(run->plan, name))
			unknown_dependency(run, phase, i);
	}
}

static const char *plain_path(const char *path)
{
	return strncmp(path, "./", 2) ? path : path + 2;
}

/* What a skipped phase would have made is free for others. */
static void check_creates(struct check_run *run, struct map *makers,
			  const struct phase *phase)
{
	if (phase->status == PHASE_SKIPPED)
		return;
	for (size_t i = 0; i < phase->create.len; i++) {
		const char *path = plain_path(phase->create.items[i]);
		const struct phase *first = map_get(makers, path);

		if (!first)
			map_set(makers, path, (void *)phase);
		else if (first != phase)
			finding_hint(
				finding_put(run->findings, "duplicate-create",
					    phase->path,
					    at_item(&phase->create_at, i),
					    "phase '%s' creates '%s' as well",
					    first->id, path),
				"let one create it, the other modify it and "
				"depend on the first");
	}
}

/* A name that is not there, with the nearest of its kind. */
static void unknown_name(struct check_run *run, const char *kind,
			 const char *name, const char *path, struct place place)
{
	CLEANUP(strings_release) struct strings keys = STRINGS_INIT;
	CLEANUP(free_str) char *rule = xasprintf("unknown-%s", kind);
	struct finding *finding =
		finding_put(run->findings, rule, path, place,
			    "there is no %s '%s'", kind, name);
	size_t len = strlen(kind);
	const char **names;
	size_t n = 0;

	finding_hint(finding, "add it to %ss: in .orch/config.yaml", kind);
	if (!may_hint(run))
		return;
	map_keys(&keys, &run->names);
	names = xcalloc(keys.len + 1, sizeof *names);
	FOR_EACH (char *, it, &keys)
		if (!strncmp(*it, kind, len) && (*it)[len] == '/')
			names[n++] = *it + len + 1;
	hint_near(finding, name, names, n);
	free(names);
}

static int has_name(const struct check_run *run, const char *kind,
		    const char *name)
{
	char key[128];

	snprintf(key, sizeof key, "%s/%s", kind, name);
	return map_get(&run->names, key) != NULL;
}

static void check_names(struct check_run *run, const struct phase *phase)
{
	if (!run->config)
		return;
	if (phase->agent && !has_name(run, "agent", phase->agent))
		unknown_name(run, "agent", phase->agent, phase->path,
			     phase->agent_at);
	for (size_t i = 0; i < phase->checks.len; i++)
		if (!has_name(run, "check", phase->checks.items[i]))
			unknown_name(run, "check", phase->checks.items[i],
				     phase->path,
				     at_item(&phase->checks_at, i));
}

static void add_name(struct check_run *run, const char *kind, const char *name)
{
	CLEANUP(free_str) char *key = xasprintf("%s/%s", kind, name);

	map_set(&run->names, key, run);
}

static void collect_names(struct check_run *run)
{
	FOR_EACH (const struct check, it, &run->plan->checks)
		add_name(run, "check", it->name);
	if (!run->config)
		return;
	FOR_EACH (const struct check, it, &run->config->checks)
		add_name(run, "check", it->name);
	FOR_EACH (const struct agent, it, &run->config->agents)
		add_name(run, "agent", it->name);
}

/* A phase on the way of the walk, and which dependency comes next. */
struct step {
	const struct phase *phase;
	size_t next;
};

struct walk {
	struct check_run *run;
	ARRAY(struct step) way;
	size_t *at; /* by phase: place on the way + 1; 0: not on it */
	char *done;
	size_t told;
};

/* The cycle is the end of the way, from `from` on; its first phase tells. */
static void tell_cycle(struct walk *walk, size_t from)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT;
	const struct step *way = walk->way.items + from;
	size_t len = walk->way.len - from;
	size_t first = 0;

	if (walk->told++ >= MOST)
		return;
	for (size_t i = 1; i < len; i++)
		if (way[i].phase->index < way[first].phase->index)
			first = i;
	for (size_t i = 0; i < len && i < LONGEST_PATH; i++)
		buf_addf(&path, "%s -> ", way[(first + i) % len].phase->id);
	if (len > LONGEST_PATH)
		buf_addf(&path, "(%zu more) -> ", len - LONGEST_PATH);
	buf_str(&path, way[first].phase->id);
	finding_hint(finding_put(walk->run->findings, "cycle",
				 way[first].phase->path,
				 at_item(&way[first].phase->depends_at,
					 way[first].next - 1),
				 "phases wait for each other: %s", path.data),
		     "take one of these dependencies out");
}

static void enter(struct walk *walk, const struct phase *phase)
{
	struct step *step = PUSH(&walk->way);

	step->phase = phase;
	walk->at[phase->index] = walk->way.len;
}

/* One dependency of the phase the way ends with, or the way back. */
static void advance(struct walk *walk)
{
	struct step *step = &walk->way.items[walk->way.len - 1];
	const struct phase *phase = step->phase;
	const struct phase *to;

	if (step->next == phase->depends_on.len) {
		walk->done[phase->index] = 1;
		walk->at[phase->index] = 0;
		walk->way.len--;
		return;
	}
	to = plan_phase(walk->run->plan, phase->depends_on.items[step->next++]);
	if (!to || to == phase || walk->done[to->index])
		return;
	if (walk->at[to->index])
		tell_cycle(walk, walk->at[to->index] - 1);
	else
		enter(walk, to);
}

/*
 * Depth first, without recursion: a chain may have ten thousand links.  Every
 * edge back onto the way closes one cycle.
 */
static void check_cycles(struct check_run *run)
{
	size_t n = run->plan->phases.len;
	struct walk walk = {
		.run = run,
		.at = xcalloc(n + 1, sizeof *walk.at),
		.done = xcalloc(n + 1, 1),
	};

	FOR_EACH (const struct phase, it, &run->plan->phases) {
		if (!walk.done[it->index])
			enter(&walk, it);
		while (walk.way.len)
			advance(&walk);
	}
	free(walk.way.items);
	free(walk.at);
	free(walk.done);
}

struct error *graph_check(const struct plan *plan, const struct config *config,
			  struct findings *findings)
{
	CLEANUP(map_release) struct map makers = MAP_INIT;
	struct check_run run = { .plan = plan,
				 .config = config,
				 .findings = findings };

	collect_names(&run);
	FOR_EACH (const struct phase, it, &plan->phases) {
		check_dependencies(&run, it);
		check_creates(&run, &makers, it);
		check_names(&run, it);
	}
	check_cycles(&run);
	map_release(&run.names);
	return NULL;
}
