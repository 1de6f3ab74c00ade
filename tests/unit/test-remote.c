/* Choosing, fetching, deepening, by path. */
#include "tests/unit/remote.h"

static struct scratch box;

static int start(void **state)
{
	(void)state;
	far_open(&box);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	unsetenv("ORCH_REMOTE");
	sandbox_close(&box);
	return 0;
}

static void chosen(const char *expected, const char *flag)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	char *name = NULL;

	ok(remote_choose(&name, repo, flag));
	if (expected)
		same(name, expected);
	else
		assert_null(name);
	free(name);
}

static void a_remote_is_chosen_by_flag_environment_config_name(void **state)
{
	(void)state;
	sh(&box, "cd near && for r in a b c; do git remote add $r ../$r; done");
	chosen("origin", NULL);
	sh(&box, "git -C near config orch.remote c");
	chosen("c", NULL);
	setenv("ORCH_REMOTE", "b", 1);
	chosen("b", NULL);
	chosen("a", "a");
}

static void the_only_remote_is_meant(void **state)
{
	(void)state;
	sh(&box, "git -C near remote rename origin far 2>&1");
	chosen("far", NULL);
	sh(&box, "git -C near remote remove far");
	chosen(NULL, NULL);
}

static void several_remotes_or_an_unknown_one_name_those_there_are(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	char *name = NULL;
	struct error *err;

	(void)state;
	sh(&box, "cd near && git remote rename origin far 2>&1 && "
		 "git remote add b ../b");
	repo = near(&box);
	err = remote_choose(&name, repo, NULL);
	assert_true(error_is(err, ERROR_USAGE));
	assert_non_null(strstr(err->hint, "b, far"));
	error_free(err);
	fails(ERROR_USAGE, "no remote '--x'",
	      remote_choose(&name, repo, "--x"));
	assert_null(name);
}

static void tracking_refs_are_named_by_what_they_track(void **state)
{
	static const char *const rows[][2] = {
		{ "refs/heads/main", "refs/remotes/o/main" },
		{ "refs/orch/claim/p/a", "refs/orch-remotes/o/claim/p/a" },
		{ "refs/tags/v1", NULL },
		{ "refs/notes/x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *name = remote_tracking("o", rows[i][0]);

		if (rows[i][1])
			same(name, rows[i][1]);
		else
			assert_null(name);
		free(name);
	}
}

/* Everything of the user's own that a fetch or a push could touch. */
static char *users_own(void)
{
	return sh_out(&box, "cd near && git for-each-ref refs/heads refs/tags "
			    "refs/stash refs/orch refs/user && "
			    "cat .git/HEAD .git/config && git status -s && "
			    "ls -I orch .git && md5sum .git/index");
}

static void the_users_refs_and_config_stay_as_they_are(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct remote_fetch fetch = { .remote = "origin", .prune = 1 };
	struct oid claim = a_commit(&box, "claim");
	char *before, *after;

	(void)state;
	sh(&box,
	   "git clone -q far.git other && cd other && echo two >a && "
	   "git commit -qam two && git tag v1 && git push -q origin main v1 && "
	   "git push -q origin HEAD:refs/heads/side HEAD:refs/orch/claim/p/b && "
	   "cd ../near && git config --add remote.origin.fetch "
	   "'+refs/heads/*:refs/user/*' && git config fetch.prune true && "
	   "git config remote.origin.tagOpt --tags && "
	   "git config push.followTags true && git tag -m x mine && "
	   "git update-ref refs/orch/claim/p/b HEAD && echo x >b");
	repo = near(&box);
	before = users_own();
	ok(remote_fetch(repo, &fetch));
	after = users_own();
	same(before, after);
	free(after);
	/* Their own mapping would move refs/user: git says no more of it. */
	sh(&box, "cd near && git config --unset-all remote.origin.fetch && "
		 "git config remote.origin.fetch "
		 "'+refs/heads/*:refs/remotes/origin/*'");
	free(before);
	repo_release(&repo);
	repo = near(&box);
	before = users_own();
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &claim, &oid_zero);
	ends(PUSH_DONE, NULL, repo, WORK_REF, &claim, &oid_zero);
	after = users_own();
	same(before, after);
	free(before);
	free(after);
	sh(&box, "! git -C far.git rev-parse -q --verify refs/tags/mine");
}

static void a_fetch_brings_branches_and_what_is_ours(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct remote_fetch fetch = { .remote = "origin" };
	struct oid main = far_ref(&box, "main");

	(void)state;
	sh(&box, "cd far.git && for r in heads/side orch/claim/p/a "
		 "orch/base/p/a orch/cache/x orch/other; do "
		 "git update-ref refs/$r main; done");
	ok(remote_fetch(repo, &fetch));
	near_is(repo, "refs/remotes/origin/side", &main);
	near_is(repo, "refs/orch-remotes/origin/claim/p/a", &main);
	near_is(repo, "refs/orch-remotes/origin/base/p/a", &main);
	near_is(repo, "refs/orch-remotes/origin/cache/x", &oid_zero);
	near_is(repo, "refs/orch-remotes/origin/other", &oid_zero);
	fetch.cache = 1;
	ok(remote_fetch(repo, &fetch));
	near_is(repo, "refs/orch-remotes/origin/cache/x", &main);
}

static void what_the_remote_dropped_goes_when_asked(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct remote_fetch fetch = { .remote = "origin" };
	struct oid main = far_ref(&box, "main");

	(void)state;
	sh(&box, "cd far.git && git update-ref refs/heads/side main && "
		 "git update-ref refs/orch/claim/p/a main");
	ok(remote_fetch(repo, &fetch));
	sh(&box, "cd far.git && git update-ref -d refs/heads/side && "
		 "git update-ref -d refs/orch/claim/p/a");
	ok(remote_fetch(repo, &fetch));
	near_is(repo, "refs/orch-remotes/origin/claim/p/a", &main);
	near_is(repo, "refs/remotes/origin/side", &main);
	fetch.prune = 1;
	ok(remote_fetch(repo, &fetch));
	near_is(repo, "refs/orch-remotes/origin/claim/p/a", &oid_zero);
	near_is(repo, "refs/remotes/origin/side", &oid_zero);
	near_is(repo, "refs/remotes/origin/main", &main);
}

/* In a child. */
static int fetch_once(void)
{
	struct repo *repo = near(&box);
	struct remote_fetch fetch = { .remote = "origin", .prune = 1 };
	struct error *err = remote_fetch(repo, &fetch);

	if (err)
		fprintf(stderr, "%s\n", err->message);
	return err != NULL;
}

static void several_fetches_at_once_all_succeed(void **state)
{
	int pids[6];

	(void)state;
	sh(&box, "cd far.git && for n in 1 2 3 4 5 6 7 8 9; do "
		 "git update-ref refs/orch/claim/p/a$n main; done");
	for (int n = 0; n < 6; n++) {
		pids[n] = fork();
		if (!pids[n])
			_exit(fetch_once());
	}
	for (int n = 0; n < 6; n++) {
		int status;

		assert_int_equal(waitpid(pids[n], &status, 0), pids[n]);
		assert_int_equal(status, 0);
	}
	sh(&box, "cd near && test $(git for-each-ref refs/orch-remotes | "
		 "wc -l) = 9");
}

static void a_missing_repository_is_an_error_at_once(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct remote_fetch fetch = { .remote = "gone" };

	(void)state;
	sh(&box, "git -C near remote add gone ../gone.git");
	repo = near(&box);
	fails(ERROR_FAILURE, "remote 'gone': '../gone.git' does not appear",
	      remote_fetch(repo, &fetch));
	fetch.remote = "--upload-pack=touch /tmp/x";
	fails(ERROR_FAILURE, "there is no remote '--upload-pack",
	      remote_fetch(repo, &fetch));
}

static void a_remote_with_an_odd_name_is_fetched_all_the_same(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct remote_fetch fetch = { .remote = "-odd=1" };
	struct oid main = far_ref(&box, "main");

	(void)state;
	sh(&box, "git -C near config remote.-odd=1.url ../far.git");
	repo = near(&box);
	ok(remote_fetch(repo, &fetch));
	near_is(repo, "refs/remotes/-odd=1/main", &main);
}

static void the_users_own_program_at_the_other_end_counts(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct remote_fetch fetch = { .remote = "origin" };
	char *config = xasprintf("%s/gitconfig", box.dir);

	(void)state;
	sh(&box, "git config -f gitconfig remote.origin.uploadpack "
		 "'touch ../asked; git-upload-pack' && "
		 "git -C near config remote.origin.uploadpack false");
	setenv("GIT_CONFIG_GLOBAL", config, 1);
	free(config);
	repo = near(&box);
	ok(remote_fetch(repo, &fetch));
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	sh(&box, "test -e asked");
}

static void a_shallow_clone_is_deepened(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;

	(void)state;
	sh(&box, "cd near && for n in 1 2 3; do echo $n >a && "
		 "git commit -qam $n; done && git push -q && cd .. && "
		 "rm -rf near && "
		 "git clone -q --depth 1 file://$PWD/far.git near");
	repo = near(&box);
	assert_true(repo_is_shallow(repo));
	ok(remote_deepen(repo, "origin"));
	assert_false(repo_is_shallow(repo));
	sh(&box, "cd near && test $(git rev-list --count HEAD) = 4");
	ok(remote_deepen(repo, "origin"));
}

static void a_shallow_remote_cannot_deepen(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;

	(void)state;
	sh(&box, "cd near && echo 2 >a && git commit -qam 2 && git push -q && "
		 "cd .. && rm -rf near && git clone -q --bare --depth 1 "
		 "file://$PWD/far.git thin.git && "
		 "git clone -q file://$PWD/thin.git near");
	repo = near(&box);
	fails(ERROR_FAILURE, "shallow itself", remote_deepen(repo, "origin"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_remote_is_chosen_by_flag_environment_config_name),
		TEST(the_only_remote_is_meant),
		TEST(several_remotes_or_an_unknown_one_name_those_there_are),
		TEST(tracking_refs_are_named_by_what_they_track),
		TEST(the_users_refs_and_config_stay_as_they_are),
		TEST(a_fetch_brings_branches_and_what_is_ours),
		TEST(what_the_remote_dropped_goes_when_asked),
		TEST(several_fetches_at_once_all_succeed),
		TEST(a_missing_repository_is_an_error_at_once),
		TEST(a_remote_with_an_odd_name_is_fetched_all_the_same),
		TEST(the_users_own_program_at_the_other_end_counts),
		TEST(a_shallow_clone_is_deepened),
		TEST(a_shallow_remote_cannot_deepen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
