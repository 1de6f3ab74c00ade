/* Fields of a line, and lines of files. */
#include "check.h"
#include "input.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool picks(const char *line, char delim, long n, const char *expected)
{
	char copy[64];
	char *field;

	strcpy(copy, line);
	field = field_pick(copy, delim, n);
	if (!field || !expected)
		return !field && !expected;
	return !strcmp(field, expected);
}

static void fields_are_counted_from_both_ends(void)
{
	CHECK(picks("  one two\tthree ", '\0', 1, "one"));
	CHECK(picks("  one two\tthree ", '\0', 3, "three"));
	CHECK(picks("  one two\tthree ", '\0', -1, "three"));
	CHECK(picks("  one two\tthree ", '\0', -3, "one"));
	CHECK(picks("  one two ", '\0', 0, "  one two "));
}

static void a_delimiter_leaves_empty_fields(void)
{
	CHECK(picks("a,,c", ',', 2, ""));
	CHECK(picks("a,,c,", ',', 4, ""));
	CHECK(picks("a,,c", ',', -1, "c"));
	CHECK(picks("a b,c", ',', 1, "a b"));
}

static void a_missing_field_is_none(void)
{
	CHECK(picks("one two", '\0', 3, NULL));
	CHECK(picks("one two", '\0', -3, NULL));
	CHECK(picks("", '\0', 1, NULL));
	CHECK(picks(" \t ", '\0', -1, NULL));
}

/* Fill path, a template of mkstemp(), with the text. */
static void write_file(char *path, const char *text)
{
	FILE *file = fdopen(mkstemp(path), "w");

	CHECK(file && fputs(text, file) >= 0);
	CHECK(file && fclose(file) == 0);
}

static void files_are_read_in_turn(void)
{
	char first[] = "/tmp/test-input-XXXXXX";
	char second[] = "/tmp/test-input-XXXXXX";
	char *paths[] = { first, second, NULL };
	struct input in = INPUT_INIT;
	char seen[64] = "";
	char *text;

	write_file(first, "a 1\r\nshort\n");
	write_file(second, "b 2\nc 3");
	CHECK(input_option(&in, 'f', "2"));
	input_open(&in, paths);
	while ((text = input_next(&in)))
		strcat(seen, text);
	CHECK(input_close(&in) == EXIT_SUCCESS);
	CHECK(!strcmp(seen, "123"));
	unlink(first);
	unlink(second);
}

static void an_unreadable_file_does_not_stop_the_rest(void)
{
	char good[] = "/tmp/test-input-XXXXXX";
	char *paths[] = { "/nonexistent/file", good, NULL };
	struct input in = INPUT_INIT;
	char *text;

	write_file(good, "line\n");
	input_open(&in, paths);
	text = input_next(&in);
	CHECK(text && !strcmp(text, "line"));
	CHECK(!input_next(&in));
	CHECK(input_close(&in) == EXIT_FAILURE);
	unlink(good);
}

static void bad_option_values_are_refused(void)
{
	struct input in = INPUT_INIT;

	CHECK(!input_option(&in, 'd', ""));
	CHECK(!input_option(&in, 'd', "ab"));
	CHECK(!input_option(&in, 'f', "two"));
	CHECK(input_option(&in, 'd', "\\t") && in.delim == '\t');
}

int main(void)
{
	fields_are_counted_from_both_ends();
	a_delimiter_leaves_empty_fields();
	a_missing_field_is_none();
	files_are_read_in_turn();
	an_unreadable_file_does_not_stop_the_rest();
	bad_option_values_are_refused();
	return check_status();
}
