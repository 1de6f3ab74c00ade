/* What branches say: drafts, documents, whether they merge or have landed. */
#include "tests/unit/small.h"

#include "plans/branch.h"

#define A ".orch/plans/small/phases/a.yaml"

static struct scratch box;
static struct project project;
static struct plan plan;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	put_small(&box, OFF);
	small_open(&project, &box);
	ok(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plan_release(&plan);
	memset(&plan, 0, sizeof plan);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

/* A branch with one commit that does this to main. */
static void branch(const char *name, const char *change)
{
	sh(&box,
	   "cd repo && git switch -q -C %s main && { %s\n} && git add -A && "
	   "git commit -q --allow-empty -m x && git switch -q main",
	   name, change);
}

static void on_base(const char *change)
{
	sh(&box, "cd repo && { %s\n} && git add -A && git commit -q -m base",
	   change);
	ok(project_reload(&project));
}

static void plans_with_a_branch_of_their_own_are_listed(void **state)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	struct oid tree, main = tree_of(&project, "main");

	(void)state;
	sh(&box, "cd repo && git branch orch/two/plan && "
		 "git branch orch/one/plan && git branch orch/one/a && "
		 "git branch orch/plan && git branch orch/x/plan/deep && "
		 "git branch other/three/plan");
	ok(branch_plans(&ids, project.repo, "orch"));
	assert_int_equal(ids.len, 2);
	same(ids.items[0], "one");
	same(ids.items[1], "two");
	ok(branch_plan_tree(&tree, project.repo, "orch", "one"));
	assert_true(oid_equal(&tree, &main));
	fails(ERROR_NOT_FOUND, "",
	      branch_plan_tree(&tree, project.repo, "orch", "three"));
}

static void read_a(struct branch_document *document)
{
	struct oid tip = resolve(&project, "b");

	ok(branch_document_read(document, project.repo, &tip, "small",
				plan_phase(&plan, "a")));
}

static void the_document_on_a_branch_is_read(void **state)
{
	struct branch_document document;

	(void)state;
	branch("b", "sed -i 's/planned/failed/' " A " && "
		    "printf 'reason: why\\nresult: {spec: %s}\\n' "
		    "$(git rev-parse main:" A ") >>" A);
	read_a(&document);
	assert_true(document.present);
	assert_int_equal(document.status, PHASE_FAILED);
	same(document.reason, "why");
	prints(document.spec, &box, "git -C repo rev-parse main:" A);
	branch_document_release(&document);
}

static void the_bases_own_document_says_what_the_base_says(void **state)
{
	struct branch_document document;

	(void)state;
	branch("b", "echo x >a.txt");
	read_a(&document);
	assert_true(document.present);
	assert_int_equal(document.status, PHASE_PLANNED);
	assert_null(document.spec);
	branch_document_release(&document);
}

static void an_absent_or_broken_document_is_none(void **state)
{
	struct branch_document document;

	(void)state;
	branch("b", "git rm -q " A);
	read_a(&document);
	assert_false(document.present);
	branch_document_release(&document);
	branch("b", "printf 'a: [' >" A);
	read_a(&document);
	assert_false(document.present);
	branch_document_release(&document);
}

static void expect_merges(int expected, const char *change, const char *base)
{
	struct oid tip;
	int merges = !expected;

	branch("b", change);
	on_base(base);
	tip = resolve(&project, "b");
	ok(branch_merges(&merges, &project, &tip));
	if (merges != expected)
		fail_msg("%s | %s: %d", change, base, merges);
	sh(&box, "git -C repo reset -q --hard HEAD~1");
	ok(project_reload(&project));
}

static void a_branch_merges_or_not(void **state)
{
	(void)state;
	expect_merges(1, "echo x >x", "echo y >y");
	expect_merges(1, "echo x >x", "echo x >x");
	expect_merges(0, "echo x >x", "echo y >x");
	expect_merges(0, "echo x >README", "git rm -q README");
	expect_merges(1, "git rm -q README", "git rm -q README");
	expect_merges(0, "echo x >x", "mkdir x; echo y >x/y");
	expect_merges(0, "mkdir x; echo y >x/y", "echo x >x");
	expect_merges(1, "sed -i 's/planned/done/' " A,
		      "sed -i 's/^title: .*/title: T/' " A);
	expect_merges(0, "sed -i 's/^title: .*/title: U/' " A,
		      "sed -i 's/^title: .*/title: T/' " A);
}

static int landed(void)
{
	struct oid tip = resolve(&project, "b");
	int yes = -1;

	ok(branch_landed(&yes, &project, &tip, "small", "a"));
	return yes;
}

static void what_the_base_contains_has_landed(void **state)
{
	(void)state;
	branch("b", "echo x >a.txt");
	assert_false(landed());
	sh(&box, "git -C repo merge -q --no-ff --no-edit b");
	ok(project_reload(&project));
	assert_true(landed());
}

static void the_same_result_on_the_base_has_landed(void **state)
{
	static const char result[] =
		"printf 'result:\\n  attempts: 1\\n  started: "
		"2026-01-02T03:04:05Z\\n' >>" A;

	(void)state;
	branch("b", result);
	assert_false(landed());
	on_base("sed -i 's/planned/done/' " A);
	assert_false(landed());
	/* The rest of the document may be another. */
	on_base(result);
	assert_true(landed());
	on_base("sed -i 's/attempts: 1/attempts: 2/' " A);
	assert_false(landed());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(plans_with_a_branch_of_their_own_are_listed),
		TEST(the_document_on_a_branch_is_read),
		TEST(the_bases_own_document_says_what_the_base_says),
		TEST(an_absent_or_broken_document_is_none),
		TEST(a_branch_merges_or_not),
		TEST(what_the_base_contains_has_landed),
		TEST(the_same_result_on_the_base_has_landed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
