/* Where branches are checked out: the worktrees of a repository. */
#ifndef GITOPS_CHECKOUT_H
#define GITOPS_CHECKOUT_H

#include "gitops/repo.h"

struct checkout {
	char *path; /* the worktree's top */
	char *git_dir; /* the common directory, or one below worktrees/ */
	int rebased; /* a rebase of the branch is at work there */
};
struct checkouts {
	struct checkout *items;
	size_t len;
	size_t cap;
};
#define CHECKOUTS_INIT                                                         \
	{                                                                      \
		NULL, 0, 0                                                     \
	}
void checkouts_release(struct checkouts *list);

/*
 * The worktrees that exist and whose HEAD is ref, and those where a rebase of
 * ref has detached HEAD: its end, or its --abort, will move the branch.
 */
struct error *checkouts_of(struct checkouts *out, struct repo *repo,
			   const char *ref) MUST_USE;

/* Is HEAD of this git directory ref?  A detached one is not. */
int head_is(const char *git_dir, const char *ref);

#endif
