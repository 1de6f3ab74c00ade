/* `git orch run`: phases until none is ready; with --land also onto the base.
 */
#include "cmd/run.h"
#include "cmd/next.h"
#include "cmd/outcome.h"

#include <string.h>

void run_json(struct tree *tree, struct value *object, const char *plan,
	      const struct run_report *report)
{
	value_add_string(tree, object, "plan", plan);
	value_add_bool(tree, object, "finished", report->finished);
	value_add_int(tree, object, "done", report->done);
	value_add_int(tree, object, "failed", report->failed);
	value_add_int(tree, object, "stopped", report->stopped);
	value_add_int(tree, object, "landed", report->landed);
	value_add_int(tree, object, "busy", report->busy);
	value_add_int(tree, object, "held", report->held);
	value_add_int(tree, object, "most_at_once", report->most);
	struct value *rows = value_list(tree, object, "phases");
	FOR_EACH (struct run_row, run, &report->rows) {
		struct value *row = value_object(tree, rows, NULL);

		value_add_string(tree, row, "phase", run->phase);
		value_add_int(tree, row, "exit", run->exit);
		value_add_number(tree, row, "seconds", run->seconds);
		value_add_maybe(tree, row, "line", run->line);
		pull_json(tree, row,
			  &(struct pull){ .number = run->pull,
					  .url = run->pull_url });
	}
	rows = value_list(tree, object, "landings");
	FOR_EACH (struct run_landing, landing, &report->landings) {
		struct value *row = value_object(tree, rows, NULL);

		value_add_string(tree, row, "phase", landing->phase);
		value_add_string(tree, row, "end", landing->end);
		value_add_maybe(tree, row, "why", landing->why);
	}
	if (!report->integration) {
		value_add_null(tree, object, "report");
		return;
	}
	struct value *made = value_object(tree, object, "report");
	value_add_string(tree, made, "path", report->integration);
	value_add_bool(tree, made, "ready", report->ready);
}

static void print_json(struct out *out, const char *plan,
		       const struct run_report *report)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	run_json(&tree, root, plan, report);
	out_json(out, root);
}

/* The last word on a phase: a red landing may have been tried again. */
static const struct run_landing *landing_of(const struct run_report *report,
					    const char *phase)
{
	for (size_t i = report->landings.len; i; i--)
		if (!strcmp(report->landings.items[i - 1].phase, phase))
			return &report->landings.items[i - 1];
	return NULL;
}

static void add_row(struct table *table, const char *end, const char *phase,
		    double seconds, const char *text)
{
	int good = !strcmp(end, "done") || !strcmp(end, "landed");

	table_cell(table, good ? COLOUR_GREEN : COLOUR_RED, "%s", end);
	table_cell(table, COLOUR_BOLD, "%s", phase);
	if (seconds < 0)
		table_cell(table, COLOUR_NONE, "%s", "");
	else
		table_cell(table, COLOUR_DIM, "%.1f s", seconds);
	table_cell(table, COLOUR_NONE, "%s", text ? text : "");
}

/* What one machine says of all its phases is said once. */
static const char *why_of(const struct run_report *report, size_t at)
{
	const char *line = report->rows.items[at].line;

	for (size_t i = 0; line && i < at; i++) {
		const struct run_row *before = &report->rows.items[i];

		if (before->line && !strcmp(before->line, line))
			return "likewise";
	}
	return line;
}

/* Where what was done can be looked at; owned. */
static char *pull_of(const struct run_row *row)
{
	return row->pull ? xasprintf("#%lld %s", (long long)row->pull,
				     row->pull_url)
			 : NULL;
}

/* One row per phase: what was done now, then what had waited for landing. */
static void print_rows(struct out *out, const struct run_report *report)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(4);
	CLEANUP(strings_release) struct strings seen = STRINGS_INIT;

	FOR_EACH (struct run_row, row, &report->rows) {
		const struct run_landing *landing =
			landing_of(report, row->phase);

		CLEANUP(free_str) char *pull = pull_of(row);
		size_t at = (size_t)(row - report->rows.items);

		strings_add(&seen, row->phase);
		if (row->exit == 0 && landing)
			add_row(&table, landing->end, row->phase, row->seconds,
				landing->why);
		else
			add_row(&table, run_exit_name(row->exit), row->phase,
				row->seconds,
				row->exit ? why_of(report, at) : pull);
	}
	FOR_EACH (struct run_landing, landing, &report->landings)
		if (!strings_has(&seen, landing->phase))
			add_row(&table, landing->end, landing->phase, -1,
				landing->why);
	table_print(out, &table, 0);
}

/* "2 done, 1 landed, 9 waiting": what there is none of is left out. */
static void add_counts(struct buf *out, const struct run_report *report)
{
	const struct {
		int n;
		const char *what;
	} rows[] = {
		{ report->done, "done" },
		{ report->failed, "failed" },
		{ report->stopped, "stopped" },
		{ report->landed, "landed" },
		{ report->held, "held by others" },
		{ report->left[STATUS_BLOCKED], "blocked" },
		{ report->left[STATUS_READY], "ready" },
		{ report->left[STATUS_WAITING], "waiting" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].n)
			buf_addf(out, "%s%d %s", out->len ? ", " : "",
				 rows[i].n, rows[i].what);
	if (!out->len)
		buf_str(out, "nothing done");
}

void run_print(struct out *out, const char *plan,
	       const struct run_report *report)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	print_rows(out, report);
	add_counts(&text, report);
	if (report->most > 1)
		buf_addf(&text, "; up to %d at once", report->most);
	if (report->finished)
		buf_str(&text, "; the plan is finished");
	out_text(out, "%s: ", plan);
	out_wrap(out, text_width(plan) + 2, 2, "%s", text.data);
	out_text(out, "\n");
	if (!report->integration)
		return;
	out_text(out, "%s: ", plan);
	out_colour(out, report->ready ? COLOUR_GREEN : COLOUR_RED, "%s",
		   report->ready ? "ready" : "not ready");
	out_text(out, ", says %s\n", report->integration);
}

static int landing_status(const struct run_landing *landing)
{
	if (!strcmp(landing->end, "landed") ||
	    !strcmp(landing->end, "waiting") || !strcmp(landing->end, "queued"))
		return 0;
	if (!strcmp(landing->end, "conflict"))
		return 6;
	if (!strcmp(landing->end, "refused"))
		return 4;
	return !strcmp(landing->end, "stopped") ? landing->exit : 1;
}

/* Of several reasons the greatest status: it is the one to mend first. */
int run_status(const struct run_report *report)
{
	int status = 0;

	FOR_EACH (struct run_row, row, &report->rows)
		if (row->exit != 3 && row->exit != 5 && row->exit > status)
			status = row->exit;
	FOR_EACH (struct run_landing, landing, &report->landings) {
		int own = landing_status(landing);

		if (own > status)
			status = own;
	}
	if (!status && report->integration && !report->ready)
		status = 1;
	if (status)
		return status;
	if (report->finished || report->done || report->landed)
		return 0;
	return report->busy || report->held ? 5 : 3;
}

/* What stopped a phase stops the next one too: it has to be mended first. */
static int print_first(struct session *session, const char *plan,
		       const struct run_report *report)
{
	FOR_EACH (struct run_row, row, &report->rows) {
		if (row->exit != 4 || !row->hint)
			continue;
		CLEANUP(free_str) char *why = xasprintf("first: %s", row->hint);
		CLEANUP(free_str)
		char *command = xasprintf("git orch run %s", plan);
		const struct advice advice = { .command = command, .why = why };

		if (!session->out.quiet)
			print_advice(&session->out, "next: ", &advice);
		return 1;
	}
	return 0;
}

static struct error *run(struct session *session)
{
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(run_report_release) struct run_report report = { 0 };
	int64_t jobs;

	TRY(args_int(&jobs, &session->args, "jobs", 1, 1, MOST_JOBS));
	TRY(board_choose(&plan, &session->project, plan_operand(session)));
	const struct run_options options = {
		.plan = plan,
		.jobs = (int)jobs,
		.land = args_flag(&session->args, "land"),
		.until = args_text(&session->args, "until"),
		.no_revise = args_flag(&session->args, "no-revise"),
	};
	TRY(runner(&report, &session->project, &options));
	end_progress(session);
	session->status = run_status(&report);
	if (session->out.json) {
		print_json(&session->out, plan, &report);
		return NULL;
	}
	run_print(&session->out, plan, &report);
	if (print_first(session, plan, &report))
		return NULL;
	return print_next(session, plan);
}

static const struct opt opts[] = {
	{ 'j', "jobs", "n", "work on up to <n> phases at once" },
	{ 0, "land", NULL, "land what is done, until the plan is finished" },
	{ 0, "until", "phase", "stop when this phase is done" },
	{ 0, "no-revise", NULL, "leave what is in review to its reviewers" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_run = {
	.name = "run",
	.summary = "Do every phase that is ready, until none is left",
	.args = "[<plan>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_TRUST | NEED_PROGRESS | MOVES_REFS,
	.complete = "plans",
	.run = run,
};
