/* How the supervisor of `run` counts what its children came to. */
#ifndef PLANS_RUNNER_REPORT_H
#define PLANS_RUNNER_REPORT_H

#include "core/proc.h"
#include "plans/runner.h"

/* The last line of a child's stderr and the hint behind it; NULL: none. */
struct run_words {
	const char *said;
	const char *hint;
};

/* What a child ended with; 128 where a signal did it. */
int run_exit(const struct proc_result *result);
/* A child that did a phase: one more row. */
void run_report_phase(struct run_report *report, const char *phase,
		      const struct proc_result *result,
		      const struct run_words *words);
/*
 * A child that found a phase in review to work on again: its row.  Tells
 * whether there may be another one.
 */
int run_report_revision(struct run_report *report,
			const struct proc_result *result,
			const struct run_words *words);
/* A child that landed: the rows of its phases, and one where it stopped. */
void run_report_landings(struct run_report *report,
			 const struct proc_result *result,
			 const struct run_words *words);

#endif
