#include "tests/unit/test.h"

#include "gitops/commit.h"
#include "gitops/ref.h"
#include "gitops/sync.h"
#include "tests/unit/repo.h"

struct setting {
	struct scratch box;
	struct repo *repo;
	struct oid start; /* main */
	struct oid work; /* a commit on it */
	struct oid other;
	struct claim claim;
};

static int start(void **state)
{
	static struct setting s;

	s.claim = (struct claim){ .lock = FILE_LOCK_INIT };
	sandbox_open(&s.box);
	setenv("ORCH_RUNNER", "here", 1);
	sh(&s.box, "git init -q -b main . && git commit -q --allow-empty -m x "
		   "&& git checkout -q --detach && "
		   "git commit -q --allow-empty -m work && git tag work && "
		   "git commit -q --allow-empty -m other && git tag other && "
		   "git checkout -q main");
	ok(repo_open(&s.repo, s.box.dir));
	ok(commit_resolve(&s.start, s.repo, "main"));
	ok(commit_resolve(&s.work, s.repo, "work"));
	ok(commit_resolve(&s.other, s.repo, "other"));
	ok(claim_take(&s.claim, s.repo, "shop", "cart", "run-1"));
	*state = &s;
	return 0;
}

static int stop(void **state)
{
	struct setting *s = *state;

	claim_release(&s->claim);
	repo_release(&s->repo);
	unsetenv("ORCH_RUNNER");
	sandbox_close(&s->box);
	return 0;
}

static struct publication publication(const struct setting *s)
{
	return (struct publication){ .prefix = "orch",
				     .start = s->start,
				     .commit = s->work };
}

/* All three refs stand where a publication puts them. */
static void is_published(struct setting *s)
{
	struct phase_refs refs;
	CLEANUP(claim_release)
	struct claim claim = { .lock = FILE_LOCK_INIT };

	ok(sync_read(&refs, s->repo, "orch", "shop", "cart"));
	assert_true(oid_equal(&refs.branch, &s->work));
	assert_true(oid_equal(&refs.base, &s->start));
	assert_true(oid_equal(&refs.claim, &s->claim.oid));
	ok(claim_read(&claim, s->repo, "shop", "cart"));
	assert_int_equal(claim.published, 1);
	assert_int_equal(claim.generation, 2);
}

static void publishing_moves_base_branch_and_claim(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	ok(sync_publish(s->repo, &s->claim, &p));
	is_published(s);
}

static void publishing_twice_ends_the_same(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	ok(sync_publish(s->repo, &s->claim, &p));
	ok(sync_publish(s->repo, &s->claim, &p));
	is_published(s);
}

static void a_kill_behind_the_base_ref_is_finished(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	sh(&s->box, "git update-ref refs/orch/base/shop/cart main");
	ok(sync_publish(s->repo, &s->claim, &p));
	is_published(s);
}

static void a_kill_behind_the_branch_is_finished(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	sh(&s->box, "git update-ref refs/orch/base/shop/cart main && "
		    "git update-ref refs/heads/orch/shop/cart work");
	ok(sync_publish(s->repo, &s->claim, &p));
	is_published(s);
}

static void a_kill_behind_the_claim_is_finished_by_its_heir(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	ok(sync_publish(s->repo, &s->claim, &p));
	claim_release(&s->claim);
	ok(claim_take_over(&s->claim, s->repo, "shop", "cart", 600));
	ok(sync_publish(s->repo, &s->claim, &p));
	assert_int_equal(s->claim.published, 1);
	assert_int_equal(s->claim.generation, 3);
}

static void a_branch_that_stands_elsewhere_is_a_conflict(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);
	struct phase_refs refs;

	sh(&s->box, "git update-ref refs/heads/orch/shop/cart other");
	fails(ERROR_CONFLICT, "orch/shop/cart",
	      sync_publish(s->repo, &s->claim, &p));
	ok(sync_read(&refs, s->repo, "orch", "shop", "cart"));
	assert_true(oid_equal(&refs.branch, &s->other));
	assert_true(oid_is_zero(&refs.base));
	assert_int_equal(s->claim.published, 0);
}

static void a_failed_phases_branch_is_replaced_when_it_is_expected(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	sh(&s->box, "git update-ref refs/heads/orch/shop/cart other");
	p.old_branch = s->other;
	ok(sync_publish(s->repo, &s->claim, &p));
	is_published(s);
}

static void a_branch_somebody_stands_on_is_not_moved(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	sh(&s->box,
	   "git branch orch/shop/cart other && "
	   "git worktree add -q ../%s.w orch/shop/cart",
	   strrchr(s->box.dir, '/') + 1);
	p.old_branch = s->other;
	fails(ERROR_CONFLICT, "is checked out in",
	      sync_publish(s->repo, &s->claim, &p));
	ok(sync_withdraw(s->repo, "orch", "shop", "cart", &s->other));
	sh(&s->box, "git rev-parse -q --verify orch/shop/cart");
	sh(&s->box, "rm -rf '%s.w'", s->box.dir);
}

static void a_lost_claim_publishes_nothing(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);
	struct phase_refs refs;

	sh(&s->box, "git update-ref refs/orch/claim/shop/cart main");
	fails(ERROR_STALE, "was lost", sync_publish(s->repo, &s->claim, &p));
	ok(sync_read(&refs, s->repo, "orch", "shop", "cart"));
	assert_true(oid_is_zero(&refs.branch));
	assert_true(oid_is_zero(&refs.base));
}

static void attempts_are_numbered_on_and_kept_once(void **state)
{
	struct setting *s = *state;

	sh(&s->box, "git update-ref refs/orch/attempt/shop/cart/9 %s", "main");
	ok(sync_keep(s->repo, "shop", "cart", &s->other));
	ok(sync_keep(s->repo, "shop", "cart", &s->work));
	ok(sync_keep(s->repo, "shop", "cart", &s->other));
	char *refs = sh_out(&s->box, "git for-each-ref --format='%%(refname)' "
				     "refs/orch/attempt");
	same(refs, "refs/orch/attempt/shop/cart/10\n"
		   "refs/orch/attempt/shop/cart/11\n"
		   "refs/orch/attempt/shop/cart/9");
	free(refs);
}

static void withdrawing_leaves_no_ref(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	ok(sync_publish(s->repo, &s->claim, &p));
	ok(sync_keep(s->repo, "shop", "cart", &s->other));
	ok(sync_keep(s->repo, "shop", "cart", &s->work));
	ok(claim_drop(&s->claim, s->repo));
	ok(sync_withdraw(s->repo, "orch", "shop", "cart", &s->work));
	ok(sync_withdraw(s->repo, "orch", "shop", "cart", &s->work));
	char *refs = sh_out(&s->box, "git for-each-ref refs/orch "
				     "refs/heads/orch");
	same(refs, "");
	free(refs);
}

static void a_branch_with_later_commits_is_not_withdrawn(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);

	ok(sync_publish(s->repo, &s->claim, &p));
	sh(&s->box, "git update-ref refs/heads/orch/shop/cart other");
	ok(sync_withdraw(s->repo, "orch", "shop", "cart", &s->work));
	char *at = sh_out(&s->box, "git log -1 --format=%%s orch/shop/cart");
	same(at, "other");
	free(at);
}

static void all_phases_are_read_at_once(void **state)
{
	struct setting *s = *state;
	struct publication p = publication(s);
	CLEANUP(sync_map_release) struct sync_map map = SYNC_MAP_INIT;

	ok(sync_publish(s->repo, &s->claim, &p));
	sh(&s->box, "git update-ref refs/heads/orch/bank/one other && "
		    "git update-ref refs/heads/orch/deep/er/one other");
	ok(sync_read_all(&map, s->repo, "orch"));
	struct phase_refs *cart = map_get(&map.map, "shop/cart");
	struct phase_refs *one = map_get(&map.map, "bank/one");
	assert_non_null(cart);
	assert_non_null(one);
	assert_true(oid_equal(&cart->branch, &s->work));
	assert_true(oid_equal(&cart->base, &s->start));
	assert_true(oid_equal(&cart->claim, &s->claim.oid));
	assert_true(oid_equal(&one->branch, &s->other));
	assert_true(oid_is_zero(&one->claim));
	assert_int_equal(map.map.len, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(publishing_moves_base_branch_and_claim),
		TEST(publishing_twice_ends_the_same),
		TEST(a_kill_behind_the_base_ref_is_finished),
		TEST(a_kill_behind_the_branch_is_finished),
		TEST(a_kill_behind_the_claim_is_finished_by_its_heir),
		TEST(a_branch_that_stands_elsewhere_is_a_conflict),
		TEST(a_failed_phases_branch_is_replaced_when_it_is_expected),
		TEST(a_branch_somebody_stands_on_is_not_moved),
		TEST(a_lost_claim_publishes_nothing),
		TEST(attempts_are_numbered_on_and_kept_once),
		TEST(withdrawing_leaves_no_ref),
		TEST(a_branch_with_later_commits_is_not_withdrawn),
		TEST(all_phases_are_read_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
