/* The names that other clones and tools rely on are spelled as written down. */
#include "tests/unit/test.h"

#include "core/alloc.h"
#include "gitops/layout.h"

static void check(char *made, const char *expected)
{
	same(made, expected);
	free(made);
}

static void names_are_those_of_the_formats(void **state)
{
	(void)state;
	check(layout_branch("orch", "todo", "auth"),
	      "refs/heads/orch/todo/auth");
	check(layout_branch("team/x", "todo", "plan"),
	      "refs/heads/team/x/todo/plan");
	check(layout_claim("todo", "auth"), "refs/orch/claim/todo/auth");
	check(layout_base("todo", "auth"), "refs/orch/base/todo/auth");
	check(layout_attempt("todo", "auth", 12),
	      "refs/orch/attempt/todo/auth/12");
	check(layout_plan_file("todo"), ".orch/plans/todo/plan.yaml");
	check(layout_phase_file("todo", "auth"),
	      ".orch/plans/todo/phases/auth.yaml");
	check(layout_page_file("todo", "auth"),
	      ".orch/plans/todo/docs/phases/auth.md");
}

static void a_ref_splits_into_plan_and_phase(void **state)
{
	char *plan = NULL;
	char *phase = NULL;

	(void)state;
	assert_true(layout_split(&plan, &phase, "refs/orch/claim/todo/auth",
				 CLAIM_PREFIX));
	check(plan, "todo");
	check(phase, "auth");
}

static void a_ref_of_another_form_does_not_split(void **state)
{
	static const char *const bad[] = {
		"refs/orch/claim/",
		"refs/orch/claim/todo",
		"refs/orch/claim/todo/",
		"refs/orch/claim//auth",
		"refs/orch/claim/todo/auth/1",
		"refs/orch/base/todo/auth",
		"refs/orch/claims/todo/auth",
		"",
	};
	char *plan = NULL;
	char *phase = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (layout_split(&plan, &phase, bad[i], CLAIM_PREFIX))
			fail_msg("%s: %s and %s", bad[i], plan, phase);
	assert_null(plan);
	assert_null(phase);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_formats),
		cmocka_unit_test(a_ref_splits_into_plan_and_phase),
		cmocka_unit_test(a_ref_of_another_form_does_not_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
