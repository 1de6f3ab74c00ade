/*
 * Worktrees for checks: pooled below the user's cache directory, detached,
 * locked, without .orch/, brought up to date by changed paths only and made
 * exact before each use.  Nothing is made until something must run.
 *
 * <cache>/<repository>/work/<n>, a flock beside each; the lowest idle one is
 * taken first, so that a single runner finds its last tree again.  HEAD of a
 * slot is an empty commit that never moves: what counts are the files.
 */
#ifndef GITOPS_WORKTREE_H
#define GITOPS_WORKTREE_H

#include "core/file.h"
#include "gitops/repo.h"

struct worktree {
	char *path;
	int slot;
	struct file_lock lock;
};
#define WORKTREE_INIT                                                          \
	{                                                                      \
		NULL, 0, FILE_LOCK_INIT                                        \
	}

/* A free slot, made when all are in use. */
struct error *worktree_acquire(struct worktree *out, struct repo *repo)
	MUST_USE;
/* Makes its files exactly tree: changed paths written, all else removed. */
struct error *worktree_checkout(struct worktree *worktree, struct repo *repo,
				const struct oid *tree) MUST_USE;

/* What somebody who works in a worktree may at most leave there. */
struct worktree_most {
	size_t files; /* that differ */
	size_t bytes; /* of one of them */
};
/*
 * The tree its files have come to since worktree_checkout(): what git would
 * call changed, deleted or new, but nothing the tree's own .gitignore files
 * name, and nothing below .orch/.  Links stay links; submodules stay as they
 * were.  No hook and no filter of the repository runs.  Nobody may write in
 * there meanwhile.
 *
 * ERROR_NO: more or larger files than that, a repository within, or a name
 * that git or we would not take.
 */
struct error *worktree_tree(struct oid *out, struct worktree *worktree,
			    struct repo *repo, const struct worktree_most *most)
	MUST_USE;
void worktree_release(struct worktree *worktree); /* back into the pool */

/* Slots whose owner is gone or that git no longer knows, as sentences. */
struct error *worktree_orphans(struct strings *out, struct repo *repo) MUST_USE;
/* Removes them, and all idle slots with all set.  *n: how many. */
struct error *worktree_prune(int *n, struct repo *repo, int all) MUST_USE;

/* <cache>/<repository>, owned: setup caches lie there too. */
struct error *worktree_cache_dir(char **out, const struct repo *repo) MUST_USE;

#endif
