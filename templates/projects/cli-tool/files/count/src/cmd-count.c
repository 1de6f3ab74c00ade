/* count: how often each value occurs, the most frequent first. */
#include "command.h"
#include "input.h"
#include "output.h"
#include "table.h"
#include "util.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

extern const struct command command_count;

static void fill(struct output *out, const struct table *table, long top,
		 bool bars)
{
	output_column(out, "count", true);
	output_column(out, "percent", true);
	output_column(out, "value", false);
	if (bars)
		output_column(out, "bar", false);
	for (size_t i = 0; i < table->len && i < (size_t)top; i++) {
		double count = (double)table->rows[i].count;

		output_cell(out, "%lu", table->rows[i].count);
		output_cell(out, "%.1f", 100 * count / (double)table->total);
		output_cell(out, "%s", table->rows[i].text);
		if (bars)
			output_bar(out, count / (double)table->rows[0].count);
	}
}

static int run(int argc, char **argv)
{
	struct input in = INPUT_INIT;
	struct output out = OUTPUT_INIT;
	struct table table = TABLE_INIT;
	long top = LONG_MAX;
	bool bars = false;
	char *text;
	int option;
	int status;

	while ((option = getopt(argc, argv,
				"bn:" INPUT_OPTIONS OUTPUT_OPTIONS)) != -1) {
		if (option == 'b')
			bars = true;
		else if (option == 'n' && parse_long(&top, optarg, 1, LONG_MAX))
			continue;
		else if (!input_option(&in, option, optarg) &&
			 !output_option(&out, option, optarg))
			return command_misused(&command_count);
	}
	input_open(&in, argv + optind);
	while ((text = input_next(&in)))
		table_add(&table, text);
	status = input_close(&in);
	table_sort(&table);
	fill(&out, &table, top, bars);
	output_print(&out, stdout);
	output_release(&out);
	table_release(&table);
	return status;
}

const struct command command_count = {
	.name = "count",
	.summary = "Count how often each value occurs",
	.args = "[-b] [-n <top>] [-d <char>] [-f <n>] [-o <form>] [<file>...]",
	.help = INPUT_HELP OUTPUT_HELP
	"  -b         draw a bar for each value\n"
	"  -n <top>   print only the <top> most frequent values\n",
	.run = run,
};
