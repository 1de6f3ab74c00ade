/*
 * Where a phase's branch is, and how its refs move: the one place that knows.
 *
 * With a remote its refs are the truth: they are moved by one atomic push,
 * each with its lease, and no local branch moves.  Without one, and for work
 * that is not to be pushed, the local refs are moved one after the other, each
 * by compare-and-swap.  A kill in between is finished from the journal by
 * calling again with the same arguments: what already stands is left.
 */
#ifndef GITOPS_SYNC_H
#define GITOPS_SYNC_H

#include "gitops/claim.h"

struct phase_refs {
	struct oid branch; /* zero: none */
	struct oid base; /* where the phase's own commits begin */
	struct oid claim;
	int unpushed; /* there is work that only this clone has; branch and
			 base are that where the remote has no branch */
};

/*
 * Looks at the remote, if there is one: tracking refs, and the sightings of
 * claims.  A shallow clone is made whole first: what is decided on afterwards
 * are merges.
 */
struct error *sync_fetch(struct repo *repo) MUST_USE;

/* What stands for one phase. */
struct error *sync_read(struct phase_refs *out, const struct repo *repo,
			const char *prefix, const char *plan, const char *phase)
	MUST_USE;

/* What stands for all phases: "<plan>/<phase>" to struct phase_refs. */
struct sync_map {
	struct map map;
	struct arena arena;
};
#define SYNC_MAP_INIT                                                          \
	{                                                                      \
		MAP_INIT, ARENA_INIT                                           \
	}
struct error *sync_read_all(struct sync_map *out, const struct repo *repo,
			    const char *prefix) MUST_USE;
void sync_map_release(struct sync_map *map);

/* One phase's publication. */
struct publication {
	const char *prefix;
	struct oid start; /* goes into the base ref */
	struct oid commit; /* goes into the branch */
	struct oid old_branch; /* expected: zero, or the failed commit */
	int keep; /* not pushed: stays in this clone */
	int run_hooks; /* the repository's pre-push hook */
};

/*
 * Moves base ref, branch (the point of no return) and claim (to published) at
 * once, or in that order, under <orch>/lock/refs.lock; a branch that was there
 * before its base ref.  What is kept leaves
 * the claim as it is.  ERROR_CONFLICT when the branch stands elsewhere, or
 * would move under a worktree that has it checked out; ERROR_STALE when the
 * claim was lost before the branch moved.
 */
struct error *sync_publish(struct repo *repo, struct claim *claim,
			   const struct publication *publication) MUST_USE;

/*
 * ERROR_CONFLICT when another branch's name keeps the phase's branch from
 * being made: git holds no 'orch' beside 'orch/<plan>/<phase>', and no branch
 * below it.
 */
struct error *sync_unblocked(struct repo *repo, const char *prefix,
			     const char *plan, const char *phase) MUST_USE;

/*
 * The local branch and base ref of work that was kept: gone once the remote
 * has it, but for a branch somebody stands on or has moved.
 */
struct error *sync_kept_done(struct repo *repo, const char *prefix,
			     const char *plan, const char *phase,
			     const struct oid *tip) MUST_USE;

/* Deletes the base ref of a phase that is no more; never a branch. */
struct error *sync_forget(struct repo *repo, const char *plan,
			  const char *phase) MUST_USE;

/*
 * Deletes attempt refs, base ref and branch.  The branch stays when it is no
 * longer at tip, or when a worktree has it checked out.
 */
struct error *sync_withdraw(struct repo *repo, const char *prefix,
			    const char *plan, const char *phase,
			    const struct oid *tip) MUST_USE;

/*
 * Keeps an object alive as refs/orch/attempt/<plan>/<phase>/<n>, n being one
 * more than the highest there is.  What is kept already stays as it is, so
 * that a resumed run may ask again.
 */
struct error *sync_keep(struct repo *repo, const char *plan, const char *phase,
			const struct oid *oid) MUST_USE;
/* Keeps it no longer: something else does. */
struct error *sync_let_go(struct repo *repo, const char *plan,
			  const char *phase, const struct oid *oid) MUST_USE;

#endif
