/* Which phase stands on which: chains, diamonds, and what lands meanwhile. */
#include "tests/unit/stacked.h"

#include "plans/stack.h"

static const char *const chain[] = { "a", "[]", "b", "[a]", "c", "[b]", NULL };
static const char *const diamond[] = { "a",   "[]", "b",      "[a]", "c",
				       "[a]", "d",  "[b, c]", NULL };

static void without_stacking_a_phase_waits_until_what_it_needs_landed(void **s)
{
	(void)s;
	begin(OFF, chain);
	do_phase("a");
	stands("b", STATUS_WAITING, "");
	land("a");
	stands("b", STATUS_READY, "");
}

static void a_phase_stacks_on_the_one_in_review(void **state)
{
	(void)state;
	begin(STACKING, chain);
	stands("b", STATUS_WAITING, "");
	do_phase("a");
	stands("b", STATUS_READY, "a");
	stands("c", STATUS_WAITING, "");
	do_phase("b");
	stands("b", STATUS_IN_REVIEW, "a");
	stands("c", STATUS_READY, "b");
}

static void
it_begins_on_the_branch_below_with_the_documents_of_the_base(void **state)
{
	(void)state;
	begin(STACKING, chain);
	do_phase("a");
	putf(&box, ".orch/plans/small/phases/b.yaml",
	     "version: 1\nid: b\ntitle: Another b\nagent: scaffold\n"
	     "depends_on: [a]\nfiles: {create: [b.txt]}\nstatus: planned\n");
	commit_all(&box);
	do_phase("b");
	prints("feat: Another b\nfeat: Phase a\nx", &box,
	       "git -C repo log --format=%%s orch/small/b");
	struct oid below = resolve(&project, "orch/small/a");
	struct oid base = resolve(&project, "refs/orch/base/small/b");
	assert_true(oid_equal(&below, &base));
	prints("this is a", &box, "git -C repo show orch/small/b:a.txt");
}

static void a_join_waits_until_one_side_has_landed(void **state)
{
	(void)state;
	begin(STACKING, diamond);
	do_phase("a");
	do_phase("b");
	do_phase("c");
	stands("b", STATUS_IN_REVIEW, "a");
	stands("c", STATUS_IN_REVIEW, "a");
	stands("d", STATUS_WAITING, "");
}

static void the_join_stacks_on_the_side_that_is_left(void **state)
{
	(void)state;
	begin(STACKING, diamond);
	do_phase("a");
	lands("a");
	do_phase("b");
	do_phase("c");
	stands("d", STATUS_WAITING, "");
	lands("b");
	stands("d", STATUS_READY, "c");
}

static void a_chain_whose_middle_has_landed_is_one_still(void **state)
{
	static const char *const rows[] = { "a", "[]",     "b", "[]",
					    "c", "[a, b]", NULL };

	(void)state;
	begin(STACKING, rows);
	do_phase("a");
	do_phase("b");
	stands("c", STATUS_WAITING, "");
	lands("b");
	stands("c", STATUS_READY, "a");
	do_phase("c");
	stands("c", STATUS_IN_REVIEW, "a");
}

static void two_chains_wait(void **state)
{
	static const char *const rows[] = { "a", "[]",     "b", "[a]",
					    "c", "[]",     "d", "[c]",
					    "e", "[b, d]", NULL };

	(void)state;
	begin(STACKING, rows);
	do_phase("a");
	do_phase("b");
	do_phase("c");
	do_phase("d");
	stands("e", STATUS_WAITING, "");
}

static void a_dependency_named_twice_on_one_chain_is_one(void **state)
{
	static const char *const rows[] = { "a", "[]",     "b", "[a]",
					    "c", "[a, b]", NULL };

	(void)state;
	begin(STACKING, rows);
	do_phase("a");
	do_phase("b");
	stands("c", STATUS_READY, "b");
}

static void a_claim_below_does_not_hold_up_what_stands_on_it(void **state)
{
	CLEANUP(claim_release) struct claim claim = { .lock = FILE_LOCK_INIT };

	(void)state;
	begin(STACKING, chain);
	do_phase("a");
	ok(claim_take(&claim, project.repo, "small", "a", "run-1"));
	stands("a", STATUS_RUNNING, "");
	stands("b", STATUS_READY, "a");
	ok(claim_drop(&claim, project.repo));
}

static void what_failed_below_carries_nothing(void **state)
{
	struct outcome out = { 0 };
	struct transaction_options options = { .plan = "small", .phase = "a" };

	(void)state;
	begin(STACKING "checks: [{name: no, run: 'false'}]\n", chain);
	ok(transaction_run(&out, &project, &options));
	assert_int_equal(out.status, PHASE_FAILED);
	outcome_release(&out);
	stands("b", STATUS_WAITING, "");
}

/* One made by hand beside the chain has not got what is below it. */
static void a_branch_beside_the_chain_carries_nothing(void **state)
{
	(void)state;
	begin(STACKING, chain);
	sh(&box, "git -C repo branch orch/small/b main");
	do_phase("b");
	do_phase("a");
	stands("b", STATUS_IN_REVIEW, "");
	stands("c", STATUS_WAITING, "");
}

static void what_moved_below_is_noticed(void **state)
{
	struct board board = BOARD_INIT;

	(void)state;
	begin(STACKING, chain);
	do_phase("a");
	do_phase("b");
	sh(&box, "cd repo && git switch -q orch/small/a && "
		 "echo more >>a.txt && git commit -qam more && "
		 "git switch -q main");
	ok(project_reload(&project));
	ok(board_load(&board, &project, "small"));
	const struct card *b = board_card(&board, "small", "b");
	assert_true(b->flags & CARD_MOVED);
	assert_true(stack_waits(b));
	assert_false(board_card(&board, "small", "a")->flags & CARD_MOVED);
	board_release(&board);
	/* What b stands on is not what a is: nobody begins on b. */
	stands("c", STATUS_WAITING, "");
}

static void a_failed_phase_does_not_begin_on_ground_that_is_gone(void **state)
{
	struct transaction_options options = { .plan = "small", .phase = "b" };
	struct outcome out = { 0 };

	(void)state;
	begin(STACKING "checks: [{name: t, run: 'test ! -f b.txt'}]\n", chain);
	do_phase("a");
	ok(transaction_run(&out, &project, &options));
	assert_int_equal(out.status, PHASE_FAILED);
	outcome_release(&out);
	stands("b", STATUS_FAILED, "a");
	sh(&box, "git -C repo branch -q -D orch/small/a");
	fails(ERROR_NOTHING, "waits for a",
	      transaction_run(&out, &project, &options));
	outcome_release(&out);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(without_stacking_a_phase_waits_until_what_it_needs_landed),
		TEST(a_phase_stacks_on_the_one_in_review),
		TEST(it_begins_on_the_branch_below_with_the_documents_of_the_base),
		TEST(a_join_waits_until_one_side_has_landed),
		TEST(the_join_stacks_on_the_side_that_is_left),
		TEST(a_chain_whose_middle_has_landed_is_one_still),
		TEST(two_chains_wait),
		TEST(a_dependency_named_twice_on_one_chain_is_one),
		TEST(a_claim_below_does_not_hold_up_what_stands_on_it),
		TEST(what_failed_below_carries_nothing),
		TEST(a_branch_beside_the_chain_carries_nothing),
		TEST(what_moved_below_is_noticed),
		TEST(a_failed_phase_does_not_begin_on_ground_that_is_gone),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
