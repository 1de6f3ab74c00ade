/* Which form of a document show reads. */
#include "tests/unit/project.h"

#include "plans/show.h"

static void put_plan(const struct scratch *box)
{
	put(box, ".orch/plans/p/plan.yaml",
	    "version: 1\nid: p\ntitle: Plan\ngoal: x\n");
	put(box, ".orch/plans/p/phases/a.yaml",
	    "version: 1\nid: a\ntitle: On the base\npriority: 2\n"
	    "agent: scaffold\nfiles: {create: [a]}\nstatus: planned\n");
	commit_all(box);
}

static const char *title(const struct sheet *sheet)
{
	return value_text(value_get(sheet->document.tree.root, "title"), "");
}

static void a_phase_is_read_on_its_branch_where_there_is_one(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct sheet before = SHEET_INIT, after = SHEET_INIT;

	project_sandbox(&box);
	put_plan(&box);
	ok(open_at(&project, &box, NULL));
	ok(sheet_load(&before, &project, "p", "a"));
	same(title(&before), "On the base");
	assert_int_equal(before.history.len, 1);
	sh(&box, "cd repo && git checkout -q -b orch/p/a && "
		 "sed -i s/base/branch/ .orch/plans/p/phases/a.yaml && "
		 "git commit -qam second && git checkout -q main");
	ok(sheet_load(&after, &project, "p", "a"));
	same(title(&after), "On the branch");
	assert_int_equal(after.history.len, 2);
	same(after.history.items[0].subject, "second");
	sheet_release(&before);
	sheet_release(&after);
	project_release(&project);
	sandbox_close(&box);
}

static void numbers_of_a_document_are_numbers(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct sheet sheet = SHEET_INIT;

	project_sandbox(&box);
	put_plan(&box);
	ok(open_at(&project, &box, NULL));
	ok(sheet_load(&sheet, &project, "p", "a"));
	assert_int_equal(value_get(sheet.document.tree.root, "priority")->kind,
			 VALUE_INT);
	sheet_release(&sheet);
	project_release(&project);
	sandbox_close(&box);
}

static void what_is_not_there_is_named(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct sheet one = SHEET_INIT, two = SHEET_INIT;

	project_sandbox(&box);
	put_plan(&box);
	ok(open_at(&project, &box, NULL));
	fails(ERROR_NOT_FOUND, "there is no plan 'q'",
	      sheet_load(&one, &project, "q", NULL));
	fails(ERROR_NOT_FOUND, "plan 'p' has no phase 'aa'",
	      sheet_load(&two, &project, "p", "aa"));
	sheet_release(&one);
	sheet_release(&two);
	project_release(&project);
	sandbox_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_phase_is_read_on_its_branch_where_there_is_one),
		cmocka_unit_test(numbers_of_a_document_are_numbers),
		cmocka_unit_test(what_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
