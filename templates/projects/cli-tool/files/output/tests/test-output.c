/* The same two rows in each form. */
#include "check.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>

static bool prints(const struct output *out, const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	bool same;

	output_print(out, to);
	fclose(to);
	same = !strcmp(text, expected);
	if (!same)
		fprintf(stderr, "expected:\n%s\ngot:\n%s\n", expected, text);
	free(text);
	return same;
}

static void fill(struct output *out, const char *second)
{
	output_column(out, "count", true);
	output_column(out, "value", false);
	output_cell(out, "%d", 12);
	output_cell(out, "%s", "pear");
	output_cell(out, "%d", 3);
	output_cell(out, "%s", second);
}

static void text_is_aligned(void)
{
	struct output out = OUTPUT_INIT;

	fill(&out, "fig");
	CHECK(prints(&out, "count  value\n"
			   "   12  pear\n"
			   "    3  fig\n"));
	output_release(&out);
}

static void width_is_counted_in_characters(void)
{
	struct output out = OUTPUT_INIT;

	output_column(&out, "a", false);
	output_column(&out, "b", true);
	output_cell(&out, "%s", "\303\251t\303\251");
	output_cell(&out, "%d", 1);
	output_cell(&out, "%s", "etc.");
	output_cell(&out, "%d", 2);
	CHECK(prints(&out, "a     b\n\303\251t\303\251   1\netc.  2\n"));
	output_release(&out);
}

static void csv_quotes_what_needs_it(void)
{
	struct output out = OUTPUT_INIT;

	CHECK(output_option(&out, 'o', "csv"));
	fill(&out, "a \"b\", c");
	CHECK(prints(&out, "count,value\r\n12,pear\r\n"
			   "3,\"a \"\"b\"\", c\"\r\n"));
	output_release(&out);
}

static void json_escapes_what_needs_it(void)
{
	struct output out = OUTPUT_INIT;

	CHECK(output_option(&out, 'o', "json"));
	fill(&out, "a\\\"\t");
	CHECK(prints(&out, "[\n  {\"count\": 12, \"value\": \"pear\"},\n"
			   "  {\"count\": 3, \"value\": "
			   "\"a\\\\\\\"\\u0009\"}\n]\n"));
	output_release(&out);
}

static void no_rows_are_still_json(void)
{
	struct output out = OUTPUT_INIT;

	CHECK(output_option(&out, 'o', "json"));
	output_column(&out, "value", false);
	CHECK(prints(&out, "[]\n"));
	output_release(&out);
}

static void bars_are_in_proportion(void)
{
	struct output out = OUTPUT_INIT;

	output_column(&out, "bar", false);
	output_bar(&out, 0);
	output_bar(&out, 0.5);
	output_bar(&out, 1);
	CHECK(strlen(out.cells[0]) == 0);
	CHECK(strlen(out.cells[2]) == 2 * strlen(out.cells[1]));
	CHECK(strlen(out.cells[1]) > 0);
	output_release(&out);
}

static void another_form_is_refused(void)
{
	struct output out = OUTPUT_INIT;

	CHECK(!output_option(&out, 'o', "xml"));
	CHECK(out.format == FORMAT_TEXT);
}

int main(void)
{
	text_is_aligned();
	width_is_counted_in_characters();
	csv_quotes_what_needs_it();
	json_escapes_what_needs_it();
	no_rows_are_still_json();
	bars_are_in_proportion();
	another_form_is_refused();
	return check_status();
}
