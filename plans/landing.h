/*
 * One branch onto a commit, in memory: merged, judged by the caller, and made
 * into a commit by the configured method.  The base moves in one place.
 */
#ifndef PLANS_LANDING_H
#define PLANS_LANDING_H

#include "gitops/merge.h"
#include "plans/project.h"

struct merged {
	struct oid tip; /* the branch's */
	struct oid onto; /* what it is merged with */
	struct oid tree; /* of both */
	struct oid commit; /* rebase: the replayed tip, else zero */
	struct strings conflicts;
	struct strings reasons;
	struct strings agents; /* "agent:model" of who resolved them */
};
#define MERGED_INIT                                                            \
	{                                                                      \
		.conflicts = STRINGS_INIT, .reasons = STRINGS_INIT,            \
		.agents = STRINGS_INIT                                         \
	}
void merged_release(struct merged *merged);

/*
 * Merges tip with a commit (the base's tip, or what is to land before it), or
 * replays fork..tip onto it under the method rebase.  Conflicts are no error.
 */
struct error *merged_make(struct merged *out, struct project *project,
			  const struct oid *onto, const struct oid *tip,
			  const struct oid *fork) MUST_USE;

/*
 * Its conflicts have become this tree.  Under the method rebase the branch is
 * squashed by that.
 */
void merged_resolve(struct merged *merged, const struct oid *tree,
		    const struct strings *agents);

/*
 * Its commit on what it was merged with; no ref moves.  Who resolved a conflict
 * stands in trailers.  message is for a merge
 * commit; a squash has that of the phase's commit, or the tip's own.
 */
struct error *merged_commit(struct oid *out, struct project *project,
			    const struct merged *merged, const char *message)
	MUST_USE;

/* The same as one commit with the words of the phase's, whatever the method. */
struct error *merged_squash(struct oid *out, struct project *project,
			    const struct merged *merged) MUST_USE;

/*
 * Moves the base from where project->base says it stands to a descendant;
 * project->base is read again.  ERROR_STALE: it stands elsewhere now.
 * ERROR_CONFLICT: work of a worktree is in the way, nothing moved.
 */
struct error *move_base(struct project *project, const struct oid *commit)
	MUST_USE;

#endif
