/* stats: the usual measures of a column of numbers. */
#include "command.h"
#include "input.h"
#include "output.h"
#include "summary.h"

#include <stdlib.h>
#include <unistd.h>

extern const struct command command_stats;

static void measure(struct output *out, const char *name, double value)
{
	output_cell(out, "%s", name);
	output_cell(out, "%.10g", value);
}

static void fill(struct output *out, struct summary *summary, size_t skipped)
{
	output_column(out, "measure", false);
	output_column(out, "value", true);
	measure(out, "count", (double)summary->len);
	measure(out, "skipped", (double)skipped);
	if (!summary->len)
		return;
	measure(out, "sum", summary_sum(summary));
	measure(out, "mean", summary_mean(summary));
	measure(out, "deviation", summary_deviation(summary));
	measure(out, "smallest", summary_quantile(summary, 0));
	measure(out, "quarter", summary_quantile(summary, 0.25));
	measure(out, "median", summary_quantile(summary, 0.5));
	measure(out, "three-quarters", summary_quantile(summary, 0.75));
	measure(out, "largest", summary_quantile(summary, 1));
}

static int run(int argc, char **argv)
{
	struct input in = INPUT_INIT;
	struct output out = OUTPUT_INIT;
	struct summary summary = SUMMARY_INIT;
	size_t skipped = 0;
	double value;
	char *text;
	int option;
	int status;

	while ((option = getopt(argc, argv, INPUT_OPTIONS OUTPUT_OPTIONS)) !=
	       -1) {
		if (!input_option(&in, option, optarg) &&
		    !output_option(&out, option, optarg))
			return command_misused(&command_stats);
	}
	input_open(&in, argv + optind);
	while ((text = input_next(&in))) {
		if (parse_number(&value, text))
			summary_add(&summary, value);
		else
			skipped++;
	}
	status = input_close(&in);
	fill(&out, &summary, skipped);
	output_print(&out, stdout);
	output_release(&out);
	summary_release(&summary);
	return status;
}

const struct command command_stats = {
	.name = "stats",
	.summary = "Summarise a column of numbers",
	.args = "[-d <char>] [-f <n>] [-o <form>] [<file>...]",
	.help = INPUT_HELP OUTPUT_HELP,
	.run = run,
};
