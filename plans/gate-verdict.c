/*
 * The gate of the validator's judgement.  What it says is data: it is checked
 * against its schema and against itself before a word of it counts.
 */
#include "plans/models.h"
#include "plans/prompt.h"
#include "plans/verdict.h"
#include "plans/work-shown.h"

#include <stdlib.h>
#include <string.h>

#define ROLE       "validator"
#define MOST_WORDS 2048 /* of one text: a document is at most 1 MiB */

int gate_has_validator(const struct config *config)
{
	return agent_of_role(config, ROLE) != NULL;
}

static struct error *
ask_text(struct buf *out, const struct candidate *candidate,
	 const struct check_outcomes *checks, const struct agent *agent,
	 const struct model *model, const struct secrets *secrets)
{
	CLEANUP(buf_release) struct buf criteria = BUF_INIT;
	CLEANUP(buf_release) struct buf files = BUF_INIT;
	CLEANUP(buf_release) struct buf ran = BUF_INIT;
	CLEANUP(buf_release) struct buf context = BUF_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;

	criteria_shown(&criteria, candidate->phase);
	checks_shown(&ran, checks);
	files_shown(&files, candidate);
	TRY(work_shown(&context, candidate, agent, model, secrets));
	map_set(&vars, "title", candidate->phase->title);
	map_set(&vars, "criteria", criteria.data);
	map_set(&vars, "checks", ran.data);
	map_set(&vars, "files", files.data);
	map_set(&vars, "context", context.data);
	return prompt_render(out, candidate->project, "stage-verdict", &vars);
}

/* The judgement of a criterion, by its number; NULL: there is none. */
static const struct value *row_of(const struct value *verdict, size_t n)
{
	VALUE_EACH(row, value_get(verdict, "criteria"))
	if (value_int(value_get(row, "criterion"), 0) == (int64_t)n)
		return row;
	return NULL;
}

static int is_met(const struct value *row)
{
	return row && value_bool(value_get(row, "met"), 0);
}

static size_t critical_issues(const struct value *verdict)
{
	const struct value *list = value_get(verdict, "critical");

	return list ? list->count : 0;
}

static int accepts(const struct value *verdict, size_t criteria)
{
	for (size_t n = 1; n <= criteria; n++)
		if (!is_met(row_of(verdict, n)))
			return 0;
	return !critical_issues(verdict);
}

static void judge_numbers(struct findings *findings,
			  const struct value *verdict, size_t criteria)
{
	const struct value *rows = value_get(verdict, "criteria");

	for (size_t n = 1; n <= criteria; n++)
		if (!row_of(verdict, n))
			finding_add(findings, "criterion", NULL,
				    "criterion %zu is not judged", n);
	VALUE_EACH(row, rows)
	{
		int64_t n = value_int(value_get(row, "criterion"), 0);

		if (n > (int64_t)criteria)
			finding_add(findings, "criterion", NULL,
				    "there is no criterion %lld", (long long)n);
		else if (row_of(verdict, (size_t)n) != row)
			finding_add(findings, "criterion", NULL,
				    "criterion %lld is judged twice",
				    (long long)n);
	}
}

static struct error *judge(struct findings *findings,
			   const struct value *verdict, void *data)
{
	const struct phase *phase = data;
	size_t criteria = phase->acceptance.len;

	judge_numbers(findings, verdict, criteria);
	if (!findings->len && accepts(verdict, criteria) &&
	    !value_bool(value_get(verdict, "success"), 0))
		finding_add(findings, "success", NULL,
			    "success is false, but every criterion is met and "
			    "nothing is critical: say what is wrong");
	return NULL;
}

/* A list of texts, as the document may have them. */
static struct error *keep_list(struct tree *out, struct value *parent,
			       const char *key, const struct value *verdict,
			       const struct secrets *secrets)
{
	const struct value *from = value_get(verdict, key);

	if (!from || !from->count)
		return NULL;
	struct value *list = value_list(out, parent, key);
	VALUE_EACH(it, from)
	{
		CLEANUP(free_str) char *text = NULL;

		TRY(words_clean(&text, secrets, value_text(it, ""),
				MOST_WORDS));
		value_add_string(out, list, NULL, text);
	}
	return NULL;
}

static struct error *keep_criteria(struct tree *out, struct value *parent,
				   const struct value *verdict, size_t criteria,
				   const struct secrets *secrets)
{
	if (!criteria)
		return NULL;
	struct value *list = value_list(out, parent, "criteria");
	for (size_t n = 1; n <= criteria; n++) {
		const struct value *from = row_of(verdict, n);
		struct value *row = value_object(out, list, NULL);
		CLEANUP(free_str) char *text = NULL;

		TRY(words_clean(&text, secrets,
				value_text(value_get(from, "evidence"), ""),
				MOST_WORDS));
		value_add_int(out, row, "criterion", (int64_t)n);
		value_add_bool(out, row, "met", is_met(from));
		value_add_string(out, row, "evidence", text);
	}
	return NULL;
}

/* The verdict as the phase's document has it. */
static struct error *keep(struct tree *out, const struct value *verdict,
			  const struct phase *phase,
			  const struct secrets *secrets)
{
	static const char *const lists[] = { "critical", "warnings",
					     "suggestions" };
	const struct value *coverage = value_get(verdict, "coverage");
	size_t criteria = phase->acceptance.len;

	tree_release(out);
	struct value *root = value_object(out, NULL, NULL);
	value_add_bool(out, root, "success", accepts(verdict, criteria));
	value_add_number(out, root, "score",
			 value_number(value_get(verdict, "score"), 0));
	if (coverage && coverage->kind != VALUE_NULL)
		value_add_number(out, root, "coverage",
				 value_number(coverage, 0));
	TRY(keep_criteria(out, root, verdict, criteria, secrets));
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		TRY(keep_list(out, root, lists[i], verdict, secrets));
	return NULL;
}

/* What the developer gets back. */
static void refuse(struct findings *findings, const struct value *kept,
		   const struct phase *phase)
{
	VALUE_EACH(row, value_get(kept, "criteria"))
	{
		int64_t n = value_int(value_get(row, "criterion"), 0);
		CLEANUP(free_str)
		char *text = one_line(phase->acceptance.items[n - 1], 120);

		if (!is_met(row))
			finding_hint(
				finding_add(findings, "criterion", NULL,
					    "criterion %lld is not met: "
					    "%s",
					    (long long)n, text),
				"%s",
				value_text(value_get(row, "evidence"), ""));
	}
	VALUE_EACH(it, value_get(kept, "critical"))
	{
		CLEANUP(free_str) char *text = one_line(it->text, 200);
		struct finding *finding = finding_add(
			findings, "critical", NULL, "critical: %s", text);

		if (strcmp(text, it->text) != 0)
			finding_hint(finding, "%s", it->text);
	}
}

static struct error *ask(struct answer *out, const struct candidate *candidate,
			 struct caller *caller,
			 const struct check_outcomes *checks,
			 const struct model *model, const struct agent *agent,
			 const struct strings *depends)
{
	CLEANUP(request_release) struct request request;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const struct call_spec spec = {
		.request = &request,
		.model = model,
		.stage = "verdict",
		.plan = candidate->plan->id,
		.phase = candidate->phase->id,
		.attempt = candidate->attempt,
		.depends = depends,
		.own = 1,
	};

	request_init(&request);
	TRY(prompt_begin(&request, candidate->project, ROLE));
	TRY(ask_text(&text, candidate, checks, agent, model, caller->secrets));
	request_user(&request, text.data);
	return answer_run(out, caller, &spec, "reply/verdict", judge,
			  (void *)candidate->phase);
}

/* No fault of the work: nobody does it again because of this. */
static struct error *not_judged(const struct candidate *candidate,
				struct error *why)
{
	return error_hint(error_wrap(why, "phase '%s' was not judged",
				     candidate->phase->id),
			  "give the role validator another model, a fallback:, "
			  "or less context, then start the phase again");
}

struct error *gate_verdict(const struct candidate *candidate,
			   struct caller *caller,
			   const struct check_outcomes *checks,
			   struct report *report, struct findings *findings)
{
	const struct agent *agent =
		agent_of_role(&candidate->project->config, ROLE);
	CLEANUP(model_free) struct model *model = NULL;
	CLEANUP(answer_release) struct answer answer = { .model = NULL };

	if (!agent)
		return NULL;
	TRY(model_open(&model, candidate->project, agent, caller->secrets));
	struct error *err = ask(&answer, candidate, caller, checks, model,
				agent, &report->keys);
	report_use_answer(report, ROLE, &answer);
	if (error_is(err, ERROR_NO))
		err = not_judged(candidate, err);
	TRY(err);
	TRY(keep(&report->verdict, answer.tree.root, candidate->phase,
		 caller->secrets));
	refuse(findings, report->verdict.root, candidate->phase);
	return NULL;
}
