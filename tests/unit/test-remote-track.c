#include "tests/unit/test.h"

#include "core/file.h"
#include "tests/unit/remote.h"

#include <time.h>

#define CLAIM_TRACKED "refs/orch-remotes/origin/claim/p/a"
#define MAIN_TRACKED  "refs/remotes/origin/main"

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
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	sandbox_close(&box);
	return 0;
}

static void nap(int ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* Each fetch of near is written down, and takes half a second. */
static void slow_server(void)
{
	char *config = xasprintf("%s/gitconfig", box.dir);

	sh(&box, "git config -f gitconfig remote.origin.uploadpack "
		 "'echo x >>../fetches; sleep 0.5; git-upload-pack'");
	setenv("GIT_CONFIG_GLOBAL", config, 1);
	free(config);
}

static int fetch_once(void)
{
	const struct remote_fetch fetch = { .remote = "origin", .prune = 1 };
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct error *err = remote_fetch(repo, &fetch);

	if (err)
		fprintf(stderr, "%s\n", err->message);
	return err != NULL;
}

static pid_t fetcher(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(fetch_once());
	return pid;
}

static void ended_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void those_who_wait_share_the_next_fetch(void **state)
{
	pid_t pids[8];

	(void)state;
	slow_server();
	pids[0] = fetcher();
	nap(200);
	for (int n = 1; n < 8; n++)
		pids[n] = fetcher();
	for (int n = 0; n < 8; n++)
		ended_well(pids[n]);
	/* One that was late may have come when the second had begun. */
	sh(&box,
	   "test $(wc -l <fetches) -ge 2 && test $(wc -l <fetches) -le 4");
}

static void what_was_there_before_the_question_is_always_seen(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid main = far_ref(&box, "main");
	pid_t early;

	(void)state;
	slow_server();
	early = fetcher();
	nap(200);
	sh(&box, "cd near && git push -q ../far.git main:" CLAIM_REF);
	assert_int_equal(fetch_once(), 0);
	near_is(repo, CLAIM_TRACKED, &main);
	ended_well(early);
	sh(&box, "test $(wc -l <fetches) = 2");
}

/* As a fetch that asked before the push would: it ends with what it heard. */
static void old_fetch(const char *ref, const struct oid *heard)
{
	char *path = xasprintf("%s/near/.git/orch/lock/fetch.lock", box.dir);
	struct file_lock lock = FILE_LOCK_INIT;
	struct repo *repo = near(&box);
	struct oid now;

	ok(file_lock(&lock, path, 1));
	sh(&box, "touch asked");
	nap(1500);
	ok(ref_read_maybe(&now, repo, ref));
	if (!oid_equal(&now, heard))
		ok(ref_cas(repo, ref, heard, &now, "fetch"));
	_exit(0);
}

static void a_fetch_that_asked_before_takes_nothing_back(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid claim = a_commit(&box, "claim");
	pid_t early = fork();

	(void)state;
	if (!early)
		old_fetch(CLAIM_TRACKED, &oid_zero);
	while (sh_status(&box, "test -e asked"))
		nap(10);
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &claim, &oid_zero);
	ended_well(early);
	near_is(repo, CLAIM_TRACKED, &claim);
}

static void what_was_fetched_meanwhile_is_not_taken_back(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid claim = a_commit(&box, "claim");
	struct oid newer = a_commit(&box, "newer");
	pid_t meanwhile = fork();

	(void)state;
	if (!meanwhile)
		old_fetch(CLAIM_TRACKED, &newer);
	while (sh_status(&box, "test -e asked"))
		nap(10);
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &claim, &oid_zero);
	ended_well(meanwhile);
	near_is(repo, CLAIM_TRACKED, &newer);
}

static void locks_of_a_killed_git_are_removed_by_a_fetch(void **state)
{
	static const char *const locks[] = {
		MAIN_TRACKED,
		"refs/remotes/origin/orch/p/a",
		"refs/remotes/origin/gone",
		CLAIM_TRACKED,
		"packed-refs",
	};

	(void)state;
	sh(&box, "cd near && git push -q origin main:gone 2>&1 && "
		 "git fetch -q && git pack-refs --all && "
		 "git push -q ../far.git :gone main:orch/p/a "
		 "main:" CLAIM_REF " && git commit -q --allow-empty -m 2 && "
		 "git push -q ../far.git main");
	for (size_t i = 0; i < sizeof locks / sizeof *locks; i++)
		sh(&box,
		   "cd near/.git && mkdir -p $(dirname %s) && "
		   "touch %s.lock",
		   locks[i], locks[i]);
	assert_int_equal(fetch_once(), 0);
	sh(&box, "cd near && test -z \"$(find .git -name '*.lock' "
		 "! -path '*/orch/lock/*')\" && "
		 "test $(git rev-parse main) = $(git rev-parse origin/main) && "
		 "git rev-parse -q --verify " CLAIM_TRACKED " && "
		 "! git rev-parse -q --verify origin/gone");
}

static void a_dead_lock_on_a_tracking_ref_is_removed_by_a_push(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid claim = a_commit(&box, "claim");

	(void)state;
	sh(&box, "cd near/.git && mkdir -p $(dirname " CLAIM_TRACKED ") && "
		 "touch " CLAIM_TRACKED ".lock");
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &claim, &oid_zero);
	near_is(repo, CLAIM_TRACKED, &claim);
}

static void a_dead_lock_of_the_shallow_file_is_removed(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;

	(void)state;
	sh(&box, "cd near && git commit -q --allow-empty -m 2 && git push -q "
		 "&& cd .. && rm -rf near && "
		 "git clone -q --depth 1 file://$PWD/far.git near && "
		 "touch near/.git/shallow.lock");
	repo = near(&box);
	ok(remote_deepen(repo, "origin"));
	assert_false(repo_is_shallow(repo));
}

static void a_lock_that_a_living_git_holds_stays(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	const struct remote_fetch fetch = { .remote = "origin", .tries = 1 };
	pid_t holder = fork();

	(void)state;
	if (!holder) {
		/* It has the file open, as git has while it writes. */
		sh(&box, "git -C far.git update-ref " CLAIM_REF " main && "
			 "cd near/.git && mkdir -p $(dirname " CLAIM_TRACKED
			 ") && exec 9>" CLAIM_TRACKED ".lock && "
			 "touch ../../held && sleep 4");
		_exit(0);
	}
	while (sh_status(&box, "test -e held"))
		nap(10);
	fails(ERROR_AGAIN, "is in use", remote_fetch(repo, &fetch));
	sh(&box, "test -e near/.git/" CLAIM_TRACKED ".lock");
	ended_well(holder);
	ok(remote_fetch(repo, &fetch));
	sh(&box, "git -C near rev-parse -q --verify " CLAIM_TRACKED);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(those_who_wait_share_the_next_fetch),
		TEST(what_was_there_before_the_question_is_always_seen),
		TEST(a_fetch_that_asked_before_takes_nothing_back),
		TEST(what_was_fetched_meanwhile_is_not_taken_back),
		TEST(locks_of_a_killed_git_are_removed_by_a_fetch),
		TEST(a_dead_lock_on_a_tracking_ref_is_removed_by_a_push),
		TEST(a_dead_lock_of_the_shallow_file_is_removed),
		TEST(a_lock_that_a_living_git_holds_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
