/* hist: how a column of numbers is distributed, as bars. */
#include "command.h"
#include "input.h"
#include "output.h"
#include "summary.h"
#include "util.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_BINS = 10, MOST_BINS = 1000 };

extern const struct command command_hist;

/* How many values fall into each of the bins between low and high. */
static void distribute(size_t *counts, size_t bins,
		       const struct summary *summary, double low, double high)
{
	memset(counts, 0, bins * sizeof(*counts));
	for (size_t i = 0; i < summary->len; i++) {
		/* Halved, so that no difference is too large for a double. */
		double share = (summary->values[i] / 2 - low / 2) /
			       (high / 2 - low / 2);
		size_t bin = (size_t)(share * (double)bins);

		/* The largest value closes the last bin. */
		counts[bin < bins ? bin : bins - 1]++;
	}
}

static size_t largest(const size_t *counts, size_t bins)
{
	size_t most = 1;

	for (size_t i = 0; i < bins; i++)
		if (counts[i] > most)
			most = counts[i];
	return most;
}

static void fill(struct output *out, struct summary *summary, size_t bins)
{
	double low = summary_quantile(summary, 0);
	double high = summary_quantile(summary, 1);
	size_t *counts = xmalloc(bins * sizeof(*counts));
	double step;
	double most;

	/* Equal values have no range to divide: one bin holds them. */
	if (low == high) {
		bins = 1;
		counts[0] = summary->len;
	} else {
		distribute(counts, bins, summary, low, high);
	}
	step = high / (double)bins - low / (double)bins;
	most = (double)largest(counts, bins);
	for (size_t i = 0; i < bins; i++) {
		output_cell(out, "%.6g", low + step * (double)i);
		output_cell(out, "%.6g", low + step * (double)(i + 1));
		output_cell(out, "%zu", counts[i]);
		output_bar(out, (double)counts[i] / most);
	}
	free(counts);
}

static int run(int argc, char **argv)
{
	struct input in = INPUT_INIT;
	struct output out = OUTPUT_INIT;
	struct summary summary = SUMMARY_INIT;
	long bins = DEFAULT_BINS;
	double value;
	char *text;
	int option;
	int status;

	while ((option = getopt(argc, argv,
				"n:" INPUT_OPTIONS OUTPUT_OPTIONS)) != -1) {
		if (option == 'n' && parse_long(&bins, optarg, 1, MOST_BINS))
			continue;
		if (!input_option(&in, option, optarg) &&
		    !output_option(&out, option, optarg))
			return command_misused(&command_hist);
	}
	input_open(&in, argv + optind);
	while ((text = input_next(&in)))
		if (parse_number(&value, text))
			summary_add(&summary, value);
	status = input_close(&in);
	output_column(&out, "from", true);
	output_column(&out, "to", true);
	output_column(&out, "count", true);
	output_column(&out, "bar", false);
	if (summary.len)
		fill(&out, &summary, (size_t)bins);
	output_print(&out, stdout);
	output_release(&out);
	summary_release(&summary);
	return status;
}

const struct command command_hist = {
	.name = "hist",
	.summary = "Show how a column of numbers is distributed",
	.args = "[-n <bins>] [-d <char>] [-f <n>] [-o <form>] [<file>...]",
	.help = INPUT_HELP OUTPUT_HELP
	"  -n <bins>  into how many ranges (default: 10)\n",
	.run = run,
};
