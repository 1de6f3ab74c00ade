/*
 * Moving the base branch.  Where a worktree has it checked out, that worktree
 * is advanced as `git merge --ff-only` does there: uncommitted work in other
 * files stays, and git refuses (ERROR_CONFLICT, nothing moved) where it would
 * overwrite work.  Else the ref alone moves.
 *
 * Killed in between, land_recover() finishes or undoes it: an intent file
 * (<orch>/landing) is written before anything moves and removed at the end.
 */
#ifndef GITOPS_LAND_H
#define GITOPS_LAND_H

#include "gitops/repo.h"

/*
 * Moves ref ("refs/heads/main") from old to new, a descendant.  Serialised by
 * <orch>/lock/land.  ERROR_STALE: it stands elsewhere now.
 */
struct error *land_advance(struct repo *repo, const char *ref,
			   const struct oid *new_oid, const struct oid *old_oid)
	MUST_USE;

/*
 * Brings a killed land_advance() to its end; harmless when there was none.
 * Every command that moves the base calls it first.
 */
struct error *land_recover(struct repo *repo) MUST_USE;

/*
 * The worktrees that have a branch checked out: their paths.  The bare
 * repository has none.
 */
struct error *land_checkouts(struct strings *out, struct repo *repo,
			     const char *ref) MUST_USE;

#endif
