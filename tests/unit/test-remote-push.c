/* Pushing by path: leases, atomicity, what servers refuse. */
#include "tests/unit/remote.h"

#include "core/loop.h"

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
	sandbox_close(&box);
	return 0;
}

static void a_ref_is_made_moved_and_deleted_and_tracked(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a"), b = a_commit(&box, "b");
	const char *tracking = "refs/orch-remotes/origin/claim/p/a";

	(void)state;
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	far_is(&box, CLAIM_REF, &a);
	near_is(repo, tracking, &a);
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &b, &a);
	far_is(&box, CLAIM_REF, &b);
	near_is(repo, tracking, &b);
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &oid_zero, &b);
	far_is(&box, CLAIM_REF, &oid_zero);
	near_is(repo, tracking, &oid_zero);
	near_is(repo, CLAIM_REF, &oid_zero);
}

static void a_lease_that_does_not_hold_is_stale(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a"), b = a_commit(&box, "b");
	struct oid c = a_commit(&box, "c");

	(void)state;
	/* Missing, though it should be there; to be deleted, too. */
	ends(PUSH_STALE, CLAIM_REF, repo, CLAIM_REF, &a, &b);
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	/* There, though it should not be; and somewhere else. */
	ends(PUSH_STALE, CLAIM_REF, repo, CLAIM_REF, &b, &oid_zero);
	ends(PUSH_STALE, CLAIM_REF, repo, CLAIM_REF, &b, &c);
	ends(PUSH_STALE, CLAIM_REF, repo, CLAIM_REF, &oid_zero, &c);
	far_is(&box, CLAIM_REF, &a);
}

static void what_stands_there_already_is_done(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a");

	(void)state;
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &oid_zero, &a);
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &oid_zero, &a);
}

static void all_refs_move_or_none(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	CLEANUP(push_release) struct push push = { .remote = "origin" };
	struct oid a = a_commit(&box, "a"), b = a_commit(&box, "b");
	enum push_end end;
	char *why = NULL;

	(void)state;
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	push_add(&push, WORK_REF, &b, &oid_zero);
	push_add(&push, BASE_REF, &b, &oid_zero);
	push_add(&push, CLAIM_REF, &b, &b);
	ok(remote_push(&end, &why, repo, &push));
	assert_int_equal(end, PUSH_STALE);
	assert_non_null(strstr(why, CLAIM_REF));
	free(why);
	far_is(&box, WORK_REF, &oid_zero);
	far_is(&box, BASE_REF, &oid_zero);
	push.refs.items[2].expected = a;
	ok(remote_push(&end, NULL, repo, &push));
	assert_int_equal(end, PUSH_DONE);
	far_is(&box, WORK_REF, &b);
	far_is(&box, CLAIM_REF, &b);
	near_is(repo, "refs/remotes/origin/orch/p/a", &b);
	near_is(repo, "refs/heads/orch/p/a", &oid_zero);
}

static void of_eight_pushers_for_one_ref_one_wins(void **state)
{
	int most = loops(2);

	(void)state;
	for (int round = 1; round <= most; round++)
		far_race(&box, round);
	print_message("one winner of %d: %d/%d\n", RACERS, most, most);
}

static void a_hook_that_declines_one_ref_declines_all(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	CLEANUP(push_release) struct push push = { .remote = "origin" };
	struct oid a = a_commit(&box, "a");
	struct error *err;
	enum push_end end;

	(void)state;
	far_hook(&box, "update",
		 "case $1 in refs/heads/*) echo no branches, please; exit 1;; "
		 "esac");
	push_add(&push, CLAIM_REF, &a, &oid_zero);
	push_add(&push, WORK_REF, &a, &oid_zero);
	err = remote_push(&end, NULL, repo, &push);
	assert_true(error_is(err, ERROR_REFUSED));
	assert_non_null(strstr(err->message, "'" WORK_REF "'"));
	assert_non_null(strstr(err->message, "hook declined"));
	assert_non_null(strstr(err->message, "no branches, please"));
	error_free(err);
	far_is(&box, CLAIM_REF, &oid_zero);
}

static void a_server_without_atomic_push_is_told(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a");

	(void)state;
	sh(&box, "git -C far.git config receive.advertiseAtomic false");
	ends(PUSH_UNSUPPORTED, "--atomic", repo, WORK_REF, &a, &oid_zero);
	far_is(&box, WORK_REF, &oid_zero);
}

static void a_server_that_refuses_our_refs_is_told(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a");

	(void)state;
	sh(&box, "git -C far.git config transfer.hideRefs refs/orch");
	ends(PUSH_UNSUPPORTED, "hidden", repo, CLAIM_REF, &a, &oid_zero);
	sh(&box, "git -C far.git config --unset transfer.hideRefs");
	far_hook(
		&box, "pre-receive",
		"grep -q refs/orch && { echo branches only; exit 1; }; exit 0");
	ends(PUSH_UNSUPPORTED, "pre-receive hook declined", repo, CLAIM_REF, &a,
	     &oid_zero);
	ends(PUSH_DONE, NULL, repo, WORK_REF, &a, &oid_zero);
}

static void names_that_are_none_are_not_pushed(void **state)
{
	static const char *const names[] = {
		"-x",
		"--receive-pack=touch x",
		"main",
		"refs/heads/a:refs/heads/b",
		"refs/heads/*",
		"refs/heads/../../config",
		"refs/heads/a b",
		"refs/heads/a\nb",
		"+refs/heads/a",
		"refs/heads/",
		"refs/heads/a//b",
		"",
	};
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a");
	enum push_end end;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		fails(ERROR_INVALID, "is no name for a ref",
		      push_one(&end, NULL, repo, names[i], &a, &oid_zero));
	ends(PUSH_DONE, NULL, repo, "refs/heads/-x", &a, &oid_zero);
	far_is(&box, "refs/heads/-x", &a);
}

static void an_id_is_never_taken_for_a_name(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct oid a = a_commit(&box, "a");
	char hex[OID_HEX];

	(void)state;
	sh(&box,
	   "cd near && git update-ref refs/tags/%s main && "
	   "git update-ref refs/heads/%s main",
	   oid_hex(hex, &a), hex);
	repo = near(&box);
	ends(PUSH_DONE, NULL, repo, WORK_REF, &a, &oid_zero);
	far_is(&box, WORK_REF, &a);
}

static void a_lock_that_stays_is_transient(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a"), b = a_commit(&box, "b");
	CLEANUP(push_release)
	struct push push = { .remote = "origin", .tries = 2 };
	enum push_end end;

	(void)state;
	ends(PUSH_DONE, NULL, repo, CLAIM_REF, &a, &oid_zero);
	sh(&box, "touch far.git/" CLAIM_REF ".lock");
	push_add(&push, CLAIM_REF, &b, &a);
	fails(ERROR_AGAIN, CLAIM_REF, remote_push(&end, NULL, repo, &push));
	far_is(&box, CLAIM_REF, &a);
	sh(&box, "rm far.git/" CLAIM_REF ".lock");
	ok(remote_push(&end, NULL, repo, &push));
	assert_int_equal(end, PUSH_DONE);
}

static void the_pre_push_hook_runs_only_when_asked(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	CLEANUP(push_release) struct push push = { .remote = "origin" };
	struct oid a = a_commit(&box, "a"), b = a_commit(&box, "b");
	enum push_end end;

	(void)state;
	sh(&box, "mkdir near/tools && cd near && git config core.hooksPath "
		 "tools && printf '#!/bin/sh\\necho ran $ORCH_RUN >>../ran\\n"
		 "echo error: connection refused >&2\\n"
		 "test ! -e ../no\\n' >tools/pre-push && "
		 "chmod +x tools/pre-push");
	repo = near(&box);
	push_add(&push, WORK_REF, &a, &oid_zero);
	ok(remote_push(&end, NULL, repo, &push));
	sh(&box, "test ! -e ran");
	push.run_hooks = 1;
	push.refs.items[0].expected = a;
	push.refs.items[0].to = b;
	sh(&box, "touch no");
	fails(ERROR_REFUSED, "the pre-push hook refuses",
	      remote_push(&end, NULL, repo, &push));
	far_is(&box, WORK_REF, &a);
	sh(&box, "rm no");
	ok(remote_push(&end, NULL, repo, &push));
	far_is(&box, WORK_REF, &b);
	sh(&box, "test \"$(cat ran)\" = \"$(printf 'ran 1\\nran 1')\"");
}

static void an_interrupt_ends_a_push(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	struct oid a = a_commit(&box, "a");
	enum push_end end;
	int pid;

	(void)state;
	far_hook(&box, "pre-receive", "touch ../here; sleep 5");
	pid = fork();
	if (!pid) {
		sh(&box, "until test -e here; do sleep 0.02; done");
		kill(getppid(), SIGINT);
		_exit(0);
	}
	fails(ERROR_INTERRUPT, "",
	      push_one(&end, NULL, repo, CLAIM_REF, &a, &oid_zero));
	interrupted = 0;
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void nothing_of_the_repositorys_own_is_run(void **state)
{
	static const char *const keys[] = {
		"core.sshCommand",
		"core.askPass",
		"core.gitProxy",
		"core.fsmonitor",
		"core.alternateRefsCommand",
		"credential.helper",
		"credential.http://127.0.0.1:1.helper",
		"remote.origin.uploadpack",
		"remote.origin.receivepack",
		"uploadpack.packObjectsHook",
		"gpg.program",
	};
	static const char *const urls[] = {
		"../far.git",
		"ssh://127.0.0.1:1/x",
		"http://127.0.0.1:1/x",
		"git://127.0.0.1:1/x",
		"ext::sh -c \"touch ../evil\"",
	};
	struct oid a = a_commit(&box, "a");

	(void)state;
	sh(&box,
	   "cd near && git config push.gpgSign if-asked && "
	   "mkdir -p .git/hooks && for h in pre-push post-checkout "
	   "reference-transaction; do "
	   "printf '#!/bin/sh\\ntouch %s/evil\\n' >.git/hooks/$h && "
	   "chmod +x .git/hooks/$h; done",
	   box.dir);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		sh(&box, "git -C near config '%s' 'touch %s/evil; true'",
		   keys[i], box.dir);
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		CLEANUP(repo_release) struct repo *repo = NULL;
		struct remote_fetch fetch = { .remote = "origin", .tries = 1 };
		CLEANUP(push_release)
		struct push push = { .remote = "origin", .tries = 1 };
		enum push_end end;

		sh(&box, "git -C near config remote.origin.url '%s'", urls[i]);
		repo = near(&box);
		push_add(&push, CLAIM_REF, &a, &oid_zero);
		error_free(remote_fetch(repo, &fetch));
		error_free(remote_push(&end, NULL, repo, &push));
		if (!sh_status(&box, "test -e evil"))
			fail_msg("something was run for %s", urls[i]);
	}
}

static void a_mirror_is_not_pushed_from(void **state)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	struct oid a = a_commit(&box, "a");
	enum push_end end;

	(void)state;
	sh(&box, "git -C near config remote.origin.fetch '+refs/*:refs/*'");
	repo = near(&box);
	fails(ERROR_REFUSED, "would move 'refs/*' here",
	      push_one(&end, NULL, repo, WORK_REF, &a, &oid_zero));
	far_is(&box, WORK_REF, &oid_zero);
	near_is(repo, WORK_REF, &oid_zero);
}

static void probed(int atomic, int own_refs, const char *problem)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	CLEANUP(remote_probe_release) struct remote_probe probe = { 0 };

	ok(remote_probe(&probe, repo, "origin"));
	assert_int_equal(probe.reachable, 1);
	assert_int_equal(probe.atomic, atomic);
	assert_int_equal(probe.own_refs, own_refs);
	assert_non_null(strstr(probe.server, "git/"));
	if (problem && !strstr(probe.problem, problem))
		fail_msg("%s", probe.problem);
	else if (!problem)
		assert_null(probe.problem);
	sh(&box, "test -z \"$(git -C far.git for-each-ref refs/orch)\"");
}

static void a_probe_tells_what_the_server_can_do(void **state)
{
	(void)state;
	probed(1, 1, NULL);
	sh(&box, "git -C far.git config receive.advertiseAtomic false");
	probed(0, 0, "--atomic");
	sh(&box, "git -C far.git config --unset receive.advertiseAtomic && "
		 "git -C far.git config uploadpack.hideRefs refs/orch");
	probed(1, 0, "does not show it: single machine only");
	sh(&box, "git -C far.git config receive.hideRefs refs/orch");
	probed(1, 0, "hidden ref): single machine only");
}

static void a_probe_of_nothing_is_a_problem_and_no_error(void **state)
{
	CLEANUP(repo_release) struct repo *repo = near(&box);
	CLEANUP(remote_probe_release) struct remote_probe probe = { 0 };

	(void)state;
	sh(&box, "mv far.git away.git");
	ok(remote_probe(&probe, repo, "origin"));
	assert_false(probe.reachable);
	assert_non_null(strstr(probe.problem, "does not appear"));
	fails(ERROR_FAILURE, "no remote 'x'", remote_probe(&probe, repo, "x"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_ref_is_made_moved_and_deleted_and_tracked),
		TEST(a_lease_that_does_not_hold_is_stale),
		TEST(what_stands_there_already_is_done),
		TEST(all_refs_move_or_none),
		TEST(of_eight_pushers_for_one_ref_one_wins),
		TEST(a_hook_that_declines_one_ref_declines_all),
		TEST(a_server_without_atomic_push_is_told),
		TEST(a_server_that_refuses_our_refs_is_told),
		TEST(names_that_are_none_are_not_pushed),
		TEST(an_id_is_never_taken_for_a_name),
		TEST(a_lock_that_stays_is_transient),
		TEST(the_pre_push_hook_runs_only_when_asked),
		TEST(an_interrupt_ends_a_push),
		TEST(nothing_of_the_repositorys_own_is_run),
		TEST(a_mirror_is_not_pushed_from),
		TEST(a_probe_tells_what_the_server_can_do),
		TEST(a_probe_of_nothing_is_a_problem_and_no_error),
	};

	loop_catch_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
