/*
 * A sandbox and a project for each test: setup() makes the one, the test
 * opens the other, teardown() takes both away.
 */
#ifndef TESTS_UNIT_OPENED_H
#define TESTS_UNIT_OPENED_H

#include "tests/unit/project.h"

static struct scratch box;
static struct project project;

static inline int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
