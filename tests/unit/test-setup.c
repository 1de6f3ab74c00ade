/* Setup steps: once per key, from the base, lent to every check. */
#include "tests/unit/checked.h"

/* A step "deps" and a check "t", in the sandbox or without. */
static void begin(const char *policy, const char *step, const char *check)
{
	char *text = xasprintf("policy: {%s}\n"
			       "setup: [{name: deps, run: '%s', "
			       "key: [lock/**], keep: [deps]}]\n"
			       "checks: [{name: t, run: '%s'}]\n",
			       policy, step, check);

	put_small(&box, text);
	put(&box, "lock/one", "1\n");
	small_open(&project, &box);
	free(text);
}

/* A step that says in a file outside how often it ran. */
static void begin_marking(const char *policy, const char *check)
{
	char *step = xasprintf("echo x >>%s/mark; mkdir deps; "
			       "cp lock/one deps/one",
			       box.dir);

	begin(policy, step, check);
	free(step);
}

static int marks(void)
{
	char *n = sh_out(&box, "cat mark 2>/dev/null | wc -l");
	int count = atoi(n);

	free(n);
	return count;
}

/* Runs check t on the source of a revision. */
static struct error *check_at(const char *revision)
{
	struct strings names = STRINGS_INIT;
	struct oid tree = tree_of(&project, revision), source = { { 0 } };

	forget();
	strings_add(&names, "t");
	ok(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	ok(tree_without(&source, project.repo, &tree, ".orch"));
	struct error *err = gate_checks(&outcomes, &project, &plan, &names,
					&source, NULL, 1, &findings);
	strings_release(&names);
	return err;
}

static void expect_green(const char *revision)
{
	ok(check_at(revision));
	if (findings.len)
		fail_msg("%s: %s", findings.items[0].message,
			 findings.items[0].hint ? findings.items[0].hint : "");
	assert_int_equal(outcomes.len, 1);
}

/* A branch whose only commit does this to the base. */
static void branch(const char *name, const char *change)
{
	sh(&box,
	   "cd repo && git switch -q -c %s main && %s && git add -A && "
	   "git commit -q -m change && git switch -q main",
	   name, change);
}

static void what_a_step_keeps_is_seen_by_checks(void **state)
{
	(void)state;
	begin_marking("sandbox: \"off\"", "grep -q 1 deps/one");
	expect_green("main");
	assert_int_equal(marks(), 1);
}

static void in_the_sandbox_it_is_seen_and_cannot_be_written(void **state)
{
	(void)state;
	begin("sandbox: auto", "mkdir deps && echo made >deps/one",
	      "grep -q made deps/one && ! touch deps/two");
	expect_green("main");
	assert_int_not_equal(outcomes.items[0].sandbox, SANDBOX_OFF);
}

static void a_step_runs_once_per_key(void **state)
{
	(void)state;
	begin_marking("sandbox: \"off\"", "test -f deps/one");
	branch("source", "echo new >other");
	expect_green("main");
	expect_green("source");
	assert_int_equal(marks(), 1);
	/* The key files on the base are others now. */
	put(&box, "lock/one", "2\n");
	small_open(&project, &box);
	expect_green("main");
	assert_int_equal(marks(), 2);
	put(&box, "lock/two", "2\n");
	small_open(&project, &box);
	expect_green("main");
	assert_int_equal(marks(), 3);
}

static void another_command_is_another_step(void **state)
{
	(void)state;
	begin("sandbox: \"off\"", "mkdir deps; echo 1 >deps/one",
	      "grep -q 1 deps/one");
	expect_green("main");
	begin("sandbox: \"off\"", "mkdir deps; echo 2 >deps/one",
	      "grep -q 2 deps/one");
	expect_green("main");
}

static void a_phase_that_changes_a_key_file_is_refused(void **state)
{
	(void)state;
	begin_marking("sandbox: \"off\"", "true");
	branch("changed", "echo 9 >lock/one");
	branch("added", "echo 9 >lock/two");
	branch("removed", "git rm -q lock/one");
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "changed", "added",
						     "removed" };

		ok(check_at(names[i]));
		assert_int_equal(findings.len, 1);
		same(findings.items[0].rule, "setup-changed");
		assert_int_equal(outcomes.len, 0);
	}
	assert_int_equal(marks(), 0);
}

static void under_run_the_step_runs_on_the_changed_source(void **state)
{
	(void)state;
	begin_marking("sandbox: \"off\", setup_on_change: run",
		      "cmp lock/one deps/one");
	branch("changed", "echo 9 >lock/one");
	expect_green("main");
	expect_green("changed");
	assert_int_equal(marks(), 2);
}

static void what_a_phase_wrote_is_not_what_setup_sees(void **state)
{
	(void)state;
	begin("sandbox: \"off\"",
	      "test ! -e evil && mkdir deps && touch deps/one",
	      "test -e deps/one");
	branch("source", "echo x >evil");
	expect_green("source");
}

static void a_step_that_fails_is_an_error_and_leaves_nothing(void **state)
{
	struct error *err;

	(void)state;
	begin("sandbox: \"off\"",
	      "mkdir deps; echo no such package >&2; exit 4", "true");
	err = check_at("main");
	assert_true(error_is(err, ERROR_NO));
	same(err->message, "setup 'deps' failed: exit 4");
	assert_non_null(strstr(err->hint, "no such package"));
	error_free(err);
	assert_int_equal(outcomes.len, 0);
	/* It is tried again. */
	fails(ERROR_NO, "exit 4", check_at("main"));
	prints("", &box,
	       "find .cache/git-orch/*/setup -name one -o -type d -name deps");
}

static void a_step_that_makes_no_folder_is_an_error(void **state)
{
	(void)state;
	begin("sandbox: \"off\"", "true", "true");
	fails(ERROR_NO, "setup 'deps' made no 'deps'", check_at("main"));
}

static void without_checks_no_step_runs(void **state)
{
	struct strings none = STRINGS_INIT;
	struct oid source = { { 0 } };

	(void)state;
	begin_marking("sandbox: \"off\"", "true");
	ok(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	ok(tree_without(&source, project.repo, &project.base.tree, ".orch"));
	ok(gate_checks(&outcomes, &project, &plan, &none, &source, NULL, 1,
		       &findings));
	assert_int_equal(marks(), 0);
}

static void a_plan_may_bring_steps(void **state)
{
	(void)state;
	put_small(&box, OFF "checks: [{name: t, run: 'test -e more/x'}]\n");
	put_plan(&box, "small",
		 "setup: [{name: more, run: 'mkdir more; touch more/x', "
		 "key: [README], keep: [more]}]\n");
	small_open(&project, &box);
	expect_green("main");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CHECK_TEST(what_a_step_keeps_is_seen_by_checks),
		CHECK_TEST(in_the_sandbox_it_is_seen_and_cannot_be_written),
		CHECK_TEST(a_step_runs_once_per_key),
		CHECK_TEST(another_command_is_another_step),
		CHECK_TEST(a_phase_that_changes_a_key_file_is_refused),
		CHECK_TEST(under_run_the_step_runs_on_the_changed_source),
		CHECK_TEST(what_a_phase_wrote_is_not_what_setup_sees),
		CHECK_TEST(a_step_that_fails_is_an_error_and_leaves_nothing),
		CHECK_TEST(a_step_that_makes_no_folder_is_an_error),
		CHECK_TEST(without_checks_no_step_runs),
		CHECK_TEST(a_plan_may_bring_steps),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
