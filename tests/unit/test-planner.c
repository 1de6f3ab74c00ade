/* Drafts of plans: what is written, and what is refused before it is. */
#include "tests/unit/project.h"

#include "gitops/ref.h"
#include "plans/planner.h"
#include "plans/trust.h"

static void open_project(struct project *project, const struct scratch *box)
{
	commit_all(box);
	ok(open_at(project, box, NULL));
}

/* A template of the repository with one phase whose document is given. */
static void put_template(const struct scratch *box, const char *phase)
{
	put(box, ".orch/templates/own/template.yaml", "title: Own\n");
	put(box, ".orch/templates/own/plan.yaml",
	    "version: 1\nid: own\ntitle: Own plan\ngoal: x\n"
	    "checks: [{name: look, run: 'true'}]\n");
	put(box, ".orch/templates/own/phases/one.yaml", phase);
}

static void a_draft_is_one_commit_on_a_branch_of_its_own(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "cli-tool" };

	project_sandbox(&box);
	open_project(&project, &box);
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
	draft_release(&draft);
	project_release(&project);
	sandbox_close(&box);
}

static void what_the_program_brings_is_pinned_by_its_draft(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "cli-tool" };

	project_sandbox(&box);
	open_project(&project, &box);
	ok(planner_template(&draft, &project, &request));
	assert_true(draft.pinned);
	sh(&box, "git -C repo merge -q orch/tally/plan");
	ok(project_reload(&project));
	ok(trust_require(&project));
	draft_release(&draft);
	project_release(&project);
	sandbox_close(&box);
}

static void a_template_of_the_repository_pins_nothing(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "own" };

	project_sandbox(&box);
	put_template(&box, "version: 1\nid: one\ntitle: One\n"
			   "agent: scaffold\nfiles: {create: [one.txt]}\n");
	open_project(&project, &box);
	ok(planner_template(&draft, &project, &request));
	same(draft.plan, "own");
	assert_false(draft.pinned);
	draft_release(&draft);
	project_release(&project);
	sandbox_close(&box);
}

static void documents_that_are_wrong_make_no_branch(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "own" };
	struct oid tip;

	project_sandbox(&box);
	put_template(&box, "version: 1\nid: one\ntitle: One\nwrong: 1\n");
	open_project(&project, &box);
	ok(planner_template(&draft, &project, &request));
	assert_int_not_equal(findings_failing(&draft.findings), 0);
	ok(ref_read_maybe(&tip, project.repo, "refs/heads/orch/own/plan"));
	assert_true(oid_is_zero(&tip));
	draft_release(&draft);
	project_release(&project);
	sandbox_close(&box);
}

static void an_id_in_use_is_refused_wherever_it_is(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct draft first = DRAFT_INIT, second = DRAFT_INIT;
	struct draft third = DRAFT_INIT;
	const struct plan_request request = { .template = "cli-tool" };

	project_sandbox(&box);
	open_project(&project, &box);
	ok(planner_template(&first, &project, &request));
	fails(ERROR_FAILURE, "there is a plan 'tally' already, on orch/",
	      planner_template(&second, &project, &request));
	sh(&box, "git -C repo merge -q orch/tally/plan");
	sh(&box, "git -C repo branch -q -D orch/tally/plan");
	ok(project_reload(&project));
	fails(ERROR_FAILURE, "already, on main",
	      planner_template(&third, &project, &request));
	draft_release(&first);
	draft_release(&second);
	draft_release(&third);
	project_release(&project);
	sandbox_close(&box);
}

static void ids_that_cannot_be_are_refused(void **state)
{
	(void)state;
	static const char *const ids[] = { "",   "A",    "a_b", "plan",
					   "-a", "a--b", "a/b" };
	struct scratch box;
	struct project project = PROJECT_INIT;

	project_sandbox(&box);
	open_project(&project, &box);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		struct draft draft = DRAFT_INIT;
		const struct plan_request request = { .template = "cli-tool",
						      .id = ids[i] };

		fails(ERROR_INVALID, "is no id",
		      planner_template(&draft, &project, &request));
		draft_release(&draft);
	}
	project_release(&project);
	sandbox_close(&box);
}

static void a_dry_run_makes_no_ref(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct draft draft = DRAFT_INIT;
	const struct plan_request request = { .template = "cli-tool",
					      .dry_run = 1 };

	project_sandbox(&box);
	open_project(&project, &box);
	char *before = sh_out(&box, "git -C repo for-each-ref");
	ok(planner_template(&draft, &project, &request));
	char *after = sh_out(&box, "git -C repo for-each-ref");
	same(before, after);
	assert_true(oid_is_zero(&draft.commit));
	assert_int_not_equal(draft.phases.len, 0);
	free(before);
	free(after);
	draft_release(&draft);
	project_release(&project);
	sandbox_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_is_one_commit_on_a_branch_of_its_own),
		cmocka_unit_test(
			what_the_program_brings_is_pinned_by_its_draft),
		cmocka_unit_test(a_template_of_the_repository_pins_nothing),
		cmocka_unit_test(documents_that_are_wrong_make_no_branch),
		cmocka_unit_test(an_id_in_use_is_refused_wherever_it_is),
		cmocka_unit_test(ids_that_cannot_be_are_refused),
		cmocka_unit_test(a_dry_run_makes_no_ref),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
