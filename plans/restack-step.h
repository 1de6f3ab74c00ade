/* The inside of a restack, for restack*.c and for nobody else. */
#ifndef PLANS_RESTACK_STEP_H
#define PLANS_RESTACK_STEP_H

#include "plans/replay.h"
#include "plans/restack.h"

/* One branch, under its claim. */
struct restack {
	struct project *project;
	const struct board *board;
	const struct card *card;
	const struct card *below; /* NULL: the base */
	struct claim *claim;
	struct restacked *row;

	struct oid start; /* its own commits are to begin here */
	struct oid fork; /* and begin here now */
	struct oid tip; /* what the branch is to be */
	char *document; /* path */
	struct tree result; /* what the document says, root NULL: nothing */
	int64_t pull; /* its open proposal, 0: none */
};

/*
 * Puts the branch onto what it stands on.  ERROR_STALE: the branch was moved
 * meanwhile, and all is to be looked at again.
 */
struct error *restack_branch(struct restack *r) MUST_USE;

/* Where the proposal goes, before the branch moves; and what it says, after. */
struct error *restack_retarget(struct restack *r) MUST_USE;
struct error *restack_propose(const struct restack *r) MUST_USE;

#endif
