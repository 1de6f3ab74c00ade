/*
 * Reading the journals and adding up.  A call is known by its id and the key
 * of its request: a fallback keeps the id and asks anew.  An open line without
 * its closed one is a call that was lost, unless its run lives and has not
 * opened the same request again.
 */
#include "plans/cost.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[BY_COUNT] = {
	[BY_ROLE] = "role", [BY_STAGE] = "stage", [BY_PHASE] = "phase",
	[BY_PLAN] = "plan", [BY_MODEL] = "model", [BY_DAY] = "day",
};

const char *cost_by_name(enum cost_by by)
{
	return names[by];
}

struct error *cost_by_parse(enum cost_by *out, const char *name)
{
	for (int i = 0; i < BY_COUNT; i++)
		if (!strcmp(names[i], name)) {
			*out = (enum cost_by)i;
			return NULL;
		}
	return error_hint(
		error_new(ERROR_USAGE, "costs are not known by '%s'", name),
		"by role, stage, phase, plan, model or day");
}

void cost_release(struct cost *cost)
{
	free(cost->calls.items);
	strings_release(&cost->damaged);
	map_release(&cost->texts);
	arena_release(&cost->arena);
	*cost = (struct cost)COST_INIT;
}

void cost_rows_release(struct cost_rows *rows)
{
	FOR_EACH (struct cost_row, row, rows)
		free(row->name);
	free(rows->items);
	*rows = (struct cost_rows){ NULL, 0, 0 };
}

/* A goal became a plan. */
struct naming {
	const char *goal;
	const char *plan;
	const char *run;
	const char *at;
};
struct namings {
	struct naming *items;
	size_t len, cap;
};

/* One run under reading. */
struct reading {
	struct cost *cost;
	const struct config *config;
	const char *since;
	struct namings *namings; /* of all runs */
	const char *run;
	struct map open; /* call and key to the call's number, from 1 */
	struct map asked; /* key to the number of its last open line */
};

static void namings_release(struct namings *namings)
{
	free(namings->items);
}

static void reading_release(struct reading *reading)
{
	map_release(&reading->open);
	map_release(&reading->asked);
}

/* Each text once, however many calls have it. */
static const char *keep(struct cost *cost, const char *text)
{
	char *known;

	if (!text)
		return NULL;
	known = map_get(&cost->texts, text);
	if (!known) {
		known = arena_strndup(&cost->arena, text, strlen(text));
		map_set(&cost->texts, known, known);
	}
	return known;
}

static const char *field(struct cost *cost, const struct value *line,
			 const char *key, const char *fallback)
{
	return keep(cost, value_text(value_get(line, key), fallback));
}

static void take_name(struct reading *r, const struct value *line)
{
	struct naming *naming = PUSH(r->namings);

	naming->goal = field(r->cost, line, "goal", "");
	naming->plan = field(r->cost, line, "plan", naming->goal);
	naming->run = r->run;
	naming->at = field(r->cost, line, "at", "");
}

static const char *role_of(struct reading *r, const char *name)
{
	const struct agent *agent =
		r->config ? config_agent(r->config, name) : NULL;

	return keep(r->cost, agent ? agent->role : name);
}

static int64_t count(const struct value *line, const char *key)
{
	return usage_count(value_get(line, key));
}

static void set_words(struct cost_call *call, struct reading *r,
		      const struct value *line)
{
	struct cost *cost = r->cost;
	CLEANUP(free_str) char *day = NULL;

	call->run = r->run;
	call->at = field(cost, line, "at", "");
	day = xstrndup(call->at, strnlen(call->at, 10));
	call->day = keep(cost, day);
	call->agent = field(cost, line, "agent", "?");
	call->role = role_of(r, call->agent);
	call->stage = field(cost, line, "stage", "?");
	call->plan = field(cost, line, "plan", NULL);
	call->phase = field(cost, line, "phase", NULL);
	call->model = field(cost, line, "model", "?");
	call->attempt = (int)value_int(value_get(line, "attempt"), 0);
}

static void set_usage(struct usage *out, const struct value *row)
{
	out->input = count(row, "input");
	out->cached = count(row, "cached");
	out->cache_write = count(row, "cache_write");
	out->output = count(row, "output");
	out->reasoning = count(row, "reasoning");
}

static char *id_of(const struct value *line)
{
	return xasprintf("%s %s", value_text(value_get(line, "call"), ""),
			 value_text(value_get(line, "key"), ""));
}

static struct cost_call *add_call(struct reading *r, const struct value *line)
{
	struct cost_call *call = PUSH(&r->cost->calls);

	set_words(call, r, line);
	call->micros = call->saved = UNPRICED;
	call->reserved = value_int(value_get(line, "micros"), UNPRICED);
	return call;
}

static void take_open(struct reading *r, const struct value *line)
{
	CLEANUP(free_str) char *id = id_of(line);
	const char *key = value_text(value_get(line, "key"), "");
	uintptr_t before = (uintptr_t)map_get(&r->asked, key);
	struct cost_call *call = add_call(r, line);
	uintptr_t n = r->cost->calls.len;

	call->kind = COST_RUNNING;
	/* Asked again: whoever asked before is dead. */
	if (before && r->cost->calls.items[before - 1].kind == COST_RUNNING)
		r->cost->calls.items[before - 1].kind = COST_LOST;
	/* NOLINTBEGIN(performance-no-int-to-ptr): the maps hold numbers */
	map_set(&r->asked, key, (void *)n);
	map_set(&r->open, id, (void *)n);
	/* NOLINTEND(performance-no-int-to-ptr) */
}

static void take_closed(struct reading *r, const struct value *line)
{
	CLEANUP(free_str) char *id = id_of(line);
	uintptr_t n = (uintptr_t)map_get(&r->open, id);
	const struct value *usage = value_get(line, "usage");
	struct cost_call *call =
		n ? &r->cost->calls.items[n - 1] : add_call(r, line);

	call->maybe_paid = count(line, "maybe_paid");
	set_usage(&call->usage, usage);
	if (value_text(value_get(line, "cached"), NULL)) {
		call->kind = COST_CACHED;
		call->saved = value_int(value_get(line, "saved"), UNPRICED);
	} else if (usage) {
		call->kind = COST_PAID;
		call->micros = value_int(value_get(line, "micros"), UNPRICED);
	} else {
		call->kind = COST_FAILED;
	}
}

static int is_meant(const struct reading *r, const struct value *line)
{
	const char *at = value_text(value_get(line, "at"), "");

	return !r->since || strncmp(at, r->since, 10) >= 0;
}

static void take_run(struct reading *r, const struct journal *journal,
		     int alive)
{
	size_t first = r->cost->calls.len;

	for (size_t i = 0; i < journal_len(journal); i++) {
		const struct value *line = journal_line(journal, i);
		const char *type = value_text(value_get(line, "type"), "");

		if (!strcmp(type, "open") && is_meant(r, line))
			take_open(r, line);
		else if (!strcmp(type, "closed") && is_meant(r, line))
			take_closed(r, line);
		else if (!strcmp(type, "named"))
			take_name(r, line);
	}
	for (size_t i = first; i < r->cost->calls.len && !alive; i++)
		if (r->cost->calls.items[i].kind == COST_RUNNING)
			r->cost->calls.items[i].kind = COST_LOST;
}

static struct error *read_run(struct reading *all, const char *dir,
			      const char *run)
{
	CLEANUP(journal_close) struct journal *journal = NULL;
	CLEANUP(free_str) char *path = xasprintf("%s/%s.jsonl", dir, run);
	CLEANUP(reading_release) struct reading r = *all;
	/* Looked at first: what is closed meanwhile is then read. */
	int alive = file_locked(path);
	struct error *err = journal_read(&journal, dir, run);

	if (error_is(err, ERROR_INVALID)) {
		strings_add(&all->cost->damaged, err->message);
		error_free(err);
		return NULL;
	}
	TRY(err);
	r.run = keep(r.cost, run);
	take_run(&r, journal, alive);
	return NULL;
}

/* Of what its goal became: by its own run, else next; NULL: nothing. */
static const struct naming *naming_of(const struct namings *namings,
				      const struct cost_call *call)
{
	const struct naming *next = NULL;

	FOR_EACH (const struct naming, it, namings) {
		if (it->goal != call->plan)
			continue;
		if (it->run == call->run)
			return it;
		if (strcmp(it->at, call->at) >= 0 &&
		    (!next || strcmp(it->at, next->at) < 0))
			next = it;
	}
	return next;
}

/* What was asked for a goal, by stopped runs as well, is its plan's. */
static void name_calls(struct cost *cost, const struct namings *namings)
{
	FOR_EACH (struct cost_call, call, &cost->calls) {
		const struct naming *naming = naming_of(namings, call);

		if (naming)
			call->plan = naming->plan;
	}
}

static void keep_plan(struct cost *cost, const char *plan)
{
	size_t n = 0;

	FOR_EACH (struct cost_call, call, &cost->calls)
		if (call->plan && !strcmp(call->plan, plan))
			cost->calls.items[n++] = *call;
	cost->calls.len = n;
}

struct error *cost_read(struct cost *out, const char *dir,
			const struct config *config, const char *plan,
			const char *since)
{
	CLEANUP(strings_release) struct strings files = STRINGS_INIT;
	CLEANUP(namings_release) struct namings namings = { NULL, 0, 0 };
	struct reading reading = { .cost = out,
				   .namings = &namings,
				   .config = config,
				   .since = since };

	TRY(file_list(&files, dir));
	FOR_EACH (char *, name, &files) {
		size_t len = strlen(*name);
		CLEANUP(free_str) char *run = NULL;

		if (len < 7 || strcmp(*name + len - 6, ".jsonl") != 0)
			continue;
		run = xstrndup(*name, len - 6);
		TRY(read_run(&reading, dir, run));
	}
	name_calls(out, &namings);
	if (plan)
		keep_plan(out, plan);
	return NULL;
}

static void add(struct cost_row *row, const struct cost_call *call)
{
	int64_t twice = (call->kind == COST_LOST) + call->maybe_paid;

	row->failed += call->kind == COST_FAILED;
	row->running += call->kind == COST_RUNNING;
	row->twice += twice;
	if (call->reserved == UNPRICED)
		row->twice_unpriced += twice;
	else
		row->twice_micros += call->reserved * twice;
	if (call->kind == COST_CACHED) {
		row->hits++;
		row->saved += call->saved == UNPRICED ? 0 : call->saved;
	}
	if (call->kind != COST_PAID)
		return;
	row->calls++;
	usage_add(&row->usage, &call->usage);
	if (call->micros == UNPRICED)
		row->unpriced++;
	else
		row->micros += call->micros;
}

static char *name_of(const struct cost_call *call, enum cost_by by)
{
	const char *plan = call->plan ? call->plan : "(none)";

	switch (by) {
	case BY_ROLE:
		return xstrdup(call->role);
	case BY_STAGE:
		return xstrdup(call->stage);
	case BY_PHASE:
		return !call->plan
			       ? xstrdup(plan)
			       : xasprintf("%s/%s", plan,
					   call->phase ? call->phase : "plan");
	case BY_PLAN:
		return xstrdup(plan);
	case BY_MODEL:
		return xstrdup(call->model);
	case BY_DAY:
	case BY_COUNT:
		break;
	}
	return xstrdup(call->day);
}

static int dearest_first(const void *a, const void *b)
{
	const struct cost_row *x = a, *y = b;

	if (x->micros != y->micros)
		return x->micros < y->micros ? 1 : -1;
	if (x->calls != y->calls)
		return x->calls < y->calls ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
	const struct cost_row *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void cost_group(struct cost_rows *out, const struct cost *cost, enum cost_by by)
{
	CLEANUP(map_release) struct map rows = MAP_INIT;

	FOR_EACH (const struct cost_call, call, &cost->calls) {
		CLEANUP(free_str) char *name = name_of(call, by);
		uintptr_t n = (uintptr_t)map_get(&rows, name);

		if (!n) {
			PUSH(out)->name = xstrdup(name);
			n = out->len;
			/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
			map_set(&rows, name, (void *)n);
		}
		add(&out->items[n - 1], call);
	}
	if (out->len)
		qsort(out->items, out->len, sizeof *out->items,
		      by == BY_DAY ? by_name : dearest_first);
}

void cost_total(struct cost_row *out, const struct cost *cost)
{
	*out = (struct cost_row){ .name = NULL };
	FOR_EACH (const struct cost_call, call, &cost->calls)
		add(out, call);
}
