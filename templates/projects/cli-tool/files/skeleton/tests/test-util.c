/* Numbers as people type them. */
#include "check.h"
#include "util.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void numbers_are_read_whole(void)
{
	long value = 7;

	CHECK(parse_long(&value, "-12", -20, 20) && value == -12);
	CHECK(!parse_long(&value, "", -20, 20));
	CHECK(!parse_long(&value, "3x", -20, 20));
	CHECK(value == -12);
}

static void numbers_out_of_range_are_refused(void)
{
	long value = 7;

	CHECK(!parse_long(&value, "21", -20, 20));
	CHECK(!parse_long(&value, "-21", -20, 20));
	CHECK(!parse_long(&value, "99999999999999999999", 0, LONG_MAX));
	CHECK(value == 7);
}

static void copies_are_independent(void)
{
	char text[] = "text";
	char *copy = xstrdup(text);

	text[0] = 'n';
	CHECK(!strcmp(copy, "text"));
	free(copy);
}

int main(void)
{
	numbers_are_read_whole();
	numbers_out_of_range_are_refused();
	copies_are_independent();
	return check_status();
}
