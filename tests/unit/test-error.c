/* Errors carry their code, message and hint upward unharmed. */
#include "tests/unit/test.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void an_error_has_code_and_message_and_no_hint(void **state)
{
	struct error *err =
		error_new(ERROR_REFUSED, "plan '%s' has %d", "a", 2);

	(void)state;
	assert_int_equal(err->code, ERROR_REFUSED);
	same(err->message, "plan 'a' has 2");
	assert_null(err->hint);
	error_free(err);
}

static void a_system_error_says_what_the_system_said(void **state)
{
	(void)state;
	errno = ENOENT;
	fails(ERROR_FAILURE, "cannot open 'x': No such file or directory",
	      error_errno("cannot open '%s'", "x"));
}

static void a_full_disk_has_a_hint_whoever_met_it(void **state)
{
	static const int full[] = { ENOSPC, EDQUOT };

	(void)state;
	for (size_t i = 0; i < sizeof full / sizeof *full; i++) {
		errno = full[i];
		struct error *err = error_errno("cannot write 'x'");
		same(err->hint,
		     "free some space, then run the same command again");
		error_free(err);
		err = error_explain(error_new(ERROR_NO, "a library: %s",
					      strerror(full[i])));
		assert_non_null(err->hint);
		error_free(err);
	}
	struct error *other = error_explain(error_new(ERROR_NO, "no"));
	assert_null(other->hint);
	error_free(other);
}

static void wrapping_adds_in_front_and_keeps_the_rest(void **state)
{
	struct error *err = error_new(ERROR_STALE, "inner");

	(void)state;
	err = error_hint(err, "first");
	err = error_hint(err, "try %s", "again");
	err = error_wrap(err, "outer %d", 1);
	assert_int_equal(err->code, ERROR_STALE);
	same(err->message, "outer 1: inner");
	same(err->hint, "try again");
	error_free(err);
}

static void success_passes_through(void **state)
{
	(void)state;
	assert_null(error_wrap(NULL, "outer"));
	assert_null(error_hint(NULL, "hint"));
	error_free(NULL);
	assert_false(error_is(NULL, ERROR_FAILURE));
}

static void a_code_is_recognised(void **state)
{
	CLEANUP(error_release) struct error *err = error_new(ERROR_NO, "no");

	(void)state;
	assert_true(error_is(err, ERROR_NO));
	assert_false(error_is(err, ERROR_FAILURE));
	error_release(&err);
	assert_null(err);
}

static struct error *tries(struct error *inner, int *reached)
{
	TRY(inner);
	*reached = 1;
	return NULL;
}

static void try_returns_the_first_error(void **state)
{
	int reached = 0;

	(void)state;
	fails(ERROR_AGAIN, "later",
	      tries(error_new(ERROR_AGAIN, "later"), &reached));
	assert_int_equal(reached, 0);
	ok(tries(NULL, &reached));
	assert_int_equal(reached, 1);
}

static void every_code_has_the_exit_status_of_the_contract(void **state)
{
	static const struct {
		enum error_code code;
		int status;
	} rows[] = {
		{ ERROR_FAILURE, 128 },   { ERROR_USAGE, 129 },
		{ ERROR_NOT_FOUND, 128 }, { ERROR_INVALID, 128 },
		{ ERROR_NO, 1 },          { ERROR_NOTHING, 3 },
		{ ERROR_REFUSED, 4 },     { ERROR_CLAIMED, 5 },
		{ ERROR_STALE, 75 },      { ERROR_CONFLICT, 6 },
		{ ERROR_AGAIN, 75 },      { ERROR_INTERRUPT, 130 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(error_status(rows[i].code), rows[i].status);
}

static void a_bug_says_where_and_aborts(void **state)
{
	char text[256];
	int ends[2], status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	int pid = fork();
	if (!pid) {
		dup2(ends[1], 2);
		signal(SIGABRT, SIG_DFL);
		BUG("%s went wrong", "it");
	}
	close(ends[1]);
	ssize_t n = read(ends[0], text, sizeof text - 1);
	assert_true(n > 0);
	text[n] = '\0';
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(text, "BUG: tests/unit/test-error.c:"));
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_has_code_and_message_and_no_hint),
		cmocka_unit_test(a_system_error_says_what_the_system_said),
		cmocka_unit_test(a_full_disk_has_a_hint_whoever_met_it),
		cmocka_unit_test(wrapping_adds_in_front_and_keeps_the_rest),
		cmocka_unit_test(success_passes_through),
		cmocka_unit_test(a_code_is_recognised),
		cmocka_unit_test(try_returns_the_first_error),
		cmocka_unit_test(
			every_code_has_the_exit_status_of_the_contract),
		cmocka_unit_test(a_bug_says_where_and_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
