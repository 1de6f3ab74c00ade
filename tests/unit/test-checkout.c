/* Who has a branch checked out is known from any worktree of a repository. */
#include "tests/unit/test.h"

#include "tests/unit/repo.h"

#include "core/file.h"
#include "gitops/checkout.h"

#include <string.h>

static int enter(void **state)
{
	struct scratch *box = xcalloc(1, sizeof *box);

	sandbox_open(box);
	sh(box, "git init -q -b main repo && cd repo && echo a >a && "
		"git add a && git commit -q -m one && git branch side");
	*state = box;
	return 0;
}

static int leave(void **state)
{
	sandbox_close(*state);
	free(*state);
	return 0;
}

static struct error *ask(struct checkouts *out, const struct scratch *box,
			 const char *folder, const char *ref)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	CLEANUP(free_str) char *path = path_join(box->dir, folder);

	TRY(repo_open(&repo, path));
	return checkouts_of(out, repo, ref);
}

/* Asked in one folder, the branch is checked out in these; "" is nowhere. */
static void found(const struct scratch *box, const char *folder,
		  const char *ref, const char *expected)
{
	CLEANUP(checkouts_release) struct checkouts list = CHECKOUTS_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	ok(ask(&list, box, folder, ref));
	FOR_EACH (struct checkout, it, &list)
		buf_addf(&names, "%s%s%s", names.len ? " " : "",
			 strrchr(it->path, '/') + 1, it->rebased ? "*" : "");
	assert_string_equal(names.data, expected);
}

static void every_worktree_sees_the_others(void **state)
{
	struct scratch *box = *state;

	sh(box, "cd repo && git worktree add -q ../linked side");
	found(box, "repo", "refs/heads/main", "repo");
	found(box, "repo", "refs/heads/side", "linked");
	found(box, "linked", "refs/heads/main", "repo");
	found(box, "linked", "refs/heads/side", "linked");
	found(box, "linked", "refs/heads/none", "");
}

static void a_detached_head_is_on_no_branch(void **state)
{
	struct scratch *box = *state;

	sh(box, "git -C repo checkout -q --detach");
	found(box, "repo", "refs/heads/main", "");
}

/* git takes the branch at the end of the chain for checked out, and moves it.
 */
static void a_head_that_leads_to_a_branch_is_on_it(void **state)
{
	struct scratch *box = *state;

	sh(box, "cd repo && git symbolic-ref refs/heads/master refs/heads/main "
		"&& git symbolic-ref refs/heads/old refs/heads/master && "
		"git checkout -q old && git worktree add -q ../linked side && "
		"git pack-refs --all");
	found(box, "repo", "refs/heads/main", "repo");
	found(box, "linked", "refs/heads/main", "repo");
	found(box, "repo", "refs/heads/master", "repo");
	found(box, "repo", "refs/heads/side", "linked");
}

static void a_head_in_a_circle_is_on_no_branch(void **state)
{
	struct scratch *box = *state;

	sh(box, "cd repo && git symbolic-ref HEAD refs/heads/a && "
		"git symbolic-ref refs/heads/a refs/heads/b && "
		"git symbolic-ref refs/heads/b refs/heads/a");
	found(box, "repo", "refs/heads/main", "");
}

static void a_worktree_that_was_deleted_has_nothing(void **state)
{
	struct scratch *box = *state;

	sh(box, "git -C repo worktree add -q ../linked side && rm -r linked");
	found(box, "repo", "refs/heads/side", "");
}

static void a_branch_that_is_rebased_is_taken(void **state)
{
	struct scratch *box = *state;

	sh(box, "cd repo && echo b >a && git commit -qam two && "
		"git worktree add -q ../linked side && cd ../linked && "
		"echo c >a && git commit -qam three && "
		"! git rebase -q main 2>/dev/null");
	found(box, "repo", "refs/heads/side", "linked*");
	sh(box, "git -C linked rebase --abort");
	found(box, "repo", "refs/heads/side", "linked");
}

/* Nothing in such a git directory says where its worktree is. */
static void a_main_worktree_that_cannot_be_found_is_said(void **state)
{
	struct scratch *box = *state;
	CLEANUP(checkouts_release) struct checkouts list = CHECKOUTS_INIT;

	sh(box, "git init -q --separate-git-dir=store repo && "
		"git -C repo worktree add -q ../linked side");
	found(box, "repo", "refs/heads/main", "repo");
	fails(ERROR_CONFLICT, "cannot be found",
	      ask(&list, box, "linked", "refs/heads/main"));
	assert_int_equal(list.len, 0);
}

static void core_worktree_says_where_it_is(void **state)
{
	struct scratch *box = *state;

	sh(box, "git init -q --separate-git-dir=store repo && "
		"git -C repo worktree add -q ../linked side && "
		"git -C repo config core.worktree \"$PWD/repo\"");
	found(box, "linked", "refs/heads/main", "repo");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
		TEST(every_worktree_sees_the_others),
		TEST(a_detached_head_is_on_no_branch),
		TEST(a_head_that_leads_to_a_branch_is_on_it),
		TEST(a_head_in_a_circle_is_on_no_branch),
		TEST(a_worktree_that_was_deleted_has_nothing),
		TEST(a_branch_that_is_rebased_is_taken),
		TEST(a_main_worktree_that_cannot_be_found_is_said),
		TEST(core_worktree_says_where_it_is),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
