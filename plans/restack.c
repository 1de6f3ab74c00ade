/*
 * Which branches are put onto what, each under its phase's claim and looked at
 * again once that is held.
 */
#include "plans/restack.h"

#include "core/journal.h"
#include "plans/integrate.h"
#include "plans/renewal.h"
#include "plans/restack-step.h"
#include "plans/stack.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

#define MOST_MOVED 3 /* times that a branch moves under us */

const char *restack_end_name(enum restack_end end)
{
	static const char *const names[] = {
		[RESTACK_DONE] = "restacked",  [RESTACK_CURRENT] = "current",
		[RESTACK_RED] = "red",         [RESTACK_CONFLICT] = "conflict",
		[RESTACK_CLAIMED] = "claimed",
	};
	return names[end];
}

static void row_release(struct restacked *row)
{
	free(row->phase);
	free(row->title);
	free(row->onto);
	check_outcomes_release(&row->checks);
	findings_release(&row->findings);
	strings_release(&row->conflicts);
	*row = (struct restacked){ .findings = FINDINGS_INIT };
}

void restacks_release(struct restacks *restacks)
{
	FOR_EACH (struct restacked, row, restacks)
		row_release(row);
	free(restacks->items);
	*restacks = (struct restacks){ NULL, 0, 0 };
}

/* Its status, if nobody held it. */
static enum status unclaimed(const struct card *card)
{
	struct facts facts = card->facts;

	facts.claimed = 0;
	return status_derive(&facts);
}

static struct error *not_now(const struct card *card, const char *why)
{
	return error_hint(
		error_new(ERROR_NOTHING, "phase '%s' %s", card->phase->id, why),
		"git orch status %s shows where it stands", card->plan->id);
}

/* NULL: it can be restacked. */
static struct error *restackable(const struct board *board,
				 const struct card *card)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	CLEANUP(buf_release) struct buf why = BUF_INIT;
	enum status status = unclaimed(card);

	if (status != STATUS_IN_REVIEW) {
		buf_addf(&why, "is %s, not in review", status_name(status));
		return not_now(card, why.data);
	}
	if (card->flags & CARD_UNPUSHED)
		return error_hint(
			error_new(ERROR_NOTHING, "phase '%s' is not pushed",
				  card->phase->id),
			"git orch next-phase %s pushes it", card->phase->id);
	if (!card->stacked || card->facts.dependencies_done ||
	    stack_below(board, card))
		return NULL;
	card_waits(&ids, card);
	buf_str(&why, "stands on what is not in review: ");
	strings_join(&why, &ids, ", ");
	return not_now(card, why.data);
}

/* *held 0: somebody else is at work on it. */
static struct error *hold(int *held, struct claim *claim,
			  struct project *project, const struct card *card)
{
	CLEANUP(free_str) char *run = journal_new_run();

	if (card->claim && !card->claim_alive)
		return card_take_over(held, claim, project, card);
	struct error *err = claim_take(claim, project->repo, card->plan->id,
				       card->phase->id, run);
	*held = !err;
	if (!error_is(err, ERROR_CLAIMED))
		return err;
	error_free(err);
	return NULL;
}

/* As the remote has it, now that nobody else moves it. */
static struct error *look(struct board *board, struct card **card,
			  struct project *project, const char *plan,
			  const char *phase)
{
	TRY(project_reload(project));
	TRY(trust_require(project));
	TRY(board_load(board, project, plan));
	*card = board_card(board, plan, phase);
	return *card ? NULL : board_no_phase(board, plan, phase);
}

static void begin_row(struct restacked *row, const struct project *project,
		      const struct card *card, const struct card *below)
{
	row_release(row);
	row->phase = xstrdup(card->phase->id);
	row->title = xstrdup(card->phase->title);
	row->onto = xstrdup(below ? below->branch : project->base.branch);
	row->commit = card->tip;
}

/* Once, on what stands there now. */
static struct error *restack_seen(struct restacked *row,
				  struct project *project, struct claim *claim)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	struct card *card = NULL;

	TRY(sync_fetch(project->repo));
	TRY(look(&board, &card, project, claim->plan, claim->phase));
	TRY(restackable(&board, card));
	struct restack r = {
		.project = project,
		.board = &board,
		.card = card,
		.below = stack_below(&board, card),
		.claim = claim,
		.row = row,
		.result = TREE_INIT,
	};
	begin_row(row, project, card, r.below);
	return restack_branch(&r);
}

/* People may push to the branch, claim or not. */
static struct error *restack_held(struct restacked *row,
				  struct project *project, struct claim *claim)
{
	struct error *err = restack_seen(row, project, claim);

	for (int i = 1; i < MOST_MOVED && error_is(err, ERROR_STALE); i++) {
		error_free(err);
		err = restack_seen(row, project, claim);
	}
	return err;
}

/* The claim goes, whatever came of it. */
static struct error *restack_claimed(struct restacked *row,
				     struct project *project,
				     struct claim *claim)
{
	struct renewal renewal = { .project = NULL };

	renewal_begin(&renewal, project, claim);
	struct error *err = restack_held(row, project, claim);
	renewal_end(&renewal);
	struct error *dropped = claim_drop(claim, project->repo);
	if (!err)
		return dropped;
	error_free(dropped);
	return err;
}

static void show_end(struct progress *progress, const struct restacked *row)
{
	if (!progress)
		return;
	if (progress_is_live(progress))
		progress_drop(progress, row->phase);
	else
		progress_end(progress, row->phase, "%s  %s",
			     restack_end_name(row->end), row->phase);
}

static struct error *restack_one(struct restacks *out, struct project *project,
				 const struct board *board,
				 const struct card *card)
{
	CLEANUP(claim_release) struct claim claim = { .lock = FILE_LOCK_INIT };
	CLEANUP(row_release)
	struct restacked row = { .findings = FINDINGS_INIT };
	int held = 0;

	TRY(hold(&held, &claim, project, card));
	begin_row(&row, project, card, stack_below(board, card));
	row.end = RESTACK_CLAIMED;
	if (held)
		TRY(restack_claimed(&row, project, &claim));
	show_end(project->progress, &row);
	*PUSH(out) = row;
	row = (struct restacked){ .findings = FINDINGS_INIT };
	return NULL;
}

static struct error *restack_named(struct restacks *out,
				   struct project *project, const char *plan,
				   const char *phase)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	struct card *card = NULL;

	TRY(look(&board, &card, project, plan, phase));
	TRY(restackable(&board, card));
	return restack_one(out, project, &board, card);
}

static const struct card *next_moved(const struct board *board,
				     const struct strings *tried)
{
	FOR_EACH (struct card, card, &board->cards)
		if ((card->flags & CARD_MOVED) &&
		    !(card->flags & CARD_UNPUSHED) &&
		    !strings_has(tried, card->phase->id))
			return card;
	return NULL;
}

/*
 * The board is in order of dependencies: the lower ones move first.  One that
 * moved may have to again, when what is below it lands.
 */
static struct error *restack_next(struct restacks *out, struct project *project,
				  const char *plan, struct strings *tried,
				  int *more)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	size_t before = out->len;

	TRY(project_reload(project));
	TRY(board_load(&board, project, plan));
	const struct card *card = next_moved(&board, tried);
	*more = card != NULL;
	if (!card)
		return NULL;
	struct error *err = restack_one(out, project, &board, card);
	if (err || out->len == before ||
	    out->items[out->len - 1].end != RESTACK_DONE)
		strings_add(tried, card->phase->id);
	/* What it stood on went away just now: another time. */
	if (!error_is(err, ERROR_NOTHING))
		return err;
	error_free(err);
	return NULL;
}

struct error *restack_moved(struct restacks *out, struct project *project,
			    const char *plan, struct strings *tried)
{
	int more = 1;

	while (more)
		TRY(restack_next(out, project, plan, tried, &more));
	return NULL;
}

struct error *restack(struct restacks *out, struct project *project,
		      const char *plan, const char *phase)
{
	CLEANUP(strings_release) struct strings tried = STRINGS_INIT;

	TRY(integrate_recover(project, plan));
	return phase ? restack_named(out, project, plan, phase)
		     : restack_moved(out, project, plan, &tried);
}
