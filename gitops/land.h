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
 * <orch>/land.lock (beside lock/, where a plan might be named "land"), which
 * the git child inherits: who gets the lock knows that both are gone.  SIGINT
 * and SIGTERM wait until the step is done.
 *
 * At new already is success: an earlier call that was killed has been brought
 * to its end.  ERROR_STALE: the ref stands elsewhere now.  ERROR_CONFLICT: git
 * would overwrite what the message names, or the branch is checked out twice
 * or being rebased.
 * ERROR_AGAIN: a git is at work there.
 */
struct error *land_advance(struct repo *repo, const char *ref,
			   const struct oid *new_oid, const struct oid *old_oid)
	MUST_USE;

/*
 * Brings a killed land_advance() to its end; harmless when there was none.
 * Every command that moves the base calls it first.  What the kill left in
 * the worktree is put back and git asked again; where somebody has edited one
 * of the files since, git refuses, the edit stays, and that is ERROR_CONFLICT.
 */
struct error *land_recover(struct repo *repo) MUST_USE;

/*
 * The worktrees that have a branch checked out: their paths.  The bare
 * repository has none.
 */
struct error *land_checkouts(struct strings *out, struct repo *repo,
			     const char *ref) MUST_USE;

#endif
