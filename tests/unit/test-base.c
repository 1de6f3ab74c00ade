/* Who names the base branch, in which order, and what is said when nobody. */
#include "tests/unit/repo.h"

#include "gitops/base.h"

static struct scratch box;
static struct repo *repo;
static struct base base;

static int setup(void **state)
{
	(void)state;
	sandbox_open(&box);
	sh(&box, "git init -q -b main . && git commit -q --allow-empty -m 1 && "
		 "git branch flag && git branch env && git branch conf && "
		 "git branch trunk && git checkout -q -b topic && "
		 "git commit -q --allow-empty -m 2");
	ok(repo_open(&repo, box.dir));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	base_release(&base);
	repo_release(&repo);
	unsetenv("ORCH_BASE");
	sandbox_close(&box);
	return 0;
}

static void base_is(const char *flag, const char *branch, const char *origin)
{
	char hex[OID_HEX];
	char *tip, *tree;

	repo_release(&repo);
	base_release(&base);
	ok(repo_open(&repo, box.dir));
	ok(base_resolve(&base, repo, flag));
	same(base.branch, branch);
	same(base.origin, origin);
	tip = sh_out(&box, "git rev-parse %s", branch);
	tree = sh_out(&box, "git rev-parse %s^{tree}", branch);
	same(oid_hex(hex, &base.commit), tip);
	same(oid_hex(hex, &base.tree), tree);
	free(tip);
	free(tree);
}

static void fails_with(const char *flag, const char *text, const char *hint)
{
	struct error *err = base_resolve(&base, repo, flag);

	assert_non_null(err);
	assert_non_null(strstr(err->message, text));
	assert_non_null(err->hint);
	assert_non_null(strstr(err->hint, hint));
	error_free(err);
	assert_null(base.branch);
}

static void each_source_outranks_the_next(void **state)
{
	(void)state;
	base_is(NULL, "topic", "the current branch");
	assert_null(base.remote);
	sh(&box, "git remote add up ../elsewhere && "
		 "for name in trunk conf env flag; do "
		 "git update-ref refs/remotes/up/$name main; done && "
		 "git symbolic-ref refs/remotes/up/HEAD "
		 "refs/remotes/up/trunk");
	base_is(NULL, "trunk", "the remote's HEAD");
	same(base.remote, "up");
	sh(&box, "git config orch.base conf");
	base_is(NULL, "conf", "git config orch.base");
	setenv("ORCH_BASE", "env", 1);
	base_is(NULL, "env", "ORCH_BASE");
	base_is("flag", "flag", "--base");
	same(base.ref, "refs/remotes/up/flag");
	sh(&box, "git config orch.remote .");
	base_is("flag", "flag", "--base");
	same(base.ref, "refs/heads/flag");
	assert_null(base.remote);
}

static void a_base_that_is_not_on_the_remote_says_how_to_push_it(void **state)
{
	(void)state;
	sh(&box, "git remote add up ../elsewhere");
	fails_with("topic", "is not on 'up'", "git push -u up topic");
	fails_with("absent", "is not on 'up'", "git fetch up");
}

static void a_full_name_is_taken_too(void **state)
{
	(void)state;
	base_is("refs/heads/main", "main", "--base");
}

static void another_name_of_a_branch_stands_for_it(void **state)
{
	(void)state;
	sh(&box, "git symbolic-ref refs/heads/master refs/heads/main && "
		 "git symbolic-ref refs/heads/old refs/heads/master");
	base_is("master", "main", "--base");
	base_is("old", "main", "--base");
	same(base.ref, "refs/heads/main");
	sh(&box, "git checkout -q old");
	base_is(NULL, "main", "the current branch");
	base_release(&base);
	sh(&box, "git update-ref refs/other main && "
		 "git symbolic-ref refs/heads/odd refs/other");
	fails_with("odd", "leads to 'refs/other', which is no branch",
		   "--base");
}

static void names_in_a_circle_are_refused(void **state)
{
	(void)state;
	sh(&box, "git symbolic-ref refs/heads/x refs/heads/y && "
		 "git symbolic-ref refs/heads/y refs/heads/x");
	fails_with("x", "too many symbolic refs", "git symbolic-ref");
}

static void origin_is_the_remote_of_several(void **state)
{
	(void)state;
	sh(&box, "git remote add a ../a && git remote add b ../b && "
		 "git update-ref refs/remotes/b/topic topic && "
		 "git update-ref refs/remotes/origin/topic topic");
	fails(ERROR_USAGE, "which of the remotes",
	      base_resolve(&base, repo, NULL));
	sh(&box, "git remote add origin ../o");
	base_is(NULL, "topic", "the current branch");
	same(base.remote, "origin");
	sh(&box, "git config orch.remote b");
	base_is(NULL, "topic", "the current branch");
	same(base.remote, "b");
}

static void a_base_that_is_missing_says_who_named_it(void **state)
{
	(void)state;
	fails_with("nowhere", "'nowhere' (from --base) does not exist",
		   "--base");
	setenv("ORCH_BASE", "gone", 1);
	fails_with(NULL, "(from ORCH_BASE)", "git branch gone");
}

static void a_detached_head_needs_a_name(void **state)
{
	(void)state;
	sh(&box, "git checkout -q --detach");
	fails_with(NULL, "HEAD is detached", "orch.base");
	base_is("main", "main", "--base");
}

static void a_repository_without_commits_says_so(void **state)
{
	char *dir = xasprintf("%s/new", box.dir);

	(void)state;
	sh(&box, "git init -q -b main new");
	repo_release(&repo);
	ok(repo_open(&repo, dir));
	fails_with(NULL, "branch 'main' has no commits yet", "git commit");
	sh(&box, "git -C new symbolic-ref refs/heads/x refs/heads/main && "
		 "git -C new symbolic-ref HEAD refs/heads/x");
	fails_with(NULL, "branch 'main' has no commits yet", "git commit");
	free(dir);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_source_outranks_the_next),
		TEST(a_full_name_is_taken_too),
		TEST(another_name_of_a_branch_stands_for_it),
		TEST(names_in_a_circle_are_refused),
		TEST(a_base_that_is_not_on_the_remote_says_how_to_push_it),
		TEST(origin_is_the_remote_of_several),
		TEST(a_base_that_is_missing_says_who_named_it),
		TEST(a_detached_head_needs_a_name),
		TEST(a_repository_without_commits_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
