/* What was reserved is never more than may be spent, whoever reserves. */
#include "tests/unit/test.h"

#include "core/budget.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/price.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 8
#define TAKES     100
#define LEDGER    "spend/auth.jsonl"
#define NONE                                                                   \
	{                                                                      \
		.micros = UNLIMITED, .calls = UNLIMITED, .tokens = UNLIMITED,  \
		.seconds = UNLIMITED                                           \
	}

static const struct budget_limits unlimited = { NONE, NONE, NONE };
static const struct amount nothing;

/* 2026-11-20T23:59:59Z, and it moves when a test says so. */
static int64_t now;

static int64_t test_clock(void)
{
	return now;
}

static int enter(void **state)
{
	char *dir = xstrdup("/tmp/test-budget-XXXXXX");

	*state = dir;
	now = 1795219199;
	return !mkdtemp(dir) || chdir(dir) ? -1 : 0;
}

static int leave(void **state)
{
	char *dir = *state;

	if (chdir("/"))
		return -1;
	ok(file_remove_tree(dir));
	free(dir);
	return 0;
}

static struct budget *open_for(const char *phase,
			       const struct budget_limits *limits)
{
	struct budget *budget = NULL;

	ok(budget_open(&budget, "spend", "days", "auth", phase, limits));
	budget_set_clock(budget, test_clock);
	return budget;
}

static struct error *reserve(struct budget *budget, const char *id,
			     int64_t micros, int64_t tokens)
{
	const struct amount most = { .micros = micros,
				     .calls = 1,
				     .tokens = tokens };

	return budget_reserve(budget, id, &most, 0);
}

static struct budget_limits used(struct budget *budget)
{
	struct budget_limits out = { { 0 }, { 0 }, { 0 } };

	ok(budget_used(&out, budget));
	return out;
}

static void what_is_reserved_is_used_until_it_is_settled(void **state)
{
	CLEANUP(budget_close)
	struct budget *budget = open_for("login", &unlimited);
	const struct amount real = { 400, 1, 50, 3, 0 };

	(void)state;
	ok(reserve(budget, "1", 1000, 100));
	struct budget_limits sums = used(budget);
	assert_int_equal(sums.phase.micros, 1000);
	assert_int_equal(sums.plan.tokens, 100);
	assert_int_equal(sums.day.calls, 1);
	ok(budget_settle(budget, "1", &real));
	sums = used(budget);
	assert_memory_equal(&sums.phase, &real, sizeof real);
	assert_memory_equal(&sums.plan, &real, sizeof real);
	assert_memory_equal(&sums.day, &real, sizeof real);
}

static void a_call_that_was_not_sent_settles_to_nothing(void **state)
{
	CLEANUP(budget_close)
	struct budget *budget = open_for("login", &unlimited);

	(void)state;
	ok(reserve(budget, "1", 1000, 100));
	ok(budget_settle(budget, "1", &nothing));
	struct budget_limits sums = used(budget);
	assert_memory_equal(&sums.plan, &nothing, sizeof nothing);
	/* Once is enough; and what was never reserved stays out. */
	const struct amount more = { 1, 1, 1, 1, 0 };
	ok(budget_settle(budget, "1", &more));
	ok(budget_settle(budget, "2", &more));
	sums = used(budget);
	assert_memory_equal(&sums.plan, &nothing, sizeof nothing);
}

static void each_limit_refuses_by_its_name(void **state)
{
	static const struct {
		struct budget_limits limits;
		const char *message;
		const char *hint;
	} cases[] = {
		{ { NONE, { 1500, -1, -1, -1, 0 }, NONE },
		  "the budget of the plan 'auth' would be passed: 0.001000 of "
		  "0.001500 USD used, 0.001000 asked",
		  "raise budget.plan.usd" },
		{ { { 1500, -1, -1, -1, 0 }, NONE, NONE },
		  "the budget of the phase 'login' would be passed: 0.001000 "
		  "of 0.001500 USD used, 0.001000 asked",
		  "raise budget.phase.usd" },
		{ { NONE, NONE, { 1500, -1, -1, -1, 0 } },
		  "the budget of the day would be passed: 0.001000 of 0.001500 "
		  "USD used, 0.001000 asked",
		  "raise budget.day.usd" },
		{ { NONE, { -1, 1, -1, -1, 0 }, NONE },
		  "the budget of the plan 'auth' would be passed: 1 of 1 calls "
		  "used, 1 asked",
		  "raise budget.plan.calls" },
		{ { NONE, NONE, { -1, -1, 199, -1, 0 } },
		  "the budget of the day would be passed: 100 of 199 tokens "
		  "used, 100 asked",
		  "raise budget.day.tokens" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP(budget_close)
		struct budget *budget = open_for("login", &cases[i].limits);

		ok(reserve(budget, "1", 1000, 100));
		struct error *err = reserve(budget, "2", 1000, 100);
		assert_true(error_is(err, ERROR_REFUSED));
		same(err->message, cases[i].message);
		same(err->hint, cases[i].hint);
		error_free(err);
		/* What was refused is not counted. */
		assert_int_equal(used(budget).plan.calls, 1);
		ok(budget_settle(budget, "1", &nothing));
		ok(reserve(budget, "3", 1000, 100));
		ok(file_remove_tree("spend"));
		ok(file_remove_tree("days"));
	}
}

static void a_limit_may_be_used_up_to_the_last(void **state)
{
	const struct budget_limits limits = { NONE,
					      { 1000, 2, 100, -1, 0 },
					      NONE };
	CLEANUP(budget_close) struct budget *budget = open_for(NULL, &limits);

	(void)state;
	ok(reserve(budget, "1", 999, 99));
	ok(reserve(budget, "2", 1, 1));
	fails(ERROR_REFUSED, "calls", reserve(budget, "3", 0, 0));
}

static void seconds_are_counted_when_they_are_over(void **state)
{
	const struct budget_limits limits = { NONE,
					      { -1, -1, -1, 60, 0 },
					      NONE };
	CLEANUP(budget_close) struct budget *budget = open_for("x", &limits);
	const struct amount minute = { 0, 1, 1, 59, 0 };
	const struct amount second = { 0, 1, 1, 1, 0 };

	(void)state;
	ok(reserve(budget, "1", 0, 1));
	ok(budget_settle(budget, "1", &minute));
	ok(reserve(budget, "2", 0, 1));
	ok(budget_settle(budget, "2", &second));
	fails(ERROR_REFUSED, "60 of 60 s used", reserve(budget, "3", 0, 1));
}

static void parts_of_a_second_add_up(void **state)
{
	const struct budget_limits limits = { { -1, -1, -1, 2, 0 },
					      NONE,
					      NONE };
	CLEANUP(budget_close) struct budget *budget = open_for("x", &limits);
	const struct amount real = { .calls = 1, .millis = 700 };
	static const char *const ids[] = { "1", "2", "3" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		ok(reserve(budget, ids[i], 0, 1));
		ok(budget_settle(budget, ids[i], &real));
	}
	assert_int_equal(used(budget).phase.seconds, 2);
	assert_int_equal(used(budget).plan.millis, 100);
	fails(ERROR_REFUSED, "2 of 2 s used", reserve(budget, "4", 0, 1));
}

static void a_line_without_milliseconds_is_read(void **state)
{
	static const char line[] =
		"{\"op\":\"reserve\",\"id\":\"old:1\",\"at\":\"\",\"plan\":"
		"\"auth\",\"phase\":null,\"calls\":1,\"tokens\":2,"
		"\"micros\":3,\"seconds\":4}\n";
	CLEANUP(budget_close)
	struct budget *budget = open_for(NULL, &unlimited);

	(void)state;
	ok(file_write(LEDGER, line, sizeof line - 1, FILE_PLAIN));
	assert_int_equal(used(budget).plan.seconds, 4);
}

static void a_limit_of_nothing_lets_nothing_through(void **state)
{
	const struct budget_limits limits = { NONE,
					      { 0, -1, -1, -1, 0 },
					      NONE };
	CLEANUP(budget_close) struct budget *budget = open_for("x", &limits);

	(void)state;
	fails(ERROR_REFUSED, "0.000000 of 0.000000 USD",
	      reserve(budget, "1", 1, 1));
	ok(reserve(budget, "2", 0, 1));
}

static void what_has_no_price_is_refused_where_money_is_limited(void **state)
{
	const struct budget_limits limits = { NONE,
					      NONE,
					      { 5, -1, -1, -1, 0 } };
	CLEANUP(budget_close) struct budget *budget = open_for("x", &limits);
	const struct amount most = { .micros = UNPRICED, .calls = 1 };

	(void)state;
	struct error *err = budget_reserve(budget, "1", &most, 0);
	assert_true(error_is(err, ERROR_REFUSED));
	same(err->message,
	     "the call has no price, and money is limited for the day");
	assert_non_null(strstr(err->hint, "budget.day.usd"));
	error_free(err);
	ok(budget_reserve(budget, "1", &most, 1));
	assert_int_equal(used(budget).day.micros, 0);
	assert_int_equal(used(budget).day.calls, 1);
	CLEANUP(budget_close)
	struct budget *free_one = open_for("x", &unlimited);
	ok(budget_reserve(free_one, "1", &most, 0));
}

static void phases_are_counted_apart_and_together(void **state)
{
	const struct budget_limits limits = { { -1, 2, -1, -1, 0 },
					      { -1, 4, -1, -1, 0 },
					      NONE };
	CLEANUP(budget_close) struct budget *login = open_for("login", &limits);
	CLEANUP(budget_close) struct budget *roles = open_for("roles", &limits);
	CLEANUP(budget_close) struct budget *plan = open_for(NULL, &limits);

	(void)state;
	ok(reserve(login, "1", 1, 1));
	ok(reserve(login, "2", 1, 1));
	fails(ERROR_REFUSED, "phase 'login'", reserve(login, "3", 1, 1));
	ok(reserve(roles, "1", 1, 1));
	/* Planning is no phase, but part of the plan. */
	ok(reserve(plan, "1", 1, 1));
	fails(ERROR_REFUSED, "plan 'auth'", reserve(roles, "2", 1, 1));
	assert_int_equal(used(roles).phase.calls, 1);
	assert_int_equal(used(plan).phase.calls, 0);
	assert_int_equal(used(plan).plan.calls, 4);
}

static void the_day_begins_anew_at_midnight(void **state)
{
	const struct budget_limits limits = { NONE,
					      NONE,
					      { -1, 1, -1, -1, 0 } };
	CLEANUP(budget_close) struct budget *budget = open_for("x", &limits);
	const struct amount real = { 7, 1, 5, 1, 0 };

	(void)state;
	ok(reserve(budget, "1", 10, 1));
	fails(ERROR_REFUSED, "the day", reserve(budget, "2", 10, 1));
	now += 1;
	assert_int_equal(used(budget).day.calls, 0);
	ok(reserve(budget, "2", 10, 1));
	/* A call belongs to the day it was reserved on. */
	ok(budget_settle(budget, "1", &real));
	assert_int_equal(used(budget).day.micros, 10);
	now -= 1;
	assert_int_equal(used(budget).day.micros, 7);
	assert_true(file_exists("days/2026-11-20.jsonl"));
	assert_true(file_exists("days/2026-11-21.jsonl"));
}

static void plans_share_the_day_and_nothing_else(void **state)
{
	CLEANUP(budget_close) struct budget *auth = open_for("x", &unlimited);
	CLEANUP(budget_close) struct budget *other = NULL;

	(void)state;
	ok(budget_open(&other, "spend", "days", "other", "x", &unlimited));
	budget_set_clock(other, test_clock);
	ok(reserve(auth, "1", 10, 1));
	assert_int_equal(used(other).day.micros, 10);
	assert_int_equal(used(other).plan.micros, 0);
	assert_int_equal(used(other).phase.micros, 0);
}

#define GOAL        "goal.sign-in.0a1b2c3d"
#define GOAL_LEDGER "spend/" GOAL ".jsonl"

static struct budget *open_goal(void)
{
	struct budget *budget = NULL;

	ok(budget_open(&budget, "spend", "days", GOAL, NULL, &unlimited));
	return budget;
}

/* Two runs for a goal, of which one was killed in its second call. */
static void use_for_a_goal(void)
{
	const struct amount real = { 40, 1, 5, 1, 500 };
	CLEANUP(budget_close) struct budget *killed = open_goal();
	CLEANUP(budget_close) struct budget *other = open_goal();

	ok(reserve(killed, "1", 100, 10));
	ok(budget_settle(killed, "1", &real));
	ok(reserve(killed, "2", 100, 10));
	ok(reserve(other, "1", 1000, 1000));
	ok(budget_settle(other, "1", &real));
}

static void what_a_goal_used_is_the_plans_it_becomes(void **state)
{
	const struct budget_limits limits = { NONE,
					      { -1, 4, -1, -1, 0 },
					      NONE };
	CLEANUP(budget_close) struct budget *plan = NULL;

	(void)state;
	ok(budget_open(&plan, "spend", "days", "auth", "x", &limits));
	ok(reserve(plan, "1", 1, 1));
	use_for_a_goal();
	ok(budget_carry("spend", GOAL, "auth"));
	assert_int_equal(used(plan).plan.calls, 4);
	assert_int_equal(used(plan).plan.micros, 1 + 40 + 100 + 40);
	assert_int_equal(used(plan).plan.tokens, 1 + 5 + 10 + 5);
	assert_int_equal(used(plan).plan.seconds, 3);
	assert_int_equal(used(plan).phase.calls, 1);
	assert_int_equal(used(plan).day.calls, 4);
	fails(ERROR_REFUSED, "4 of 4 calls", reserve(plan, "2", 1, 1));
	assert_false(file_exists(GOAL_LEDGER));
	/* Nothing is left to be moved. */
	ok(budget_carry("spend", GOAL, "auth"));
	assert_int_equal(used(plan).plan.calls, 4);
}

static void a_move_that_was_killed_counts_nothing_twice(void **state)
{
	CLEANUP(budget_close) struct budget *plan = open_for(NULL, &unlimited);
	CLEANUP(buf_release) struct buf goal = BUF_INIT;
	struct stat whole;

	(void)state;
	use_for_a_goal();
	ok(file_read(&goal, GOAL_LEDGER, 1 << 16));
	ok(budget_carry("spend", GOAL, "auth"));
	const struct budget_limits once = used(plan);
	assert_int_equal(stat(LEDGER, &whole), 0);
	/* Killed at each byte of what is appended, and before the removal. */
	for (off_t len = 0; len <= whole.st_size; len++) {
		ok(file_write(GOAL_LEDGER, goal.data, goal.len, FILE_PLAIN));
		assert_int_equal(truncate(LEDGER, len), 0);
		ok(budget_carry("spend", GOAL, "auth"));
		const struct budget_limits again = used(plan);
		assert_memory_equal(&again.plan, &once.plan, sizeof once.plan);
	}
	assert_int_equal(once.plan.micros, 40 + 100 + 40);
}

static void who_still_plans_a_goal_that_was_moved_begins_anew(void **state)
{
	CLEANUP(budget_close) struct budget *late = open_goal();
	CLEANUP(budget_close) struct budget *plan = open_for(NULL, &unlimited);

	(void)state;
	ok(reserve(late, "1", 100, 10));
	ok(budget_carry("spend", GOAL, "auth"));
	ok(budget_settle(late, "1", &nothing));
	ok(reserve(late, "2", 7, 1));
	/* What was under way stays charged where it went. */
	assert_int_equal(used(plan).plan.micros, 100);
	assert_int_equal(used(late).plan.micros, 7);
}

static void written_at(const char *path, time_t when)
{
	const struct timespec times[2] = { { when, 0 }, { when, 0 } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void goals_that_became_no_plan_are_forgotten_in_time(void **state)
{
	CLEANUP(budget_close) struct budget *plan = open_for(NULL, &unlimited);
	CLEANUP(budget_close) struct budget *goal = open_goal();
	CLEANUP(budget_close) struct budget *recent = NULL;

	(void)state;
	ok(budget_open(&recent, "spend", "days", "goal.new", NULL, &unlimited));
	ok(reserve(plan, "1", 1, 1));
	ok(reserve(goal, "1", 1, 1));
	ok(reserve(recent, "1", 1, 1));
	written_at(LEDGER, 1000);
	written_at(GOAL_LEDGER, 1000);
	written_at("spend/goal.new.jsonl", 2000);
	ok(budget_forget("spend", "goal.", 2000));
	assert_int_equal(used(plan).plan.calls, 1);
	assert_int_equal(used(goal).plan.calls, 0);
	assert_int_equal(used(recent).plan.calls, 1);
	ok(budget_forget("nowhere", "goal.", 2000));
}

static void without_a_folder_no_day_is_kept(void **state)
{
	CLEANUP(budget_close) struct budget *budget = NULL;

	(void)state;
	ok(budget_open(&budget, "spend", NULL, "auth", NULL, &unlimited));
	ok(reserve(budget, "1", 10, 1));
	ok(budget_settle(budget, "1", &nothing));
	assert_int_equal(used(budget).day.micros, 0);
	assert_false(file_exists("days"));
}

static void equal_ids_of_two_handles_are_two_calls(void **state)
{
	CLEANUP(budget_close) struct budget *killed = open_for("x", &unlimited);
	CLEANUP(budget_close)
	struct budget *resumed = open_for("x", &unlimited);
	const struct amount real = { 4, 1, 1, 1, 0 };

	(void)state;
	ok(reserve(killed, "1", 10, 1));
	ok(reserve(resumed, "1", 10, 1));
	ok(budget_settle(resumed, "1", &real));
	assert_int_equal(used(resumed).plan.micros, 14);
	assert_int_equal(used(resumed).plan.calls, 2);
}

static void what_a_killed_process_reserved_stays_charged(void **state)
{
	CLEANUP(budget_close) struct budget *budget = open_for("x", &unlimited);
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		struct budget *child = open_for("x", &unlimited);

		ok(reserve(child, "1", 10, 1));
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(used(budget).plan.micros, 10);
	assert_int_equal(used(budget).day.micros, 10);
}

static struct buf content(const char *path)
{
	struct buf text = BUF_INIT;

	ok(file_read(&text, path, 1 << 20));
	return text;
}

static void a_torn_last_line_is_cut_off_wherever_it_tore(void **state)
{
	CLEANUP(budget_close) struct budget *first = open_for("x", &unlimited);
	size_t n = 0;

	(void)state;
	ok(reserve(first, "1", 10, 1));
	CLEANUP(buf_release) struct buf one = content(LEDGER);
	ok(reserve(first, "2", 10, 1));
	CLEANUP(buf_release) struct buf two = content(LEDGER);

	for (size_t len = one.len; len < two.len; len++, n++) {
		CLEANUP(budget_close)
		struct budget *next = open_for("x", &unlimited);

		ok(file_write(LEDGER, two.data, len, FILE_PLAIN));
		assert_int_equal(used(next).plan.micros, 10);
		CLEANUP(buf_release) struct buf after = content(LEDGER);
		assert_int_equal(after.len, one.len);
		ok(reserve(next, "3", 5, 1));
		assert_int_equal(used(next).plan.micros, 15);
	}
	print_message("torn: %zu/%zu\n", n, two.len - one.len);
}

static void a_bad_line_elsewhere_is_named(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"{\"op\":\"reserve\",\"id\":\"1\"}",
		"{\"op\":\"steal\",\"id\":\"1\",\"calls\":1,\"tokens\":1,"
		"\"micros\":1,\"seconds\":1}",
		"{\"op\":\"reserve\",\"id\":\"1\",\"calls\":-1,\"tokens\":1,"
		"\"micros\":1,\"seconds\":1}",
		"{\"op\":\"reserve\",\"id\":\"1\",\"calls\":1,\"tokens\":1,"
		"\"micros\":9999999999999,\"seconds\":1}",
	};
	CLEANUP(budget_close) struct budget *first = open_for("x", &unlimited);

	(void)state;
	ok(reserve(first, "1", 10, 1));
	CLEANUP(buf_release) struct buf good = content(LEDGER);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CLEANUP(budget_close)
		struct budget *budget = open_for("x", &unlimited);
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		buf_addf(&text, "%s%s\n%s", good.data, bad[i], good.data);
		ok(file_write(LEDGER, text.data, text.len, FILE_PLAIN));
		fails(ERROR_INVALID, "'spend/auth.jsonl', line 2",
		      reserve(budget, "1", 1, 1));
	}
}

static void a_ledger_that_was_removed_begins_anew(void **state)
{
	CLEANUP(budget_close) struct budget *budget = open_for("x", &unlimited);

	(void)state;
	ok(reserve(budget, "1", 10, 1));
	ok(file_remove(LEDGER));
	assert_int_equal(used(budget).plan.micros, 0);
	ok(budget_settle(budget, "1", &nothing));
	ok(reserve(budget, "2", 3, 1));
	assert_int_equal(used(budget).plan.micros, 3);
}

static void an_unwritable_folder_reserves_nothing(void **state)
{
	CLEANUP(budget_close) struct budget *budget = open_for("x", &unlimited);

	(void)state;
	ok(file_write("days", "", 0, FILE_PLAIN));
	fails(ERROR_FAILURE, "days/2026-11-20.jsonl",
	      reserve(budget, "1", 10, 1));
	ok(file_remove("days"));
	assert_int_equal(used(budget).plan.micros, 0);
}

/* The line in the plan's ledger fits, the one in the day's does not. */
static void a_full_disk_reserves_in_both_or_in_none(void **state)
{
	CLEANUP(budget_close) struct budget *budget = open_for("x", &unlimited);
	struct rlimit before, small;
	struct budget *other = NULL;

	(void)state;
	ok(budget_open(&other, "spend", "days", "other", "x", &unlimited));
	budget_set_clock(other, test_clock);
	ok(reserve(other, "1", 1, 1));
	CLEANUP(buf_release)
	struct buf day = content("days/2026-11-20.jsonl");
	ok(reserve(budget, "1", 1, 1));
	ok(file_remove(LEDGER));
	budget_close(&other);

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = day.len * 2 + 60; /* two lines and a bit */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	struct error *err = reserve(budget, "2", 10, 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_non_null(err);
	assert_non_null(strstr(err->message, "days/"));
	error_free(err);
	assert_int_equal(used(budget).plan.micros, 0);
	assert_int_equal(used(budget).day.micros, 2);
	ok(reserve(budget, "3", 10, 1));
	assert_int_equal(used(budget).day.micros, 12);
}

static void numbers_beyond_reason_do_not_overflow(void **state)
{
	CLEANUP(budget_close) struct budget *budget = open_for("x", &unlimited);

	(void)state;
	for (int i = 0; i < 20; i++) {
		char id[16];

		snprintf(id, sizeof id, "%d", i);
		ok(reserve(budget, id, INT64_MAX, INT64_MAX));
	}
	assert_int_equal(used(budget).plan.micros, (int64_t)20 * 1000000000000);
}

/* Reserves 10 each time, settles every third to 4; gives what it got. */
static void child(int out)
{
	const struct budget_limits limits = { NONE,
					      { 3000, -1, -1, -1, 0 },
					      NONE };
	const struct amount real = { 4, 1, 1, 1, 0 };
	struct budget *budget = open_for("x", &limits);
	int counts[2] = { 0, 0 }; /* open, settled */

	for (int i = 0; i < TAKES; i++) {
		char id[16];

		snprintf(id, sizeof id, "%d", i);
		struct error *err = reserve(budget, id, 10, 1);
		if (err && err->code != ERROR_REFUSED)
			_exit(2);
		if (!err && i % 3 == 0)
			ok(budget_settle(budget, id, &real));
		counts[0] += !err && i % 3 != 0;
		counts[1] += !err && i % 3 == 0;
		error_free(err);
	}
	_exit(write(out, counts, sizeof counts) != sizeof counts);
}

static void processes_together_never_reserve_too_much(void **state)
{
	int pipes[2], sums[2] = { 0, 0 }, counts[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	for (int i = 0; i < PROCESSES; i++)
		if (!fork())
			child(pipes[1]);
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;

		wait(&status);
		assert_int_equal(status, 0);
		assert_int_equal(read(pipes[0], counts, sizeof counts),
				 sizeof counts);
		sums[0] += counts[0];
		sums[1] += counts[1];
	}
	close(pipes[0]);
	close(pipes[1]);
	CLEANUP(budget_close) struct budget *budget = open_for("x", &unlimited);
	int64_t micros = used(budget).plan.micros;
	assert_int_equal(micros, (int64_t)sums[0] * 10 + (int64_t)sums[1] * 4);
	/* Full: not one more would have fitted, and not one too many did. */
	assert_in_range(micros, 2991, 3000);
	assert_int_equal(used(budget).day.micros, micros);
	print_message("reservations: %d/%d asked, %d granted, %lld of 3000 "
		      "micro-dollars\n",
		      PROCESSES * TAKES, PROCESSES * TAKES, sums[0] + sums[1],
		      (long long)micros);
}

static void a_hundred_thousand_lines_are_read_quickly_and_once(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(budget_close) struct budget *budget = open_for("x", &unlimited);

	(void)state;
	for (int i = 0; i < 50000; i++)
		buf_addf(&text,
			 "{\"op\":\"reserve\",\"id\":\"0123456789abcdef:%d\","
			 "\"at\":\"2026-11-20T10:30:00Z\",\"plan\":\"auth\","
			 "\"phase\":\"x\",\"calls\":1,\"tokens\":5000,"
			 "\"micros\":10,\"seconds\":0}\n"
			 "{\"op\":\"settle\",\"id\":\"0123456789abcdef:%d\","
			 "\"at\":\"2026-11-20T10:30:09Z\",\"calls\":1,"
			 "\"tokens\":4000,\"micros\":4,\"seconds\":9}\n",
			 i, i);
	ok(file_write(LEDGER, text.data, text.len, FILE_PLAIN));
	int64_t began = clock_ms();
	assert_int_equal(used(budget).plan.micros, 200000);
	int64_t first = clock_ms() - began;
	began = clock_ms();
	for (int i = 0; i < 100; i++)
		assert_int_equal(used(budget).plan.seconds, 450000);
	int64_t again = clock_ms() - began;
	print_message("100,000 lines: %lld ms, 100 looks more: %lld ms\n",
		      (long long)first, (long long)again);
	assert_true(again < first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_reserved_is_used_until_it_is_settled),
		TEST(a_call_that_was_not_sent_settles_to_nothing),
		TEST(each_limit_refuses_by_its_name),
		TEST(a_limit_may_be_used_up_to_the_last),
		TEST(seconds_are_counted_when_they_are_over),
		TEST(parts_of_a_second_add_up),
		TEST(a_line_without_milliseconds_is_read),
		TEST(a_limit_of_nothing_lets_nothing_through),
		TEST(what_has_no_price_is_refused_where_money_is_limited),
		TEST(phases_are_counted_apart_and_together),
		TEST(the_day_begins_anew_at_midnight),
		TEST(plans_share_the_day_and_nothing_else),
		TEST(what_a_goal_used_is_the_plans_it_becomes),
		TEST(a_move_that_was_killed_counts_nothing_twice),
		TEST(who_still_plans_a_goal_that_was_moved_begins_anew),
		TEST(goals_that_became_no_plan_are_forgotten_in_time),
		TEST(without_a_folder_no_day_is_kept),
		TEST(equal_ids_of_two_handles_are_two_calls),
		TEST(what_a_killed_process_reserved_stays_charged),
		TEST(a_torn_last_line_is_cut_off_wherever_it_tore),
		TEST(a_bad_line_elsewhere_is_named),
		TEST(a_ledger_that_was_removed_begins_anew),
		TEST(an_unwritable_folder_reserves_nothing),
		TEST(a_full_disk_reserves_in_both_or_in_none),
		TEST(numbers_beyond_reason_do_not_overflow),
		TEST(processes_together_never_reserve_too_much),
		TEST(a_hundred_thousand_lines_are_read_quickly_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
