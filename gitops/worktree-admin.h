/*
 * What git knows of a worktree: its administrative folder below
 * $GIT_COMMON_DIR/worktrees (gitrepository-layout(5), "worktrees").  It comes
 * and goes by one rename, so that a kill never leaves half of one.
 *
 * Call all but admin_find() only while holding admin_lock().
 */
#ifndef GITOPS_WORKTREE_ADMIN_H
#define GITOPS_WORKTREE_ADMIN_H

#include "core/file.h"
#include "gitops/repo.h"

/* Waits for <orch>/lock/worktrees.lock; file_unlock() ends it. */
struct error *admin_lock(struct file_lock *lock, struct repo *repo) MUST_USE;

/*
 * The folder of the worktree at path, owned; NULL when git does not know it.
 * It is looked for from git's side: a check may have rewritten the
 * worktree's own .git file.
 */
char *admin_find(const struct repo *repo, const char *path) MUST_USE;

/* Lists a worktree at path, locked, detached at head; git knew none there. */
struct error *admin_add(struct repo *repo, const char *path,
			const struct oid *head) MUST_USE;

/* Makes git forget the worktree at path; one that it does not know is fine. */
struct error *admin_drop(struct repo *repo, const char *path) MUST_USE;

/* Paths that git lists below dir and that are no folders any more. */
struct error *admin_gone(struct strings *out, const struct repo *repo,
			 const char *dir) MUST_USE;

/* What git is to do in a slot. */
struct slot_call {
	const char *path; /* the slot */
	const char *admin; /* its administrative folder */
	struct strings *overrides; /* as in struct git_call */
	const char *input; /* for stdin; NULL: nothing */
	size_t input_len;
};
/*
 * Runs git with these words (to NULL) in a slot whose own .git file is not
 * asked, under a configuration in which "the same file" means the same
 * content.  out (may be NULL) receives stdout; other exits than 0 are
 * git_failure().
 */
struct error *slot_git(struct buf *out, struct repo *repo,
		       const struct slot_call *slot, const char *const *words)
	MUST_USE;

#endif
