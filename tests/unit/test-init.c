/* What init writes, and that it overwrites nothing. */
#include "tests/unit/project.h"

#include "plans/init.h"
#include "plans/trust.h"
#include "plans/validate.h"

static const struct init_options plain, forced = { .force = 1 };
static const struct project_options unborn = { .no_base = 1, .any_config = 1 };

static void what_is_written_validates_and_is_trusted(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT, after = PROJECT_INIT;
	struct init_report report = INIT_REPORT_INIT;
	struct findings findings = FINDINGS_INIT;
	size_t checked = 0;

	project_sandbox(&box);
	ok(open_at(&project, &box, &unborn));
	ok(init_write(&report, &project, &plain));
	assert_int_equal(report.written.len, 5);
	assert_int_equal(report.kept.len, 0);
	assert_true(report.unborn);
	same(report.base, "main");
	commit_all(&box);
	ok(open_at(&after, &box, NULL));
	ok(trust_require(&after));
	ok(validate_tree(&checked, &findings, &after, &after.base.tree, NULL));
	assert_int_equal(checked, 1);
	assert_int_equal(findings.len, 0);
	findings_release(&findings);
	init_report_release(&report);
	project_release(&project);
	project_release(&after);
	sandbox_close(&box);
}

static void one_file_that_differs_keeps_all_from_being_written(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct init_report report = INIT_REPORT_INIT;

	project_sandbox(&box);
	put(&box, ".orch/schema/phase.json", "{}\n");
	ok(open_at(&project, &box, &unborn));
	fails(ERROR_FAILURE, ".orch/schema/phase.json would be overwritten",
	      init_write(&report, &project, &plain));
	char *files = sh_out(&box, "cd repo && find .orch -type f");
	same(files, ".orch/schema/phase.json");
	free(files);
	init_report_release(&report);
	ok(init_write(&report, &project, &forced));
	assert_true(strings_has(&report.written, ".orch/schema/phase.json"));
	init_report_release(&report);
	project_release(&project);
	sandbox_close(&box);
}

static void a_base_that_was_set_stays(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct init_report report = INIT_REPORT_INIT;

	project_sandbox(&box);
	sh(&box, "git -C repo config orch.base trunk");
	ok(open_at(&project, &box, &unborn));
	ok(init_write(&report, &project, &plain));
	same(report.base, "trunk");
	init_report_release(&report);
	project_release(&project);
	sandbox_close(&box);
}

static void a_bare_repository_is_refused(void **state)
{
	(void)state;
	struct scratch box;
	struct project project = PROJECT_INIT;
	struct init_report report = INIT_REPORT_INIT;

	project_sandbox(&box);
	sh(&box, "rm -rf repo && git init -q --bare repo");
	ok(open_at(&project, &box, &unborn));
	fails(ERROR_FAILURE, "a bare repository",
	      init_write(&report, &project, &plain));
	init_report_release(&report);
	project_release(&project);
	sandbox_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_validates_and_is_trusted),
		cmocka_unit_test(
			one_file_that_differs_keeps_all_from_being_written),
		cmocka_unit_test(a_base_that_was_set_stays),
		cmocka_unit_test(a_bare_repository_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
