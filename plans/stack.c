/*
 * Which phase stands on which, from the cards below: the board is in order of
 * dependencies, so the last card that is pending is the topmost.
 */
#include "plans/stack.h"

#include "gitops/commit.h"

#include <stdlib.h>
#include <string.h>

static int finished(const struct phase *phase)
{
	return phase->status == PHASE_DONE || phase->status == PHASE_SKIPPED;
}

/* Every phase that is pending below this one, marked by its index. */
static size_t mark_pending(unsigned char *marks, const struct plan *plan,
			   const struct phase *phase)
{
	size_t n = 0;

	FOR_EACH (char *, id, &phase->depends_on) {
		const struct phase *on = plan_phase(plan, *id);

		if (!on || marks[on->index] || finished(on))
			continue;
		marks[on->index] = 1;
		n += 1 + mark_pending(marks, plan, on);
	}
	return n;
}

static size_t count_pending(const struct plan *plan, const struct phase *phase)
{
	unsigned char *marks = xcalloc(plan->phases.len + 1, 1);
	size_t n = mark_pending(marks, plan, phase);

	free(marks);
	return n;
}

/* In review, or so but for somebody's claim. */
static int is_reviewed(const struct card *card)
{
	struct facts facts = card->facts;

	facts.claimed = 0;
	return status_derive(&facts) == STATUS_IN_REVIEW;
}

static struct card *topmost(const struct board *board, const struct card *card)
{
	const struct plan *plan = card->plan;
	unsigned char *marks = xcalloc(plan->phases.len + 1, 1);
	struct card *top = NULL;

	mark_pending(marks, plan, card->phase);
	FOR_EACH (struct card, other, &board->cards)
		if (other->plan == plan && other != card &&
		    marks[other->phase->index])
			top = other;
	free(marks);
	return top;
}

struct card *stack_below(const struct board *board, const struct card *card)
{
	return card->stacks_on
		       ? board_card(board, card->plan->id, card->stacks_on)
		       : NULL;
}

/* From the top to the base, each in review and on the tip of the next. */
static struct error *is_chain(int *out, const struct board *board,
			      const struct repo *repo, const struct card *top)
{
	*out = 1;
	while (top && *out) {
		const struct card *below = stack_below(board, top);

		*out = is_reviewed(top) &&
		       (below || !count_pending(top->plan, top->phase));
		if (*out && below)
			TRY(commit_is_ancestor(out, repo, &below->tip,
					       &top->tip));
		top = below;
	}
	return NULL;
}

/* The topmost of what is pending, whether or not all stands as it should. */
static const char *find_below(const struct board *board,
			      const struct card *card)
{
	size_t pending = count_pending(card->plan, card->phase);
	const struct card *top = pending ? topmost(board, card) : NULL;

	if (!top || count_pending(top->plan, top->phase) != pending - 1)
		return NULL; /* there are two sides */
	return is_reviewed(top) ? top->phase->id : NULL;
}

/* Does the branch begin where the base has not been? */
static struct error *find_stacked(struct card *card, struct project *project,
				  const struct oid *fork)
{
	int known = 1;

	card->fork = oid_zero;
	/* A server takes any object for a ref that is no branch. */
	if (oid_is_zero(fork) || !commit_exists(project->repo, fork))
		return NULL;
	card->fork = *fork;
	if (oid_is_zero(&card->tip))
		return NULL;
	TRY(commit_is_ancestor(&known, project->repo, fork,
			       &project->base.commit));
	card->stacked = !known;
	return NULL;
}

struct error *stack_fill(struct card *card, const struct board *board,
			 struct project *project, const struct oid *fork)
{
	int on = project->config.delivery.stacking, chain = 0;

	if (finished(card->phase))
		return NULL;
	TRY(find_stacked(card, project, fork));
	/* What is in review stands on what it stands on. */
	if (!card->stacked && (!on || is_reviewed(card)))
		return NULL;
	card->stacks_on = find_below(board, card);
	if (card->stacks_on)
		TRY(is_chain(&chain, board, project->repo,
			     stack_below(board, card)));
	card->facts.stackable = on && chain;
	/* What would only begin there does so on a chain or not at all. */
	if (!card->facts.stackable && !card->stacked)
		card->stacks_on = NULL;
	return NULL;
}

int stack_waits(const struct card *card)
{
	return card->stacked;
}

int stack_moved(const struct board *board, const struct card *card)
{
	const struct card *below = stack_below(board, card);

	if (!card->stacked || !is_reviewed(card))
		return 0;
	return below ? !oid_equal(&below->tip, &card->fork)
		     : card->facts.dependencies_done;
}
