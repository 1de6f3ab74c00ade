/*
 * The least a test program needs:
 *
 *	int main(void)
 *	{
 *		CHECK(1 + 1 == 2);
 *		return check_status();
 *	}
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>

static unsigned check_failures;

static inline void check_that(bool holds, const char *what, const char *file,
			      int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	check_failures++;
}

#define CHECK(condition) check_that(condition, #condition, __FILE__, __LINE__)

static inline int check_status(void)
{
	return check_failures ? 1 : 0;
}

#endif
