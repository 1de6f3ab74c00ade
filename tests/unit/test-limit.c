/* No window holds more than its figure, whoever asks and when. */
#include "tests/unit/test.h"

#include "core/file.h"
#include "core/limit.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 8
#define TAKES     200
#define MINUTE    60000
#define START     1000000000

/* Shared by the processes of a test: a clock, and what was let through. */
struct shared {
	_Atomic int64_t now;
	_Atomic int64_t step; /* by which looking at the clock moves it */
	_Atomic int64_t len;
	struct {
		int64_t at;
		int64_t tokens;
	} takes[PROCESSES * TAKES];
};
static struct shared *shared;

static int64_t test_clock(void)
{
	return atomic_fetch_add(&shared->now, atomic_load(&shared->step));
}

static const struct limiter limiter = { "limits", "main", test_clock };

static int enter(void **state)
{
	char *dir = xstrdup("/tmp/test-limit-XXXXXX");

	*state = dir;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || !mkdtemp(dir) || chdir(dir))
		return -1;
	shared->now = START;
	return 0;
}

static int leave(void **state)
{
	char *dir = *state;

	munmap(shared, sizeof *shared);
	if (chdir("/"))
		return -1;
	ok(file_remove_tree(dir));
	free(dir);
	return 0;
}

/* Asks, and keeps what was let through. */
static struct turn take(const struct limits *limits, int64_t tokens)
{
	struct turn turn;

	ok(limit_take(&turn, &limiter, limits, tokens));
	if (!turn.wait_ms) {
		int64_t i = atomic_fetch_add(&shared->len, 1);

		shared->takes[i].at = turn.at;
		shared->takes[i].tokens = tokens;
	}
	return turn;
}

/* The most of any window that ends with a take. */
static int64_t most_in(int64_t span, int tokens)
{
	int64_t most = 0, len = shared->len;

	for (int64_t i = 0; i < len; i++) {
		int64_t sum = 0, end = shared->takes[i].at;

		for (int64_t j = 0; j < len; j++)
			if (shared->takes[j].at <= end &&
			    shared->takes[j].at > end - span)
				sum += tokens ? shared->takes[j].tokens : 1;
		most = sum > most ? sum : most;
	}
	return most;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void no_minute_has_more_than_its_requests(void **state)
{
	struct limits limits = { .requests_per_minute = 20 };
	uint64_t seed = 1;

	(void)state;
	while (shared->len < 500) {
		take(&limits, 0);
		shared->now += (int64_t)(next_random(&seed) % 2500);
	}
	assert_int_equal(most_in(MINUTE, 0), 20);
}

static void no_hour_has_more_than_its_requests(void **state)
{
	struct limits limits = { .requests_per_hour = 30 };
	uint64_t seed = 2;

	(void)state;
	while (shared->len < 100) {
		take(&limits, 0);
		shared->now += (int64_t)(next_random(&seed) % 100000);
	}
	assert_int_equal(most_in((int64_t)60 * MINUTE, 0), 30);
}

static void no_minute_has_more_than_its_tokens(void **state)
{
	struct limits limits = { .tokens_per_minute = 10000 };
	uint64_t seed = 3;

	(void)state;
	while (shared->len < 300) {
		take(&limits, (int64_t)(next_random(&seed) % 3000));
		shared->now += (int64_t)(next_random(&seed) % 3000);
	}
	assert_in_range(most_in(MINUTE, 1), 9000, 10000);
}

static void after_the_wait_it_is_let_through(void **state)
{
	struct limits limits = { .requests_per_minute = 7,
				 .requests_per_hour = 50,
				 .tokens_per_minute = 900 };
	uint64_t seed = 4;
	int waited = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		int64_t tokens = (int64_t)(next_random(&seed) % 500);
		struct turn turn = take(&limits, tokens);

		assert_false(turn.open);
		shared->now += (int64_t)(next_random(&seed) % 3000);
		if (!turn.wait_ms)
			continue;
		waited++;
		shared->now = turn.at + turn.wait_ms - 1;
		assert_true(take(&limits, tokens).wait_ms > 0);
		shared->now = turn.at + turn.wait_ms;
		turn = take(&limits, tokens);
		assert_int_equal(turn.wait_ms, 0);
	}
	assert_true(waited > 50);
}

static void it_says_which_limit_makes_it_wait(void **state)
{
	static const struct {
		struct limits limits;
		const char *name;
	} rows[] = {
		{ { .requests_per_minute = 1 }, "requests_per_minute" },
		{ { .requests_per_minute = 1, .requests_per_hour = 1 },
		  "requests_per_hour" },
		{ { .requests_per_hour = 9, .tokens_per_minute = 10 },
		  "tokens_per_minute" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		shared->now += 2 * 3600000;
		assert_null(take(&rows[i].limits, 10).limit);
		struct turn turn = take(&rows[i].limits, 10);
		assert_true(turn.wait_ms > 0);
		same(turn.limit, rows[i].name);
	}
}

static void without_limits_nothing_waits(void **state)
{
	const struct limits none = { 0, 0, 0 };

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_int_equal(take(&none, 1000000).wait_ms, 0);
}

static void a_request_beyond_the_limit_goes_alone(void **state)
{
	struct limits limits = { .tokens_per_minute = 1000 };

	(void)state;
	assert_int_equal(take(&limits, 1).wait_ms, 0);
	struct turn turn = take(&limits, 5000);
	assert_in_range(turn.wait_ms, MINUTE, MINUTE + 1000);
	shared->now += turn.wait_ms;
	assert_int_equal(take(&limits, 5000).wait_ms, 0);
	assert_true(take(&limits, 1).wait_ms > 0);
}

static void what_was_not_used_is_given_back(void **state)
{
	struct limits limits = { .tokens_per_minute = 1000 };
	struct turn turn = take(&limits, 1000);

	(void)state;
	assert_true(take(&limits, 900).wait_ms > 0);
	shared->now += 10000;
	ok(limit_settle(&limiter, &turn, 100));
	assert_int_equal(take(&limits, 900).wait_ms, 0);
	assert_true(take(&limits, 1).wait_ms > 0);
}

static void a_late_return_takes_nothing_from_others(void **state)
{
	struct limits limits = { .tokens_per_minute = 1000 };
	struct turn turn = take(&limits, 1000);

	(void)state;
	shared->now += (int64_t)2 * MINUTE;
	assert_int_equal(take(&limits, 1000).wait_ms, 0);
	ok(limit_settle(&limiter, &turn, 0));
	assert_true(take(&limits, 1).wait_ms > 0);
}

static void what_was_used_beyond_it_counts_from_now_on(void **state)
{
	struct limits limits = { .tokens_per_minute = 1000 };
	struct turn turn = take(&limits, 10);

	(void)state;
	shared->now += 30000;
	ok(limit_settle(&limiter, &turn, 1000));
	shared->now += 40000;
	assert_in_range(take(&limits, 500).wait_ms, 20000, 21000);
}

static void report(int failed, int times)
{
	for (int i = 0; i < times; i++)
		ok(limit_report(&limiter, failed));
}

static void five_failures_in_a_row_open_the_breaker(void **state)
{
	const struct limits none = { 0, 0, 0 };

	(void)state;
	report(1, 4);
	report(0, 1);
	report(1, 4);
	assert_int_equal(take(&none, 1).wait_ms, 0);
	report(1, 1);
	struct turn turn = take(&none, 1);
	assert_int_equal(turn.wait_ms, 30000);
	assert_true(turn.open);
	/* What had been sent before it opened changes nothing. */
	shared->now += 10000;
	report(1, 3);
	assert_int_equal(take(&none, 1).wait_ms, 20000);
}

static void an_open_breaker_lets_one_through_at_a_time(void **state)
{
	const struct limits none = { 0, 0, 0 };

	(void)state;
	report(1, 5);
	shared->now += 30000;
	assert_int_equal(take(&none, 1).wait_ms, 0);
	struct turn turn = take(&none, 1);
	assert_int_equal(turn.wait_ms, 1000);
	assert_true(turn.open);
	report(0, 1);
	assert_int_equal(take(&none, 1).wait_ms, 0);
	assert_int_equal(take(&none, 1).wait_ms, 0);
}

static void each_failed_probe_doubles_the_time_to_ten_minutes(void **state)
{
	static const int64_t waits[] = { 30000,  60000,  120000, 240000,
					 480000, 600000, 600000 };
	const struct limits none = { 0, 0, 0 };

	(void)state;
	report(1, 5);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(take(&none, 1).wait_ms, waits[i]);
		shared->now += waits[i];
		assert_int_equal(take(&none, 1).wait_ms, 0);
		report(1, 1);
	}
	shared->now += 600000;
	assert_int_equal(take(&none, 1).wait_ms, 0);
	report(0, 1);
	report(1, 5);
	assert_int_equal(take(&none, 1).wait_ms, 30000);
}

static void a_probe_that_never_reports_is_followed_by_another(void **state)
{
	const struct limits none = { 0, 0, 0 };

	(void)state;
	report(1, 5);
	shared->now += 30000;
	assert_int_equal(take(&none, 1).wait_ms, 0);
	shared->now += 29999;
	assert_int_equal(take(&none, 1).wait_ms, 1);
	shared->now += 1;
	assert_int_equal(take(&none, 1).wait_ms, 0);
	report(1, 1);
	assert_int_equal(take(&none, 1).wait_ms, 60000);
}

/* The state's file, with from replaced by to. */
static void edit(const char *from, const char *to)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	ok(file_read(&text, "limits/main", 1 << 20));
	char *at = strstr(text.data, from);
	assert_non_null(at);
	buf_splice(&text, (size_t)(at - text.data), strlen(from), to,
		   strlen(to));
	ok(file_write("limits/main", text.data, text.len, FILE_PLAIN));
}

static void another_boot_begins_anew(void **state)
{
	struct limits limits = { .requests_per_minute = 1 };

	(void)state;
	take(&limits, 1);
	assert_true(take(&limits, 1).wait_ms > 0);
	edit("\"boot\":\"", "\"boot\":\"x");
	assert_int_equal(take(&limits, 1).wait_ms, 0);
	assert_true(take(&limits, 1).wait_ms > 0);
}

static void a_clock_that_went_back_begins_anew(void **state)
{
	struct limits limits = { .requests_per_minute = 1 };

	(void)state;
	take(&limits, 1);
	shared->now -= (int64_t)2 * MINUTE;
	assert_int_equal(take(&limits, 1).wait_ms, 0);
}

static void a_damaged_file_begins_anew(void **state)
{
	static const char *const damage[][2] = {
		{ "\"minute\":[", "\"minute\":[[1,2,3]," },
		{ "\"minute\":[[", "\"minute\":[[-" },
		{ "\"minute\":", "\"second\":" },
		{ "\"hour\":[", "\"hour\":[[1,2]," },
		{ "\"hour\":[[", "\"hour\":[[9999999999," },
		{ "\"failures\":0", "\"failures\":-1" },
		{ "\"failures\":0", "\"failures\":\"0\"" },
		{ "\"open_until\":0", "\"open_until\":9999999999999999999" },
	};
	struct limits limits = { .requests_per_minute = 1 };
	size_t n = sizeof damage / sizeof *damage;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		take(&limits, 1);
		edit(damage[i][0], damage[i][1]);
		struct turn turn = take(&limits, 1);
		/* A slot more, of old, is no damage. */
		if (!turn.wait_ms != (i != 0))
			fail_msg("%s: waits %lld", damage[i][1],
				 (long long)turn.wait_ms);
	}
	ok(file_write("limits/main", "", 0, FILE_PLAIN));
	assert_int_equal(take(&limits, 1).wait_ms, 0);
	print_message("damages: %zu/%zu\n", n, n);
}

static void a_folder_that_is_none_is_named_with_a_hint(void **state)
{
	const struct limiter bad = { "file", "main", test_clock };
	struct limits limits = { .requests_per_minute = 1 };
	struct turn turn = { .at = 5 };

	(void)state;
	ok(file_write("file", "x", 1, FILE_PLAIN));
	struct error *err = limit_take(&turn, &bad, &limits, 1);
	assert_non_null(err);
	assert_non_null(strstr(err->message, "provider 'main'"));
	same(err->hint, "make 'file' a folder you can write");
	assert_int_equal(turn.at, 5);
	error_free(err);
}

static void providers_do_not_share(void **state)
{
	const struct limiter other = { "limits", "other", test_clock };
	struct limits limits = { .requests_per_minute = 1 };
	struct turn turn;

	(void)state;
	take(&limits, 1);
	ok(limit_take(&turn, &other, &limits, 1));
	assert_int_equal(turn.wait_ms, 0);
	assert_true(take(&limits, 1).wait_ms > 0);
}

static void the_own_clock_is_used_when_none_is_given(void **state)
{
	const struct limiter real = { "limits", "real", NULL };
	struct limits limits = { .requests_per_minute = 1 };
	struct turn turn;

	(void)state;
	ok(limit_take(&turn, &real, &limits, 1));
	assert_int_equal(turn.wait_ms, 0);
	ok(limit_take(&turn, &real, &limits, 1));
	assert_in_range(turn.wait_ms, MINUTE - 5000, MINUTE + 1000);
}

static void child(const struct limits *limits)
{
	for (int i = 0; i < TAKES; i++) {
		struct turn turn = take(limits, 10);

		/* Others find their work undone when this one has slept. */
		if (!turn.wait_ms && i % 7 == 0)
			ok(limit_settle(&limiter, &turn, 10));
	}
	_exit(0);
}

static void processes_together_stay_within_the_limit(void **state)
{
	const struct limits limits = { .requests_per_minute = 50,
				       .tokens_per_minute = 400 };

	(void)state;
	shared->step = 200; /* 1,600 looks: more than five minutes */
	for (int i = 0; i < PROCESSES; i++)
		if (!fork())
			child(&limits);
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;

		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_true(shared->len > 160);
	assert_int_equal(most_in(MINUTE, 0), 40);
	assert_int_equal(most_in(MINUTE, 1), 400);
	print_message("takes: %d/%d, let through %lld, most in a minute "
		      "%lld\n",
		      PROCESSES * TAKES, PROCESSES * TAKES,
		      (long long)shared->len, (long long)most_in(MINUTE, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_minute_has_more_than_its_requests),
		TEST(no_hour_has_more_than_its_requests),
		TEST(no_minute_has_more_than_its_tokens),
		TEST(after_the_wait_it_is_let_through),
		TEST(it_says_which_limit_makes_it_wait),
		TEST(without_limits_nothing_waits),
		TEST(a_request_beyond_the_limit_goes_alone),
		TEST(what_was_not_used_is_given_back),
		TEST(a_late_return_takes_nothing_from_others),
		TEST(what_was_used_beyond_it_counts_from_now_on),
		TEST(five_failures_in_a_row_open_the_breaker),
		TEST(an_open_breaker_lets_one_through_at_a_time),
		TEST(each_failed_probe_doubles_the_time_to_ten_minutes),
		TEST(a_probe_that_never_reports_is_followed_by_another),
		TEST(another_boot_begins_anew),
		TEST(a_clock_that_went_back_begins_anew),
		TEST(a_damaged_file_begins_anew),
		TEST(a_folder_that_is_none_is_named_with_a_hint),
		TEST(providers_do_not_share),
		TEST(the_own_clock_is_used_when_none_is_given),
		TEST(processes_together_stay_within_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
