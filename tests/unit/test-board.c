/* The board: states of plans, statuses from real refs, order, advice. */
#include "tests/unit/small.h"

#include "plans/board.h"

#include <signal.h>

static struct scratch box;
static struct project project;
static struct board board;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	board_release(&board);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

static void load(const char *plan)
{
	board_release(&board);
	ok(project_reload(&project));
	ok(board_load(&board, &project, plan));
}

static void begin(void)
{
	put_small(&box, OFF);
	small_open(&project, &box);
	load("small");
}

static enum status status_of(const char *phase)
{
	load("small");
	return board_card(&board, "small", phase)->status;
}

/* Makes a branch of phase a whose document says this, on top of main. */
static void branch_says(const char *phase, const char *status)
{
	sh(&box,
	   "cd repo && git switch -q -C orch/small/%s main && "
	   "echo %s >%s.txt && "
	   "sed -i 's/^status: .*/status: %s\\nreason: so it is/' "
	   ".orch/plans/small/phases/%s.yaml && git add -A && "
	   "git commit -q -m %s && git switch -q main",
	   phase, status, phase, status, phase, status);
}

/* Writes a phase's status on the base. */
static void base_says(const char *phase, const char *status)
{
	sh(&box,
	   "cd repo && sed -i '/^reason:/d; "
	   "s/^status: .*/status: %s\\nreason: a reason/' "
	   ".orch/plans/small/phases/%s.yaml && git commit -qam x",
	   status, phase);
}

static void each_status_follows_from_refs_and_documents(void **state)
{
	(void)state;
	begin();
	assert_int_equal(status_of("a"), STATUS_READY);
	assert_int_equal(status_of("c"), STATUS_WAITING);
	sh(&box, "git -C repo branch orch/small/a main");
	assert_int_equal(status_of("a"), STATUS_STARTED);
	branch_says("a", "failed");
	assert_int_equal(status_of("a"), STATUS_FAILED);
	same(board_card(&board, "small", "a")->reason, "so it is");
	branch_says("a", "done");
	assert_int_equal(status_of("a"), STATUS_IN_REVIEW);
	same(board_card(&board, "small", "a")->branch, "orch/small/a");
	sh(&box, "cd repo && git merge -q --ff-only orch/small/a");
	assert_int_equal(status_of("a"), STATUS_DONE);
	sh(&box, "cd repo && git revert --no-edit HEAD");
	assert_int_equal(status_of("a"), STATUS_REJECTED);
	sh(&box, "git -C repo branch -qD orch/small/a");
	assert_int_equal(status_of("a"), STATUS_READY);
	base_says("a", "blocked");
	assert_int_equal(status_of("a"), STATUS_BLOCKED);
	same(board_card(&board, "small", "a")->reason, "a reason");
	base_says("a", "skipped");
	base_says("b", "done");
	assert_int_equal(status_of("a"), STATUS_DONE);
	assert_int_equal(status_of("c"), STATUS_READY);
}

static void a_branch_document_that_is_no_document_is_a_start(void **state)
{
	(void)state;
	begin();
	sh(&box, "cd repo && git switch -q -c orch/small/a && "
		 "echo '{' >.orch/plans/small/phases/a.yaml && "
		 "git commit -qam x && git switch -q main");
	assert_int_equal(status_of("a"), STATUS_STARTED);
	sh(&box, "cd repo && git switch -q orch/small/a && "
		 "git rm -q .orch/plans/small/phases/a.yaml && "
		 "git commit -qam x && git switch -q main");
	assert_int_equal(status_of("a"), STATUS_STARTED);
}

static void a_claim_makes_it_running_with_its_runner(void **state)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };
	struct buf why = BUF_INIT;

	(void)state;
	begin();
	setenv("ORCH_RUNNER", "somebody", 1);
	ok(claim_take(&claim, project.repo, "small", "a", "run"));
	assert_int_equal(status_of("a"), STATUS_RUNNING);
	const struct card *card = board_card(&board, "small", "a");
	assert_true(card->claim_alive);
	card_why(&why, card);
	same(why.data, "claimed by somebody");
	claim_release(&claim);
	buf_clear(&why);
	assert_int_equal(status_of("a"), STATUS_RUNNING);
	card = board_card(&board, "small", "a");
	assert_false(card->claim_alive);
	card_why(&why, card);
	same(why.data, "claimed by somebody, which is gone");
	buf_release(&why);
	unsetenv("ORCH_RUNNER");
}

static void a_branch_that_no_longer_merges_is_flagged(void **state)
{
	(void)state;
	begin();
	branch_says("a", "done");
	branch_says("b", "done");
	load("small");
	ok(board_conflicts(&board, &project));
	assert_int_equal(board_card(&board, "small", "a")->flags, 0);
	put(&box, "a.txt", "another\n");
	put(&box, "c.txt", "unrelated\n");
	commit_all(&box);
	load("small");
	ok(board_conflicts(&board, &project));
	assert_int_equal(board_card(&board, "small", "a")->flags,
			 CARD_CONFLICT);
	assert_int_equal(board_card(&board, "small", "b")->flags, 0);
	/* A folder where the branch has a file. */
	sh(&box, "cd repo && git rm -q a.txt");
	put(&box, "b.txt/x", "deeper\n");
	commit_all(&box);
	load("small");
	ok(board_conflicts(&board, &project));
	assert_int_equal(board_card(&board, "small", "a")->flags, 0);
	assert_int_equal(board_card(&board, "small", "b")->flags,
			 CARD_CONFLICT);
}

static void fields_of_a_document_do_not_conflict(void **state)
{
	(void)state;
	begin();
	branch_says("a", "done");
	sh(&box, "cd repo && sed -i 's/^title: .*/title: Other/' "
		 ".orch/plans/small/phases/a.yaml && git commit -qam x");
	load("small");
	ok(board_conflicts(&board, &project));
	assert_int_equal(board_card(&board, "small", "a")->flags, 0);
	/* Both sides changed the status, differently. */
	base_says("a", "blocked");
	assert_int_equal(status_of("a"), STATUS_BLOCKED);
}

static void a_plan_is_a_draft_until_it_is_on_the_base(void **state)
{
	char *plan = NULL;

	(void)state;
	put(&box, "README", "hello\n");
	commit_all(&box);
	sh(&box, "git -C repo switch -q -c orch/small/plan");
	put_small(&box, OFF);
	commit_all(&box);
	sh(&box, "git -C repo switch -q main");
	ok(open_at(&project, &box, NULL));
	load(NULL);
	assert_int_equal(board.plans.len, 1);
	assert_int_equal(board.plans.items[0]->state, PLAN_DRAFT);
	assert_int_equal(board_card(&board, "small", "a")->status,
			 STATUS_WAITING);
	assert_null(board_best(&board));
	fails(ERROR_NOT_FOUND, "plan 'small' is a draft, not on the base",
	      board_choose(&plan, &project, NULL));
	fails(ERROR_NOT_FOUND, "plan 'small' is not on the base yet",
	      board_choose(&plan, &project, "small"));
	sh(&box, "git -C repo merge -q --ff-only orch/small/plan");
	load(NULL);
	assert_int_equal(board.plans.len, 1);
	assert_int_equal(board.plans.items[0]->state, PLAN_ACTIVE);
}

static void a_plan_is_finished_when_every_phase_is(void **state)
{
	char *plan = NULL;

	(void)state;
	begin();
	base_says("a", "done");
	base_says("b", "skipped");
	load(NULL);
	assert_int_equal(board.plans.items[0]->state, PLAN_ACTIVE);
	base_says("c", "done");
	load(NULL);
	assert_int_equal(board.plans.items[0]->state, PLAN_FINISHED);
	assert_int_equal(board.cards.len, 3);
	fails(ERROR_NOTHING, "every plan is finished",
	      board_choose(&plan, &project, NULL));
	ok(board_choose(&plan, &project, "small"));
	same(plan, "small");
	free(plan);
}

static void an_abandoned_plan_is_shown_by_name_only(void **state)
{
	struct buf why = BUF_INIT;

	(void)state;
	begin();
	put_plan(&box, "small", "abandoned: nobody wants it\n");
	commit_all(&box);
	load(NULL);
	assert_int_equal(board.plans.items[0]->state, PLAN_ABANDONED);
	assert_int_equal(board.cards.len, 0);
	load("small");
	assert_int_equal(board.cards.len, 3);
	const struct card *card = board_card(&board, "small", "a");
	assert_int_equal(card->status, STATUS_WAITING);
	card_why(&why, card);
	same(why.data, "the plan is abandoned");
	buf_release(&why);
}

static void the_only_open_plan_is_the_one_meant(void **state)
{
	char *plan = NULL;

	(void)state;
	put(&box, "README", "hello\n");
	commit_all(&box);
	ok(open_at(&project, &box, NULL));
	fails(ERROR_NOT_FOUND, "there is no plan",
	      board_choose(&plan, &project, NULL));
	fails(ERROR_NOT_FOUND, "there is no plan 'small'",
	      board_choose(&plan, &project, "small"));
	begin();
	ok(board_choose(&plan, &project, NULL));
	same(plan, "small");
	free(plan);
	put_plan(&box, "other", "");
	put_phase(&box, "other", "x", "");
	commit_all(&box);
	ok(project_reload(&project));
	plan = NULL;
	fails(ERROR_USAGE, "several plans are open: other, small",
	      board_choose(&plan, &project, NULL));
	ok(board_choose(&plan, &project, "other"));
	same(plan, "other");
	free(plan);
	/* One that is not open is not in the way. */
	put_plan(&box, "other", "abandoned: it is\n");
	commit_all(&box);
	ok(project_reload(&project));
	ok(board_choose(&plan, &project, NULL));
	same(plan, "small");
	free(plan);
}

/* The ids of all cards, in their order. */
static void expect_order(const char *ids)
{
	struct buf text = BUF_INIT;

	FOR_EACH (struct card, card, &board.cards)
		buf_addf(&text, "%s%s", text.len ? " " : "", card->phase->id);
	same(text.data, ids);
	buf_release(&text);
}

static void cards_stand_in_scheduling_order(void **state)
{
	(void)state;
	put_small(&box, OFF);
	put_phase(&box, "small", "z", "priority: 1\n");
	put_phase(&box, "small", "y", "priority: 1\ndue: 2026-05-01\n");
	put_phase(&box, "small", "x", "due: 2026-05-02\n");
	put_phase(&box, "small", "w", "due: 2026-05-01\n");
	put_phase(&box, "small", "last", "priority: 5\n");
	put_phase(&box, "small", "alone", "");
	small_open(&project, &box);
	load("small");
	/* a and b before alone: c hangs on them. */
	expect_order("y z w x a b alone c last");
	same(board_best(&board)->phase->id, "y");
}

/* The advice for a board, a line each. */
static void expect_advice(const char *lines)
{
	struct advices next = { NULL, 0, 0 };
	struct buf text = BUF_INIT;

	ok(board_others(&board, &project));
	board_next(&next, &board);
	FOR_EACH (struct advice, advice, &next) {
		assert_true(*advice->why);
		buf_addf(&text, "%s\n", advice->command);
	}
	same(text.data, lines);
	buf_release(&text);
	advices_release(&next);
}

static void what_to_do_next_follows_from_the_board(void **state)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };

	(void)state;
	begin();
	expect_advice("git orch run --jobs 2\n");
	branch_says("a", "done");
	load("small");
	expect_advice("git orch integrate\ngit orch next-phase\n");
	branch_says("b", "failed");
	load("small");
	expect_advice("git orch integrate\ngit orch next-phase b\n");
	sh(&box, "cd repo && git merge -q --ff-only orch/small/a && "
		 "git revert --no-edit HEAD && git branch -qD orch/small/b");
	ok(claim_take(&claim, project.repo, "small", "b", "run"));
	load("small");
	expect_advice("git orch next-phase a\n");
	claim_release(&claim);
	load("small");
	expect_advice("git orch next-phase a\ngit orch next-phase b\n");
}

static void advice_names_the_plan_where_there_are_several(void **state)
{
	(void)state;
	begin();
	put_plan(&box, "other", "");
	put_phase(&box, "other", "x", "");
	commit_all(&box);
	sh(&box, "git -C repo branch orch/third/plan");
	branch_says("a", "done");
	branch_says("b", "failed");
	load(NULL);
	expect_advice("git orch integrate small\n"
		      "git orch next-phase --plan other\n"
		      "git orch next-phase --plan small b\n");
	/* Also where the board holds one of them alone. */
	load("other");
	expect_advice("git orch next-phase --plan other\n");
	put_plan(&box, "small", "abandoned: it is\n");
	commit_all(&box);
	ok(project_reload(&project));
	load("other");
	expect_advice("git orch next-phase\n");
}

/* A plan 'other' whose phase x has what no schema knows. */
static void put_broken(void)
{
	put_plan(&box, "other", "");
	put_phase(&box, "other", "x", "wrong: 1\n");
	commit_all(&box);
	ok(project_reload(&project));
}

static void a_broken_plan_hides_no_other(void **state)
{
	(void)state;
	begin();
	put_broken();
	board_release(&board);
	ok(board_load_all(&board, &project));
	assert_int_equal(board.plans.len, 2);
	assert_int_equal(board.plans.items[0]->state, PLAN_BROKEN);
	same(board.plans.items[0]->plan.id, "other");
	assert_non_null(strstr(board.plans.items[0]->broken->message,
			       ".orch/plans/other/phases/x.yaml:5:1: "));
	assert_int_equal(board.plans.items[1]->state, PLAN_ACTIVE);
	assert_int_equal(board.cards.len, 3);
	expect_advice("git orch run small --jobs 2\n");
	board_release(&board);
	fails(ERROR_INVALID, "other/phases/x.yaml:5:1",
	      board_load(&board, &project, NULL));
	board_release(&board);
	fails(ERROR_INVALID, "other/phases/x.yaml:5:1",
	      board_load(&board, &project, "other"));
}

static void phases_in_a_circle_break_their_plan_alone(void **state)
{
	(void)state;
	begin();
	put_plan(&box, "other", "");
	put_phase(&box, "other", "x", "depends_on: [y]\n");
	put_phase(&box, "other", "y", "depends_on: [x]\n");
	commit_all(&box);
	ok(project_reload(&project));
	board_release(&board);
	ok(board_load_all(&board, &project));
	assert_int_equal(board.plans.items[0]->state, PLAN_BROKEN);
	assert_non_null(board.plans.items[0]->broken);
	assert_int_equal(board.cards.len, 3);
}

static void a_broken_plan_is_one_of_those_that_may_be_meant(void **state)
{
	char *plan = NULL;

	(void)state;
	begin();
	put_broken();
	fails(ERROR_USAGE, "several plans are open: other (broken), small",
	      board_choose(&plan, &project, NULL));
	ok(board_choose(&plan, &project, "small"));
	free(plan);
	fails(ERROR_INVALID, "x.yaml:5:1",
	      board_choose(&plan, &project, "other"));
	put_plan(&box, "small", "abandoned: it is\n");
	commit_all(&box);
	ok(project_reload(&project));
	fails(ERROR_INVALID, "x.yaml:5:1", board_choose(&plan, &project, NULL));
}

static void advice_can_be_pasted_into_a_shell(void **state)
{
	(void)state;
	begin();
	branch_says("a", "done");
	put(&box, "a.txt", "another\n");
	commit_all(&box);
	sh(&box, "git -C repo switch -q -c \"it's\"");
	project_release(&project);
	ok(open_at(&project, &box, NULL));
	base_says("b", "blocked");
	load("small");
	ok(board_conflicts(&board, &project));
	expect_advice("git orch integrate\n"
		      "git diff 'it'\\''s...orch/small/a'\n");
}

static void a_conflict_is_something_to_look_at(void **state)
{
	(void)state;
	begin();
	branch_says("a", "done");
	base_says("b", "blocked");
	put(&box, "a.txt", "another\n");
	commit_all(&box);
	load("small");
	ok(board_conflicts(&board, &project));
	expect_advice("git orch integrate\ngit diff main...orch/small/a\n");
}

static void another_prefix_has_other_branches(void **state)
{
	(void)state;
	put_small(&box, OFF "delivery: {branch_prefix: bot}\n");
	small_open(&project, &box);
	sh(&box, "git -C repo branch orch/small/a && "
		 "git -C repo branch bot/small/b");
	assert_int_equal(status_of("a"), STATUS_READY);
	assert_int_equal(status_of("b"), STATUS_STARTED);
	same(board_card(&board, "small", "b")->branch, "bot/small/b");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_status_follows_from_refs_and_documents),
		TEST(a_branch_document_that_is_no_document_is_a_start),
		TEST(a_claim_makes_it_running_with_its_runner),
		TEST(a_branch_that_no_longer_merges_is_flagged),
		TEST(fields_of_a_document_do_not_conflict),
		TEST(a_plan_is_a_draft_until_it_is_on_the_base),
		TEST(a_plan_is_finished_when_every_phase_is),
		TEST(an_abandoned_plan_is_shown_by_name_only),
		TEST(the_only_open_plan_is_the_one_meant),
		TEST(cards_stand_in_scheduling_order),
		TEST(what_to_do_next_follows_from_the_board),
		TEST(advice_names_the_plan_where_there_are_several),
		TEST(a_broken_plan_hides_no_other),
		TEST(phases_in_a_circle_break_their_plan_alone),
		TEST(a_broken_plan_is_one_of_those_that_may_be_meant),
		TEST(advice_can_be_pasted_into_a_shell),
		TEST(a_conflict_is_something_to_look_at),
		TEST(another_prefix_has_other_branches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
