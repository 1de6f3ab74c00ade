/* What a git that was killed in the middle of a checkout left. */
#ifndef GITOPS_LAND_UNDO_H
#define GITOPS_LAND_UNDO_H

#include "gitops/intent.h"
#include "gitops/workspace.h"

/* What changes between the two commits of an intent. */
struct error *land_changes(struct changes *out, const struct repo *repo,
			   const struct intent *intent) MUST_USE;

/* Of those, the paths that are not clean in the worktree: intent->keep. */
struct error *land_keep(struct intent *intent, const struct repo *repo,
			const struct changes *changes) MUST_USE;

/*
 * Has the worktree's index all changed paths at the new commit?  Git writes
 * the index when all files are written, and before the ref.
 */
struct error *land_index_is_new(int *out, const struct repo *repo,
				const struct intent *intent,
				const struct changes *changes) MUST_USE;

/*
 * Puts the worktree back: paths whose index entry is still the old one and
 * whose file is missing, the new one or a beginning of it, or a beginning of
 * the old one, which an undo leaves that is killed itself.  What else lies
 * there somebody has edited since, and stays.
 */
struct error *land_undo(const struct repo *repo, const struct intent *intent,
			const struct changes *changes) MUST_USE;

#endif
