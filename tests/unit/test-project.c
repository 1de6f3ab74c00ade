/* Opening projects: the base and the configuration that belongs to it. */
#include "tests/unit/opened.h"

static void put_attempts(int n)
{
	char *text = xasprintf("version: 1\npolicy: {attempts: %d}\n", n);

	put(&box, ".orch/config.yaml", text);
	free(text);
}

static void configuration_is_read_from_the_base_not_the_files(void **state)
{
	(void)state;
	put_attempts(5);
	commit_all(&box);
	put_attempts(9);
	ok(open_at(&project, &box, NULL));
	same(project.base.branch, "main");
	assert_int_equal(project.config.policy.attempts, 5);
}

static void another_base_has_another_configuration(void **state)
{
	struct project_options options = { .base = "trial" };

	(void)state;
	put_attempts(5);
	commit_all(&box);
	sh(&box, "git -C repo switch -q -c trial");
	put_attempts(9);
	commit_all(&box);
	sh(&box, "git -C repo switch -q main");
	ok(open_at(&project, &box, NULL));
	assert_int_equal(project.config.policy.attempts, 5);
	project_release(&project);
	ok(open_at(&project, &box, &options));
	same(project.base.branch, "trial");
	assert_int_equal(project.config.policy.attempts, 9);
}

static void a_base_that_moved_is_read_again(void **state)
{
	struct oid before;

	(void)state;
	put_attempts(5);
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	before = project.base.commit;
	put_attempts(6);
	commit_all(&box);
	assert_int_equal(project.config.policy.attempts, 5);
	ok(project_reload(&project));
	assert_int_equal(project.config.policy.attempts, 6);
	assert_false(oid_equal(&before, &project.base.commit));
}

static void a_reload_that_fails_leaves_what_there_was(void **state)
{
	(void)state;
	put_attempts(5);
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	put_attempts(-1);
	commit_all(&box);
	fails(ERROR_INVALID, ".orch/config.yaml:2:20",
	      project_reload(&project));
	assert_int_equal(project.config.policy.attempts, 5);
	same(project.base.branch, "main");
}

static void without_a_commit_there_are_defaults_where_asked_for(void **state)
{
	struct project_options options = { .no_base = 1 };

	(void)state;
	fails(ERROR_FAILURE, "no commits yet", open_at(&project, &box, NULL));
	ok(open_at(&project, &box, &options));
	assert_true(oid_is_zero(&project.base.commit));
	assert_int_equal(project.config.policy.attempts, 3);
	/* One that was named has to be there all the same. */
	project_release(&project);
	options.base = "trial";
	fails(ERROR_FAILURE, "trial", open_at(&project, &box, &options));
}

static void outside_a_repository_there_is_no_project(void **state)
{
	(void)state;
	sh(&box, "mkdir plain");
	char *dir = xasprintf("%s/plain", box.dir);
	fails(ERROR_NOT_FOUND, "", project_open(&project, dir, NULL));
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(configuration_is_read_from_the_base_not_the_files),
		TEST(another_base_has_another_configuration),
		TEST(a_base_that_moved_is_read_again),
		TEST(a_reload_that_fails_leaves_what_there_was),
		TEST(without_a_commit_there_are_defaults_where_asked_for),
		TEST(outside_a_repository_there_is_no_project),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
