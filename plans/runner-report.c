/*
 * What `run` tells at its end: a child's exit status says what became of it,
 * its reply and its last line say why.
 */
#include "plans/runner-report.h"

#include "core/json.h"

#include <stdlib.h>
#include <string.h>

static void row_release(struct run_row *row)
{
	free(row->phase);
	free(row->line);
	free(row->hint);
	free(row->pull_url);
	*row = (struct run_row){ 0 };
}

void run_report_release(struct run_report *report)
{
	FOR_EACH (struct run_row, row, &report->rows)
		row_release(row);
	free(report->rows.items);
	FOR_EACH (struct run_landing, landing, &report->landings) {
		free(landing->phase);
		free(landing->end);
		free(landing->why);
	}
	free(report->landings.items);
	free(report->integration);
	*report = (struct run_report){ 0 };
}

const char *run_exit_name(int exit)
{
	switch (exit) {
	case 0:
		return "done";
	case 1:
		return "failed";
	case 5:
		return "taken";
	default:
		return "stopped";
	}
}

int run_exit(const struct proc_result *result)
{
	return result->end == PROC_EXITED ? result->exit : 128;
}

/* What a child printed as JSON; no root where it did not come to that. */
static void read_reply(struct tree *out, const struct proc_result *result)
{
	error_free(json_parse(out, result->out.data, result->out.len));
}

/* A finding and what to do; a check's hint is its output, and too long. */
static char *finding_text(const struct value *finding)
{
	const char *message = value_text(value_get(finding, "message"), NULL);
	const char *hint = value_text(value_get(finding, "hint"), NULL);
	const char *rule = value_text(value_get(finding, "rule"), "");

	if (!message || !hint || !strcmp(rule, "check"))
		return xstrdup(message);
	return xasprintf("%s; %s", message, hint);
}

/* The first finding, or what both sides changed; owned, NULL: neither. */
static char *why_of(const struct value *reply)
{
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const struct value *findings = value_get(reply, "findings");

	if (findings && findings->child)
		return finding_text(findings->child);
	value_strings(&paths, value_get(reply, "conflicts"));
	if (!paths.len)
		return NULL;
	buf_str(&text, "both sides changed ");
	strings_join(&text, &paths, ", ");
	return buf_steal(&text);
}

/* The row of a phase; a later try takes the place of the one before. */
static struct run_landing *landing_of(struct run_report *report,
				      const char *phase)
{
	FOR_EACH (struct run_landing, it, &report->landings) {
		if (strcmp(it->phase, phase) != 0)
			continue;
		free_str(&it->end);
		free_str(&it->why);
		return it;
	}
	struct run_landing *landing = PUSH(&report->landings);
	landing->phase = xstrdup(phase);
	return landing;
}

/* The last line of a child and its hint; NULL: it said nothing. */
static char *last_words(const struct run_words *words)
{
	if (!words->said || !words->hint)
		return xstrdup(words->said);
	return xasprintf("%s; %s", words->said, words->hint);
}

/* A landing that ended before its time: something has to be done first. */
static void count_stopped(struct run_report *report,
			  const struct run_words *words, int code)
{
	struct run_landing *landing = landing_of(report, "");

	landing->end = xstrdup(code == 6 ? "conflict" : "stopped");
	landing->why = last_words(words);
	if (!landing->why)
		landing->why = xstrdup("it ended");
	landing->exit = code;
}

/* 1 where it has one that says something is missing. */
static int take_integration(struct run_report *report,
			    const struct value *reply)
{
	const struct value *made = value_get(reply, "report");
	const char *path = value_text(value_get(made, "path"), NULL);

	if (!path)
		return 0;
	free(report->integration);
	report->integration = xstrdup(path);
	report->ready = value_bool(value_get(made, "ready"), 0);
	return !report->ready;
}

void run_report_landings(struct run_report *report,
			 const struct proc_result *result,
			 const struct run_words *words)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	int code = run_exit(result), told = 0;

	read_reply(&tree, result);
	VALUE_EACH(row, value_get(tree.root, "landings"))
	{
		const char *phase = value_text(value_get(row, "phase"), "");
		struct run_landing *landing = landing_of(report, phase);

		landing->end = xstrdup(value_text(value_get(row, "end"), ""));
		if (!strcmp(landing->end, "landed"))
			report->landed++;
		else
			landing->why = why_of(row);
		told |= landing->why != NULL;
	}
	told |= take_integration(report, tree.root);
	/* Red and conflict are told row by row; 3 is: nothing in review. */
	if (code != 0 && code != 3 && !told)
		count_stopped(report, words, code);
}

/* A phase that found nothing to do and was tried again is told once. */
static struct run_row *row_for(struct run_report *report, const char *phase)
{
	FOR_EACH (struct run_row, row, &report->rows)
		if (!strcmp(row->phase, phase) && row->exit == 3) {
			report->busy--;
			row_release(row);
			return row;
		}
	return PUSH(&report->rows);
}

void run_report_phase(struct run_report *report, const char *phase,
		      const struct proc_result *result,
		      const struct run_words *words)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	int code = run_exit(result);
	struct run_row *row = row_for(report, phase);

	read_reply(&tree, result);
	row->phase = xstrdup(phase);
	row->exit = code;
	row->line = why_of(tree.root);
	if (!row->line)
		row->line = last_words(words);
	row->hint = xstrdup(words->hint);
	row->seconds = result->seconds;
	row->pull = value_int(value_path(tree.root, "pr.number"), 0);
	row->pull_url =
		xstrdup(value_text(value_path(tree.root, "pr.url"), NULL));
	report->done += code == 0;
	report->failed += code == 1;
	report->busy += code == 5 || code == 3;
	report->stopped += code != 0 && code != 1 && code != 5 && code != 3;
}

int run_report_revision(struct run_report *report,
			const struct proc_result *result,
			const struct run_words *words)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	int code = run_exit(result);

	/* Nothing is wanted, or all of it is somebody else's. */
	if (code == 3 || code == 5)
		return 0;
	read_reply(&tree, result);
	run_report_phase(report,
			 value_text(value_get(tree.root, "phase"), "in review"),
			 result, words);
	return code == 0;
}
