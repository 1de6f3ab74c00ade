/*
 * The supervisor of `run`.  Phases and landings are child processes of this
 * same binary; what they print is shown, what they exit with is counted, and
 * everything they know of each other goes through the repository.
 */
#include "plans/forecast.h"
#include "plans/integration.h"
#include "plans/overlap.h"
#include "plans/runner-report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the child is called that looks for a phase by itself: no id. */
#define REVIEW     "in review"
#define MOST_AGAIN 5

struct child {
	struct runner *runner;
	struct proc *proc;
	char *phase; /* NULL: this child lands; REVIEW: what it finds */
	struct buf line; /* of its stderr, until a newline */
	char *row; /* of the phase it lands now, NULL: none */
	char *said;
	char *hint; /* that came behind it */
};

struct runner {
	struct project *project;
	const struct run_options *options;
	struct run_report *report;
	struct loop *loop;
	ARRAY(struct child *) children;
	struct strings tried; /* started: not again in this run, but for */
	struct strings again; /* each time it found nothing to do */
	struct strings wanted; /* --until: these only; empty: all */
	int stopping;
	int revise; /* nobody has looked at what is in review, or found some */
	int land_again; /* something came into review since the last landing */
};

static void child_free(struct child *child)
{
	free(child->phase);
	free(child->said);
	free(child->hint);
	free(child->row);
	buf_release(&child->line);
	free(child);
}

static int is_landing(const struct child *child)
{
	return !child->phase;
}

/* Behind "<phase>" and what sets it off: the row has the name already. */
static const char *without_name(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(line, name, n) != 0 || !strchr(": ", line[n]))
		return line;
	return line + n + strspn(line + n, ": ");
}

/* The part of a line up to the gap; *rest is what follows, or empty. */
static char *part(const char **rest, const char *line)
{
	const char *gap = strstr(line, "  ");
	size_t len = gap ? (size_t)(gap - line) : strlen(line);

	*rest = line + len + strspn(line + len, " ");
	return xstrndup(line, len);
}

/*
 * What integrate says of a phase: "a  check" while it lands, and at its end
 * "landed  a  0.4 s".  Several land at once; the row is the one spoken of last.
 */
static void show_landing(struct child *child, const char *line)
{
	struct progress *progress = child->runner->project->progress;
	const char *text;
	CLEANUP(free_str) char *first = part(&text, line);

	if (!progress || !*text)
		return;
	CLEANUP(free_str)
	char *row = strstr(text, "  ") ? NULL : xasprintf("landing %s", first);
	if (child->row && (!row || strcmp(child->row, row) != 0)) {
		progress_drop(progress, child->row);
		free_str(&child->row);
	}
	if (!row) {
		progress_note(progress, "%s", line);
		return;
	}
	progress_set(progress, row, "%s", text);
	if (!child->row)
		child->row = xstrdup(row);
}

static void show(struct child *child, const char *line)
{
	static const char error[] = "error: ", hint[] = "hint: ";
	struct progress *progress = child->runner->project->progress;

	if (child->phase)
		line = without_name(line, child->phase);
	free_str(&child->hint);
	if (!strncmp(line, hint, strlen(hint))) {
		/* The error before it says more of this row. */
		child->hint = xstrdup(line + strlen(hint));
		return;
	}
	if (!strncmp(line, error, strlen(error)))
		line += strlen(error);
	free(child->said);
	child->said = xstrdup(line);
	if (is_landing(child))
		show_landing(child, line);
	else if (progress)
		progress_set(progress, child->phase, "%s", line);
}

static void on_output(void *data, int is_stderr, const char *bytes, size_t len)
{
	struct child *child = data;

	if (!is_stderr)
		return;
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '\n') {
			buf_ch(&child->line, bytes[i]);
			continue;
		}
		if (child->line.len)
			show(child, child->line.data);
		buf_clear(&child->line);
	}
}

static void add_globals(struct strings *argv, const struct runner *runner)
{
	const struct project_options *options = &runner->project->options;
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "--base", options->base },
		{ "--env", options->environment },
		{ "--trust", options->trust },
	};

	strings_addv(argv, options->program, "--no-input", "--color=never",
		     NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].value)
			strings_addf(argv, "%s=%s", rows[i].name,
				     rows[i].value);
	if (options->set)
		FOR_EACH (char *, set, options->set)
			strings_addv(argv, "-c", *set, NULL);
}

static struct error *on_done(struct loop *loop, struct proc *proc,
			     struct proc_result *result, void *data);

static struct error *start(struct runner *runner, const char *phase)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	struct child *child = xcalloc(1, sizeof *child);
	const char *where = repo_work_dir(runner->project->repo);

	child->runner = runner;
	child->phase = xstrdup(phase);
	buf_init(&child->line);
	add_globals(&spec.argv, runner);
	if (phase)
		strings_addv(&spec.argv, "next-phase", "--json", "--no-wait",
			     "--plan", runner->options->plan,
			     strcmp(phase, REVIEW) ? phase : NULL, NULL);
	else
		strings_addv(&spec.argv, "integrate", "--json",
			     runner->options->plan, NULL);
	for (char **var = environ; *var; var++)
		strings_add(&spec.env, *var);
	spec.cwd = where ? where : repo_git_dir(runner->project->repo);
	spec.on_output = on_output;
	spec.on_output_data = child;
	struct error *err =
		proc_start(&child->proc, runner->loop, &spec, on_done, child);
	if (err) {
		child_free(child);
		return err;
	}
	*PUSH(&runner->children) = child;
	if (phase)
		show(child, "start");
	return NULL;
}

static int running(const struct runner *runner, const char *phase)
{
	for (size_t i = 0; i < runner->children.len; i++) {
		const char *it = runner->children.items[i]->phase;

		if (it && phase ? !strcmp(it, phase) : it == phase)
			return 1;
	}
	return 0;
}

static int phases_running(const struct runner *runner)
{
	return (int)runner->children.len - running(runner, NULL);
}

static size_t times(const struct strings *list, const char *id)
{
	size_t n = 0;

	FOR_EACH (char *, it, list)
		n += !strcmp(*it, id);
	return n;
}

/*
 * A phase that was ready and found itself waiting met a landing: what it
 * stands on was on its way.  It is tried again when that is over.
 */
static int was_tried(const struct runner *runner, const char *id)
{
	size_t again = times(&runner->again, id);

	return times(&runner->tried, id) > again ||
	       (again && running(runner, NULL));
}

/* Ready, or left by a dead run; not tried yet; wanted. */
static int startable(const struct runner *runner, const struct card *card)
{
	const char *id = card->phase->id;

	if (card->status != STATUS_READY &&
	    !(card->status == STATUS_RUNNING && !card->claim_alive))
		return 0;
	if (runner->wanted.len && !strings_has(&runner->wanted, id))
		return 0;
	return !was_tried(runner, id) && !running(runner, id);
}

/* Would it touch files that one of our own children is at? */
static int meets_own(const struct runner *runner, const struct board *board,
		     const struct card *card)
{
	FOR_EACH (struct card, other, &board->cards)
		if (running(runner, other->phase->id) &&
		    phases_meet(card->phase, other->phase))
			return 1;
	return 0;
}

/*
 * Not beside one that would touch the same files.  What other machines do is
 * a reason to take something else first, and none to do nothing.
 */
static int is_in_the_way(const struct runner *runner, const struct board *board,
			 const struct card *card)
{
	return phases_running(runner) && (meets_own(runner, board, card) ||
					  forecast_in_the_way(board, card));
}

static const struct card *choose(const struct runner *runner,
				 const struct board *board)
{
	const struct card *best = NULL;

	FOR_EACH (struct card, card, &board->cards)
		if (startable(runner, card) &&
		    !is_in_the_way(runner, board, card) &&
		    (!best || card_before(card, best)))
			best = card;
	return best;
}

static int anything_in_review(const struct board *board)
{
	FOR_EACH (struct card, card, &board->cards)
		if (card->status == STATUS_IN_REVIEW)
			return 1;
	return 0;
}

static struct error *start_phases(struct runner *runner,
				  const struct board *board)
{
	const struct card *card = NULL;

	while (phases_running(runner) < runner->options->jobs &&
	       (card = choose(runner, board))) {
		strings_add(&runner->tried, card->phase->id);
		TRY(start(runner, card->phase->id));
		if (phases_running(runner) > runner->report->most)
			runner->report->most = phases_running(runner);
	}
	return NULL;
}

static int may_revise(const struct runner *runner, const struct board *board)
{
	return runner->revise && !runner->children.len &&
	       !runner->options->until && anything_in_review(board) &&
	       strcmp(runner->project->config.delivery.forge, "local") != 0;
}

/* Looks at the board and starts what can be started. */
static struct error *schedule(struct runner *runner)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	TRY(project_reload(runner->project));
	TRY(board_load(&board, runner->project, runner->options->plan));
	TRY(start_phases(runner, &board));
	if (runner->options->land && runner->land_again &&
	    !running(runner, NULL) && anything_in_review(&board)) {
		runner->land_again = 0;
		TRY(start(runner, NULL));
	}
	/* Nothing else is left: reviewers and CI may want something. */
	return may_revise(runner, &board) ? start(runner, REVIEW) : NULL;
}

static struct error *on_done(struct loop *loop, struct proc *proc,
			     struct proc_result *result, void *data)
{
	struct child *child = data;
	struct runner *runner = child->runner;
	struct progress *progress = runner->project->progress;
	const struct run_words words = { child->said, child->hint };
	int exit = run_exit(result);
	int idle = child->phase && !strcmp(child->phase, REVIEW) && exit == 3;

	(void)loop;
	(void)proc;
	for (size_t i = 0; i < runner->children.len; i++)
		if (runner->children.items[i] == child)
			runner->children.items[i] =
				runner->children.items[--runner->children.len];
	if (is_landing(child))
		run_report_landings(runner->report, result, &words);
	else if (!strcmp(child->phase, REVIEW))
		runner->revise =
			run_report_revision(runner->report, result, &words);
	else
		run_report_phase(runner->report, child->phase, result, &words);
	if (child->phase && !idle && exit == 3 &&
	    times(&runner->again, child->phase) < MOST_AGAIN)
		strings_add(&runner->again, child->phase);
	/* What another took may be in review by now. */
	runner->land_again |=
		!is_landing(child) && !idle && (exit == 0 || exit == 3);
	if (progress && idle)
		progress_drop(progress, child->phase);
	else if (progress && child->phase)
		progress_end(progress, child->phase, "%s  %s",
			     run_exit_name(exit), child->phase);
	else if (progress && child->row)
		progress_drop(progress, child->row);
	child_free(child);
	return runner->stopping ? NULL : schedule(runner);
}

/* --until: the phase itself and all it depends on. */
static void want(struct strings *wanted, const struct plan *plan,
		 const char *id)
{
	const struct phase *phase = plan_phase(plan, id);

	if (!phase || strings_has(wanted, id))
		return;
	strings_add(wanted, id);
	FOR_EACH (char *, on, &phase->depends_on)
		want(wanted, plan, *on);
}

static struct error *find_wanted(struct runner *runner)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	const char *until = runner->options->until;

	TRY(board_load(&board, runner->project, runner->options->plan));
	runner->land_again = 1;
	runner->revise = !runner->options->no_revise;
	if (!until)
		return NULL;
	const struct board_plan *row =
		board_plan(&board, runner->options->plan);
	if (!row || !plan_phase(&row->plan, until))
		return board_no_phase(&board, runner->options->plan, until);
	want(&runner->wanted, &row->plan, until);
	return NULL;
}

static struct error *read_end(struct runner *runner)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	TRY(project_reload(runner->project));
	TRY(board_load(&board, runner->project, runner->options->plan));
	const struct board_plan *row =
		board_plan(&board, runner->options->plan);
	runner->report->finished = row && row->state == PLAN_FINISHED;
	FOR_EACH (struct card, card, &board.cards) {
		runner->report->left[card->status]++;
		/* What was stopped keeps its claim, without a runner. */
		runner->report->held +=
			card->status == STATUS_RUNNING && card->claim_alive;
	}
	return NULL;
}

/* One that was killed between the last landing and its report, too. */
static struct error *make_report(struct runner *runner)
{
	const struct run_options *options = runner->options;
	int due = 0;

	if (!options->land || !runner->report->finished)
		return NULL;
	TRY(integration_due(&due, runner->project, options->plan, 0));
	if (!due)
		return NULL;
	TRY(start(runner, NULL));
	return loop_run(runner->loop);
}

/*
 * Ends what still runs, after an error or an interrupt: each child is asked
 * to, drops its claim and is waited for.
 */
static void stop_children(struct runner *runner)
{
	runner->stopping = 1;
	FOR_EACH (struct child *, child, &runner->children)
		proc_kill((*child)->proc);
	error_free(loop_drain(runner->loop));
}

static void runner_release(struct runner *runner)
{
	stop_children(runner);
	loop_free(runner->loop);
	free(runner->children.items);
	strings_release(&runner->tried);
	strings_release(&runner->again);
	strings_release(&runner->wanted);
}

struct error *runner(struct run_report *out, struct project *project,
		     const struct run_options *options)
{
	CLEANUP(runner_release)
	struct runner self = {
		.project = project,
		.options = options,
		.report = out,
		.loop = loop_new(),
	};

	TRY(integrate_recover(project, options->plan));
	TRY(find_wanted(&self));
	TRY(schedule(&self));
	TRY(loop_run(self.loop));
	TRY(read_end(&self));
	return make_report(&self);
}
