#include "tests/unit/test.h"

#include "core/file.h"
#include "gitops/commit.h"
#include "gitops/worktree.h"
#include "tests/unit/repo.h"

struct setting {
	struct scratch box;
	struct repo *repo;
	struct oid one; /* trees */
	struct oid two;
};

static void tree_of(struct oid *out, struct setting *s, const char *revision)
{
	struct oid commit;

	ok(commit_resolve(&commit, s->repo, revision));
	ok(commit_tree(out, s->repo, &commit));
}

static int start(void **state)
{
	static struct setting s;

	sandbox_open(&s.box);
	sh(&s.box, "mkdir repo && cd repo && git init -q -b main . && "
		   "echo 1 >a && mkdir d && echo 1 >d/f && echo o >out.o && "
		   "echo x >tool && chmod +x tool && ln -s a link && "
		   "echo '*.log' >.gitignore && git add -f . && "
		   "git commit -qm one && git tag one && echo 2 >a && "
		   "git rm -qr d && echo now-a-file >d && git add . && "
		   "git commit -qm two && git tag two");
	char *dir = path_join(s.box.dir, "repo");
	ok(repo_open(&s.repo, dir));
	free(dir);
	tree_of(&s.one, &s, "one");
	tree_of(&s.two, &s, "two");
	*state = &s;
	return 0;
}

static int stop(void **state)
{
	struct setting *s = *state;

	repo_release(&s->repo);
	sandbox_close(&s->box);
	return 0;
}

/* The worktree holds exactly this revision's files, ignored ones too. */
static void is_exactly(struct setting *s, const struct worktree *w,
		       const char *revision)
{
	sh(&s->box,
	   "rm -rf expected && mkdir expected && git -C repo archive %s | "
	   "tar -xC expected && diff -r --no-dereference -x .git expected '%s' "
	   "&& test -x '%s/tool'",
	   revision, w->path, w->path);
}

static void a_slot_holds_exactly_the_tree(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
	ok(worktree_checkout(&w, s->repo, &s->two));
	is_exactly(s, &w, "two");
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
}

static void the_users_worktree_and_refs_stay(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;
	char *before = sh_out(&s->box, "cd repo && echo loose >loose && "
				       "git status --porcelain && "
				       "git for-each-ref && cat .git/config");

	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	char *after = sh_out(&s->box, "cd repo && git status --porcelain && "
				      "git for-each-ref && cat .git/config");
	same(after, before);
	free(before);
	free(after);
}

static void what_a_check_left_is_gone(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	sh(&s->box,
	   "cd '%s' && echo x >x.log && echo y >y && rm d/f && rm tool && "
	   "mkdir tool && echo z >tool/z && git init -q nested && "
	   "echo q >nested/q && mkdir shut && echo s >shut/s && "
	   "chmod 000 shut && ln -sf /etc/passwd link",
	   w.path);
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
}

static void an_edit_with_the_old_size_and_time_is_seen(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	sh(&s->box, "cd repo && git config core.trustctime false && "
		    "git config core.checkStat minimal");
	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	sh(&s->box,
	   "cd '%s' && cp -p a ../kept && sleep 1.1 && echo 9 >a && "
	   "touch -r ../kept a",
	   w.path);
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
}

static void a_check_that_ruins_git_files_is_mended(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;
	static const char *const harm[] = {
		"rm .git",
		"rm .git && mkdir .git && echo x >.git/x",
		"echo gitdir: /nonexistent >.git",
		"touch $(sed 's/gitdir: //' .git)/index.lock",
		": >$(sed 's/gitdir: //' .git)/index",
	};

	ok(worktree_acquire(&w, s->repo));
	for (size_t i = 0; i < sizeof harm / sizeof *harm; i++) {
		ok(worktree_checkout(&w, s->repo, &s->one));
		sh(&s->box, "cd '%s' && %s", w.path, harm[i]);
		ok(worktree_checkout(&w, s->repo, &s->two));
		is_exactly(s, &w, "two");
	}
}

/* Were its .git file believed, clean would empty the folder it names. */
static void a_git_file_that_leads_elsewhere_harms_nothing(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	sh(&s->box,
	   "git init -q other && echo keep >other/keep && git -C other config "
	   "core.worktree '%s/other' && echo gitdir: '%s/other/.git' >'%s/.git'",
	   s->box.dir, s->box.dir, w.path);
	ok(worktree_checkout(&w, s->repo, &s->two));
	is_exactly(s, &w, "two");
	sh(&s->box, "test -s other/keep && test ! -e other/a");
}

static void a_sparse_users_checks_see_all_files(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	sh(&s->box, "cd repo && git sparse-checkout set --no-cone '/a'");
	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
	sh(&s->box, "cd repo && test ! -e tool && git status --porcelain && "
		    "test $(git config core.sparseCheckout) = true");
}

static void hooks_and_filters_do_not_run_in_a_slot(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	sh(&s->box,
	   "cd repo && printf '#!/bin/sh\\ntouch %s/canary\\n' "
	   ">.git/hooks/post-checkout && chmod +x .git/hooks/post-checkout && "
	   "git config filter.evil.smudge 'touch %s/canary; cat' && "
	   "echo '* filter=evil' >.git/info/attributes",
	   s->box.dir, s->box.dir);
	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	sh(&s->box, "test ! -e canary && rm repo/.git/info/attributes");
	is_exactly(s, &w, "one");
}

static void a_released_slot_is_used_again(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree a = WORKTREE_INIT;
	CLEANUP(worktree_release) struct worktree b = WORKTREE_INIT;

	ok(worktree_acquire(&a, s->repo));
	ok(worktree_acquire(&b, s->repo));
	assert_string_not_equal(a.path, b.path);
	char *first = xstrdup(a.path);
	worktree_release(&a);
	ok(worktree_acquire(&a, s->repo));
	same(a.path, first);
	free(first);
}

#define TAKERS 8

/* Acquires, fills, looks, releases; exit 0 when all was right. */
static void taker(struct setting *s, int n)
{
	struct worktree w = WORKTREE_INIT;
	struct repo *repo = NULL;
	char *dir = path_join(s->box.dir, "repo");
	char line[512];
	struct error *err = repo_open(&repo, dir);

	if (!err)
		err = worktree_acquire(&w, repo);
	if (!err)
		err = worktree_checkout(&w, repo, n % 2 ? &s->one : &s->two);
	if (err) {
		fprintf(stderr, "%s\n", err->message);
		_exit(1);
	}
	snprintf(line, sizeof line, "test $(cat '%s/a') = %d", w.path,
		 n % 2 ? 1 : 2);
	_exit(system(line) ? 2 : 0);
}

static void eight_at_once_get_a_slot_each(void **state)
{
	struct setting *s = *state;
	int rounds = loops(3), good = 0;

	for (int i = 0; i < rounds; i++) {
		int right = 0, status;

		for (int n = 0; n < TAKERS; n++)
			if (!fork())
				taker(s, n);
		for (int n = 0; n < TAKERS; n++) {
			assert_true(wait(&status) > 0);
			right += WIFEXITED(status) && !WEXITSTATUS(status);
		}
		good += right == TAKERS;
	}
	printf("%d at once: %d/%d rounds\n", TAKERS, good, rounds);
	assert_int_equal(good, rounds);
}

static size_t orphans(struct setting *s)
{
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;

	ok(worktree_orphans(&list, s->repo));
	return list.len;
}

static size_t listed(struct setting *s)
{
	char *n = sh_out(&s->box, "git -C repo worktree list | wc -l");
	size_t count = (size_t)atoi(n) - 1; /* but the user's own */

	free(n);
	return count;
}

static void a_slot_that_is_gone_is_an_orphan_and_pruned(void **state)
{
	struct setting *s = *state;
	struct worktree w = WORKTREE_INIT;
	int n = 0;

	ok(worktree_acquire(&w, s->repo));
	assert_int_equal(orphans(s), 0);
	sh(&s->box, "rm -rf '%s'", w.path);
	worktree_release(&w);
	assert_int_equal(orphans(s), 1);
	ok(worktree_prune(&n, s->repo, 0));
	assert_int_equal(n, 1);
	assert_int_equal(orphans(s), 0);
	assert_int_equal(listed(s), 0);
}

static void a_slot_git_forgot_is_an_orphan_and_pruned(void **state)
{
	struct setting *s = *state;
	struct worktree w = WORKTREE_INIT;
	int n = 0;

	ok(worktree_acquire(&w, s->repo));
	char *path = xstrdup(w.path);
	sh(&s->box, "rm -rf repo/.git/worktrees");
	worktree_release(&w);
	assert_int_equal(orphans(s), 1);
	ok(worktree_prune(&n, s->repo, 0));
	assert_int_equal(n, 1);
	assert_false(file_exists(path));
	free(path);
}

/* Where there is no bubblewrap. */
static void what_the_sandbox_keeps_beside_a_slot_is_no_slot(void **state)
{
	struct setting *s = *state;
	struct worktree w = WORKTREE_INIT;
	int n = 0;

	ok(worktree_acquire(&w, s->repo));
	char *tmp = xasprintf("%s.tmp", w.path);
	char *lock = xasprintf("%s.tmp.lock", w.path);
	ok(file_mkdirs(tmp));
	worktree_release(&w);
	assert_int_equal(orphans(s), 0);
	ok(worktree_prune(&n, s->repo, 0));
	assert_int_equal(n, 0);
	assert_true(file_is_dir(tmp));
	ok(worktree_prune(&n, s->repo, 1));
	assert_int_equal(n, 1);
	assert_false(file_exists(tmp));
	assert_false(file_exists(lock));
	free(tmp);
	free(lock);
}

static void a_slot_in_use_is_never_pruned(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;
	int n = 0;

	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	ok(worktree_prune(&n, s->repo, 1));
	assert_int_equal(n, 0);
	is_exactly(s, &w, "one");
	worktree_release(&w);
	ok(worktree_prune(&n, s->repo, 1));
	assert_int_equal(n, 1);
	assert_int_equal(listed(s), 0);
}

/* As `git worktree add` leaves it when it is killed early. */
static void a_persons_half_made_folder_is_left_alone(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	sh(&s->box, "cd repo && mkdir -p .git/worktrees/1 && "
		    "echo initializing >.git/worktrees/1/locked");
	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
	sh(&s->box, "cat repo/.git/worktrees/1/locked");
}

/* Put together, or on its way out, when the process was killed. */
static void what_a_kill_left_aside_does_not_stay(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	sh(&s->box, "mkdir -p repo/.git/orch/worktree && "
		    "echo half >repo/.git/orch/worktree/index");
	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
	sh(&s->box, "test ! -e repo/.git/orch/worktree && "
		    "cd repo && test $(ls .git/worktrees | wc -l) = 1");
}

static void a_slot_whose_folder_lost_its_files_is_made_anew(void **state)
{
	struct setting *s = *state;
	struct worktree w = WORKTREE_INIT;

	ok(worktree_acquire(&w, s->repo));
	worktree_release(&w);
	sh(&s->box, "rm repo/.git/worktrees/*/gitdir");
	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
	sh(&s->box, "cd repo && test $(ls .git/worktrees | wc -l) = 1");
	worktree_release(&w);
}

static void git_finds_nothing_wrong_with_a_slot(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	ok(worktree_acquire(&w, s->repo));
	ok(worktree_checkout(&w, s->repo, &s->one));
	char *said = sh_out(&s->box, "git -C repo fsck --strict 2>&1");
	same(said, "");
	free(said);
	sh(&s->box,
	   "git -C '%s' log --oneline && git -C repo gc -q --prune=now",
	   w.path);
	sh(&s->box,
	   "git -C '%s' status --porcelain && git -C repo worktree "
	   "repair 2>&1 && git -C repo worktree list | grep '%s'",
	   w.path, w.path);
	ok(worktree_checkout(&w, s->repo, &s->one));
	is_exactly(s, &w, "one");
}

static void git_worktree_prune_leaves_the_slots(void **state)
{
	struct setting *s = *state;
	CLEANUP(worktree_release) struct worktree w = WORKTREE_INIT;

	ok(worktree_acquire(&w, s->repo));
	sh(&s->box, "git -C repo worktree prune --expire=now && git -C repo "
		    "worktree list --porcelain | grep -q '^locked'");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_slot_holds_exactly_the_tree),
		TEST(the_users_worktree_and_refs_stay),
		TEST(what_a_check_left_is_gone),
		TEST(an_edit_with_the_old_size_and_time_is_seen),
		TEST(a_check_that_ruins_git_files_is_mended),
		TEST(a_git_file_that_leads_elsewhere_harms_nothing),
		TEST(a_sparse_users_checks_see_all_files),
		TEST(hooks_and_filters_do_not_run_in_a_slot),
		TEST(a_released_slot_is_used_again),
		TEST(eight_at_once_get_a_slot_each),
		TEST(a_slot_that_is_gone_is_an_orphan_and_pruned),
		TEST(a_slot_git_forgot_is_an_orphan_and_pruned),
		TEST(what_the_sandbox_keeps_beside_a_slot_is_no_slot),
		TEST(a_slot_in_use_is_never_pruned),
		TEST(a_persons_half_made_folder_is_left_alone),
		TEST(what_a_kill_left_aside_does_not_stay),
		TEST(a_slot_whose_folder_lost_its_files_is_made_anew),
		TEST(git_finds_nothing_wrong_with_a_slot),
		TEST(git_worktree_prune_leaves_the_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
