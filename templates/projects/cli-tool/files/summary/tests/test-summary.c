/* Measures against values worked out by hand. */
#include "check.h"
#include "summary.h"

#include <math.h>

static bool close_to(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void measures_of_a_known_list(void)
{
	static const double values[] = { 4, 2, 5, 4, 7, 9, 5, 4 };
	struct summary summary = SUMMARY_INIT;

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		summary_add(&summary, values[i]);
	CHECK(close_to(summary_sum(&summary), 40));
	CHECK(close_to(summary_mean(&summary), 5));
	CHECK(close_to(summary_deviation(&summary), sqrt(32.0 / 7)));
	CHECK(close_to(summary_quantile(&summary, 0), 2));
	CHECK(close_to(summary_quantile(&summary, 0.5), 4.5));
	CHECK(close_to(summary_quantile(&summary, 0.25), 4));
	CHECK(close_to(summary_quantile(&summary, 1), 9));
	summary_release(&summary);
}

static void one_value_is_all_its_measures(void)
{
	struct summary summary = SUMMARY_INIT;

	summary_add(&summary, -3);
	CHECK(close_to(summary_mean(&summary), -3));
	CHECK(close_to(summary_deviation(&summary), 0));
	CHECK(close_to(summary_quantile(&summary, 0.5), -3));
	summary_release(&summary);
}

static void small_values_next_to_large_ones_count(void)
{
	struct summary summary = SUMMARY_INIT;

	summary_add(&summary, 1e16);
	for (int i = 0; i < 10; i++)
		summary_add(&summary, 1);
	summary_add(&summary, -1e16);
	CHECK(close_to(summary_sum(&summary), 10));
	summary_release(&summary);
}

static void only_whole_finite_numbers_are_numbers(void)
{
	double value = 0;

	CHECK(parse_number(&value, " -1.5e3 ") && close_to(value, -1500));
	CHECK(!parse_number(&value, ""));
	CHECK(!parse_number(&value, "12 apples"));
	CHECK(!parse_number(&value, "nan"));
	CHECK(!parse_number(&value, "1e999"));
}

int main(void)
{
	measures_of_a_known_list();
	one_value_is_all_its_measures();
	small_values_next_to_large_ones_count();
	only_whole_finite_numbers_are_numbers();
	return check_status();
}
