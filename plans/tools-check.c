/*
 * The tools that end something: a check, and the work.  A check goes the way
 * of the gate: its outcome is journalled, a green one is known to the gate
 * afterwards, and a resumed run reads it back.
 */
#include "plans/prompt.h"
#include "plans/tools-row.h"

#include <stdlib.h>
#include <string.h>

static void say_names(struct buf *out, const struct strings *names)
{
	buf_str(out, names->len ? "The checks of this phase are: "
				: "This phase has no checks.");
	strings_join(out, names, ", ");
	buf_ch(out, '\n');
}

static struct error *source_of(struct oid *out, const struct toolbox *box)
{
	struct oid tree;

	TRY(workspace_write_tree(&tree, box->work));
	return tree_without(out, workspace_repo(box->work), &tree, ".orch");
}

/* Findings of setup, or the outcome. */
static void say_outcome(struct buf *out, int *is_error, const char *name,
			const struct check_outcomes *outcomes,
			const struct findings *findings)
{
	const struct check_outcome *outcome = outcomes->items;

	if (!outcomes->len) {
		FOR_EACH (struct finding, finding, findings)
			tool_refuse(out, is_error, "%s", finding->message);
		return;
	}
	if (!outcome->exit) {
		buf_addf(out, "check '%s' passed\n", name);
		return;
	}
	buf_addf(out, "check '%s' failed: %s\n", name,
		 outcome->ended ? outcome->ended : "red");
	if (!outcome->tail || !*outcome->tail)
		return;
	buf_str(out, "The end of what it printed:\n\n");
	prompt_steady(out, outcome->tail, strlen(outcome->tail));
}

static struct error *run_check(struct buf *out, int *is_error,
			       struct toolbox *box, const struct value *input)
{
	CLEANUP(check_outcomes_release)
	struct check_outcomes outcomes = { NULL, 0, 0 };
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(strings_release) struct strings one = STRINGS_INIT;
	const char *name = value_text(value_get(input, "name"), "");
	const struct task *task = box->task;
	struct oid source;

	phase_checks(&names, task->project, task->plan, task->phase);
	if (!strings_has(&names, name)) {
		tool_refuse(out, is_error, "there is no check '%s'", name);
		say_names(out, &names);
		return NULL;
	}
	if (box->checks >= TOOLS_CHECKS) {
		tool_refuse(out, is_error,
			    "checks were run %d times in this attempt, which "
			    "is the limit: end the work and call finish",
			    TOOLS_CHECKS);
		return NULL;
	}
	box->checks++;
	strings_add(&one, name);
	TRY(source_of(&source, box));
	TRY(gate_checks(&outcomes, task->project, task->plan, &one, &source,
			task->journal, task->attempt, &findings));
	say_outcome(out, is_error, name, &outcomes, &findings);
	return NULL;
}

const struct tool tool_run_check = {
	.name = "run_check",
	.description = "Runs one of the checks of this phase on the files as "
		       "they are now, and shows the end of what it printed "
		       "when it fails. There is no other way to run anything.",
	.subject = "name",
	.run = run_check,
};

static struct error *finish(struct buf *out, int *is_error, struct toolbox *box,
			    const struct value *input)
{
	struct report *report = box->task->report;

	(void)is_error;
	free(report->summary);
	report->summary = xstrdup(value_text(value_get(input, "summary"), ""));
	value_strings(&report->decisions, value_get(input, "decisions"));
	value_strings(&report->notes, value_get(input, "notes"));
	report_answers(report, value_get(input, "answers"));
	box->finished = 1;
	buf_str(out, "The work is handed to the gates.\n");
	return NULL;
}

const struct tool tool_finish = {
	.name = "finish",
	.description = "Ends the work: what was built, what was decided, what "
		       "others have to know. Call it when the work is done, "
		       "and only then.",
	.run = finish,
};
