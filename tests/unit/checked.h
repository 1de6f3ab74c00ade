/* One round of checks on a project, and what came of it. */
#ifndef TESTS_UNIT_CHECKED_H
#define TESTS_UNIT_CHECKED_H

#include "tests/unit/small.h"

#include "plans/check.h"

#include "tests/unit/opened.h"

static struct plan plan;
static struct check_outcomes outcomes;
static struct findings findings;

static inline void forget(void)
{
	check_outcomes_release(&outcomes);
	findings_release(&findings);
	plan_release(&plan);
	memset(&plan, 0, sizeof plan);
}

static inline int forget_all(void **state)
{
	forget();
	return teardown(state);
}

#define CHECK_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, setup, forget_all)

#endif
