/* The same over HTTP, where connections break and passwords are wanted. */
#include "tests/unit/remote.h"

#include "core/clock.h"
#include "core/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

static struct scratch box;
static struct {
	int pid;
	int port;
	int in; /* its standard input: the end of it ends the server */
} server;

static void start_server(void)
{
	int in[2], out[2];
	char line[16] = "";

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	server.pid = fork();
	if (!server.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		execlp("python3", "python3", "tests/peers/git-http.py", box.dir,
		       NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server.in = in[1];
	assert_true(read(out[0], line, sizeof line - 1) > 0);
	close(out[0]);
	server.port = atoi(line);
}

static int start(void **state)
{
	(void)state;
	far_open(&box);
	start_server();
	sh(&box,
	   "git -C near remote set-url origin http://127.0.0.1:%d/far.git && "
	   "mkdir locked && ln -s ../far.git locked/far.git",
	   server.port);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	close(server.in);
	waitpid(server.pid, NULL, 0);
	sandbox_close(&box);
	return 0;
}

/* What the next pushes meet. */
static void faults(const char *list)
{
	sh(&box, "printf '%s' >faults", list);
}

/* They were met. */
static void no_faults_left(void)
{
	sh(&box, "test ! -s faults");
}

static void a_ref_goes_and_comes_over_http(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct remote_fetch fetch = { .remote = "origin", .prune = 1 };
	struct oid a = a_commit(&box, "a"), b = a_commit(&box, "b");

	(void)state;
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	ends(PUSH_STALE, CLAIM_REF, repo, CLAIM_REF, &b, &oid_zero);
	far_is(&box, CLAIM_REF, &a);
	sh(&box, "git -C far.git update-ref -d " CLAIM_REF);
	ok(remote_fetch(repo, &fetch));
	near_is(repo, "refs/orch-remotes/origin/claim/p/a", &oid_zero);
}

static void a_push_that_was_taken_unheard_is_done(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a"), b = a_commit(&box, "b");
	static const char *const cuts[] = { "cut-after", "cut-inside" };

	(void)state;
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	for (int i = 0; i < 2; i++) {
		const struct oid *to = i ? &a : &b, *from = i ? &b : &a;

		faults(cuts[i]);
		ends(PUSH_DONE, NULL, repo, CLAIM_REF, to, from);
		no_faults_left();
		far_is(&box, CLAIM_REF, to);
		near_is(repo, "refs/orch-remotes/origin/claim/p/a", to);
	}
}

static void a_push_that_was_not_heard_is_made_again(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a");

	(void)state;
	faults("cut-before 503");
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	no_faults_left();
	far_is(&box, CLAIM_REF, &a);
}

static void another_that_came_in_between_makes_it_stale(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a");

	(void)state;
	/* The server takes ours, and another moves the ref at once. */
	far_hook(&box, "post-receive",
		 "git update-ref " CLAIM_REF " refs/heads/main");
	faults("cut-after");
	ends(PUSH_STALE, "stands elsewhere", repo, CLAIM_REF, &a, &oid_zero);
}

static void a_server_that_is_never_heard_is_transient(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	CLEANUP(push_release)
	struct push push = { .remote = "origin", .tries = 2 };
	struct oid a = a_commit(&box, "a");
	enum push_end end;

	(void)state;
	push_add(&push, CLAIM_REF, &a, &oid_zero);
	faults("503 503 503");
	fails(ERROR_AGAIN,
	      "remote 'origin': ", remote_push(&end, NULL, repo, &push));
	/* As often as it was to be, and not once more. */
	sh(&box, "test \"$(cat faults)\" = 503");
	far_is(&box, CLAIM_REF, &oid_zero);
}

static void a_dead_host_is_transient(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct remote_fetch fetch = { .remote = "dead", .tries = 2 };
	CLEANUP(remote_probe_release) struct remote_probe probe = { 0 };

	(void)state;
	sh(&box, "git -C near remote add dead http://u:pw@127.0.0.1:1/x.git && "
		 "git -C near remote add nohost http://no.invalid/x.git");
	repo = near(&box);
	fails(ERROR_AGAIN, "remote 'dead': ", remote_fetch(repo, &fetch));
	fetch.remote = "nohost";
	fails(ERROR_AGAIN, "no.invalid", remote_fetch(repo, &fetch));
	ok(remote_probe(&probe, repo, "dead"));
	assert_false(probe.reachable);
	assert_null(strstr(probe.problem, "pw"));
}

static void locked(const char *remote, const char *user)
{
	sh(&box,
	   "git -C near remote add %s http://%s127.0.0.1:%d/locked/far.git",
	   remote, user, server.port);
}

static void a_wrong_password_is_an_error_at_once_and_not_shown(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct remote_fetch fetch = { .remote = "wrong" };
	struct error *err;
	int64_t began = clock_ms();

	(void)state;
	locked("none", "");
	locked("wrong", "ada:sesame@");
	repo = near(&box);
	err = remote_fetch(repo, &fetch);
	assert_true(error_is(err, ERROR_FAILURE));
	assert_non_null(strstr(err->message, "Authentication failed"));
	assert_null(strstr(err->message, "sesame"));
	assert_null(strstr(err->message, "ada"));
	error_free(err);
	fetch.remote = "none";
	fails(ERROR_FAILURE, "could not read Username",
	      remote_fetch(repo, &fetch));
	assert_true(clock_ms() - began < 10000);
}

#define HELPER "'!printf \"username=ada\\npassword=right\\n\"; touch %s;:'"

static void only_the_users_own_credential_helper_is_asked(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct remote_fetch fetch = { .remote = "locked" };
	struct oid main = far_ref(&box, "main");
	char *config = xasprintf("%s/gitconfig", box.dir);

	(void)state;
	locked("locked", "");
	sh(&box, "git -C near config credential.helper " HELPER, "../evil");
	repo = near(&box);
	fails(ERROR_FAILURE, "could not read Username",
	      remote_fetch(repo, &fetch));
	sh(&box, "test ! -e evil && git config -f gitconfig credential.helper "
		 "'!f() { cat >/dev/null; echo username=ada; "
		 "echo password=right; }; f'");
	setenv("GIT_CONFIG_GLOBAL", config, 1);
	free(config);
	ok(remote_fetch(repo, &fetch));
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	near_is(repo, "refs/remotes/locked/main", &main);
	sh(&box, "test ! -e evil");
}

static void a_missing_repository_is_told(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct remote_fetch fetch = { .remote = "gone" };

	(void)state;
	sh(&box, "git -C near remote add gone http://127.0.0.1:%d/gone.git",
	   server.port);
	repo = near(&box);
	fails(ERROR_FAILURE, "remote 'gone': repository 'http",
	      remote_fetch(repo, &fetch));
}

static void what_a_server_lacks_is_told_over_http(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a");

	(void)state;
	sh(&box, "git -C far.git config receive.hideRefs refs/orch");
	ends(PUSH_UNSUPPORTED, "hidden", repo, CLAIM_REF, &a, &oid_zero);
	sh(&box, "git -C far.git config receive.advertiseAtomic false");
	ends(PUSH_UNSUPPORTED, "--atomic", repo, WORK_REF, &a, &oid_zero);
}

static void a_probe_over_http_finds_all_it_wants(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	CLEANUP(remote_probe_release) struct remote_probe probe = { 0 };

	(void)state;
	ok(remote_probe(&probe, repo, "origin"));
	assert_true(probe.reachable && probe.atomic && probe.own_refs);
	assert_non_null(strstr(probe.server, "git/"));
	assert_null(probe.problem);
}

static void of_eight_pushers_over_http_one_wins(void **state)
{
	int most = loops(1);

	(void)state;
	for (int round = 1; round <= most; round++) {
		/* Two of them are not told what became of it. */
		faults("pass cut-after pass cut-after");
		far_race(&box, round);
	}
	print_message("one winner of %d over http: %d/%d\n", RACERS, most,
		      most);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_ref_goes_and_comes_over_http),
		TEST(a_push_that_was_taken_unheard_is_done),
		TEST(a_push_that_was_not_heard_is_made_again),
		TEST(another_that_came_in_between_makes_it_stale),
		TEST(a_server_that_is_never_heard_is_transient),
		TEST(a_dead_host_is_transient),
		TEST(a_wrong_password_is_an_error_at_once_and_not_shown),
		TEST(only_the_users_own_credential_helper_is_asked),
		TEST(a_missing_repository_is_told),
		TEST(what_a_server_lacks_is_told_over_http),
		TEST(a_probe_over_http_finds_all_it_wants),
		TEST(of_eight_pushers_over_http_one_wins),
	};

	loop_catch_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
