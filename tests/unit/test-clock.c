/* Times are read, written and spoken of the same way in any time zone. */
#include "tests/unit/test.h"

#include "core/clock.h"

#include <time.h>

static void known_times_are_written_as_rfc_3339(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 1795170600, "2026-11-20T10:30:00Z" },
		{ 4107542399, "2100-02-28T23:59:59Z" },
		{ 4107542400, "2100-03-01T00:00:00Z" },
		{ INT64_MAX, "9999-12-31T23:59:59Z" },
		{ INT64_MIN, "0000-01-01T00:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[CLOCK_TEXT];

		clock_format(text, rows[i].seconds);
		same(text, rows[i].text);
	}
}

static void every_day_of_many_years_agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t day = -200000; day < 800000; day += 37) {
		time_t seconds = (time_t)(day * 86400 + 12345);
		char ours[CLOCK_TEXT], theirs[64];
		struct tm tm;
		int64_t back;

		gmtime_r(&seconds, &tm);
		strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%SZ", &tm);
		clock_format(ours, seconds);
		same(ours, theirs);
		ok(clock_parse(&back, ours));
		assert_int_equal(back, seconds);
	}
}

static void offsets_fractions_and_bare_dates_are_understood(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{ "1970-01-02", 86400 },
		{ "1970-01-01T02:00:00+02:00", 0 },
		{ "1969-12-31T18:30:00-05:30", 0 },
		{ "1970-01-01T00:00:01.999Z", 1 },
		{ "1970-01-01t00:00:02z", 2 },
		{ "1970-01-01 00:00:03Z", 3 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
		{ "2000-02-29", 951782400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t seconds;

		ok(clock_parse(&seconds, rows[i].text));
		assert_int_equal(seconds, rows[i].seconds);
	}
}

static void what_is_no_time_is_refused_by_name(void **state)
{
	static const char *const rows[] = {
		"",
		"tomorrow",
		"2026",
		"2026-13-01",
		"2026-00-01",
		"2026-11-31",
		"2026-11-00",
		"2100-02-29",
		"2026-1-01",
		"2026-11-20T",
		"2026-11-20T10:30",
		"2026-11-20T10:30:00",
		"2026-11-20T24:00:00Z",
		"2026-11-20T10:60:00Z",
		"2026-11-20T10:30:61Z",
		"2026-11-20T10:30:00.Z",
		"2026-11-20T10:30:00Zx",
		"2026-11-20T10:30:00+24:00",
		"2026-11-20T10:30:00+0200",
		"2026-11-20 ",
	};
	int64_t seconds = 42;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		fails(ERROR_INVALID, rows[i], clock_parse(&seconds, rows[i]));
	assert_int_equal(seconds, 42);
}

static void spans_are_short_and_round_down(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ -5, "0 s" },        { 0, "0 s" },       { 3, "3 s" },
		{ 119, "119 s" },     { 120, "2 min" },   { 7199, "119 min" },
		{ 7200, "2 h" },      { 172799, "47 h" }, { 172800, "2 d" },
		{ 8640000, "100 d" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[32];

		clock_span(text, sizeof text, rows[i].seconds);
		same(text, rows[i].text);
	}
}

static void the_steady_clock_moves_with_the_wall(void **state)
{
	struct timespec nap = { 0, 20000000 };
	int64_t before = clock_ms();

	(void)state;
	nanosleep(&nap, NULL);
	assert_in_range(clock_ms() - before, 19, 5000);
	assert_in_range(clock_now() - time(NULL) + 2, 1, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times_are_written_as_rfc_3339),
		cmocka_unit_test(
			every_day_of_many_years_agrees_with_the_c_library),
		cmocka_unit_test(
			offsets_fractions_and_bare_dates_are_understood),
		cmocka_unit_test(what_is_no_time_is_refused_by_name),
		cmocka_unit_test(spans_are_short_and_round_down),
		cmocka_unit_test(the_steady_clock_moves_with_the_wall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
