/* From the files of a worktree back to a tree. */
#include "tests/unit/test.h"

#include "core/file.h"
#include "gitops/commit.h"
#include "gitops/worktree.h"
#include "tests/unit/small.h"

static struct scratch box;
static struct repo *repo;
static struct worktree slot;
static struct oid tree, begin;

static int setup(void **state)
{
	struct oid commit;

	(void)state;
	sandbox_open(&box);
	sh(&box,
	   "git init -q -b main sub && git -C sub commit -q --allow-empty -m s "
	   "&& mkdir repo && cd repo && git init -q -b main . && echo 1 >a && "
	   "mkdir d && echo 1 >d/f && echo x >tool && ln -s a link && "
	   "echo '*.log' >.gitignore && git add . && "
	   "git -c protocol.file.allow=always submodule -q add ../sub mod && "
	   "git commit -qm one");
	char *dir = path_join(box.dir, "repo");
	ok(repo_open(&repo, dir));
	free(dir);
	ok(commit_resolve(&commit, repo, "main"));
	ok(commit_tree(&begin, repo, &commit));
	slot = (struct worktree)WORKTREE_INIT;
	ok(worktree_acquire(&slot, repo));
	ok(worktree_checkout(&slot, repo, &begin));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	worktree_release(&slot);
	repo_release(&repo);
	sandbox_close(&box);
	return 0;
}

static struct error *take(void)
{
	static const struct worktree_most most = { 100, 1000 };

	return worktree_tree(&tree, &slot, repo, &most);
}

/* Does something in the worktree and takes the tree. */
#define after(...)                                                             \
	do {                                                                   \
		char *script = xasprintf(__VA_ARGS__);                         \
		sh(&box, "cd '%s' && %s", slot.path, script);                  \
		free(script);                                                  \
	} while (0)

static void expect(const char *changes)
{
	char from[OID_HEX], to[OID_HEX];

	prints(changes, &box,
	       "git -C repo diff --no-renames --name-status %s %s",
	       oid_hex(from, &begin), oid_hex(to, &tree));
}

static void untouched_files_are_the_same_tree(void **state)
{
	(void)state;
	ok(take());
	assert_true(oid_equal(&tree, &begin));
	after("touch a tool && cp -p a b && rm a && mv b a");
	ok(take());
	assert_true(oid_equal(&tree, &begin));
}

static void what_differs_is_in_it(void **state)
{
	(void)state;
	after("echo 2 >a; rm -r d; echo file >d; chmod +x tool; "
	      "ln -sf tool link; printf n >'new name'; mkdir -p e/e; "
	      "echo 1 >e/e/e");
	ok(take());
	expect("M\ta\nA\td\nD\td/f\nA\te/e/e\nM\tlink\nA\tnew name\n"
	       "M\ttool");
	/* And the slot is as good as before. */
	ok(worktree_checkout(&slot, repo, &begin));
	ok(take());
	assert_true(oid_equal(&tree, &begin));
}

static void what_is_ignored_or_ours_is_not(void **state)
{
	(void)state;
	after("echo 1 >x.log; mkdir .orch; echo 1 >.orch/x; mkfifo pipe; "
	      "mkdir empty");
	ok(take());
	assert_true(oid_equal(&tree, &begin));
}

/* The user's excludes would make the result another one elsewhere. */
static void the_users_own_excludes_do_not_count(void **state)
{
	(void)state;
	sh(&box, "echo new >excl && echo new >>repo/.git/info/exclude && "
		 "git -C repo config core.excludesFile \"$PWD/excl\"");
	after("echo 1 >new");
	ok(take());
	expect("A\tnew");
}

static void a_file_that_became_a_pipe_is_gone(void **state)
{
	(void)state;
	after("rm a && mkfifo a");
	ok(take());
	expect("D\ta");
}

static void a_folder_that_became_a_link_is_not_followed(void **state)
{
	(void)state;
	after("rm -r d && ln -s /etc d");
	ok(take());
	expect("A\td\nD\td/f");
}

static void submodules_stay_as_they_were(void **state)
{
	(void)state;
	after("rmdir mod");
	ok(take());
	assert_true(oid_equal(&tree, &begin));
}

/* Its configuration is anybody's: git would run what it says. */
static void a_repository_within_is_not_looked_into(void **state)
{
	(void)state;
	after("git init -q mod && cd mod && "
	      "git config core.fsmonitor 'touch %s/ran' && "
	      "git config filter.f.clean 'touch %s/ran' && "
	      "echo '* filter=f' >.gitattributes && echo 1 >x",
	      box.dir, box.dir);
	ok(take());
	assert_true(oid_equal(&tree, &begin));
	after("git init -q in && touch in/x && rm a && git init -q a");
	fails(ERROR_NO, "'in/' is a repository of its own", take());
	prints("no", &box, "test -e ran || echo no");
}

static void bounds_are_kept(void **state)
{
	static const struct worktree_most two = { 2, 1000 };

	(void)state;
	after("echo 2 >a; rm d/f; echo 3 >new");
	fails(ERROR_NO, "more than 2 files were changed",
	      worktree_tree(&tree, &slot, repo, &two));
	after("head -c 1001 /dev/zero >big");
	fails(ERROR_NO, "'big' is larger than 1000 bytes", take());
}

static void names_nobody_would_take_are_refused(void **state)
{
	(void)state;
	after("mkdir x && echo 1 >x/.Git");
	fails(ERROR_NO, "x/.Git", take());
	after("rm -r x && touch \"$(printf 'new\\nname')\"");
	fails(ERROR_NO, "has a control character", take());
}

/* What somebody who was let in made of .git is not asked. */
static void its_git_file_is_not_believed(void **state)
{
	(void)state;
	after("rm .git && git init -q . && git config core.fsmonitor "
	      "'touch %s/ran' && git config core.worktree /etc && echo 2 >a",
	      box.dir);
	ok(take());
	expect("M\ta");
	prints("no", &box, "test -e ran || echo no");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(untouched_files_are_the_same_tree),
		TEST(what_differs_is_in_it),
		TEST(what_is_ignored_or_ours_is_not),
		TEST(the_users_own_excludes_do_not_count),
		TEST(a_file_that_became_a_pipe_is_gone),
		TEST(a_folder_that_became_a_link_is_not_followed),
		TEST(submodules_stay_as_they_were),
		TEST(a_repository_within_is_not_looked_into),
		TEST(bounds_are_kept),
		TEST(names_nobody_would_take_are_refused),
		TEST(its_git_file_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
