/*
 * `run`: phases until none is ready, as child processes of `next-phase` under
 * one supervisor; the same mechanism as so many machines.
 */
#ifndef PLANS_RUNNER_H
#define PLANS_RUNNER_H

#include "plans/integrate.h"

struct run_options {
	const char *plan;
	int jobs;
	int land;
	const char *until; /* stop when this phase is done */
	int no_revise; /* leave what is in review to its reviewers */
};

struct run_row {
	char *phase;
	int exit;
	char *line; /* why it failed, else what it said last */
	char *hint; /* of what it said last; NULL: none */
	int64_t pull; /* its pull request; 0: none */
	char *pull_url;
	double seconds;
};

/*
 * What a landing came to, the last time it was tried: "landed", "red", "late",
 * "refused" or "conflict"; "stopped" where all landing ended with an error.
 */
struct run_landing {
	char *phase; /* "": no single one */
	char *end;
	char *why; /* NULL: landed */
	int exit; /* of "stopped": what integrate ended with */
};

struct run_report {
	struct {
		struct run_row *items;
		size_t len, cap;
	} rows;
	struct {
		struct run_landing *items;
		size_t len, cap;
	} landings;
	int done, failed, landed;
	int stopped; /* ended for another reason than the phase: still ready */
	int busy; /* others had taken them */
	int held; /* claims whose runner is alive at the end */
	int left[STATUS_COUNT]; /* how many stand so at the end */
	int most; /* how many ran at once */
	int finished; /* the plan is */
	char *integration; /* path of its integration report; NULL: none made */
	int ready; /* so that says */
};
void run_report_release(struct run_report *report);
/*
 * What the exit status of a phase's process means: "done"; "failed", which is
 * 1 and of the phase; "taken"; else "stopped", which is of the machine, of
 * trust or of a budget.
 */
const char *run_exit_name(int exit);

/* The report tells; errors are those that stopped the supervisor. */
struct error *runner(struct run_report *out, struct project *project,
		     const struct run_options *options) MUST_USE;

#endif
