#include "tests/unit/test.h"

#include "gitops/claim.h"
#include "gitops/commit.h"
#include "gitops/sync.h"
#include "tests/unit/remote.h"

#include <signal.h>
#include <time.h>

#define CLAIM_NONE                                                             \
	{                                                                      \
		.lock = FILE_LOCK_INIT                                         \
	}
#define LEASE 1 /* seconds */

/* Two clones of one remote, as two machines have them. */
struct setting {
	struct scratch box;
	struct repo *near, *other;
};

static struct repo *open_clone(const struct scratch *box, const char *name)
{
	char *dir = path_join(box->dir, name);
	struct repo *repo = NULL;

	ok(repo_open(&repo, dir));
	repo_set_remote(repo, "origin");
	free(dir);
	return repo;
}

static int start(void **state)
{
	static struct setting s;

	far_open(&s.box);
	sh(&s.box, "git clone -q far.git other && git clone -q far.git third");
	far_hook(&s.box, "pre-receive",
		 "while read old new ref; do set -- \"$@\" $ref; done\\n"
		 "echo \"$@\" >>../pushes");
	setenv("ORCH_RUNNER", "here", 1);
	s.near = open_clone(&s.box, "near");
	s.other = open_clone(&s.box, "other");
	*state = &s;
	return 0;
}

static int stop(void **state)
{
	struct setting *s = *state;

	repo_release(&s->near);
	repo_release(&s->other);
	unsetenv("ORCH_RUNNER");
	sandbox_close(&s->box);
	return 0;
}

static void nap(int ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

static void pushes_are(const struct setting *s, const char *expected)
{
	char *text = sh_out(&s->box, "cat pushes 2>/dev/null; rm -f pushes");

	same(text, expected);
	free(text);
}

/* A process of near takes the phase and is killed. */
static void killed_runner(const struct setting *s, const char *phase)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct claim claim = CLAIM_NONE;
		struct repo *repo = open_clone(&s->box, "near");

		ok(claim_take(&claim, repo, "p", phase, "run-1"));
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	ok(sync_fetch(s->near));
}

static int is_gone(struct repo *repo, const char *phase)
{
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	ok(sync_fetch(repo));
	ok(claim_read(&claim, repo, "p", phase));
	return claim_gone(repo, &claim, LEASE);
}

static struct error *take_over(struct claim *out, struct repo *repo)
{
	return claim_take_over(out, repo, "p", "a", LEASE);
}

static void a_claim_stands_on_the_remote_and_not_here(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	far_is(&s->box, CLAIM_REF, &claim.oid);
	near_is(s->near, CLAIM_REF, &oid_zero);
	near_is(s->near, "refs/orch-remotes/origin/claim/p/a", &claim.oid);
	assert_true(claim_alive(s->near, "p", "a"));
	ok(claim_drop(&claim, s->near));
	far_is(&s->box, CLAIM_REF, &oid_zero);
	near_is(s->near, "refs/orch-remotes/origin/claim/p/a", &oid_zero);
	pushes_are(s, CLAIM_REF "\n" CLAIM_REF);
}

static void what_another_clone_holds_names_its_holder(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim second = CLAIM_NONE;

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	setenv("ORCH_RUNNER", "there", 1);
	/* It has fetched nothing since: the push tells. */
	fails(ERROR_CLAIMED, "claimed by here",
	      claim_take(&second, s->other, "p", "a", "run-2"));
	fails(ERROR_CLAIMED, "claimed by here",
	      claim_take(&second, s->other, "p", "a", "run-2"));
	fails(ERROR_CLAIMED, "claimed by here", take_over(&second, s->other));
	far_is(&s->box, CLAIM_REF, &claim.oid);
	ok(claim_drop(&claim, s->near));
}

static void claims_of_a_clone_are_renewed_in_one_push(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim a = CLAIM_NONE;
	CLEANUP(claim_release) struct claim b = CLAIM_NONE;
	CLEANUP(claim_release) struct claim c = CLAIM_NONE;

	ok(claim_take(&a, s->near, "p", "a", "run-1"));
	ok(claim_take(&b, s->near, "p", "b", "run-2"));
	killed_runner(s, "c");
	ok(claim_take(&c, s->other, "p", "d", "run-3"));
	ok(sync_fetch(s->near));
	pushes_are(s, CLAIM_REF "\nrefs/orch/claim/p/b\nrefs/orch/claim/p/c\n"
				"refs/orch/claim/p/d");
	ok(claim_renew(s->near, 100));
	pushes_are(s, ""); /* none is due */
	nap(LEASE * 1000 / 3 + 20);
	ok(claim_renew(s->near, LEASE));
	pushes_are(s, CLAIM_REF " refs/orch/claim/p/b");
	ok(claim_renew(s->near, 100));
	pushes_are(s, "");
	assert_int_equal(a.generation, 1);
	ok(claim_refresh(&a, s->near));
	assert_int_equal(a.generation, 2);
	far_is(&s->box, CLAIM_REF, &a.oid);
	ok(claim_drop(&b, s->near)); /* without having been told */
	far_is(&s->box, "refs/orch/claim/p/b", &oid_zero);
}

static void one_that_was_lost_keeps_no_other_from_being_renewed(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim a = CLAIM_NONE;
	CLEANUP(claim_release) struct claim b = CLAIM_NONE;
	struct oid main = far_ref(&s->box, "main"), before;

	ok(claim_take(&a, s->near, "p", "a", "run-1"));
	ok(claim_take(&b, s->near, "p", "b", "run-2"));
	before = b.oid;
	sh(&s->box, "git -C far.git update-ref " CLAIM_REF " main");
	nap(LEASE * 1000 / 3 + 20);
	ok(claim_renew(s->near, LEASE));
	far_is(&s->box, CLAIM_REF, &main);
	ok(claim_refresh(&b, s->near));
	assert_false(oid_equal(&b.oid, &before));
	far_is(&s->box, "refs/orch/claim/p/b", &b.oid);
	fails(ERROR_STALE, "lost", claim_refresh(&a, s->near));
}

static void a_lost_claim_can_neither_advance_nor_be_dropped(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	struct oid main = far_ref(&s->box, "main");

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	sh(&s->box, "git -C far.git update-ref " CLAIM_REF " main");
	fails(ERROR_STALE, "", claim_advance(&claim, s->near, 1));
	fails(ERROR_STALE, "", claim_set_run(&claim, s->near, "run-2"));
	same(claim.run, "run-1");
	ok(claim_drop(&claim, s->near));
	far_is(&s->box, CLAIM_REF, &main);
}

static void a_claim_is_taken_over_when_seen_unchanged_for_a_lease(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	assert_false(is_gone(s->other, "a"));
	fails(ERROR_CLAIMED, "claimed by here", take_over(&heir, s->other));
	nap(LEASE * 1000 + 20);
	assert_true(is_gone(s->other, "a"));
	/* What one clone has seen is no other's sighting. */
	CLEANUP(repo_release) struct repo *third = open_clone(&s->box, "third");
	assert_false(is_gone(third, "a"));
	fails(ERROR_CLAIMED, "claimed by here", take_over(&heir, third));
	ok(take_over(&heir, s->other));
	same(heir.run, "run-1");
	assert_int_equal(heir.generation, 2);
	assert_string_not_equal(heir.nonce, claim.nonce);
	far_is(&s->box, CLAIM_REF, &heir.oid);
	fails(ERROR_STALE, "", claim_advance(&claim, s->near, 1));
}

static void a_claim_that_is_renewed_is_never_taken_over(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	for (int i = 0; i < 4; i++) {
		assert_false(is_gone(s->other, "a"));
		fails(ERROR_CLAIMED, "", take_over(&heir, s->other));
		nap(LEASE * 1000 / 2);
		ok(claim_renew(s->near, LEASE));
	}
	ok(claim_refresh(&claim, s->near));
	assert_int_equal(claim.generation, 5);
}

/* It looks dead here, as nothing was fetched: the lease of the push tells. */
static void a_renewal_that_was_not_seen_keeps_the_claim(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	assert_false(is_gone(s->other, "a"));
	nap(LEASE * 1000 + 20);
	ok(claim_renew(s->near, LEASE));
	fails(ERROR_CLAIMED, "claimed by here", take_over(&heir, s->other));
	ok(claim_refresh(&claim, s->near));
	far_is(&s->box, CLAIM_REF, &claim.oid);
}

static void a_dead_claim_of_this_clone_is_taken_over_at_once(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;

	killed_runner(s, "a");
	assert_false(is_gone(s->other, "a"));
	assert_true(is_gone(s->near, "a"));
	ok(claim_take_over(&heir, s->near, "p", "a", 600));
	same(heir.run, "run-1");
	ok(claim_drop(&heir, s->near));
}

static void a_lock_file_of_another_claim_proves_nothing(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;

	killed_runner(s, "a");
	sh(&s->box, "git -C far.git update-ref -d " CLAIM_REF);
	ok(sync_fetch(s->other));
	ok(claim_take(&claim, s->other, "p", "a", "run-2"));
	assert_false(is_gone(s->near, "a"));
	fails(ERROR_CLAIMED, "", take_over(&heir, s->near));
	far_is(&s->box, CLAIM_REF, &claim.oid);
}

/* A claim of this version and date, made by nobody here. */
static void write_claim(const struct setting *s, int version, const char *date)
{
	sh(&s->box,
	   "cd far.git && git update-ref " CLAIM_REF
	   " $(printf 'claim p/a\\n\\n"
	   "Orch-Claim: %d\\nOrch-Runner: them\\nOrch-Run: r\\n"
	   "Orch-Nonce: 0123456789abcdef\\nOrch-Generation: 3\\n"
	   "Orch-State: working\\n' | GIT_COMMITTER_DATE=%s GIT_AUTHOR_DATE=%s "
	   "git commit-tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904)",
	   version, date, date);
}

static void the_clocks_of_others_change_nothing(void **state)
{
	static const char *const dates[] = {
		"2016-11-21T00:00:00Z",
		"2036-11-21T00:00:00Z",
		"1970-01-01T00:00:00Z",
	};
	struct setting *s = *state;

	sh(&s->box, "git -C far.git hash-object -t tree -w /dev/null");
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		CLEANUP(claim_release) struct claim heir = CLAIM_NONE;

		write_claim(s, 1, dates[i]);
		assert_false(is_gone(s->other, "a"));
		fails(ERROR_CLAIMED, "them", take_over(&heir, s->other));
		nap(LEASE * 1000 + 20);
		ok(sync_fetch(s->other));
		ok(take_over(&heir, s->other));
		assert_int_equal(heir.generation, 4);
		ok(claim_drop(&heir, s->other));
	}
}

static void a_newer_versions_claim_is_never_taken_over(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;
	struct oid before;

	sh(&s->box, "git -C far.git hash-object -t tree -w /dev/null");
	write_claim(s, 2, "2026-01-01T00:00:00Z");
	before = far_ref(&s->box, CLAIM_REF);
	assert_false(is_gone(s->other, "a"));
	nap(LEASE * 1000 + 20);
	fails(ERROR_CLAIMED, "newer git-orch", take_over(&heir, s->other));
	ok(claim_renew(s->other, LEASE));
	far_is(&s->box, CLAIM_REF, &before);
}

static void a_restart_begins_the_wait_anew(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	assert_false(is_gone(s->other, "a"));
	nap(LEASE * 1000 + 20);
	sh(&s->box, "sed -i 's/ [0-9a-f-]\\{36\\} / 00000000-0000-0000-0000-"
		    "000000000000 /' other/.git/orch/sightings && "
		    "grep -q ' 00000000-' other/.git/orch/sightings");
	assert_false(is_gone(s->other, "a"));
	nap(LEASE * 1000 + 20);
	assert_true(is_gone(s->other, "a"));
}

/* Publication. */

static struct publication publication(const struct setting *s)
{
	struct oid main = far_ref(&s->box, "main");

	return (struct publication){ .prefix = "orch",
				     .start = main,
				     .commit = a_commit(&s->box, "work") };
}

static void is_published(const struct setting *s, const struct claim *claim,
			 const struct publication *p)
{
	far_is(&s->box, WORK_REF, &p->commit);
	far_is(&s->box, BASE_REF, &p->start);
	far_is(&s->box, CLAIM_REF, &claim->oid);
	assert_int_equal(claim->published, 1);
	near_is(s->near, WORK_REF, &oid_zero);
	near_is(s->near, BASE_REF, &oid_zero);
}

/* near's tracking ref as it was before the push. */
static void unheard(const struct setting *s, const struct oid *was)
{
	char hex[OID_HEX];

	sh(&s->box,
	   "git -C near update-ref "
	   "refs/orch-remotes/origin/claim/p/a %s",
	   oid_hex(hex, was));
}

static void publishing_is_one_push_of_all_three(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	struct publication p = publication(s);

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	pushes_are(s, CLAIM_REF);
	ok(sync_publish(s->near, &claim, &p));
	pushes_are(s, CLAIM_REF " " WORK_REF " " BASE_REF);
	is_published(s, &claim, &p);
	ok(sync_publish(s->near, &claim, &p));
	pushes_are(s, "");
	/* What kept the commit until it was pushed is gone. */
	sh(&s->box, "test -z \"$(git -C near for-each-ref refs/orch)\"");
}

static void
a_renewal_in_between_does_not_keep_it_from_being_published(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	struct publication p = publication(s);

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	nap(LEASE * 1000 / 3 + 20);
	ok(claim_renew(s->near, LEASE));
	unheard(s, &claim.oid);
	ok(sync_publish(s->near, &claim, &p));
	is_published(s, &claim, &p);
	assert_int_equal(claim.generation, 3);
}

static void who_lost_the_claim_publishes_nothing(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;
	struct publication p = publication(s);

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	assert_false(is_gone(s->other, "a"));
	nap(LEASE * 1000 + 20);
	ok(take_over(&heir, s->other));
	fails(ERROR_STALE, "lost", sync_publish(s->near, &claim, &p));
	far_is(&s->box, WORK_REF, &oid_zero);
	far_is(&s->box, BASE_REF, &oid_zero);
	far_is(&s->box, CLAIM_REF, &heir.oid);
}

static void a_push_that_went_through_unheard_is_seen(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;
	struct publication p = publication(s);

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	ok(sync_publish(s->near, &claim, &p));
	claim_release(&claim); /* killed */
	ok(sync_fetch(s->near));
	ok(take_over(&heir, s->near));
	assert_int_equal(heir.published, 1);
	pushes_are(s, CLAIM_REF "\n" CLAIM_REF " " WORK_REF " " BASE_REF
				"\n" CLAIM_REF);
	ok(sync_publish(s->near, &heir, &p));
	pushes_are(s, "");
	is_published(s, &heir, &p);
}

static void a_claim_that_was_renewed_unheard_is_dropped(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	nap(LEASE * 1000 / 3 + 20);
	ok(claim_renew(s->near, LEASE));
	unheard(s, &claim.oid);
	ok(claim_drop(&claim, s->near));
	far_is(&s->box, CLAIM_REF, &oid_zero);
	sh(&s->box, "! test -e near/.git/orch/lock/p/a");
}

static void a_claim_that_was_published_unheard_is_not_dropped(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim heir = CLAIM_NONE;
	struct publication p = publication(s);
	struct oid before;

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	before = claim.oid;
	ok(sync_publish(s->near, &claim, &p));
	claim.oid = before;
	claim.published = 0;
	unheard(s, &before);
	ok(claim_drop(&claim, s->near));
	ok(take_over(&heir, s->near));
	assert_int_equal(heir.published, 1);
	same(heir.run, "run-1");
}

static void a_branch_that_moved_on_the_remote_is_a_conflict(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	struct publication p = publication(s);
	struct oid main = far_ref(&s->box, "main");

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	sh(&s->box, "git -C far.git update-ref " WORK_REF " main");
	fails(ERROR_CONFLICT, "moved on 'origin'",
	      sync_publish(s->near, &claim, &p));
	far_is(&s->box, WORK_REF, &main);
	far_is(&s->box, BASE_REF, &oid_zero);
	assert_int_equal(claim.published, 0);
}

static void withdrawing_leaves_a_branch_that_moved(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	struct publication p = publication(s);
	struct oid main = far_ref(&s->box, "main");

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	ok(sync_publish(s->near, &claim, &p));
	sh(&s->box, "git -C far.git update-ref " WORK_REF " main");
	ok(sync_withdraw(s->near, "orch", "p", "a", &p.commit));
	far_is(&s->box, WORK_REF, &main);
	sh(&s->box, "git -C far.git update-ref -d " WORK_REF);
	ok(sync_withdraw(s->near, "orch", "p", "a", &p.commit));
	far_is(&s->box, BASE_REF, &oid_zero);
}

static void withdrawing_deletes_branch_and_base_in_one_push(void **state)
{
	struct setting *s = *state;
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	struct publication p = publication(s);

	ok(claim_take(&claim, s->near, "p", "a", "run-1"));
	ok(sync_publish(s->near, &claim, &p));
	pushes_are(s, CLAIM_REF "\n" CLAIM_REF " " WORK_REF " " BASE_REF);
	ok(sync_withdraw(s->near, "orch", "p", "a", &p.commit));
	pushes_are(s, WORK_REF " " BASE_REF);
	far_is(&s->box, WORK_REF, &oid_zero);
	sh(&s->box, "test -z \"$(git -C near for-each-ref refs/orch)\"");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_claim_stands_on_the_remote_and_not_here),
		TEST(what_another_clone_holds_names_its_holder),
		TEST(claims_of_a_clone_are_renewed_in_one_push),
		TEST(one_that_was_lost_keeps_no_other_from_being_renewed),
		TEST(a_lost_claim_can_neither_advance_nor_be_dropped),
		TEST(a_claim_is_taken_over_when_seen_unchanged_for_a_lease),
		TEST(a_claim_that_is_renewed_is_never_taken_over),
		TEST(a_renewal_that_was_not_seen_keeps_the_claim),
		TEST(a_dead_claim_of_this_clone_is_taken_over_at_once),
		TEST(a_lock_file_of_another_claim_proves_nothing),
		TEST(the_clocks_of_others_change_nothing),
		TEST(a_newer_versions_claim_is_never_taken_over),
		TEST(a_restart_begins_the_wait_anew),
		TEST(publishing_is_one_push_of_all_three),
		TEST(a_renewal_in_between_does_not_keep_it_from_being_published),
		TEST(who_lost_the_claim_publishes_nothing),
		TEST(a_push_that_went_through_unheard_is_seen),
		TEST(a_claim_that_was_renewed_unheard_is_dropped),
		TEST(a_claim_that_was_published_unheard_is_not_dropped),
		TEST(a_branch_that_moved_on_the_remote_is_a_conflict),
		TEST(withdrawing_leaves_a_branch_that_moved),
		TEST(withdrawing_deletes_branch_and_base_in_one_push),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
