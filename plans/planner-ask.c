/*
 * Asking the planners: prompts, answers of a schema, several at once.
 *
 * What is the same for every question, the goal and the code, comes first in
 * each request, so that a service can keep it.
 */
#include "core/json.h"
#include "plans/planner-step.h"
#include "plans/prompt.h"

#include <stdlib.h>
#include <string.h>

void question_release(struct question *question)
{
	request_release(&question->request);
	strings_release(&question->depends);
	findings_release(&question->refused);
	tree_release(&question->answer);
	error_free(question->err);
	question->err = NULL;
}

void planner_var(struct planning *p, const char *name, const char *text)
{
	map_set(&p->vars, name, arena_strndup(&p->arena, text, strlen(text)));
}

void planner_var_json(struct planning *p, const char *name, const char *label,
		      const struct value *value)
{
	CLEANUP(buf_release) struct buf json = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	json_print_pretty(&json, value);
	prompt_fence(&text, label, json.data, json.len);
	planner_var(p, name, text.data);
}

static const struct model *model_of(const struct question *question)
{
	const struct planning *p = question->planning;

	return question->who == PLANNER_MANAGER ? p->manager_model
						: p->developer_model;
}

static const char *role_of(const struct question *question)
{
	return question->who == PLANNER_MANAGER ? "manager" : "developer";
}

struct error *question_open(struct question *question, struct planning *p)
{
	CLEANUP(free_str) char *name = xasprintf("stage-%s", question->stage);
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	question->planning = p;
	request_init(&question->request);
	TRY(prompt_begin(&question->request, p->project, role_of(question)));
	TRY(prompt_render(&text, p->project, name, &p->vars));
	request_user(&question->request, p->material.data);
	request_user(&question->request, text.data);
	FOR_EACH (char *, key, &p->out->report.keys)
		strings_add(&question->depends, *key);
	return NULL;
}

static void copy_finding(struct findings *out, const struct finding *finding)
{
	struct finding *copy =
		finding_add(out, finding->rule, NULL, "%s", finding->message);

	copy->path = xstrdup(finding->path);
	copy->line = finding->line;
	copy->column = finding->column;
	copy->hint = xstrdup(finding->hint);
	copy->note = finding->note;
}

static struct error *judge(struct findings *findings,
			   const struct value *answer, void *data)
{
	struct question *question = data;

	findings_release(&question->refused);
	if (!question->judge)
		return NULL;
	TRY(question->judge(findings, answer, question->planning));
	FOR_EACH (struct finding, it, findings)
		copy_finding(&question->refused, it);
	return NULL;
}

static void report_cost(struct planning *p, const struct question *question,
			const struct answer *answer)
{
	struct progress *progress = p->project->progress;
	char money[MONEY_TEXT];

	int64_t micros = answer_micros(answer);

	money_format(money, sizeof money, micros);
	if (progress)
		progress_note(progress, "%s: %s answered, %zu call%s, %s%s",
			      question->stage, answer->model->agent,
			      answer->calls.len,
			      answer->calls.len == 1 ? "" : "s",
			      micros == UNPRICED ? "" : "USD ", money);
}

static struct error *on_answer(struct error *err, struct answer *answer,
			       void *data)
{
	struct question *question = data;
	struct planning *p = question->planning;

	question->done = 1;
	question->err = err;
	if (answer) {
		question->answered = answer->model;
		report_use_answer(&p->out->report, role_of(question), answer);
		report_cost(p, question, answer);
		tree_release(&question->answer);
		question->answer = answer->tree;
		answer->tree = (struct tree)TREE_INIT;
	}
	loop_stop(p->caller.loop);
	return NULL;
}

static struct error *start(struct question *question)
{
	struct planning *p = question->planning;
	const struct call_spec spec = {
		.request = &question->request,
		.model = model_of(question),
		.stage = question->stage,
		.plan = p->id,
		.depends = &question->depends,
	};

	return answer_start(&p->caller, &spec, question->schema, judge,
			    question, on_answer, question);
}

static int all_done(const struct question *questions, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!questions[i].done)
			return 0;
	return 1;
}

/* What rules refuse to the end is the answer no, with all they say. */
static struct error *outcome(struct question *question)
{
	struct planning *p = question->planning;
	struct error *err = question->err;

	question->err = NULL;
	if (!error_is(err, ERROR_INVALID) ||
	    !findings_failing(&question->refused))
		return error_wrap(err, "%s", question->stage);
	FOR_EACH (struct finding, it, &question->refused)
		copy_finding(&p->out->findings, it);
	error_free(err);
	return error_hint(
		error_new(ERROR_NO,
			  "%s: agent '%s' broke the rules in every one of %d "
			  "answers",
			  question->stage, question->answered->agent,
			  ANSWER_ROUNDS),
		"nothing was written; say the goal more exactly, or give the "
		"agent another model");
}

static struct error *run_all(struct planning *p, struct question *questions,
			     size_t n)
{
	struct error *err = NULL;
	size_t started = 0;

	for (; started < n && !err; started++)
		err = start(&questions[started]);
	while (!err && !all_done(questions, n))
		err = loop_run(p->caller.loop);
	if (err)
		caller_cancel(&p->caller);
	return err;
}

struct error *ask_all(struct planning *p, struct question *questions, size_t n)
{
	struct progress *progress = p->project->progress;
	const char *stage = questions[0].stage;
	struct error *err;

	if (progress)
		progress_set(progress, stage, "asking %s%s",
			     model_of(&questions[0])->agent,
			     n > 1 ? " and others" : "");
	err = run_all(p, questions, n);
	for (size_t i = 0; i < n && !err; i++)
		err = outcome(&questions[i]);
	if (progress)
		progress_done(progress, stage, err ? "stopped" : "done");
	return err;
}

struct error *ask_one(struct tree *out, struct planning *p,
		      const struct question *question)
{
	CLEANUP(question_release) struct question asked = *question;

	TRY(question_open(&asked, p));
	TRY(ask_all(p, &asked, 1));
	tree_release(out);
	*out = asked.answer;
	asked.answer = (struct tree)TREE_INIT;
	return NULL;
}
