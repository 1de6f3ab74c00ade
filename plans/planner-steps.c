/* The steps of planning with agents, each a question and what it is for. */
#include "core/json.h"
#include "plans/planner-step.h"
#include "plans/prompt.h"

#include <stdlib.h>
#include <string.h>

static void add_json(struct buf *out, const char *label,
		     const struct value *value)
{
	CLEANUP(buf_release) struct buf json = BUF_INIT;

	json_print_pretty(&json, value);
	prompt_fence(out, label, json.data, json.len);
}

static void show_ideas(struct planning *p)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&text, "What the team thought, each without the other:\n\n");
	add_json(&text, "the manager", p->ideas[PLANNER_MANAGER].root);
	add_json(&text, "the developer", p->ideas[PLANNER_DEVELOPER].root);
	planner_var(p, "ideas", text.data);
}

struct error *step_brainstorm(struct planning *p)
{
	struct question asked[2] = {
		{ .stage = "brainstorm",
		  .schema = "reply/brainstorm",
		  .who = PLANNER_MANAGER },
		{ .stage = "brainstorm",
		  .schema = "reply/brainstorm",
		  .who = PLANNER_DEVELOPER },
	};
	struct error *err = question_open(&asked[0], p);

	if (!err)
		err = question_open(&asked[1], p);
	if (!err)
		err = ask_all(p, asked, 2);
	for (size_t i = 0; i < 2; i++) {
		if (!err) {
			p->ideas[i] = asked[i].answer;
			asked[i].answer = (struct tree)TREE_INIT;
		}
		question_release(&asked[i]);
	}
	if (!err)
		show_ideas(p);
	return err;
}

/* Two rows of a list that have the same id. */
static void check_unique(struct findings *findings, const struct value *list,
			 const char *what)
{
	CLEANUP(map_release) struct map seen = MAP_INIT;

	VALUE_EACH(row, list)
	{
		const char *id = value_text(value_get(row, "id"), "");

		if (map_set(&seen, id, row))
			finding_add(findings, "duplicate", NULL,
				    "two %ss have the id '%s'", what, id);
	}
}

static struct error *judge_synthesis(struct findings *findings,
				     const struct value *answer,
				     struct planning *p)
{
	const char *id = value_text(value_get(answer, "id"), "");

	(void)p;
	if (!id_valid(id))
		finding_add(findings, "id", NULL, "'%s' is no id for a plan",
			    id);
	check_unique(findings, value_get(answer, "features"), "feature");
	return NULL;
}

struct error *step_synthesis(struct planning *p)
{
	const struct question question = { .stage = "synthesis",
					   .schema = "reply/synthesis",
					   .who = PLANNER_MANAGER,
					   .judge = judge_synthesis };

	TRY(ask_one(&p->synthesis, p, &question));
	const char *id = value_text(value_get(p->synthesis.root, "id"), "");
	/* A template's documents lie below an id already. */
	if (!p->out->plan) {
		TRY(draft_name(p->out, p->project, id));
		TRY(draft_require_free(p->project, p->out));
	}
	planner_var_json(p, "synthesis", "what was decided", p->synthesis.root);
	return NULL;
}

static struct error *judge_compare(struct findings *findings,
				   const struct value *answer,
				   struct planning *p)
{
	int n = p->request->candidates;
	int64_t choice = value_int(value_get(answer, "choice"), 0);
	unsigned seen = 0;

	VALUE_EACH(row, value_get(answer, "candidates"))
	{
		int64_t number = value_int(value_get(row, "number"), 0);

		if (number >= 1 && number <= MOST_CANDIDATES)
			seen |= 1u << number;
	}
	for (int i = 1; i <= n; i++)
		if (!(seen & 1u << i))
			finding_add(findings, "candidate", NULL,
				    "nothing is said of candidate %d", i);
	if (choice < 1 || choice > n)
		finding_add(findings, "choice", NULL,
			    "there is no candidate %lld", (long long)choice);
	return NULL;
}

static struct error *compare(struct planning *p, struct question *made, int n)
{
	const struct question question = { .stage = "compare",
					   .schema = "reply/compare",
					   .who = PLANNER_MANAGER,
					   .judge = judge_compare };
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	for (int i = 0; i < n; i++) {
		CLEANUP(free_str)
		char *label = xasprintf("candidate %d", i + 1);

		add_json(&text, label, made[i].answer.root);
	}
	planner_var(p, "candidates", text.data);
	return ask_one(&p->compare, p, &question);
}

static void describe_variant(struct planning *p, int i, int n)
{
	CLEANUP(free_str)
	char *text = xasprintf(
		" as candidate %d of %d, which are designed side by side and "
		"then compared: %s",
		i + 1, n,
		i ? "look for another way than the one that comes to mind "
		    "first, as sound as that"
		  : "take the most direct way");

	planner_var(p, "variant", n > 1 ? text : "");
}

/* Several at once; the manager chooses. */
static struct error *design(struct planning *p)
{
	int n = p->request->candidates > 1 ? p->request->candidates : 1;
	struct question *made = xcalloc((size_t)n, sizeof *made);
	struct error *err = NULL;
	int64_t choice = 1;

	for (int i = 0; i < n && !err; i++) {
		made[i].stage = "architecture";
		made[i].schema = "reply/architecture";
		made[i].who = PLANNER_DEVELOPER;
		describe_variant(p, i, n);
		err = question_open(&made[i], p);
	}
	if (!err)
		err = ask_all(p, made, (size_t)n);
	if (!err && n > 1)
		err = compare(p, made, n);
	if (!err && n > 1)
		choice = value_int(value_get(p->compare.root, "choice"), 1);
	if (!err) {
		p->architecture = made[choice - 1].answer;
		made[choice - 1].answer = (struct tree)TREE_INIT;
	}
	for (int i = 0; i < n; i++)
		question_release(&made[i]);
	free(made);
	planner_var(p, "variant", "");
	return err;
}

/* Approved with issues, or refused without any, says nothing. */
static struct error *judge_review(struct findings *findings,
				  const struct value *answer,
				  struct planning *p)
{
	int approved = value_bool(value_get(answer, "approved"), 0);
	const struct value *issues = value_get(answer, "issues");
	int any = issues && issues->count;

	(void)p;
	if (approved && any)
		finding_add(findings, "review", NULL,
			    "approved is true and there are issues: put what "
			    "need not change into notes");
	if (!approved && !any)
		finding_add(findings, "review", NULL,
			    "approved is false and no issue says why");
	return NULL;
}

static int approved(const struct tree *review)
{
	return value_bool(value_get(review->root, "approved"), 0);
}

/* What the last review asked for, as findings of the draft. */
static struct error *never_approved(struct planning *p, const char *what,
				    const struct tree *review)
{
	VALUE_EACH(issue, value_get(review->root, "issues"))
	{
		const char *where = value_text(value_get(issue, "phase"), NULL);
		struct finding *finding;

		if (!where)
			where = value_text(value_get(issue, "where"), "");
		finding = finding_add(
			&p->out->findings, "review", NULL, "%s: %s", where,
			value_text(value_get(issue, "problem"), ""));
		finding_hint(finding, "%s",
			     value_text(value_get(issue, "change"), ""));
	}
	return error_hint(error_new(ERROR_NO,
				    "the manager did not approve the %s in %d "
				    "rounds",
				    what, PLANNER_ROUNDS),
			  "nothing was written; say the goal more exactly, or "
			  "give the agents other models");
}

/* Shows what was refused, and why, to who has to correct it. */
static void show_correction(struct planning *p, const struct value *made,
			    const struct value *review)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&text, "You have answered this before:\n\n");
	add_json(&text, "your earlier answer", made);
	buf_str(&text, "The manager did not approve it:\n\n");
	add_json(&text, "the review", value_get(review, "issues"));
	buf_str(&text, "Answer again, in full, with every issue mended and the "
		       "rest left as it was.\n\n");
	planner_var(p, "correction", text.data);
}

static struct error *review_architecture(struct tree *review,
					 struct planning *p)
{
	const struct question question = { .stage = "review",
					   .schema = "reply/review",
					   .who = PLANNER_MANAGER,
					   .judge = judge_review };

	return ask_one(review, p, &question);
}

static void show_architecture(struct planning *p)
{
	planner_var_json(p, "architecture", "the architecture",
			 p->architecture.root);
}

static struct error *correct_architecture(struct planning *p,
					  const struct tree *review)
{
	const struct question question = { .stage = "architecture",
					   .schema = "reply/architecture",
					   .who = PLANNER_DEVELOPER };

	show_correction(p, p->architecture.root, review->root);
	TRY(ask_one(&p->architecture, p, &question));
	show_architecture(p);
	return NULL;
}

struct error *step_architecture(struct planning *p)
{
	CLEANUP(tree_release) struct tree review = TREE_INIT;
	int round = 1;

	TRY(design(p));
	show_architecture(p);
	if (p->request->workflow == WORKFLOW_SINGLE)
		return NULL;
	TRY(review_architecture(&review, p));
	for (; !approved(&review) && round < PLANNER_ROUNDS; round++) {
		TRY(correct_architecture(p, &review));
		TRY(review_architecture(&review, p));
	}
	planner_var(p, "correction", "");
	return approved(&review) ? NULL
				 : never_approved(p, "architecture", &review);
}

static struct error *judge_workflow(struct findings *findings,
				    const struct value *answer,
				    struct planning *p)
{
	const struct value *features = value_get(p->synthesis.root, "features");
	const struct value *rows = value_get(answer, "features");
	CLEANUP(map_release) struct map known = MAP_INIT;
	CLEANUP(map_release) struct map said = MAP_INIT;

	check_unique(findings, rows, "row");
	VALUE_EACH(row, rows)
	map_set(&said, value_text(value_get(row, "id"), ""), row);
	VALUE_EACH(row, features)
	{
		const char *id = value_text(value_get(row, "id"), "");
		const char *how = value_text(value_get(row, "priority"), "");

		map_set(&known, id, row);
		if (strcmp(how, "wont") && !map_get(&said, id))
			finding_add(findings, "workflow", NULL,
				    "nothing is said of feature '%s'", id);
	}
	VALUE_EACH(row, rows)
	{
		const char *id = value_text(value_get(row, "id"), "");

		if (!map_get(&known, id))
			finding_add(findings, "workflow", NULL,
				    "there is no feature '%s'", id);
	}
	return NULL;
}

struct error *step_workflow(struct planning *p)
{
	const struct question question = { .stage = "workflow",
					   .schema = "reply/workflow",
					   .who = PLANNER_MANAGER,
					   .judge = judge_workflow };
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(ask_one(&p->workflow, p, &question));
	buf_str(&text, "How each feature is built has been decided; single is "
		       "exactly one phase, micro are several. Each phase of a "
		       "feature names it in `feature`; a phase that several "
		       "features need names none:\n\n");
	add_json(&text, "how each feature is built", p->workflow.root);
	planner_var(p, "workflow", text.data);
	return NULL;
}

static struct error *ask_phases(struct planning *p, const char *stage)
{
	const struct question question = { .stage = stage,
					   .schema = "reply/phases",
					   .who = PLANNER_DEVELOPER,
					   .judge = rules_phases };

	TRY(ask_one(&p->phases, p, &question));
	planner_var_json(p, "phases", "the phases", p->phases.root);
	return NULL;
}

static struct error *review_phases(struct planning *p)
{
	const struct question question = { .stage = "phases-review",
					   .schema = "reply/phases-review",
					   .who = PLANNER_MANAGER,
					   .judge = judge_review };

	return ask_one(&p->review, p, &question);
}

struct error *step_phases(struct planning *p, const char *stage)
{
	int round = 1;

	TRY(ask_phases(p, stage));
	TRY(review_phases(p));
	for (; !approved(&p->review) && round < PLANNER_ROUNDS; round++) {
		show_correction(p, p->phases.root, p->review.root);
		TRY(ask_phases(p, stage));
		TRY(review_phases(p));
	}
	return approved(&p->review)
		       ? NULL
		       : never_approved(p, "breakdown into phases", &p->review);
}
