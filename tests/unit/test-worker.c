/* Workers: the table, and the one that needs no model. */
#include "tests/unit/small.h"

#include "plans/worker.h"

static struct scratch box;
static struct project project;
static struct plan plan;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
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

/* What the scaffold worker makes of the base for a phase, as a tree. */
static struct error *scaffold(struct oid *tree, const char *phase)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	const struct worker *worker = NULL;

	plan_release(&plan);
	memset(&plan, 0, sizeof plan);
	TRY(worker_find(&worker, "scaffold"));
	TRY(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	struct task task = {
		.project = &project,
		.plan = &plan,
		.phase = plan_phase(&plan, phase),
		.agent = config_agent(&project.config, "scaffold"),
		.attempt = 1,
	};
	TRY(workspace_open(&work, project.repo, &project.base.tree));
	TRY(worker->run(work, &task));
	return workspace_write_tree(tree, work);
}

/* Names and kinds of what changed. */
static void expect_changes(const struct oid *tree, const char *expected)
{
	char hex[OID_HEX];

	prints(expected, &box, "git -C repo diff --name-status main %s",
	       oid_hex(hex, tree));
}

static void an_unknown_worker_is_an_error_with_those_there_are(void **state)
{
	const struct worker *worker = NULL;
	struct error *err = worker_find(&worker, "wizard");

	(void)state;
	assert_true(error_is(err, ERROR_INVALID));
	same(err->message, "there is no worker 'wizard'");
	same(err->hint, "this version has: scaffold, tools, cli");
	error_free(err);
	assert_null(worker);
}

static void the_builtin_agent_scaffold_has_it(void **state)
{
	const struct agent *agent;

	(void)state;
	put_small(&box, OFF);
	small_open(&project, &box);
	agent = config_agent(&project.config, "scaffold");
	assert_non_null(agent);
	same(agent->worker, "scaffold");
	same(agent->role, "developer");
}

static void it_writes_what_the_template_has_for_the_phase(void **state)
{
	struct oid tree = { { 0 } }, again = { { 0 } };

	(void)state;
	put_small(&box, OFF);
	small_open(&project, &box);
	ok(scaffold(&tree, "a"));
	expect_changes(&tree, "A\ta.txt");
	ok(scaffold(&again, "a"));
	assert_true(oid_equal(&tree, &again));
}

static void it_uses_the_variables_of_the_plan(void **state)
{
	struct oid tree = { { 0 } };
	char hex[OID_HEX];

	(void)state;
	put_small(&box, OFF);
	put(&box, ".orch/templates/small/template.yaml",
	    "title: S\nvars: [{name: word, default: old}]\n");
	put(&box, ".orch/templates/small/files/a/a.txt", "{{word}}\n");
	put_plan(&box, "small", "vars: [{name: word, value: new}]\n");
	small_open(&project, &box);
	ok(scaffold(&tree, "a"));
	prints("new", &box, "git -C repo show %s:a.txt", oid_hex(hex, &tree));
}

static void a_variable_the_plan_does_not_know_is_an_error(void **state)
{
	struct oid tree;

	(void)state;
	put_small(&box, OFF);
	put(&box, ".orch/templates/small/files/a/a.txt", "{{word}}\n");
	small_open(&project, &box);
	fails(ERROR_INVALID, "word", scaffold(&tree, "a"));
}

static void it_deletes_what_the_phase_declares(void **state)
{
	struct oid tree = { { 0 } };

	(void)state;
	put_small(&box, OFF);
	put(&box, "old/one.c", "1\n");
	put(&box, "old/keep.h", "1\n");
	put(&box, "all/x/y", "1\n");
	put_phase(&box, "small", "a",
		  "files: {create: [a.txt], "
		  "delete: [\"old/*.c\", all/, not-there]}\n");
	put_phase(&box, "small", "d", "files: {delete: [README]}\n");
	small_open(&project, &box);
	ok(scaffold(&tree, "a"));
	expect_changes(&tree, "A\ta.txt\nD\tall/x/y\nD\told/one.c");
	/* Without a file of the template, when that is all there is to do. */
	ok(scaffold(&tree, "d"));
	expect_changes(&tree, "D\tREADME");
}

static void without_files_or_template_it_cannot(void **state)
{
	struct oid tree;

	(void)state;
	put_small(&box, OFF);
	put_phase(&box, "small", "d", "files: {delete: [not-there]}\n");
	small_open(&project, &box);
	fails(ERROR_NO, "has no files for phase 'd'", scaffold(&tree, "d"));
	sh(&box, "sed -i /^template/d repo/.orch/plans/small/plan.yaml");
	small_open(&project, &box);
	fails(ERROR_NO, "plan 'small' was not made from a template",
	      scaffold(&tree, "a"));
}

static void a_template_that_is_gone_is_an_error(void **state)
{
	struct oid tree;

	(void)state;
	put_small(&box, OFF);
	sh(&box, "rm -r repo/.orch/templates");
	small_open(&project, &box);
	fails(ERROR_NOT_FOUND, "there is no template 'small'",
	      scaffold(&tree, "a"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_unknown_worker_is_an_error_with_those_there_are),
		TEST(the_builtin_agent_scaffold_has_it),
		TEST(it_writes_what_the_template_has_for_the_phase),
		TEST(it_uses_the_variables_of_the_plan),
		TEST(a_variable_the_plan_does_not_know_is_an_error),
		TEST(it_deletes_what_the_phase_declares),
		TEST(without_files_or_template_it_cannot),
		TEST(a_template_that_is_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
