/*
 * The base branch and its tip: --base, else ORCH_BASE, else git config
 * orch.base, else the remote's HEAD, else the current branch.  The tip is the
 * remote-tracking ref where there is a remote, else the local branch.
 *
 * A local base that is a symbolic ref is the branch it leads to, under that
 * name.
 */
#ifndef GITOPS_BASE_H
#define GITOPS_BASE_H

#include "gitops/repo.h"

struct base {
	char *branch; /* "main" */
	char *ref; /* where the tip was read: "refs/heads/main", or
		    * "refs/remotes/origin/main" */
	struct oid commit; /* the tip */
	struct oid tree; /* of the tip */
	char *remote; /* NULL: none */
	const char *origin; /* who said so: "--base", "ORCH_BASE", ... */
};
#define BASE_INIT                                                              \
	{                                                                      \
		NULL, NULL, { { 0 } }, { { 0 } }, NULL, NULL                   \
	}

/*
 * Chooses the remote as well (repo_set_remote()).  flag is --base or NULL.
 * Errors name what to do: no commits yet, a base that is missing, a detached
 * HEAD with nothing configured.
 */
struct error *base_resolve(struct base *out, struct repo *repo,
			   const char *flag) MUST_USE;
void base_release(struct base *base);

/*
 * Moves the base from base->commit to a descendant of it: by a push with a
 * lease, or as land.h does it.  base stays as it was read.  ERROR_STALE: it
 * stands elsewhere now; ERROR_REFUSED: the remote protects it; ERROR_CONFLICT
 * as in land.h.
 */
struct error *base_advance(struct repo *repo, const struct base *base,
			   const struct oid *commit) MUST_USE;

#endif
