/*
 * Refs move by compare-and-swap only; of many who try at once one wins, and a
 * lock in the way is never taken for a loss.
 */
#include "tests/unit/repo.h"

#include "core/clock.h"
#include "gitops/ref.h"

static struct scratch box;
static struct repo *repo;
static struct oid one, two; /* two commits */

static struct oid parse(char *hex)
{
	struct oid oid;

	ok(oid_parse(&oid, hex));
	free(hex);
	return oid;
}

static int setup(void **state)
{
	(void)state;
	sandbox_open(&box);
	sh(&box, "git init -q -b main . && git commit -q --allow-empty -m 1 && "
		 "git commit -q --allow-empty -m 2");
	one = parse(sh_out(&box, "git rev-parse HEAD^"));
	two = parse(sh_out(&box, "git rev-parse HEAD"));
	ok(repo_open(&repo, box.dir));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	repo_release(&repo);
	sandbox_close(&box);
	return 0;
}

static void a_ref_that_is_absent_is_not_found(void **state)
{
	struct oid oid = one;

	(void)state;
	fails(ERROR_NOT_FOUND, "refs/orch/claim/p/a",
	      ref_read(&oid, repo, "refs/orch/claim/p/a"));
	assert_true(oid_equal(&oid, &one));
	ok(ref_read_maybe(&oid, repo, "refs/orch/claim/p/a"));
	assert_true(oid_is_zero(&oid));
}

static void refs_of_git_are_read_loose_and_packed(void **state)
{
	struct oid oid;

	(void)state;
	ok(ref_read(&oid, repo, "refs/heads/main"));
	assert_true(oid_equal(&oid, &two));
	sh(&box, "git update-ref refs/orch/base/p/a HEAD^ && "
		 "git pack-refs --all --prune");
	ok(ref_read(&oid, repo, "refs/orch/base/p/a"));
	assert_true(oid_equal(&oid, &one));
}

static void refs_below_a_prefix_come_sorted_and_in_full(void **state)
{
	CLEANUP(refs_release) struct refs refs = REFS_INIT;

	(void)state;
	sh(&box, "git update-ref refs/orch/claim/p/b HEAD && "
		 "git update-ref refs/orch/claim/p/a HEAD^ && "
		 "git pack-refs --all && "
		 "git update-ref refs/orch/claim/o/z HEAD && "
		 "git update-ref refs/orch/claims HEAD");
	ok(ref_list(&refs, repo, "refs/orch/claim/"));
	assert_int_equal(refs.len, 3);
	same(refs.items[0].name, "refs/orch/claim/o/z");
	same(refs.items[1].name, "refs/orch/claim/p/a");
	same(refs.items[2].name, "refs/orch/claim/p/b");
	assert_true(oid_equal(&refs.items[1].oid, &one));
}

static void below_a_prefix_without_refs_there_is_nothing(void **state)
{
	CLEANUP(refs_release) struct refs refs = REFS_INIT;

	(void)state;
	ok(ref_list(&refs, repo, "refs/orch/attempt/"));
	assert_int_equal(refs.len, 0);
}

static void the_zero_id_means_must_not_exist(void **state)
{
	static const char name[] = "refs/orch/claim/p/a";
	struct oid oid;

	(void)state;
	ok(ref_cas(repo, name, &one, &oid_zero, "taken"));
	fails(ERROR_STALE, name, ref_cas(repo, name, &two, &oid_zero, "taken"));
	fails(ERROR_STALE, name, ref_cas(repo, name, &one, &oid_zero, "taken"));
	sh(&box, "git pack-refs --all --prune");
	fails(ERROR_STALE, name, ref_cas(repo, name, &two, &oid_zero, "taken"));
	ok(ref_read(&oid, repo, name));
	assert_true(oid_equal(&oid, &one));
}

static void a_ref_moves_only_from_where_it_was_seen(void **state)
{
	static const char name[] = "refs/orch/claim/p/a";
	struct oid oid;

	(void)state;
	ok(ref_cas(repo, name, &one, &oid_zero, "taken"));
	ok(ref_cas(repo, name, &two, &one, "moved"));
	fails(ERROR_STALE, name, ref_cas(repo, name, &one, &one, "again"));
	fails(ERROR_STALE, name, ref_cas(repo, name, &two, &one, "there"));
	fails(ERROR_STALE, "refs/orch/none",
	      ref_cas(repo, "refs/orch/none", &two, &one, "none"));
	ok(ref_read(&oid, repo, name));
	assert_true(oid_equal(&oid, &two));
}

static void a_ref_is_deleted_only_where_it_was_seen(void **state)
{
	static const char name[] = "refs/orch/claim/p/a";
	struct oid oid;

	(void)state;
	ok(ref_cas(repo, name, &one, &oid_zero, "taken"));
	fails(ERROR_STALE, name, ref_cas(repo, name, &oid_zero, &two, "no"));
	sh(&box, "git pack-refs --all --prune");
	ok(ref_cas(repo, name, &oid_zero, &one, "dropped"));
	ok(ref_read_maybe(&oid, repo, name));
	assert_true(oid_is_zero(&oid));
	fails(ERROR_STALE, name, ref_cas(repo, name, &oid_zero, &one, "no"));
	sh(&box, "test -z \"$(git for-each-ref refs/orch)\"");
}

static void a_refused_deletion_keeps_the_reflog(void **state)
{
	(void)state;
	fails(ERROR_STALE, "main",
	      ref_cas(repo, "refs/heads/main", &oid_zero, &one, "no"));
	sh(&box, "test $(git reflog main | wc -l) = 2");
}

static void an_object_that_is_not_here_is_no_target(void **state)
{
	struct oid nowhere = { { 1 } };

	(void)state;
	fails(ERROR_FAILURE,
	      "ref 'refs/orch/x' cannot move to commit 0100000: the commit "
	      "could not be written",
	      ref_cas(repo, "refs/orch/x", &nowhere, &oid_zero, "bad"));
}

static void a_bad_name_is_refused(void **state)
{
	(void)state;
	fails(ERROR_INVALID, "..",
	      ref_cas(repo, "refs/orch/a..b", &one, &oid_zero, "bad"));
}

static void a_folder_of_refs_is_not_overwritten(void **state)
{
	(void)state;
	ok(ref_cas(repo, "refs/heads/orch/p/a", &one, &oid_zero, "made"));
	fails(ERROR_FAILURE, "refs/heads/orch",
	      ref_cas(repo, "refs/heads/orch", &one, &oid_zero, "file"));
	fails(ERROR_FAILURE, "refs/heads/orch/p/a/b",
	      ref_cas(repo, "refs/heads/orch/p/a/b", &one, &oid_zero, "dir"));
}

static void the_reflog_says_why_and_needs_no_user(void **state)
{
	(void)state;
	ok(ref_cas(repo, "refs/heads/main", &one, &two, "orch: back"));
	sh(&box, "git reflog main | head -1 | grep -q 'orch: back'");
}

static void a_lock_that_stays_is_named_and_no_loss(void **state)
{
	static const char name[] = "refs/orch/claim/p/a";
	int64_t start = clock_ms();

	(void)state;
	sh(&box, "mkdir -p .git/refs/orch/claim/p && "
		 "touch .git/refs/orch/claim/p/a.lock");
	fails(ERROR_AGAIN, "refs/orch/claim/p/a.lock",
	      ref_cas(repo, name, &one, &oid_zero, "taken"));
	assert_in_range(clock_ms() - start, 900, 10000);
	sh(&box, "rm .git/refs/orch/claim/p/a.lock");
	ok(ref_cas(repo, name, &one, &oid_zero, "taken"));
}

static void a_lock_that_goes_away_is_waited_for(void **state)
{
	(void)state;
	sh(&box, "mkdir -p .git/refs/orch && touch .git/refs/orch/x.lock && "
		 "{ sleep 0.2; rm .git/refs/orch/x.lock; } >/dev/null &");
	ok(ref_cas(repo, "refs/orch/x", &one, &oid_zero, "taken"));
}

/* A racer: opens for itself, waits for the start, tries once. */
static int race(int go, const char *name, const struct oid *new_oid,
		const struct oid *old_oid)
{
	struct repo *mine;
	struct error *err = repo_open(&mine, box.dir);
	char c;

	if (err || read(go, &c, 1) < 0)
		return 2;
	err = ref_cas(mine, name, new_oid, old_oid, "race");
	if (err && !error_is(err, ERROR_STALE))
		fprintf(stderr, "%s\n", err->message);
	return !err ? 0 : error_is(err, ERROR_STALE) ? 1 : 2;
}

/* Sixteen at once, each with its own commit; how many won and lost. */
static void race_once(int *won, int *lost, const char *name,
		      const struct oid *commits, const struct oid *old_oid)
{
	int go[2];

	*won = *lost = 0;
	assert_int_equal(pipe(go), 0);
	for (int i = 0; i < 16; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			close(go[1]);
			_exit(race(go[0], name, &commits[i], old_oid));
		}
	}
	close(go[0]);
	close(go[1]);
	for (int i = 0; i < 16; i++) {
		int status;

		assert_true(wait(&status) > 0);
		*won += WIFEXITED(status) && !WEXITSTATUS(status);
		*lost += WIFEXITED(status) && WEXITSTATUS(status) == 1;
	}
}

static void of_sixteen_at_once_one_wins(void **state)
{
	static const char name[] = "refs/orch/claim/p/race";
	int rounds = loops(10);
	int exact = 0;
	struct oid commits[16];

	(void)state;
	for (int i = 0; i < 16; i++)
		commits[i] = parse(sh_out(
			&box, "git commit-tree -m %d $(git write-tree)", i));
	for (int n = 0; n < rounds; n++) {
		struct oid old_oid = n % 2 ? two : oid_zero;
		int won, lost;

		sh(&box,
		   n % 2 ? "git update-ref %s HEAD" : "git update-ref -d %s",
		   name);
		race_once(&won, &lost, name, commits, &old_oid);
		exact += won == 1 && lost == 15;
	}
	print_message("%d/%d rounds had one winner of 16\n", exact, rounds);
	assert_int_equal(exact, rounds);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_ref_that_is_absent_is_not_found),
		TEST(refs_of_git_are_read_loose_and_packed),
		TEST(refs_below_a_prefix_come_sorted_and_in_full),
		TEST(below_a_prefix_without_refs_there_is_nothing),
		TEST(the_zero_id_means_must_not_exist),
		TEST(a_ref_moves_only_from_where_it_was_seen),
		TEST(a_ref_is_deleted_only_where_it_was_seen),
		TEST(a_refused_deletion_keeps_the_reflog),
		TEST(an_object_that_is_not_here_is_no_target),
		TEST(a_bad_name_is_refused),
		TEST(a_folder_of_refs_is_not_overwritten),
		TEST(the_reflog_says_why_and_needs_no_user),
		TEST(a_lock_that_stays_is_named_and_no_loss),
		TEST(a_lock_that_goes_away_is_waited_for),
		TEST(of_sixteen_at_once_one_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
