/*
 * Stacks: the phase another one stands on while that is not on the base yet.
 *
 * What a phase waits for is pending: a dependency, direct or not, that is not
 * done on the base.  When all that is pending lies on one chain of phases in
 * review, each above the other in the graph and by its commits, the phase can
 * begin on the branch of the topmost.  A claim does not count: whoever lands,
 * revises or restacks a phase below may do so meanwhile, and `restack` brings
 * what stands on it along.
 *
 * Where a phase's own commits begin is its base ref.  While that is no part of
 * the base the branch holds work of phases below, and must not land.
 */
#ifndef PLANS_STACK_H
#define PLANS_STACK_H

#include "plans/board.h"

/*
 * Fills fork, stacked and stacks_on of a card, and facts.stackable; all cards
 * of its dependencies are filled before.
 */
struct error *stack_fill(struct card *card, const struct board *board,
			 struct project *project, const struct oid *fork)
	MUST_USE;

/*
 * Does its branch hold commits of phases below that the base has not?  Such a
 * one must not land: they have to land first, and it is replayed.
 */
int stack_waits(const struct card *card);

/* The card it stands on, or would; NULL: the base. */
struct card *stack_below(const struct board *board, const struct card *card);

/* Has what it stood on landed or moved, so that it is to be replayed? */
int stack_moved(const struct board *board, const struct card *card);

#endif
