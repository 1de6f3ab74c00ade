/*
 * What came of a phase, as its document has it.  Facts that the tool
 * establishes stand beside what models said, which is cleaned before.
 */
#include "plans/result.h"
#include "core/clock.h"
#include "gitops/commit.h"
#include "plans/step.h"
#include "plans/work-shown.h"

#include <stdlib.h>
#include <string.h>

#define MOST_WORDS  8192 /* of one text */
#define MOST_NOTES  50 /* of a worker: a document is at most 1 MiB */
#define MOST_REASON 1000

/* What stood there before a revision; NULL: nothing. */
static const struct value *before(const struct transaction *t, const char *key)
{
	return value_get(t->revision.before.root, key);
}

static void add_times(struct tree *tree, struct value *result,
		      const struct transaction *t, int64_t when)
{
	char text[CLOCK_TEXT];

	clock_format(text, t->started);
	value_add_string(tree, result, "started",
			 value_text(before(t, "started"), text));
	value_add_number(tree, result, "seconds",
			 value_number(before(t, "seconds"), 0) +
				 (double)(when - t->started));
}

void result_checks(struct tree *tree, struct value *result,
		   const struct check_outcomes *outcomes)
{
	if (!outcomes->len)
		return;
	struct value *list = value_list(tree, result, "checks");
	FOR_EACH (struct check_outcome, outcome, outcomes) {
		struct value *row = value_object(tree, list, NULL);
		int64_t tenths = outcome->millis / 100;

		value_add_string(tree, row, "name", outcome->name);
		value_add_int(tree, row, "exit", outcome->exit);
		value_add_number(tree, row, "seconds", (double)tenths / 10);
		value_add_string(tree, row, "sandbox",
				 sandbox_name(outcome->sandbox));
		value_add_string(tree, row, "output", outcome->output);
		if (outcome->coverage >= 0)
			value_add_number(tree, row, "coverage",
					 (double)outcome->coverage / 100);
		if (outcome->tail)
			value_add_string(tree, row, "tail", outcome->tail);
	}
}

/* In place; else as it is, as it may be a path or a glob that counts. */
static void clean_path(char **path, const struct secrets *secrets)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	if (!secrets)
		return;
	error_free(secrets_redact(&out, secrets, *path, strlen(*path)));
	free(*path);
	*path = buf_steal(&out);
}

/*
 * A tree may hold names that no document can, and a phase delete them; one that
 * was refused may have a secret in a name.
 */
void result_files(struct tree *tree, struct value *result,
		  const struct candidate *candidate,
		  const struct secrets *secrets)
{
	if (!candidate->changes.len)
		return;
	struct value *list = value_list(tree, result, "files");
	FOR_EACH (struct change, change, &candidate->changes) {
		struct value *row = value_object(tree, list, NULL);
		CLEANUP(free_str)
		char *path = printable_text(
			change->path, change->path + strlen(change->path));

		clean_path(&path, secrets);
		value_add_string(tree, row, "path", path);
		value_add_string(tree, row, "change",
				 change_name(change->kind));
		value_add_bool(tree, row, "declared",
			       gate_declared(candidate, change));
	}
}

/* In place; what a rule ran away on is not kept. */
static void clean(char **text, const struct secrets *secrets)
{
	char *cleaned = NULL;

	if (!*text)
		return;
	error_free(words_clean(&cleaned, secrets, *text, MOST_WORDS));
	free(*text);
	*text = cleaned && *cleaned ? cleaned : NULL;
	if (!*text)
		free(cleaned);
}

static void clean_list(struct strings *list, const struct secrets *secrets)
{
	struct strings cleaned = STRINGS_INIT;

	FOR_EACH (char *, text, list) {
		clean(text, secrets);
		if (*text && cleaned.len < MOST_NOTES)
			strings_add(&cleaned, *text);
		else if (!*text)
			*text = xstrdup("");
	}
	strings_release(list);
	*list = cleaned;
}

void step_clean_words(struct transaction *t)
{
	const struct secrets *secrets = t->caller.secrets;
	struct report *report = &t->report;

	clean(&report->summary, secrets);
	clean_list(&report->decisions, secrets);
	clean_list(&report->notes, secrets);
	FOR_EACH (struct worker_answer, answer, &report->answers)
		clean(&answer->text, secrets);
	FOR_EACH (struct grant, grant, &report->grants) {
		clean_path(&grant->path, secrets);
		clean(&grant->reason, secrets);
		if (!grant->reason)
			grant->reason = xstrdup("no reason was given");
	}
}

static void note_findings(struct strings *out, const struct findings *findings)
{
	FOR_EACH (struct finding, finding, findings) {
		CLEANUP(free_str)
		char *line =
			xasprintf("%s%s%s", finding->path ? finding->path : "",
				  finding->path ? ": " : "", finding->message);

		strings_take(out, printable_text(line, line + strlen(line)));
	}
}

static void note_grants(struct strings *out, const struct report *report)
{
	size_t n = 0;

	FOR_EACH (struct grant, grant, &report->grants)
		if (n++ < MOST_NOTES)
			strings_addf(out, "%s was asked for: %s", grant->path,
				     grant->reason);
}

static void note_decision(struct strings *out,
			  const struct manager_decision *decision)
{
	if (!decision->reason)
		return;
	strings_addf(out,
		     decision->choice == CHOICE_RETRY
			     ? "the manager gave it one more attempt: %s"
			     : "the manager gave it up: %s",
		     decision->reason);
	if (decision->guidance)
		strings_addf(out, "the manager's guidance: %s",
			     decision->guidance);
	if (decision->proposal)
		strings_addf(out, "the manager proposes: %s",
			     decision->proposal);
}

static void add_list(struct tree *tree, struct value *result, const char *key,
		     const struct strings *items)
{
	if (!items->len)
		return;
	struct value *list = value_list(tree, result, key);
	FOR_EACH (char *, item, items)
		value_add_string(tree, list, NULL, *item);
}

static void add_notes(struct tree *tree, struct value *result,
		      const struct transaction *t)
{
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;

	note_decision(&list, &t->decision);
	FOR_EACH (char *, note, &t->report.notes)
		strings_add(&list, *note);
	note_grants(&list, &t->report);
	note_findings(&list, &t->findings);
	add_list(tree, result, "notes", &list);
}

/* A revision goes on: its own commits begin where they began. */
static void add_start(struct tree *tree, struct value *result,
		      const struct transaction *t)
{
	char hex[OID_HEX];

	value_add_string(
		tree, result, "start",
		value_text(before(t, "start"), oid_hex(hex, &t->start)));
}

static struct error *add_answers(struct tree *tree, struct value *result,
				 const struct transaction *t)
{
	struct oid tree_before;

	if (!t->revises)
		return NULL;
	TRY(commit_tree(&tree_before, t->project->repo, &t->start));
	return revision_answers(tree, result, &t->revision.wishes, &t->report,
				t->project->repo, &tree_before, &t->tree);
}

struct error *step_result(struct tree *out, const struct transaction *t,
			  int64_t when)
{
	struct value *result = value_object(out, NULL, NULL);
	char hex[OID_HEX];

	value_add_string(out, result, "spec", oid_hex(hex, &t->phase->blob));
	add_start(out, result, t);
	value_add_string(out, result, "source",
			 oid_hex(hex, &t->candidate.source));
	value_add_int(out, result, "attempts",
		      t->attempts + t->revision.attempts);
	step_result_agents(out, result, t);
	result_checks(out, result, &t->checks);
	if (t->report.verdict.root)
		value_add_copy(out, result, "verdict", t->report.verdict.root);
	result_files(out, result, &t->candidate,
		     t->findings.len ? t->caller.secrets : NULL);
	add_list(out, result, "decisions", &t->report.decisions);
	add_notes(out, result, t);
	TRY(add_answers(out, result, t));
	add_times(out, result, t, when);
	return NULL;
}

char *step_reason(const struct transaction *t)
{
	const char *first = t->findings.items[0].message;
	CLEANUP(free_str)
	char *why = printable_text(first, first + strlen(first));

	if (!t->decision.reason || t->decision.choice == CHOICE_RETRY)
		return one_line(why, MOST_REASON);
	CLEANUP(free_str)
	char *both = xasprintf("%s; given up: %s", why, t->decision.reason);
	return one_line(both, MOST_REASON);
}
