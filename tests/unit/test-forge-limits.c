/*
 * The forge github against a script: limits, refusals and what breaks, and when
 * it is asked again.
 */
#include "tests/unit/pulls.h"

#define LIMIT "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: @SOON@\r\n"
#define NEVER "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 4000000000\r\n"

static int64_t gap_before(int turn)
{
	return stage->at[turn] - stage->at[turn - 1];
}

static void a_used_up_limit_is_waited_for(void **state)
{
	(void)state;
	PLAY({ FIND, NULL, 403, LIMIT, FAILED("API rate limit exceeded") },
	     { FIND, NULL, 200, LIMIT, "[]" },
	     /* Known from the answer before: no refusal is provoked. */
	     { FIND, NULL, 200, NULL, "[]" });
	finds_number(0);
	finds_number(0);
	assert_in_range(gap_before(1), 990, 3500);
	assert_in_range(gap_before(2), 990, 3500);
	done();
}

static void a_limit_that_lasts_too_long_is_told(void **state)
{
	struct pull pull;
	struct error *err;

	(void)state;
	PLAY({ FIND, NULL, 403, NEVER, FAILED("API rate limit exceeded") });
	err = github->find(&pull, client, "orch/p/a");
	assert_true(error_is(err, ERROR_AGAIN));
	assert_non_null(strstr(err->message, "API rate limit exceeded"));
	same(err->hint, "try again later");
	error_free(err);
	/* And nothing is asked until then. */
	fails(ERROR_AGAIN, "takes no more requests", marks());
	done();
}

static void a_secondary_limit_is_waited_for_as_it_says(void **state)
{
	(void)state;
	PLAY({ FIND, NULL, 403, "Retry-After: 1\r\n", SECONDARY },
	     { FIND, NULL, 429, "Retry-After: 1\r\n", SECONDARY },
	     { FIND, NULL, 200, NULL, "[]" });
	finds_number(0);
	assert_in_range(gap_before(1), 1000, 2000);
	assert_in_range(gap_before(2), 1000, 2000);
	done();
}

static void one_that_says_no_time_is_waited_for_longer_each_time(void **state)
{
	(void)state;
	PLAY({ MARK, 403, NULL, SECONDARY }, { MARK, 429, NULL, NULL },
	     { MARK, 201, NULL, "{}" });
	site.pause_ms = 200;
	ok(marks());
	assert_in_range(gap_before(1), 200, 390);
	assert_in_range(gap_before(2), 400, 1000);
	done();
}

static void without_a_time_it_is_a_minute(void **state)
{
	struct error *err;

	(void)state;
	PLAY({ MARK, 403, NULL, SECONDARY });
	site.retry.longest_ms = 59999;
	err = marks();
	assert_true(error_is(err, ERROR_AGAIN));
	error_free(err);
	done();
}

static void a_refusal_that_is_no_limit_is_not_tried_again(void **state)
{
	struct error *err;

	(void)state;
	PLAY({ MARK, 403, NULL, FAILED("Resource not accessible") },
	     { MARK, 401, NULL, FAILED("Bad credentials") },
	     { MARK, 404, NULL, FAILED("Not Found") },
	     { MARK, 301, "Location: @API@/repositories/1\r\n", "{}" });
	err = marks();
	assert_true(error_is(err, ERROR_FAILURE));
	assert_non_null(strstr(err->message, "cannot mark 012345678901: '"));
	assert_non_null(
		strstr(err->message, "answered 403: Resource not accessible"));
	same(err->hint, "the token in GH_TOKEN may not be allowed to");
	error_free(err);
	err = marks();
	assert_true(error_is(err, ERROR_FAILURE));
	same(err->hint, "check the token in GH_TOKEN");
	error_free(err);
	fails(ERROR_NOT_FOUND, "answered 404", marks());
	err = marks();
	assert_non_null(strstr(err->hint, "git remote set-url"));
	error_free(err);
	done();
}

static void what_breaks_is_tried_again_and_then_told(void **state)
{
	(void)state;
	PLAY({ MARK, 502, NULL, "<html>" }, { MARK, 0 },
	     { MARK, 201, NULL, "{}" }, { MARK, 500, NULL, NULL },
	     { MARK, 503, NULL, FAILED("maintenance") });
	site.retry.tries = 3;
	ok(marks());
	site.retry.tries = 2;
	fails(ERROR_AGAIN, "answered 503: maintenance", marks());
	done();
}

static void changes_keep_a_gap_and_questions_do_not(void **state)
{
	(void)state;
	PLAY({ MARK, 201, NULL, "{}" }, { FIND, NULL, 200, NULL, "[]" },
	     { MARK, 201, NULL, "{}" });
	site.gap_ms = 300;
	ok(marks());
	finds_number(0);
	ok(marks());
	assert_in_range(gap_before(1), 0, 250);
	assert_in_range(stage->at[2] - stage->at[0], 300, 900);
	done();
}

static struct error *tick(struct loop *on, void *data)
{
	++*(int *)data;
	loop_timer(on, 20, tick, data);
	return NULL;
}

static void timers_go_on_in_a_wait(void **state)
{
	int ticks = 0;

	(void)state;
	PLAY({ MARK, 201, NULL, "{}" }, { MARK, 201, NULL, "{}" });
	site.gap_ms = 300;
	loop_timer(loop, 20, tick, &ticks);
	ok(marks());
	ok(marks());
	assert_in_range(ticks, 5, 40);
	done();
}

static struct error *stop(struct loop *on, void *data)
{
	(void)on;
	(void)data;
	return error_new(ERROR_INTERRUPT, "stopped");
}

static void an_error_of_the_loop_ends_a_wait(void **state)
{
	(void)state;
	PLAY({ MARK, 403, "Retry-After: 100\r\n", SECONDARY });
	loop_timer(loop, 200, stop, NULL);
	fails(ERROR_INTERRUPT, "stopped", marks());
	done();
}

int main(void)
{
#define T(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		T(a_used_up_limit_is_waited_for),
		T(a_limit_that_lasts_too_long_is_told),
		T(a_secondary_limit_is_waited_for_as_it_says),
		T(one_that_says_no_time_is_waited_for_longer_each_time),
		T(without_a_time_it_is_a_minute),
		T(a_refusal_that_is_no_limit_is_not_tried_again),
		T(what_breaks_is_tried_again_and_then_told),
		T(changes_keep_a_gap_and_questions_do_not),
		T(timers_go_on_in_a_wait),
		T(an_error_of_the_loop_ends_a_wait),
	};

	loop_catch_signals();
	return cmocka_run_group_tests_name("forge-limits", tests, NULL, NULL);
}
