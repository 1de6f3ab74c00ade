/*
 * The supervisor, with the real binary for its children: ORCH_BIN, else the
 * git-orch of the build this test belongs to.
 */
#include "tests/unit/small.h"

#include "core/file.h"
#include "plans/runner.h"

static struct scratch box;
static struct project project;
static struct run_report report;
static char *program;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	run_report_release(&report);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

static void begin(const char *config)
{
	put_small(&box, config);
	small_open(&project, &box);
}

static struct error *run_with(int jobs, int land, const char *until)
{
	struct run_options options = {
		.plan = "small", .jobs = jobs, .land = land, .until = until
	};
	struct project_options flags = { .program = program };

	run_report_release(&report);
	project_release(&project);
	ok(open_at(&project, &box, &flags));
	return runner(&report, &project, &options);
}

static const struct run_row *row_of(const char *phase)
{
	FOR_EACH (struct run_row, row, &report.rows)
		if (!strcmp(row->phase, phase))
			return row;
	return NULL;
}

static const struct run_landing *landing_of(const char *phase)
{
	FOR_EACH (struct run_landing, it, &report.landings)
		if (!strcmp(it->phase, phase))
			return it;
	return NULL;
}

static enum status status_of(const char *phase)
{
	return small_status(&project, phase);
}

static void expect_tidy(void)
{
	small_tidy(&box);
}

static void it_does_every_phase_that_is_ready(void **state)
{
	(void)state;
	begin(OFF);
	ok(run_with(1, 0, NULL));
	assert_int_equal(report.rows.len, 2);
	assert_int_equal(report.done, 2);
	assert_int_equal(report.failed, 0);
	assert_int_equal(report.landed, 0);
	assert_int_equal(report.most, 1);
	assert_false(report.finished);
	same(report.rows.items[0].phase, "a");
	assert_int_equal(status_of("b"), STATUS_IN_REVIEW);
	assert_int_equal(status_of("c"), STATUS_WAITING);
	expect_tidy();
}

static void with_landing_it_ends_with_the_plan_finished(void **state)
{
	(void)state;
	begin(OFF);
	ok(run_with(2, 1, NULL));
	assert_int_equal(report.done, 3);
	assert_int_equal(report.landed, 3);
	assert_int_equal(report.landings.len, 3);
	same(landing_of("c")->end, "landed");
	assert_null(landing_of("c")->why);
	assert_true(report.finished);
	prints("this is a\nthis is b\nthis is c", &box,
	       "cd repo && cat a.txt b.txt c.txt");
	expect_tidy();
}

static void two_jobs_are_two_at_once(void **state)
{
	(void)state;
	begin(OFF "checks: [{name: t, run: sleep 1}]\n");
	ok(run_with(2, 0, NULL));
	assert_int_equal(report.most, 2);
	assert_int_equal(report.done, 2);
}

static void a_failing_phase_stops_only_what_depends_on_it(void **state)
{
	(void)state;
	put_small(&box, OFF "checks: [{name: t, "
			    "run: 'echo oh; test ! -e a.txt'}]\n");
	put(&box, ".orch/templates/small/files/d/d.txt", "d\n");
	put_phase(&box, "small", "d",
		  "depends_on: [b]\nfiles: {create: [d.txt]}\n");
	small_open(&project, &box);
	ok(run_with(2, 1, NULL));
	assert_int_equal(report.failed, 1);
	assert_int_equal(report.done, 2);
	assert_int_equal(report.landed, 2);
	assert_int_equal(row_of("a")->exit, 1);
	same(row_of("a")->line, "check 't' failed: exit 1");
	assert_null(row_of("c"));
	assert_int_equal(status_of("a"), STATUS_FAILED);
	assert_int_equal(status_of("c"), STATUS_WAITING);
	assert_int_equal(status_of("d"), STATUS_DONE);
	expect_tidy();
}

static void until_does_a_phase_and_what_it_needs(void **state)
{
	(void)state;
	put_small(&box, OFF);
	put(&box, ".orch/templates/small/files/d/d.txt", "d\n");
	put_phase(&box, "small", "d", "files: {create: [d.txt]}\n");
	small_open(&project, &box);
	ok(run_with(2, 1, "c"));
	assert_int_equal(report.done, 3);
	assert_null(row_of("d"));
	assert_int_equal(status_of("c"), STATUS_DONE);
	assert_int_equal(status_of("d"), STATUS_READY);
	fails(ERROR_NOT_FOUND, "plan 'small' has no phase 'x'",
	      run_with(1, 0, "x"));
}

static void what_is_red_together_is_told_with_its_reason(void **state)
{
	(void)state;
	begin(OFF "checks: [{name: t, "
		  "run: 'test ! -e a.txt || test ! -e b.txt'}]\n");
	ok(run_with(2, 1, NULL));
	assert_int_equal(report.done, 2);
	assert_int_equal(report.landed, 1);
	assert_int_equal(report.landings.len, 2);
	const struct run_landing *red = landing_of("a");
	if (!strcmp(red->end, "landed"))
		red = landing_of("b");
	same(red->end, "red");
	same(red->why, "check 't' failed: exit 1");
	assert_false(report.finished);
	expect_tidy();
}

static void a_conflict_is_told_with_its_files(void **state)
{
	(void)state;
	begin(OFF);
	ok(run_with(1, 0, "a"));
	put(&box, "a.txt", "another\n");
	commit_all(&box);
	ok(run_with(1, 1, NULL));
	same(landing_of("a")->end, "conflict");
	same(landing_of("a")->why, "both sides changed a.txt");
	same(landing_of("b")->end, "landed");
}

static void work_in_the_way_stops_one_phase_and_is_named(void **state)
{
	(void)state;
	begin(OFF);
	put(&box, "a.txt", "mine\n");
	ok(run_with(1, 1, NULL));
	assert_int_equal(report.done, 2);
	assert_int_equal(report.landed, 1);
	same(landing_of("a")->end, "conflict");
	assert_non_null(strstr(landing_of("a")->why, "a.txt; commit those"));
	same(landing_of("b")->end, "landed");
	prints("mine", &box, "cat repo/a.txt");
}

static void a_landing_that_cannot_go_on_is_told(void **state)
{
	(void)state;
	begin(OFF);
	sh(&box, "mkdir -p repo/.git/orch/land.lock");
	ok(run_with(1, 1, NULL));
	assert_int_equal(report.done, 2);
	assert_int_equal(report.landed, 0);
	same(landing_of("")->end, "stopped");
	assert_int_equal(landing_of("")->exit, 128);
	assert_non_null(strstr(landing_of("")->why, "land.lock"));
}

static void without_trust_every_child_refuses(void **state)
{
	(void)state;
	begin(OFF);
	put_config(&box, OFF "checks: [{name: t, run: 'true'}]\n");
	commit_all(&box);
	ok(run_with(1, 0, NULL));
	assert_int_equal(report.failed, 0);
	assert_int_equal(report.stopped, 2);
	assert_int_equal(row_of("a")->exit, 4);
	same(row_of("a")->line,
	     ".orch/config.yaml is not trusted as it is; "
	     "read what it can run and pin it: 'git orch trust'");
	expect_tidy();
}

static void what_the_machine_refuses_is_no_failed_phase(void **state)
{
	(void)state;
	begin(OFF);
	sh(&box, "git -C repo config commit.gpgsign true && "
		 "git -C repo config gpg.program /nowhere/gpg");
	ok(run_with(1, 1, NULL));
	assert_int_equal(report.failed, 0);
	assert_int_equal(report.stopped, 2);
	assert_int_equal(report.rows.len, 2);
	assert_int_equal(row_of("a")->exit, 128);
	assert_int_equal(status_of("a"), STATUS_READY);
	assert_int_equal(status_of("b"), STATUS_READY);
	expect_tidy();
}

static void what_another_runner_holds_is_counted(void **state)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };

	(void)state;
	begin(OFF);
	ok(claim_take(&claim, project.repo, "small", "a",
		      "20260102T030405Z-00000009"));
	ok(run_with(2, 0, NULL));
	assert_int_equal(report.done, 1);
	assert_int_equal(report.held, 1);
	assert_null(row_of("a"));
	claim_release(&claim);
	/* Its owner lets the flock go without a word: it is gone. */
	ok(run_with(2, 0, NULL));
	assert_int_equal(report.done, 1);
	assert_int_equal(report.held, 0);
	expect_tidy();
}

static void flags_reach_the_children(void **state)
{
	struct project_options flags = { .program = program, .base = "trial" };
	struct run_options options = { .plan = "small", .jobs = 1 };
	struct strings set = STRINGS_INIT;

	(void)state;
	begin(OFF);
	sh(&box, "git -C repo branch trial");
	strings_add(&set, "delivery.branch_prefix=other");
	flags.set = &set;
	project_release(&project);
	ok(open_at(&project, &box, &flags));
	ok(runner(&report, &project, &options));
	assert_int_equal(report.done, 2);
	prints("other/small/a\nother/small/b", &box,
	       "git -C repo branch --list 'other/*' "
	       "--format='%%(refname:short)'");
	strings_release(&set);
}

static char *find_program(void)
{
	const char *given = getenv("ORCH_BIN");
	char *self = NULL, *folder, *path, *found;

	if (given)
		return realpath(given, NULL);
	ok(file_real(&self, "/proc/self/exe"));
	folder = path_parent(self);
	path = path_join(folder, "../../git-orch");
	found = realpath(path, NULL);
	free(self);
	free(folder);
	free(path);
	return found;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(it_does_every_phase_that_is_ready),
		TEST(with_landing_it_ends_with_the_plan_finished),
		TEST(two_jobs_are_two_at_once),
		TEST(a_failing_phase_stops_only_what_depends_on_it),
		TEST(until_does_a_phase_and_what_it_needs),
		TEST(what_is_red_together_is_told_with_its_reason),
		TEST(a_conflict_is_told_with_its_files),
		TEST(work_in_the_way_stops_one_phase_and_is_named),
		TEST(a_landing_that_cannot_go_on_is_told),
		TEST(without_trust_every_child_refuses),
		TEST(what_the_machine_refuses_is_no_failed_phase),
		TEST(what_another_runner_holds_is_counted),
		TEST(flags_reach_the_children),
	};

	program = find_program();
	if (!program) {
		fprintf(stderr, "no git-orch beside this test: make first\n");
		return 1;
	}
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(program);
	return failed;
}
