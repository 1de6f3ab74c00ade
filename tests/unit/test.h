/*
 * What every unit test includes: cmocka with the headers it asks for, and the
 * two assertions errors need.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include "core/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The call succeeds; else its message is the test's. */
#define ok(call)                                                               \
	do {                                                                   \
		struct error *ok_error = (call);                               \
		if (ok_error)                                                  \
			fail_msg("%s: %s", #call, ok_error->message);          \
	} while (0)

/* The call fails with this code, and its message contains text. */
#define fails(expected, text, call)                                            \
	do {                                                                   \
		struct error *got = (call);                                    \
		if (!got)                                                      \
			fail_msg("%s: no error", #call);                       \
		if (got->code != (expected) || !strstr(got->message, text))    \
			fail_msg("%s: code %d: %s", #call, (int)got->code,     \
				 got->message);                                \
		error_free(got);                                               \
	} while (0)

#define same(a, b) assert_string_equal(a, b)

#endif
