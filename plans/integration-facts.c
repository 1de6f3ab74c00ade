/*
 * The facts of a readiness report.  They come from the documents of the base
 * and from checks on its source, and hold nothing that differs from machine to
 * machine.
 */
#include "plans/integration-step.h"

#include "core/clock.h"
#include "core/yaml.h"

#include <stdlib.h>
#include <string.h>

static void PRINTF(2, 3) is_open(struct integrating *it, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	strings_take(&it->out->open, xvasprintf(fmt, args));
	va_end(args);
}

/* The same, and it keeps the whole from being ready. */
static void PRINTF(2, 3)
	is_missing(struct integrating *it, const char *fmt, ...)
{
	va_list args;

	it->out->ready = 0;
	va_start(args, fmt);
	strings_take(&it->out->open, xvasprintf(fmt, args));
	va_end(args);
}

/* Those named, to the first that is red; the deadline is each time a new one.
 */
static struct error *run_some(size_t *done, struct integrating *it,
			      const struct strings *names,
			      const struct oid *source)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(check_outcomes_release)
	struct check_outcomes outcomes = { NULL, 0, 0 };
	struct project *project = it->project;
	const int64_t most = project->config.delivery.deadline;

	if (project->progress)
		progress_set(project->progress, it->plan_id, "check");
	TRY(gate_landing_checks(&outcomes, project, it->plan, names, source,
				most ? clock_ms() + most * 1000 : 0,
				&findings));
	*done = outcomes.len;
	FOR_EACH (struct check_outcome, outcome, &outcomes)
		*PUSH(&it->out->checks) = *outcome;
	outcomes.len = 0;
	FOR_EACH (struct finding, finding, &findings)
		is_missing(it, "%s", finding->message);
	return NULL;
}

/* All that are configured, also those behind a red one. */
static struct error *run_checks(struct integrating *it)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	struct project *project = it->project;
	const struct phase any = { .checks = STRINGS_INIT };
	size_t open = it->out->open.len, done = 0, more = 1;
	struct oid source;

	phase_checks(&names, project, it->plan, &any);
	TRY(tree_without(&source, project->repo, &project->base.tree, ".orch"));
	/* None at all: nothing can be run, and a finding says why. */
	for (; done < names.len && more; done += more) {
		const struct strings rest = { names.items + done,
					      names.len - done,
					      names.len - done };

		TRY(run_some(&more, it, &rest, &source));
	}
	if (it->out->open.len == open)
		gate_coverage(project, &it->out->checks, &findings);
	FOR_EACH (struct finding, finding, &findings)
		is_missing(it, "%s", finding->message);
	return NULL;
}

static struct error *add_checks(struct integrating *it, struct value *root)
{
	TRY(run_checks(it));
	struct value *list = value_list(&it->facts, root, "checks");
	FOR_EACH (struct check_outcome, outcome, &it->out->checks) {
		struct value *row = value_object(&it->facts, list, NULL);
		int passed = !outcome->exit && !outcome->late;

		value_add_string(&it->facts, row, "name", outcome->name);
		value_add_bool(&it->facts, row, "passed", passed);
	}
	return NULL;
}

static const struct value *judgement(const struct value *result, size_t n)
{
	VALUE_EACH(row, value_path(result, "verdict.criteria"))
	if (value_int(value_get(row, "criterion"), 0) == (int64_t)n)
		return row;
	return NULL;
}

static void add_criteria(struct integrating *it, struct value *row,
			 const struct phase *phase, const struct value *result)
{
	struct value *list = value_list(&it->facts, row, "criteria");
	size_t n = 0;

	FOR_EACH (char *, text, &phase->acceptance) {
		struct value *item = value_object(&it->facts, list, NULL);
		const struct value *said = judgement(result, ++n);
		int met = value_bool(value_get(said, "met"), 0);

		value_add_string(&it->facts, item, "criterion", *text);
		value_add_string(&it->facts, item, "state",
				 !said ? "not judged"
				 : met ? "met"
				       : "not met");
		value_add_maybe(&it->facts, item, "evidence",
				value_text(value_get(said, "evidence"), NULL));
		if (said && !met)
			is_missing(it, "%s: criterion %zu is not met: %s",
				   phase->id, n, *text);
	}
}

/* What may stay, and should be known. */
static void note_rest(struct integrating *it, const struct phase *phase,
		      const struct value *result)
{
	VALUE_EACH(warning, value_path(result, "verdict.warnings"))
	is_open(it, "%s: warning: %s", phase->id, value_text(warning, ""));
	VALUE_EACH(file, value_get(result, "files"))
	if (!value_bool(value_get(file, "declared"), 1))
		is_open(it, "%s: it did not declare %s", phase->id,
			value_text(value_get(file, "path"), ""));
}

static struct error *read_document(struct document *out,
				   const struct project *project,
				   const struct phase *phase)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(blob_read(&text, project->repo, &phase->blob, YAML_MAX_BYTES));
	return document_parse(out, DOCUMENT_PHASE, phase->path, text.data,
			      text.len, &findings);
}

static const char *state_of(const struct card *card)
{
	return card->phase->status == PHASE_SKIPPED ? "skipped"
						    : status_name(card->status);
}

static void judge_state(struct integrating *it, const struct card *card)
{
	const struct phase *phase = card->phase;
	const char *reason = card->reason ? card->reason : phase->reason;

	if (phase->status == PHASE_SKIPPED)
		is_open(it, "%s: skipped: %s", phase->id,
			reason ? reason : "no reason is given");
	else if (card->status != STATUS_DONE)
		is_missing(it, "%s: %s%s%s", phase->id,
			   status_name(card->status), reason ? ": " : "",
			   reason ? reason : "");
}

static struct error *add_phase(struct integrating *it, struct value *list,
			       const struct card *card)
{
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;
	struct value *row = value_object(&it->facts, list, NULL);
	const struct phase *phase = card->phase;

	TRY(read_document(&document, it->project, phase));
	const struct value *result = value_get(document.tree.root, "result");
	value_add_string(&it->facts, row, "phase", phase->id);
	value_add_string(&it->facts, row, "title", phase->title);
	value_add_string(&it->facts, row, "status", state_of(card));
	value_add_maybe(&it->facts, row, "reason",
			card->reason ? card->reason : phase->reason);
	value_add_maybe(
		&it->facts, row, "summary",
		value_text(value_get(document.tree.root, "summary"), NULL));
	judge_state(it, card);
	add_criteria(it, row, phase, result);
	note_rest(it, phase, result);
	return NULL;
}

struct error *integration_facts(struct integrating *it)
{
	struct value *root = value_object(&it->facts, NULL, NULL);

	it->out->ready = 1;
	value_add_string(&it->facts, root, "plan", it->plan->id);
	value_add_string(&it->facts, root, "title", it->plan->title);
	value_add_maybe(&it->facts, root, "goal", it->plan->goal);
	struct value *phases = value_list(&it->facts, root, "phases");
	FOR_EACH (struct card, card, &it->board.cards)
		TRY(add_phase(it, phases, card));
	TRY(add_checks(it, root));
	value_add_bool(&it->facts, root, "ready", it->out->ready);
	struct value *open = value_list(&it->facts, root, "open");
	FOR_EACH (char *, line, &it->out->open)
		value_add_string(&it->facts, open, NULL, *line);
	return NULL;
}
