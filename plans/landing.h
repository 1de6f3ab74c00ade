/*
 * One branch onto the base: merged in memory, judged by the caller, made into
 * a commit by the configured method, and the base moved.
 */
#ifndef PLANS_LANDING_H
#define PLANS_LANDING_H

#include "gitops/merge.h"
#include "plans/project.h"

struct merged {
	struct oid tip; /* the branch's */
	struct oid tree; /* merged with the base's tip */
	struct oid commit; /* rebase: the replayed tip, else zero */
	struct strings conflicts;
	struct strings reasons;
};
#define MERGED_INIT                                                            \
	{                                                                      \
		.conflicts = STRINGS_INIT, .reasons = STRINGS_INIT             \
	}
void merged_release(struct merged *merged);

/*
 * Merges tip with project->base, or replays fork..tip onto it under the
 * method rebase.  Conflicts are no error.
 */
struct error *merged_make(struct merged *out, struct project *project,
			  const struct oid *tip, const struct oid *fork)
	MUST_USE;

/*
 * Makes the commit and moves the base to it; project->base is read again.
 * message is for a merge commit; a squash has that of the phase's commit, or
 * the tip's own.
 */
struct error *merged_land(struct oid *out, struct project *project,
			  const struct merged *merged, const char *message)
	MUST_USE;

#endif
