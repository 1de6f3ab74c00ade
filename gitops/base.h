/*
 * The base branch and its tip: --base, else ORCH_BASE, else git config
 * orch.base, else the remote's HEAD, else the current branch.  The tip is the
 * remote-tracking ref where there is a remote, else the local branch.
 *
 * Until sync with remotes exists, a repository that has one is worked on as
 * if it had none; base->remote names it so that callers can say so.
 *
 * A base that is a symbolic ref is the branch it leads to, under that name.
 */
#ifndef GITOPS_BASE_H
#define GITOPS_BASE_H

#include "gitops/repo.h"

struct base {
	char *branch; /* "main" */
	char *ref; /* "refs/heads/main": where the tip was read */
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
 * flag is --base or NULL.  Errors name what to do: no commits yet, a base that
 * is missing, a detached HEAD with nothing configured.
 */
struct error *base_resolve(struct base *out, struct repo *repo,
			   const char *flag) MUST_USE;
void base_release(struct base *base);

#endif
