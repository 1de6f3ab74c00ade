/* The status table of the design, row by row, and as a whole. */
#include "tests/unit/test.h"

#include "plans/status.h"

/* A phase nobody has touched, on `local`. */
static struct facts untouched(void)
{
	return (struct facts){ .on_base = PHASE_PLANNED,
			       .forge_local = 1,
			       .pr = PR_NONE };
}

static struct facts on_branch(enum phase_status status)
{
	struct facts facts = untouched();

	facts.has_branch = facts.branch_document = 1;
	facts.on_branch = status;
	facts.dependencies_done = 1;
	return facts;
}

#define derives(status, facts)                                                 \
	same(status_name(status_derive(&(facts))), status)

static void done_when_the_base_says_done_or_skipped(void **state)
{
	struct facts facts = on_branch(PHASE_FAILED);

	(void)state;
	facts.claimed = 1;
	facts.on_base = PHASE_DONE;
	derives("done", facts);
	facts.on_base = PHASE_SKIPPED;
	derives("done", facts);
}

static void blocked_when_the_base_says_so(void **state)
{
	struct facts facts = on_branch(PHASE_DONE);

	(void)state;
	facts.claimed = 1;
	facts.on_base = PHASE_BLOCKED;
	derives("blocked", facts);
}

static void running_while_a_claim_exists(void **state)
{
	struct facts facts = on_branch(PHASE_DONE);

	(void)state;
	facts.claimed = 1;
	derives("running", facts);
}

static void rejected_when_its_pr_was_closed_unmerged(void **state)
{
	struct facts facts = on_branch(PHASE_DONE);

	(void)state;
	facts.forge_local = 0;
	facts.pr = PR_CLOSED;
	derives("rejected", facts);
}

static void rejected_when_merged_and_taken_back(void **state)
{
	struct facts facts = on_branch(PHASE_DONE);

	(void)state;
	facts.forge_local = 0;
	facts.pr = PR_MERGED;
	derives("in-review", facts);
	facts.pr_merge_in_base = 1;
	derives("rejected", facts);
}

static void rejected_when_a_local_branch_landed_without_its_done(void **state)
{
	struct facts facts = on_branch(PHASE_DONE);

	(void)state;
	facts.branch_landed = 1;
	derives("rejected", facts);
	facts.forge_local = 0;
	derives("in-review", facts);
}

static void in_review_when_its_branch_says_done(void **state)
{
	struct facts facts = on_branch(PHASE_DONE);

	(void)state;
	derives("in-review", facts);
	facts.forge_local = 0;
	facts.pr = PR_OPEN;
	derives("in-review", facts);
	facts.pr = PR_UNKNOWN;
	derives("in-review", facts);
}

static void failed_when_its_branch_says_failed(void **state)
{
	struct facts facts = on_branch(PHASE_FAILED);

	(void)state;
	derives("failed", facts);
}

static void started_when_a_branch_says_neither(void **state)
{
	struct facts facts = on_branch(PHASE_PLANNED);

	(void)state;
	derives("started", facts);
	facts.branch_document = 0;
	derives("started", facts);
}

static void ready_when_its_dependencies_are_done(void **state)
{
	struct facts facts = untouched();

	(void)state;
	facts.dependencies_done = 1;
	derives("ready", facts);
	facts.dependencies_done = 0;
	facts.stackable = 1;
	derives("ready", facts);
}

static void waiting_otherwise(void **state)
{
	struct facts facts = untouched();

	(void)state;
	derives("waiting", facts);
}

static void phases_of_a_draft_wait(void **state)
{
	struct facts facts = untouched();

	(void)state;
	facts.dependencies_done = 1;
	facts.draft = 1;
	derives("waiting", facts);
}

static void nothing_of_an_abandoned_plan_becomes_ready(void **state)
{
	struct facts facts = on_branch(PHASE_DONE);

	(void)state;
	facts.abandoned = 1;
	derives("in-review", facts);
	facts.has_branch = 0;
	derives("waiting", facts);
}

/*
 * The table again, written the long way: every row's own condition and "no
 * row above holds", so that a combination in two rows or in none is seen.
 */
static int rows_that_hold(const struct facts *f, enum status *last)
{
	int done_there = f->has_branch && f->branch_document &&
			 f->on_branch == PHASE_DONE;
	int turned_down = f->forge_local
				  ? f->branch_landed
				  : f->pr == PR_CLOSED || (f->pr == PR_MERGED &&
							   f->pr_merge_in_base);
	int is_done = f->on_base == PHASE_DONE || f->on_base == PHASE_SKIPPED;
	int open = !f->draft && !is_done && f->on_base != PHASE_BLOCKED &&
		   !f->claimed;
	int failed_there = f->has_branch && f->branch_document &&
			   f->on_branch == PHASE_FAILED;
	int may = !f->abandoned && (f->dependencies_done || f->stackable);
	const struct {
		enum status status;
		int holds;
	} rows[] = {
		{ STATUS_DONE, !f->draft && is_done },
		{ STATUS_BLOCKED,
		  !f->draft && !is_done && f->on_base == PHASE_BLOCKED },
		{ STATUS_RUNNING, !f->draft && !is_done &&
					  f->on_base != PHASE_BLOCKED &&
					  f->claimed },
		{ STATUS_REJECTED, open && done_there && turned_down },
		{ STATUS_IN_REVIEW, open && done_there && !turned_down },
		{ STATUS_FAILED, open && failed_there },
		{ STATUS_STARTED,
		  open && f->has_branch && !done_there && !failed_there },
		{ STATUS_READY, open && !f->has_branch && may },
		{ STATUS_WAITING,
		  f->draft || (open && !f->has_branch && !may) },
	};
	int n = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].holds) {
			*last = rows[i].status;
			n++;
		}
	return n;
}

/* The n-th combination of all facts; 0 behind the last. */
static int combination(struct facts *f, unsigned n)
{
	f->on_base = (enum phase_status)(n % 5), n /= 5;
	f->on_branch = (enum phase_status)(n % 5), n /= 5;
	f->pr = (enum pr_state)(n % 5), n /= 5;
	f->has_branch = n & 1, n >>= 1;
	f->branch_document = n & 1, n >>= 1;
	f->branch_landed = n & 1, n >>= 1;
	f->claimed = n & 1, n >>= 1;
	f->forge_local = n & 1, n >>= 1;
	f->pr_merge_in_base = n & 1, n >>= 1;
	f->dependencies_done = n & 1, n >>= 1;
	f->stackable = n & 1, n >>= 1;
	f->draft = n & 1, n >>= 1;
	f->abandoned = n & 1, n >>= 1;
	return n == 0;
}

static void every_combination_maps_to_exactly_one_row(void **state)
{
	struct facts facts;
	unsigned n = 0;

	(void)state;
	for (; combination(&facts, n); n++) {
		enum status expected = STATUS_WAITING;

		assert_int_equal(rows_that_hold(&facts, &expected), 1);
		assert_int_equal(status_derive(&facts), expected);
	}
	assert_int_equal(n, 125 << 10);
	print_message("%u/%u combinations\n", n, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_when_the_base_says_done_or_skipped),
		cmocka_unit_test(blocked_when_the_base_says_so),
		cmocka_unit_test(running_while_a_claim_exists),
		cmocka_unit_test(rejected_when_its_pr_was_closed_unmerged),
		cmocka_unit_test(rejected_when_merged_and_taken_back),
		cmocka_unit_test(
			rejected_when_a_local_branch_landed_without_its_done),
		cmocka_unit_test(in_review_when_its_branch_says_done),
		cmocka_unit_test(failed_when_its_branch_says_failed),
		cmocka_unit_test(started_when_a_branch_says_neither),
		cmocka_unit_test(ready_when_its_dependencies_are_done),
		cmocka_unit_test(waiting_otherwise),
		cmocka_unit_test(phases_of_a_draft_wait),
		cmocka_unit_test(nothing_of_an_abandoned_plan_becomes_ready),
		cmocka_unit_test(every_combination_maps_to_exactly_one_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
