/* Step 8, as far as it needs no forge: what one says is in forge.bats. */
#include "tests/unit/small.h"

#include "plans/propose.h"

static struct scratch box;
static struct project project;
static struct plan plan;

static int begin(void **state)
{
	(void)state;
	project_sandbox(&box);
	put_small(&box, "");
	small_open(&project, &box);
	ok(plan_read(&plan, project.repo, &project.base.tree, "small", NULL));
	return 0;
}

static int end(void **state)
{
	(void)state;
	plan_release(&plan);
	project_release(&project);
	sandbox_close(&box);
	unsetenv("ORCH_DELIVERY_FORGE");
	return 0;
}

static struct error *propose(struct pull *out, const char *tip)
{
	struct proposal_base base = { "main", 0 };
	struct oid oid = resolve(&project, tip);

	return propose_phase(out, &project, &plan, plan_phase(&plan, "a"), &oid,
			     &base);
}

/* A remote whose address is a forge's; nothing is ever sent there. */
static void with_forge(void)
{
	sh(&box, "cd repo && git remote add origin https://github.com/o/n && "
		 "git update-ref refs/remotes/origin/main main");
	setenv("ORCH_DELIVERY_FORGE", "github", 1);
	project_release(&project);
	ok(open_at(&project, &box, NULL));
}

static void on_the_forge_local_there_is_none(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	ok(propose(&pull, "main"));
	assert_int_equal(pull.number, 0);
	ok(propose_plan(&pull, &project, "small"));
	assert_int_equal(pull.number, 0);
}

static void a_branch_without_the_document_is_not_proposed(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	with_forge();
	sh(&box, "cd repo && git checkout -q -b other && "
		 "git rm -q .orch/plans/small/phases/a.yaml && "
		 "git commit -qm gone && git checkout -q main");
	fails(ERROR_NOT_FOUND, ".orch/plans/small/phases/a.yaml",
	      propose(&pull, "other"));
	assert_int_equal(pull.number, 0);
}

static void nothing_is_said_before_the_content_is_trusted(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };

	(void)state;
	sh(&box, "echo 'title: Other' >>"
		 "repo/.orch/templates/small/template.yaml");
	commit_all(&box);
	with_forge();
	fails(ERROR_REFUSED, "trust", propose(&pull, "main"));
}

static void what_approve_says_is_said(void **state)
{
	CLEANUP(pull_release) struct pull pull = { 0 };
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	int landed = 1;

	(void)state;
	ok(propose_or_approve(&landed, &pull, &project, "small", &findings));
	assert_int_equal(landed, 0);
	fails(ERROR_NOT_FOUND, "there is no plan 'other'",
	      propose_or_approve(&landed, &pull, &project, "other", &findings));
	assert_int_equal(pull.number, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			on_the_forge_local_there_is_none, begin, end),
		cmocka_unit_test_setup_teardown(
			a_branch_without_the_document_is_not_proposed, begin,
			end),
		cmocka_unit_test_setup_teardown(
			nothing_is_said_before_the_content_is_trusted, begin,
			end),
		cmocka_unit_test_setup_teardown(what_approve_says_is_said,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
