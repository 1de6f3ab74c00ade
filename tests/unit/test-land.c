/*
 * Called as "test-land advance <dir> <new> <old>" it is the process that the
 * kill loops end: they run it, or the git it starts, under strace.
 */
#include "tests/unit/test.h"

#include "core/file.h"
#include "gitops/commit.h"
#include "gitops/land.h"
#include "gitops/ref.h"
#include "tests/unit/repo.h"

#include <signal.h>

static char *self; /* this program */

/* A landing that meets every kind of change, and work of the user's beside. */
#define HISTORY                                                                 \
	"git init -q -b main . && "                                             \
	"seq 1 30000 >big && seq 1 9 >small && seq 1 9 >gone && echo x >tool "  \
	"&& ln -s small link && mkdir dir && echo d >dir/f && echo f >file && " \
	"echo m >mine && echo s >staged && git add . && git commit -qm old && " \
	"seq 2 30001 >big && seq 1 12 >small && git rm -q gone && "             \
	"chmod +x tool && ln -sf big link && git rm -q dir/f file && "          \
	"echo now-a-file >dir && mkdir file && seq 1 500 >file/in && "          \
	"mkdir -p new/deep && seq 1 20000 >new/deep/f && : >empty && "          \
	"git add . && git commit -qm new && git tag new && "                    \
	"git reset -q --hard HEAD^ && git tag old"

#define WORK                                                                   \
	"echo edited >>mine && echo edited >>staged && git add staged && "     \
	"echo loose >loose && mkdir -p new && echo mine >new/untracked"

static int start(void **state)
{
	static struct scratch box;

	sandbox_open(&box);
	sh(&box, "mkdir repo && cd repo && " HISTORY);
	*state = &box;
	return 0;
}

static int stop(void **state)
{
	sandbox_close(*state);
	return 0;
}

struct landing_test {
	struct repo *repo;
	struct oid old_oid;
	struct oid new_oid;
};

static void landing_release(struct landing_test *t)
{
	repo_release(&t->repo);
}

static struct landing_test open_at(const struct scratch *box, const char *name)
{
	struct landing_test t = { .repo = NULL };
	char *dir = path_join(box->dir, name);

	ok(repo_open(&t.repo, dir));
	ok(commit_resolve(&t.old_oid, t.repo, "old"));
	ok(commit_resolve(&t.new_oid, t.repo, "new"));
	free(dir);
	return t;
}

static struct error *advance(struct landing_test *t)
{
	return land_advance(t->repo, "refs/heads/main", &t->new_oid,
			    &t->old_oid);
}

/* What `git status` says; owned. */
static char *status(const struct scratch *box, const char *name)
{
	return sh_out(box, "cd %s && git status --porcelain -uall", name);
}

static void stands_at(const struct scratch *box, const char *name,
		      const char *tag)
{
	sh(box, "cd %s && test $(git rev-parse main) = $(git rev-parse %s)",
	   name, tag);
	sh(box,
	   "test ! -e $(git -C %s rev-parse --path-format=absolute "
	   "--git-common-dir)/orch/landing",
	   name);
	sh(box,
	   "! find $(git -C %s rev-parse --path-format=absolute "
	   "--git-common-dir) -name '*.lock' ! -path '*/orch/*' | grep .",
	   name);
}

/* The same, with nothing changed in the worktree. */
static void stands_cleanly_at(const struct scratch *box, const char *name,
			      const char *tag)
{
	char *text = status(box, name);

	stands_at(box, name, tag);
	same(text, "");
	free(text);
}

static void a_clean_worktree_follows(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	ok(advance(&t));
	stands_cleanly_at(box, "repo", "new");
	sh(box, "cd repo && git fsck --strict");
}

static void work_in_other_files_is_kept(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && " WORK);
	char *before = status(box, "repo");
	ok(advance(&t));
	char *after = status(box, "repo");
	same(after, before);
	stands_at(box, "repo", "new");
	/* A commit of all of it reverts nothing of what has landed. */
	sh(box, "cd repo && git commit -qam mine && "
		"test \"$(git diff --name-only tags/new --)\" = \"$(printf "
		"'mine\\nstaged')\"");
	free(before);
	free(after);
}

/* Refused: nothing has moved, and the message names the file. */
static void refused(const struct scratch *box, const char *name)
{
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");
	char *before = status(box, "repo");
	char *content = sh_out(box, "cd repo && cat %s", name);

	/* Git names the file, or the folder that would go. */
	struct error *err = advance(&t);
	assert_true(error_is(err, ERROR_CONFLICT));
	char *tail = strrchr(err->message, ' ') + 1;
	assert_int_equal(strncmp(tail, name, strlen(tail)), 0);
	error_free(err);
	stands_at(box, "repo", "old");
	char *after = status(box, "repo");
	char *still = sh_out(box, "cd repo && cat %s", name);
	same(after, before);
	same(still, content);
	free(before);
	free(after);
	free(content);
	free(still);
}

static void an_edited_file_is_not_overwritten(void **state)
{
	sh(*state, "cd repo && echo edited >>small");
	refused(*state, "small");
}

static void a_staged_file_is_not_overwritten(void **state)
{
	sh(*state, "cd repo && echo edited >>small && git add small");
	refused(*state, "small");
}

static void an_untracked_file_is_not_overwritten(void **state)
{
	sh(*state, "cd repo && echo mine >empty");
	refused(*state, "empty");
}

static void an_ignored_file_is_not_overwritten(void **state)
{
	sh(*state, "cd repo && echo empty >.git/info/exclude && "
		   "echo mine >empty");
	refused(*state, "empty");
}

static void an_untracked_beginning_of_a_new_file_is_kept(void **state)
{
	sh(*state, "cd repo && mkdir -p new/deep && seq 1 10 >new/deep/f");
	refused(*state, "new/deep/f");
}

static void an_untracked_file_in_a_folder_that_goes_is_kept(void **state)
{
	sh(*state, "cd repo && echo mine >dir/untracked");
	refused(*state, "dir/untracked");
}

static void a_merge_in_progress_is_left_alone(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && git rev-parse new >.git/MERGE_HEAD");
	fails(ERROR_CONFLICT, "MERGE_HEAD", advance(&t));
	sh(box, "cd repo && rm .git/MERGE_HEAD");
	stands_at(box, "repo", "old");
}

static void a_branch_that_moved_is_stale(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && git commit -q --allow-empty -m more");
	fails(ERROR_STALE, "refs/heads/main", advance(&t));
}

static void only_descendants_are_landed(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && git reset -q --hard new");
	fails(ERROR_FAILURE, "descendant",
	      land_advance(t.repo, "refs/heads/main", &t.old_oid, &t.new_oid));
}

static void a_branch_that_is_not_checked_out_moves_alone(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && git checkout -q --detach && " WORK);
	char *before = status(box, "repo");
	ok(advance(&t));
	char *after = status(box, "repo");
	same(after, before);
	stands_at(box, "repo", "new");
	sh(box, "cd repo && test $(git rev-parse HEAD) = "
		"$(git rev-parse old)");
	free(before);
	free(after);
}

static void the_branch_s_merge_options_do_not_count(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && git config branch.main.mergeOptions --squash");
	ok(advance(&t));
	stands_at(box, "repo", "new");
	sh(box, "cd repo && test ! -e .git/SQUASH_MSG");
}

static void what_has_landed_is_landed(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && git merge -q --ff-only new");
	ok(advance(&t));
	stands_at(box, "repo", "new");
}

static void a_bare_repository_moves_its_ref(void **state)
{
	struct scratch *box = *state;

	sh(box, "git clone -q --bare repo bare");
	CLEANUP(landing_release) struct landing_test t = open_at(box, "bare");
	ok(advance(&t));
	stands_at(box, "bare", "new");
}

static void a_linked_worktree_follows(void **state)
{
	struct scratch *box = *state;

	sh(box, "cd repo && git checkout -q --detach && "
		"git worktree add -q ../linked main && cd ../linked && " WORK);
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");
	char *before = status(box, "linked");
	ok(advance(&t));
	char *after = status(box, "linked");
	same(after, before);
	stands_at(box, "linked", "new");
	sh(box, "test -e linked/new/deep/f");
	free(before);
	free(after);
}

static void the_main_worktree_follows_a_landing_in_a_linked_one(void **state)
{
	struct scratch *box = *state;

	sh(box, "cd repo && git worktree add -q --detach ../linked");
	CLEANUP(landing_release) struct landing_test t = open_at(box, "linked");
	ok(advance(&t));
	stands_at(box, "repo", "new");
	sh(box, "cd repo && test -z \"$(git status --porcelain)\" && "
		"cd ../linked && test -z \"$(git status --porcelain)\"");
}

static void a_branch_checked_out_twice_is_refused(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && git worktree add -q --force ../linked main");
	fails(ERROR_CONFLICT, "linked", advance(&t));
	stands_at(box, "repo", "old");
}

static void a_separate_git_directory_is_served(void **state)
{
	struct scratch *box = *state;

	sh(box, "git clone -q --separate-git-dir=gitdir repo apart && "
		"git -C apart config user.name x");
	CLEANUP(landing_release) struct landing_test t = open_at(box, "apart");
	ok(advance(&t));
	sh(box, "cd apart && test -z \"$(git status --porcelain)\" && "
		"test -e new/deep/f");
}

static void a_sparse_checkout_stays_sparse(void **state)
{
	struct scratch *box = *state;

	sh(box, "cd repo && git sparse-checkout set --no-cone '/*' '!/new/' "
		"'!/big'");
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");
	ok(advance(&t));
	stands_at(box, "repo", "new");
	sh(box, "cd repo && test -z \"$(git status --porcelain)\" && "
		"test ! -e new && test ! -e big && test -e file/in");
}

static void submodules_and_pointers_are_left_as_they_are(void **state)
{
	struct scratch *box = *state;

	sh(box, "git init -q sub && git -C sub commit -q --allow-empty -m s && "
		"cd repo && git -c protocol.file.allow=always submodule add -q "
		"../sub sub && printf 'version https://git-lfs.github.com/"
		"spec/v1\\n' >pointer && "
		"echo 'pointer filter=lfs diff=lfs merge=lfs -text' "
		">.gitattributes && git add . && git commit -qm more && "
		"git tag -f old && echo x >>small && git commit -qam newer && "
		"git tag -f new && git reset -q --hard HEAD^ && "
		"echo dirty >sub/untracked");
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");
	ok(advance(&t));
	stands_at(box, "repo", "new");
	sh(box, "test -e repo/sub/untracked && grep -q lfs repo/pointer");
}

static void the_checkouts_of_a_branch_are_listed(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");
	CLEANUP(strings_release) struct strings list = STRINGS_INIT;

	sh(box, "cd repo && git worktree add -q -b side ../linked");
	ok(land_checkouts(&list, t.repo, "refs/heads/side"));
	assert_int_equal(list.len, 1);
	assert_non_null(strstr(list.items[0], "/linked"));
	ok(land_checkouts(&list, t.repo, "refs/heads/none"));
	assert_int_equal(list.len, 1);
}

/* What a kill leaves, made by hand. */

static void write_intent(const struct scratch *box)
{
	sh(box, "cd repo && mkdir -p .git/orch && echo 1 >.git/orch/version && "
		"printf 'ref refs/heads/main\\0old %%s\\0new %%s\\0worktree %%s"
		"\\0gitdir %%s/.git\\0' $(git rev-parse old new) $PWD $PWD "
		">.git/orch/landing");
}

static void a_half_written_landing_is_finished(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	sh(box, "cd repo && " WORK);
	char *before = status(box, "repo");
	write_intent(box);
	sh(box, "cd repo && rm gone big && mkdir -p new/deep && "
		"git show new:big | head -c 1000 >big && : >new/deep/f && "
		"rm -r dir && echo now-a- | tr -d '\\n' >dir && "
		"touch .git/index.lock .git/refs/heads/main.lock");
	ok(land_recover(t.repo));
	stands_at(box, "repo", "new");
	char *after = status(box, "repo");
	same(after, before);
	free(before);
	free(after);
	ok(land_recover(t.repo));
}

static void an_edit_after_the_kill_stays_and_the_rest_is_undone(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	write_intent(box);
	sh(box, "cd repo && rm gone && git show new:big | head -c 9 >big && "
		"echo mine >small && touch .git/index.lock");
	fails(ERROR_CONFLICT, "small", land_recover(t.repo));
	stands_at(box, "repo", "old");
	char *text = status(box, "repo");
	same(text, " M small");
	free(text);
	sh(box, "cd repo && test $(cat small) = mine");
	ok(land_recover(t.repo));
}

static void a_landing_that_only_lacks_its_ref_is_finished(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	write_intent(box);
	sh(box, "cd repo && git read-tree -m -u old new");
	ok(land_recover(t.repo));
	stands_cleanly_at(box, "repo", "new");
}

/* An undo that is killed leaves beginnings of old files. */
static void a_half_undone_landing_is_finished(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	write_intent(box);
	sh(box, "cd repo && git show old:big | head -c 1000 >big && : >small");
	ok(land_recover(t.repo));
	stands_cleanly_at(box, "repo", "new");
}

static void empty_folders_where_a_file_was_are_taken_back(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	write_intent(box);
	sh(box, "cd repo && rm file && mkdir -p file/deep");
	ok(land_recover(t.repo));
	stands_at(box, "repo", "new");
}

static void a_file_in_a_folder_where_a_file_was_stays(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	write_intent(box);
	sh(box, "cd repo && rm file && mkdir file && echo mine >file/mine");
	fails(ERROR_CONFLICT, "file", land_recover(t.repo));
	stands_at(box, "repo", "old");
	sh(box, "cd repo && test $(cat file/mine) = mine");
}

static void a_lock_from_before_the_landing_is_not_removed(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	write_intent(box);
	sh(box, "cd repo && touch -d '1 hour ago' .git/index.lock");
	fails(ERROR_AGAIN, "locked", land_recover(t.repo));
	sh(box, "cd repo && rm .git/index.lock");
	ok(advance(&t));
	stands_at(box, "repo", "new");
}

/* Only we are killed, and our git goes on: the next landing waits for it. */
static void a_git_that_outlives_its_landing_is_waited_for(void **state)
{
	struct scratch *box = *state;

	sh(box, "git config -f config filter.slow.smudge 'sleep 3; cat' && "
		"echo 'small filter=slow' >repo/.git/info/attributes");
	char *config = path_join(box->dir, "config");
	setenv("GIT_CONFIG_GLOBAL", config, 1);
	free(config);
	assert_int_not_equal(sh_status(box,
				       "timeout -s KILL 1 '%s' advance %s/repo "
				       "$(git -C repo rev-parse new old)",
				       self, box->dir),
			     0);
	sh(box, "test -e repo/.git/orch/landing");
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");
	ok(advance(&t));
	stands_cleanly_at(box, "repo", "new");
}

static void where_somebody_went_on_nothing_is_touched(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	write_intent(box);
	sh(box, "cd repo && echo more >>small && git commit -qam more && "
		"rm gone");
	ok(land_recover(t.repo));
	char *text = status(box, "repo");
	same(text, " D gone");
	free(text);
}

static void a_lock_that_is_in_use_is_not_removed(void **state)
{
	struct scratch *box = *state;
	CLEANUP(landing_release) struct landing_test t = open_at(box, "repo");

	write_intent(box);
	sh(box, "(exec 9>repo/.git/index.lock; sleep 30) >/dev/null 2>&1 & "
		"echo $! >holder; sleep 0.1");
	fails(ERROR_AGAIN, "index.lock", land_recover(t.repo));
	sh(box, "test -e repo/.git/index.lock && pkill -P $(cat holder); "
		"kill $(cat holder)");
	ok(land_recover(t.repo));
	stands_at(box, "repo", "new");
}

/* The kill loops. */

/* The child's part: dies with its git. */
static void on_child(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_code == CLD_KILLED)
		kill(getpid(), SIGKILL);
}

static int run_advance(char **argv)
{
	struct sigaction action = { .sa_sigaction = on_child,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	struct oid new_oid, old_oid;
	struct repo *repo = NULL;
	struct error *err = repo_open(&repo, argv[2]);

	sigaction(SIGCHLD, &action, NULL);
	if (!err)
		err = oid_parse(&new_oid, argv[3]);
	if (!err)
		err = oid_parse(&old_oid, argv[4]);
	if (!err)
		err = land_advance(repo, "refs/heads/main", &new_oid, &old_oid);
	if (err)
		fprintf(stderr, "%s\n", err->message);
	repo_free(repo);
	return err ? 1 : 0;
}

static int can_trace(const struct scratch *box)
{
	return !sh_status(box, "strace -f -o /dev/null "
			       "-e inject=rename:signal=KILL:when=9 true "
			       ">/dev/null 2>&1");
}

/* Calls that change the file system, counted each for itself. */
static const char *const calls[] = {
	"write", "fsync",   "rename",   "unlink", "mkdir",
	"rmdir", "symlink", "unlinkat", "close",
};

/*
 * A git that is killed at its n-th such call when it merges; any other runs
 * untouched.  It reads its orders from a file: its environment is scrubbed.
 */
static void install_git(const struct scratch *box)
{
	sh(box,
	   "mkdir -p bin && real=$(command -v git) && cat >bin/git <<END\n"
	   "#!/bin/sh\n"
	   "case \" \\$* \" in *' merge '*) exec strace -f -o /dev/null "
	   "-e inject=\\$(cat %s/orders) $real \"\\$@\";; esac\n"
	   "exec $real \"\\$@\"\n"
	   "END\n"
	   "chmod +x bin/git",
	   box->dir);
}

/* Recovers, lands if the kill came too early for that, and looks at it all. */
static void recovered(const struct scratch *box, const char *before)
{
	CLEANUP(landing_release) struct landing_test t = open_at(box, "copy");
	struct oid now;

	ok(land_recover(t.repo));
	ok(ref_read(&now, t.repo, "refs/heads/main"));
	if (oid_equal(&now, &t.old_oid))
		ok(advance(&t));
	stands_at(box, "copy", "new");
	char *after = status(box, "copy");
	same(after, before);
	free(after);
	sh(box, "cd copy && git fsck --strict 2>/dev/null && "
		"git diff --quiet new -- big small gone tool link dir file "
		"new empty && rm -rf ../copy");
}

#define KILLED 137 /* what a shell makes of SIGKILL */

/* One kill; 0 when the call was never reached. */
static int kill_at(const struct scratch *box, const char *call, int n,
		   int git_too, const char *before)
{
	char *path = xasprintf("%s/bin:%s", box->dir, getenv("PATH"));
	int exit_status;

	sh(box,
	   "cp -a repo copy && echo '%s:signal=KILL:when=%d -e "
	   "trace=%s' >orders",
	   call, n, call);
	if (git_too)
		exit_status = sh_status(
			box,
			"PATH='%s' '%s' advance %s/copy $(git -C repo "
			"rev-parse new old) 2>/dev/null",
			path, self, box->dir);
	else
		exit_status = sh_status(
			box,
			"ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null -e inject=$(cat "
			"orders) '%s' advance %s/copy $(git -C repo rev-parse "
			"new old) 2>/dev/null",
			self, box->dir);
	free(path);
	recovered(box, before);
	if (exit_status && exit_status != KILLED)
		fail_msg("%s %d: exit %d", call, n, exit_status);
	return exit_status == KILLED;
}

static void kill_everywhere(const struct scratch *box, int git_too,
			    const char *what)
{
	int step = getenv("ORCH_LOOPS") ? 1 : 5;
	int n = 0;

	if (!can_trace(box)) {
		printf("kill loop (%s): no strace here\n", what);
		skip();
	}
	install_git(box);
	sh(box, "cd repo && " WORK);
	char *before = status(box, "repo");
	for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
		for (int at = 1; kill_at(box, calls[c], at, git_too, before);
		     at += step)
			n++;
	printf("kill loop (%s): %d/%d recovered\n", what, n, n);
	free(before);
	assert_true(n > 5);
}

static void a_landing_whose_git_is_killed_recovers(void **state)
{
	kill_everywhere(*state, 1, "git and its caller");
}

static void a_landing_that_is_killed_recovers(void **state)
{
	kill_everywhere(*state, 0, "the caller");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clean_worktree_follows),
		TEST(work_in_other_files_is_kept),
		TEST(an_edited_file_is_not_overwritten),
		TEST(a_staged_file_is_not_overwritten),
		TEST(an_untracked_file_is_not_overwritten),
		TEST(an_ignored_file_is_not_overwritten),
		TEST(an_untracked_beginning_of_a_new_file_is_kept),
		TEST(an_untracked_file_in_a_folder_that_goes_is_kept),
		TEST(a_merge_in_progress_is_left_alone),
		TEST(a_branch_that_moved_is_stale),
		TEST(only_descendants_are_landed),
		TEST(a_branch_that_is_not_checked_out_moves_alone),
		TEST(the_branch_s_merge_options_do_not_count),
		TEST(what_has_landed_is_landed),
		TEST(a_bare_repository_moves_its_ref),
		TEST(a_linked_worktree_follows),
		TEST(the_main_worktree_follows_a_landing_in_a_linked_one),
		TEST(a_branch_checked_out_twice_is_refused),
		TEST(a_separate_git_directory_is_served),
		TEST(a_sparse_checkout_stays_sparse),
		TEST(submodules_and_pointers_are_left_as_they_are),
		TEST(the_checkouts_of_a_branch_are_listed),
		TEST(a_half_written_landing_is_finished),
		TEST(an_edit_after_the_kill_stays_and_the_rest_is_undone),
		TEST(a_landing_that_only_lacks_its_ref_is_finished),
		TEST(a_half_undone_landing_is_finished),
		TEST(empty_folders_where_a_file_was_are_taken_back),
		TEST(a_file_in_a_folder_where_a_file_was_stays),
		TEST(a_lock_from_before_the_landing_is_not_removed),
		TEST(a_git_that_outlives_its_landing_is_waited_for),
		TEST(where_somebody_went_on_nothing_is_touched),
		TEST(a_lock_that_is_in_use_is_not_removed),
		TEST(a_landing_whose_git_is_killed_recovers),
		TEST(a_landing_that_is_killed_recovers),
	};

	if (argc == 5 && !strcmp(argv[1], "advance"))
		return run_advance(argv);
	self = realpath(argv[0], NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(self);
	return failed;
}
