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
 * The worktrees that exist and whose HEAD is ref or leads to it
 * through symbolic refs, and those where a rebase of
 * ref has detached HEAD: its end, or its --abort, will move the branch.
 */
struct error *checkouts_of(struct checkouts *out, struct repo *repo,
			   const char *ref) MUST_USE;

/*
 * The refs HEAD of this git directory leads through: the branch it names and,
 * where that is symbolic, what it leads to, for git moves the last one.  None
 * when it is detached or cannot be read.
 */
void head_refs(struct strings *out, const struct repo *repo,
	       const char *git_dir);

/* Is ref one of them? */
int head_is(const struct repo *repo, const char *git_dir, const char *ref);

#endif
