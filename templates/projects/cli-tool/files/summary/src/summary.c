/* Sums are compensated, so that many small values next to a large one count. */
#include "summary.h"
#include "util.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool parse_number(double *out, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || !isfinite(value))
		return false;
	while (isspace((unsigned char)*end))
		end++;
	if (*end)
		return false;
	*out = value;
	return true;
}

void summary_add(struct summary *summary, double value)
{
	if (summary->len == summary->cap) {
		summary->cap = summary->cap ? summary->cap * 2 : 64;
		summary->values = xrealloc(summary->values, summary->cap,
					   sizeof(*summary->values));
	}
	summary->values[summary->len++] = value;
	summary->sorted = false;
}

/* Neumaier's sum: what each addition rounds away is added at the end. */
double summary_sum(const struct summary *summary)
{
	double sum = 0;
	double lost = 0;

	for (size_t i = 0; i < summary->len; i++) {
		double value = summary->values[i];
		double next = sum + value;

		if (fabs(sum) >= fabs(value))
			lost += (sum - next) + value;
		else
			lost += (value - next) + sum;
		sum = next;
	}
	return sum + lost;
}

double summary_mean(const struct summary *summary)
{
	return summary_sum(summary) / (double)summary->len;
}

double summary_deviation(const struct summary *summary)
{
	double mean = summary_mean(summary);
	double squares = 0;

	if (summary->len < 2)
		return 0;
	for (size_t i = 0; i < summary->len; i++) {
		double off = summary->values[i] - mean;

		squares += off * off;
	}
	return sqrt(squares / (double)(summary->len - 1));
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

double summary_quantile(struct summary *summary, double at)
{
	double place = at * (double)(summary->len - 1);
	size_t below = (size_t)place;
	double low;

	if (!summary->sorted)
		qsort(summary->values, summary->len, sizeof(*summary->values),
		      compare);
	summary->sorted = true;
	low = summary->values[below];
	if (below + 1 == summary->len)
		return low;
	return low +
	       (place - (double)below) * (summary->values[below + 1] - low);
}

void summary_release(struct summary *summary)
{
	free(summary->values);
	memset(summary, 0, sizeof(*summary));
}
