/*
 * Summary: the usual measures of a list of numbers.  All values are kept,
 * so that quantiles are exact.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

struct summary {
	double *values;
	size_t len;
	size_t cap;
	bool sorted;
};

#define SUMMARY_INIT                                                           \
	{                                                                      \
		.values = NULL                                                 \
	}

/* The whole of text as a finite number, blanks around it allowed. */
bool parse_number(double *out, const char *text);

void summary_add(struct summary *summary, double value);

double summary_sum(const struct summary *summary);

/* These want at least one value. */
double summary_mean(const struct summary *summary);
/* Of the values as a sample: the divisor is n - 1.  One value: 0. */
double summary_deviation(const struct summary *summary);
/* 0 is the smallest, 0.5 the median, 1 the largest; linear in between. */
double summary_quantile(struct summary *summary, double at);

void summary_release(struct summary *summary);

#endif
