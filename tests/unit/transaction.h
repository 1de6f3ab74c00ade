/*
 * One phase after the other of the plan 'small', in one repository, each as a
 * transaction whose outcome the test looks at.
 */
#ifndef TESTS_UNIT_TRANSACTION_H
#define TESTS_UNIT_TRANSACTION_H

#include "tests/unit/small.h"

#include "plans/transaction.h"

static struct scratch box;
static struct project project;
static struct outcome out;

static inline int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	outcome_release(&out);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

static inline void begin(const char *config)
{
	put_small(&box, config);
	small_open(&project, &box);
}

/* With one check "t" outside the sandbox. */
static inline void PRINTF(1, 2) begin_with(const char *fmt, ...)
{
	struct buf run = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&run, fmt, args);
	va_end(args);
	char *config =
		xasprintf(OFF "checks: [{name: t, run: '%s'}]\n", run.data);
	begin(config);
	free(config);
	buf_release(&run);
}

/* The next phase, or the one named. */
static inline struct error *run(const char *phase)
{
	struct transaction_options options = { .plan = "small",
					       .phase = phase };

	outcome_release(&out);
	ok(project_reload(&project));
	return transaction_run(&out, &project, &options);
}

static inline enum status status_of(const char *phase)
{
	return small_status(&project, phase);
}

static inline void expect_tidy(void)
{
	small_tidy(&box);
}

#endif
