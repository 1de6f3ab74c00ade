/*
 * A branch's own commits onto another commit, in memory: no ref moves, and no
 * working tree is looked at.  Phase documents are merged by field.
 */
#ifndef PLANS_REPLAY_H
#define PLANS_REPLAY_H

#include "gitops/merge.h"

struct replay {
	struct oid tip; /* what came of it, where nothing is in conflict */
	size_t commits; /* that it took */
	struct oid stopped; /* the commit in conflict, else zero */
	struct strings conflicts; /* paths */
	struct strings reasons;
};
#define REPLAY_INIT                                                            \
	{                                                                      \
		.conflicts = STRINGS_INIT, .reasons = STRINGS_INIT             \
	}
void replay_release(struct replay *replay);

/*
 * Replays fork..tip onto a commit, one by one along the first parents, with
 * their messages, authors and dates; one of which nothing is left is left out.
 * Where there are merges among them they become one commit: replayed, what
 * they resolved would be in conflict again, or lost.  So they do where one by
 * one is in conflict, and all together are not: what a later commit took back
 * is nobody's to resolve.  Conflicts are no error.
 */
struct error *replay_range(struct replay *out, struct repo *repo,
			   const struct oid *fork, const struct oid *tip,
			   const struct oid *onto) MUST_USE;

/*
 * Where the commits of tip begin that are its own, of all places it may have
 * begun at (zero ids count for nothing): the merge base that is nearest to
 * tip.  So a branch that was put onto something else by hand is taken from
 * there.  Zero: it shares nothing with any.
 */
struct error *replay_fork(struct oid *out, struct repo *repo,
			  const struct oid *tip, const struct oid *places,
			  size_t n) MUST_USE;

#endif
