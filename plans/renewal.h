/*
 * Keeping a claim while its phase is worked on: every sixth of a lease the
 * claims of this clone that are due are renewed (claim_renew()), on whatever
 * loop just runs.  Work for a claim that was lost ends with ERROR_CLAIMED: what
 * comes of it could not be published.  Who holds several looks at them itself
 * and gives none.
 */
#ifndef PLANS_RENEWAL_H
#define PLANS_RENEWAL_H

#include "core/loop.h"
#include "gitops/claim.h"
#include "plans/project.h"

struct renewal {
	struct loop_tick tick;
	struct project *project;
	struct claim *claim; /* borrowed; NULL: several */
};

/* From now on, where there is a remote; project->tick is this until the end. */
void renewal_begin(struct renewal *renewal, struct project *project,
		   struct claim *claim);
void renewal_end(struct renewal *renewal);

/* The error of a claim that was lost: what is to be said of ERROR_STALE. */
struct error *claim_was_lost(const struct claim *claim) MUST_USE;

#endif
