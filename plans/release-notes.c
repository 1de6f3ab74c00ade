/*
 * What a release says.  Its words come from documents and from a model, and go
 * onto a page: they are made safe to show (markdown.h) here, in one place.
 */
#include "plans/release.h"

#include "core/answer.h"
#include "core/file.h"
#include "core/json.h"
#include "core/message.h"
#include "gitops/commit.h"
#include "plans/markdown.h"
#include "plans/models.h"
#include "plans/plan.h"
#include "plans/prompt.h"

#include <stdlib.h>
#include <string.h>

#define MOST_WORDS   400
#define MOST_SUMMARY 2000

/* The names that Keep a Changelog has. */
static const struct {
	const char *type;
	const char *group;
} groups[] = {
	{ "feat", "Added" },        { "fix", "Fixed" },
	{ "security", "Security" }, { "deprecate", "Deprecated" },
	{ "remove", "Removed" },    { "revert", "Removed" },
};

const char *release_group(const struct release_item *item)
{
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (!strcmp(item->type, groups[i].type))
			return groups[i].group;
	return "Changed";
}

void release_items_release(struct release_items *items)
{
	FOR_EACH (struct release_item, item, items) {
		char *texts[] = { item->plan,    item->phase, item->title,
				  item->summary, item->type,  item->scope,
				  item->words };

		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			free(texts[i]);
	}
	free(items->items);
	*items = (struct release_items){ NULL, 0, 0 };
}

/* A document that was none then, or could not be read, was not done. */
static int was_done(struct project *project, const struct oid *tree,
		    const char *plan, const char *id)
{
	struct phase phase = { 0 };
	struct error *err;
	int done;

	if (oid_is_zero(tree))
		return 0;
	err = phase_read(&phase, project->repo, tree, plan, id);
	done = !err && phase.status == PHASE_DONE;
	if (!err)
		phase_release(&phase);
	error_free(err);
	return done;
}

static void add_item(struct release_items *out, const struct plan *plan,
		     const struct phase *phase)
{
	const char *type = phase->commit_type ? phase->commit_type : "feat";

	*PUSH(out) = (struct release_item){
		.plan = xstrdup(plan->id),
		.phase = xstrdup(phase->id),
		.title = xstrdup(phase->title ? phase->title : phase->id),
		.summary = xstrdup(phase->summary),
		.type = xstrndup(type, strcspn(type, "!")),
		.scope = xstrdup(phase->commit_scope),
		.breaks = phase_breaks(phase),
	};
}

static struct error *collect_plan(struct release_items *out,
				  struct project *project,
				  const struct oid *then, const char *id)
{
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;

	TRY(plan_read(&plan, project->repo, &project->base.tree, id,
		      &findings));
	FOR_EACH (struct phase, phase, &plan.phases)
		if (phase->status == PHASE_DONE &&
		    !was_done(project, then, id, phase->id))
			add_item(out, &plan, phase);
	return NULL;
}

struct error *release_collect(struct release_items *out,
			      struct project *project, const struct oid *since,
			      const char *plan)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	struct oid then = oid_zero;

	TRY(plan_ids(&ids, project->repo, &project->base.tree));
	if (plan && !strings_has(&ids, plan))
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no plan '%s'", plan),
				  "git orch status lists the plans");
	if (!oid_is_zero(since))
		TRY(commit_tree(&then, project->repo, since));
	FOR_EACH (char *, id, &ids)
		if (!plan || !strcmp(plan, *id))
			TRY(collect_plan(out, project, &then, *id));
	return NULL;
}

enum bump release_bump(const struct release_items *items)
{
	enum bump bump = BUMP_PATCH;

	FOR_EACH (struct release_item, item, items) {
		if (item->breaks)
			return BUMP_MAJOR;
		if (!strcmp(item->type, "feat"))
			bump = BUMP_MINOR;
	}
	return bump;
}

static void set_words(struct release_item *item, const char *text)
{
	struct buf out = BUF_INIT;

	if (item->breaks)
		buf_str(&out, "**Breaking:** ");
	if (item->scope) {
		md_text(&out, item->scope, MOST_WORDS);
		buf_str(&out, ": ");
	}
	md_text(&out, text, MOST_WORDS);
	free(item->words);
	item->words = buf_steal(&out);
}

void release_words(struct release_items *items)
{
	FOR_EACH (struct release_item, item, items)
		set_words(item, item->title);
}

/* What the integrator is shown, and answers by. */
static char *name_of(const struct release_item *item)
{
	return xasprintf("%s/%s", item->plan, item->phase);
}

static struct release_item *find(const struct release_items *items,
				 const char *name)
{
	FOR_EACH (struct release_item, item, items) {
		CLEANUP(free_str) char *own = name_of(item);

		if (!strcmp(own, name))
			return item;
	}
	return NULL;
}

static const char *text_of(const struct value *row, const char *key)
{
	return value_text(value_get(row, key), "");
}

/* Each phase once, and no other. */
static struct error *judge(struct findings *findings,
			   const struct value *answer, void *data)
{
	const struct release_items *items = data;
	CLEANUP(strings_release) struct strings seen = STRINGS_INIT;

	VALUE_EACH(row, value_get(answer, "changes"))
	{
		const char *name = text_of(row, "phase");

		if (!find(items, name))
			finding_add(findings, "release", NULL,
				    "there is no phase '%s' above", name);
		else if (strings_has(&seen, name))
			finding_add(findings, "release", NULL,
				    "phase '%s' is there twice", name);
		strings_add(&seen, name);
	}
	FOR_EACH (struct release_item, item, items) {
		CLEANUP(free_str) char *name = name_of(item);

		if (!strings_has(&seen, name))
			finding_add(findings, "release", NULL,
				    "phase '%s' is missing", name);
	}
	return NULL;
}

static void describe(struct buf *out, const struct release_report *report)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf json = BUF_INIT;
	struct value *root = value_list(&tree, NULL, NULL);

	FOR_EACH (const struct release_item, item, &report->items) {
		struct value *row = value_object(&tree, root, NULL);
		CLEANUP(free_str) char *name = name_of(item);

		value_add_string(&tree, row, "phase", name);
		value_add_string(&tree, row, "type", item->type);
		value_add_bool(&tree, row, "breaks", item->breaks);
		value_add_string(&tree, row, "title", item->title);
		value_add_maybe(&tree, row, "summary", item->summary);
	}
	json_print_pretty(&json, root);
	prompt_fence(out, "phases", json.data, json.len);
}

static void take_answer(struct release_report *report,
			const struct answer *answer)
{
	const struct value *root = answer->tree.root;
	struct buf summary = BUF_INIT;

	md_text(&summary, text_of(root, "summary"), MOST_SUMMARY);
	free(report->summary);
	report->summary = buf_steal(&summary);
	VALUE_EACH(row, value_get(root, "changes"))
	set_words(find(&report->items, text_of(row, "phase")),
		  text_of(row, "text"));
	free(report->agent);
	report->agent = xstrdup(answer->model->agent);
	report->micros = answer_micros(answer);
}

struct asking {
	struct caller caller;
	struct journal *journal;
	struct model *model;
	struct request request;
};

static void asking_release(struct asking *asking)
{
	caller_close(&asking->caller);
	model_free(&asking->model);
	request_release(&asking->request);
	journal_close(&asking->journal);
}

static struct error *note(struct asking *asking, const char *type,
			  const char *plan, const char *status)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);

	value_add_string(&line, root, "plan", plan);
	value_add_null(&line, root, "phase");
	if (status)
		value_add_string(&line, root, "status", status);
	return journal_append(asking->journal, type, root);
}

static struct error *prepare(struct asking *asking, struct project *project,
			     const struct agent *agent,
			     const struct release_report *report)
{
	const char *plan = report->items.items[0].plan;
	CLEANUP(free_str) char *run = journal_new_run();
	CLEANUP(buf_release) struct buf phases = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;
	const char *orch;

	describe(&phases, report);
	map_set(&vars, "version", report->version);
	map_set(&vars, "phases", phases.data);
	TRY(prompt_begin(&asking->request, project, "integrator"));
	TRY(prompt_render(&text, project, "stage-release", &vars));
	request_user(&asking->request, text.data);
	TRY(repo_orch_dir(&orch, project->repo));
	CLEANUP(free_str) char *dir = path_join(orch, "journal");
	TRY(journal_open(&asking->journal, dir, run));
	TRY(caller_open(&asking->caller, project, asking->journal, plan, NULL));
	TRY(model_open(&asking->model, project, agent, asking->caller.secrets));
	return note(asking, "start", plan, NULL);
}

struct error *release_ask(struct release_report *report,
			  struct project *project)
{
	const struct agent *agent =
		agent_of_role(&project->config, "integrator");
	CLEANUP(asking_release) struct asking asking = { .journal = NULL };
	CLEANUP(answer_release) struct answer answer = { .model = NULL };
	const char *plan;
	struct error *err, *end;

	if (!agent || !report->items.len)
		return NULL;
	plan = report->items.items[0].plan;
	request_init(&asking.request);
	TRY(prepare(&asking, project, agent, report));
	const struct call_spec spec = {
		.request = &asking.request,
		.model = asking.model,
		.stage = "integration",
		.plan = plan,
	};
	err = answer_run(&answer, &asking.caller, &spec, "reply/release", judge,
			 &report->items);
	if (!err)
		take_answer(report, &answer);
	end = note(&asking, "end", plan, err ? "failed" : "done");
	if (!err)
		return end;
	error_free(end);
	return error_wrap(err, "release notes");
}
