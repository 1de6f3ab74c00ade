/* Drafts of plans: what is written, and what is refused before it is. */
#include "tests/unit/opened.h"

#include "gitops/ref.h"
#include "plans/planner.h"
#include "plans/trust.h"

static void open_project(void)
{
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
}

/* A template of the repository with one phase whose document is given. */
static void put_template(const char *phase)
{
	put(&box, ".orch/templates/own/template.yaml", "title: Own\n");
	put(&box, ".orch/templates/own/plan.yaml",
	    "version: 1\nid: own\ntitle: Own plan\ngoal: x\n"
	    "checks: [{name: look, run: 'true'}]\n");
	put(&box, ".orch/templates/own/phases/one.yaml", phase);
}

static void a_draft_is_one_commit_on_a_branch_of_its_own(void **state)
{
	(void)state;
	CLEANUP(draft_release) struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "cli-tool" };

	open_project();
	ok(planner_template(&draft, &project, &request));
	same(draft.plan, "tally");
	same(draft.branch, "orch/tally/plan");
	same(draft.phases.items[0], "skeleton");
	char *tip = sh_out(&box, "git -C repo rev-parse orch/tally/plan");
	char hex[OID_HEX];
	same(tip, oid_hex(hex, &draft.commit));
	char *count =
		sh_out(&box, "git -C repo rev-list --count main..%s", tip);
	same(count, "1");
	free(count);
	free(tip);
}

static void what_the_program_brings_is_pinned_by_its_draft(void **state)
{
	(void)state;
	CLEANUP(draft_release) struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "cli-tool" };

	open_project();
	ok(planner_template(&draft, &project, &request));
	assert_true(draft.pinned);
	sh(&box, "git -C repo merge -q orch/tally/plan");
	ok(project_reload(&project));
	ok(trust_require(&project));
}

static void a_template_of_the_repository_pins_nothing(void **state)
{
	(void)state;
	CLEANUP(draft_release) struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "own" };

	put_template("version: 1\nid: one\ntitle: One\n"
		     "agent: scaffold\nfiles: {create: [one.txt]}\n");
	open_project();
	ok(planner_template(&draft, &project, &request));
	same(draft.plan, "own");
	assert_false(draft.pinned);
}

static void documents_that_are_wrong_make_no_branch(void **state)
{
	(void)state;
	CLEANUP(draft_release) struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "own" };
	struct oid tip;

	put_template("version: 1\nid: one\ntitle: One\nwrong: 1\n");
	open_project();
	ok(planner_template(&draft, &project, &request));
	assert_int_not_equal(findings_failing(&draft.findings), 0);
	ok(ref_read_maybe(&tip, project.repo, "refs/heads/orch/own/plan"));
	assert_true(oid_is_zero(&tip));
}

static void an_id_in_use_is_refused_wherever_it_is(void **state)
{
	(void)state;
	CLEANUP(draft_release) struct draft first = DRAFT_INIT;
	CLEANUP(draft_release) struct draft second = DRAFT_INIT;
	CLEANUP(draft_release) struct draft third = DRAFT_INIT;
	const struct plan_request request = { .template = "cli-tool" };

	open_project();
	ok(planner_template(&first, &project, &request));
	fails(ERROR_FAILURE, "there is a plan 'tally' already, on orch/",
	      planner_template(&second, &project, &request));
	sh(&box, "git -C repo merge -q orch/tally/plan");
	sh(&box, "git -C repo branch -q -D orch/tally/plan");
	ok(project_reload(&project));
	fails(ERROR_FAILURE, "already, on main",
	      planner_template(&third, &project, &request));
}

static void ids_that_cannot_be_are_refused(void **state)
{
	(void)state;
	static const char *const ids[] = { "",   "A",    "a_b", "plan",
					   "-a", "a--b", "a/b" };

	open_project();
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		CLEANUP(draft_release) struct draft draft = DRAFT_INIT;
		const struct plan_request request = { .template = "cli-tool",
						      .id = ids[i] };

		fails(ERROR_INVALID, "is no id",
		      planner_template(&draft, &project, &request));
	}
}

static void a_dry_run_makes_no_ref(void **state)
{
	(void)state;
	CLEANUP(draft_release) struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "cli-tool",
					      .dry_run = 1 };

	open_project();
	char *before = sh_out(&box, "git -C repo for-each-ref");
	ok(planner_template(&draft, &project, &request));
	char *after = sh_out(&box, "git -C repo for-each-ref");
	same(before, after);
	assert_true(oid_is_zero(&draft.commit));
	assert_int_not_equal(draft.phases.len, 0);
	free(before);
	free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_draft_is_one_commit_on_a_branch_of_its_own),
		TEST(what_the_program_brings_is_pinned_by_its_draft),
		TEST(a_template_of_the_repository_pins_nothing),
		TEST(documents_that_are_wrong_make_no_branch),
		TEST(an_id_in_use_is_refused_wherever_it_is),
		TEST(ids_that_cannot_be_are_refused),
		TEST(a_dry_run_makes_no_ref),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
