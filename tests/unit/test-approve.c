/* Approving: a plan's documents onto the base, once and as a whole. */
#include "tests/unit/small.h"

#include "plans/integrate.h"

#define FOLDER ".orch/plans/small/"

static struct scratch box;
static struct project project;
static struct findings findings;
static int landed;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	findings_release(&findings);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

/* A draft of plan small on its branch; the base has the rest. */
static void begin(const char *config)
{
	put(&box, "README", "hello\n");
	put_config(&box, config);
	put_template(&box);
	commit_all(&box);
	sh(&box, "git -C repo switch -q -c orch/small/plan");
	put_plan(&box, "small", "");
	put_phase(&box, "small", "a", "files: {create: [a.txt]}\n");
	put_phase(&box, "small", "b", "depends_on: [a]\n");
	sh(&box, "cd repo && git add -A && git commit -q -m 'docs: plan small' "
		 "&& git switch -q main");
	project_release(&project);
	ok(open_at(&project, &box, NULL));
}

static struct error *run(void)
{
	findings_release(&findings);
	landed = -1;
	return approve(&landed, &project, "small", &findings);
}

static void expect_approved(void)
{
	prints("", &box, "git -C repo for-each-ref refs/heads/orch refs/orch");
	prints("", &box, "git -C repo status --porcelain");
	prints("a.yaml\nb.yaml", &box, "ls repo/" FOLDER "phases");
	sh(&box, "git -C repo fsck --strict 2>&1");
}

static void a_draft_lands_and_its_branch_goes(void **state)
{
	(void)state;
	begin(OFF);
	ok(run());
	assert_int_equal(landed, 1);
	assert_int_equal(findings.len, 0);
	prints("docs: plan small", &box,
	       "git -C repo log -1 --format=%%s main");
	expect_approved();
}

static void twice_is_once(void **state)
{
	char *before;

	(void)state;
	begin(OFF);
	ok(run());
	before = sh_out(&box, "git -C repo rev-parse main");
	ok(run());
	assert_int_equal(landed, 0);
	prints(before, &box, "git -C repo rev-parse main");
	/* A branch that says the same is taken away, and nothing moves. */
	sh(&box, "git -C repo branch orch/small/plan");
	ok(run());
	assert_int_equal(landed, 0);
	prints(before, &box, "git -C repo rev-parse main");
	expect_approved();
	free(before);
}

static void each_method_has_its_shape(void **state)
{
	(void)state;
	begin(OFF "delivery: {method: merge}\n");
	ok(run());
	prints("Approve plan small", &box,
	       "git -C repo log -1 --format=%%s main");
	prints("docs: plan small", &box,
	       "git -C repo log -1 --format=%%s main^2");
	expect_approved();
	sandbox_close(&box);
	project_sandbox(&box);
	begin(OFF "delivery: {method: rebase}\n");
	sh(&box, "git -C repo rev-parse orch/small/plan >tip");
	ok(run());
	sh(&box, "test $(cat tip) = $(git -C repo rev-parse main)");
	expect_approved();
}

static void a_base_that_moved_is_merged_with(void **state)
{
	static const char *const methods[] = { "squash", "merge", "rebase" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *config =
			xasprintf(OFF "delivery: {method: %s}\n", methods[i]);
		begin(config);
		put(&box, "README", "moved\n");
		commit_all(&box);
		ok(run());
		assert_int_equal(landed, 1);
		prints("moved", &box, "cat repo/README");
		expect_approved();
		sandbox_close(&box);
		project_sandbox(&box);
		free(config);
	}
}

static void findings_stop_it_with_all_of_them_told(void **state)
{
	char *before;

	(void)state;
	begin(OFF);
	sh(&box, "git -C repo switch -q orch/small/plan");
	put_phase(&box, "small", "b", "depends_on: [nowhere]\npriority: 9\n");
	commit_all(&box);
	sh(&box, "git -C repo switch -q main");
	before = sh_out(&box, "git -C repo rev-parse main orch/small/plan");
	fails(ERROR_NO, "plan 'small' has findings", run());
	assert_int_equal(findings.len, 2);
	assert_int_equal(landed, 0);
	prints(before, &box, "git -C repo rev-parse main orch/small/plan");
	free(before);
}

static void plans_that_do_not_fit_together_are_found(void **state)
{
	(void)state;
	begin(OFF);
	/* Fine by itself; the check it names is gone from the base since. */
	sh(&box, "git -C repo switch -q orch/small/plan");
	put_phase(&box, "small", "b", "checks: [t]\n");
	commit_all(&box);
	sh(&box, "git -C repo switch -q main");
	fails(ERROR_NO, "has findings", run());
	put_config(&box, OFF "checks: [{name: t, run: 'true'}]\n");
	commit_all(&box);
	ok(run());
	assert_int_equal(landed, 1);
}

static void only_the_plans_documents_land(void **state)
{
	static const char *const others[] = {
		"src/x.c",
		".orch/config.yaml",
		".orch/plans/other/docs/x.md",
		".orch/templates/small/files/a/a.txt",
		".gitattributes",
	};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		begin(OFF);
		sh(&box, "git -C repo switch -q orch/small/plan");
		put(&box, others[i], "version: 1\n");
		commit_all(&box);
		sh(&box, "git -C repo switch -q main");
		fails(ERROR_NO, "has findings", run());
		assert_int_equal(findings.len, 1);
		same(findings.items[0].path, others[i]);
		prints("x", &box, "git -C repo log --format=%%s main");
		sandbox_close(&box);
		project_sandbox(&box);
	}
}

static void what_both_sides_changed_is_a_conflict(void **state)
{
	char *before;

	(void)state;
	begin(OFF);
	put_plan(&box, "small", "overview: the base's\n");
	commit_all(&box);
	before = sh_out(&box, "git -C repo rev-parse main orch/small/plan");
	fails(ERROR_CONFLICT, FOLDER "plan.yaml", run());
	prints(before, &box, "git -C repo rev-parse main orch/small/plan");
	prints("", &box, "git -C repo status --porcelain");
	free(before);
}

static void a_plan_that_is_nowhere_is_not_found(void **state)
{
	(void)state;
	put_small(&box, OFF);
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	fails(ERROR_NOT_FOUND, "there is no plan 'other'",
	      approve(&landed, &project, "other", &findings));
}

static void uncommitted_edits_stay(void **state)
{
	(void)state;
	begin(OFF);
	put(&box, "README", "mine\n");
	ok(run());
	prints(" M README", &box, "git -C repo status --porcelain");
	prints("mine", &box, "cat repo/README");
}

static void a_branch_somebody_stands_on_is_left(void **state)
{
	(void)state;
	begin(OFF);
	sh(&box, "git -C repo worktree add -q ../tree orch/small/plan");
	ok(run());
	assert_int_equal(landed, 1);
	prints("", &box, "git -C tree status --porcelain");
	ok(run());
	assert_int_equal(landed, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_draft_lands_and_its_branch_goes),
		TEST(twice_is_once),
		TEST(each_method_has_its_shape),
		TEST(a_base_that_moved_is_merged_with),
		TEST(findings_stop_it_with_all_of_them_told),
		TEST(plans_that_do_not_fit_together_are_found),
		TEST(only_the_plans_documents_land),
		TEST(what_both_sides_changed_is_a_conflict),
		TEST(a_plan_that_is_nowhere_is_not_found),
		TEST(uncommitted_edits_stay),
		TEST(a_branch_somebody_stands_on_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
