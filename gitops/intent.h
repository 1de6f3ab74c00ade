/*
 * What land_advance() is about to do, in <orch>/landing: written durably
 * before anything moves, removed when all has.
 */
#ifndef GITOPS_INTENT_H
#define GITOPS_INTENT_H

#include "gitops/repo.h"

#include <time.h>

struct intent {
	char *ref;
	struct oid old_oid;
	struct oid new_oid;
	char *path; /* the worktree; NULL: only the ref moves */
	char *git_dir;
	/*
	 * Of the paths that change, those that were not clean in the worktree:
	 * git does not touch them, nor does a recovery.
	 */
	struct strings keep;
	/* Not in the file. */
	struct timespec written; /* when it was, as intent_read() found it */
	int lock_fd; /* the landing's lock, for git to inherit; 0: none */
};
#define INTENT_INIT                                                            \
	{                                                                      \
		.keep = STRINGS_INIT                                           \
	}
void intent_release(struct intent *intent);

/* orch is $GIT_COMMON_DIR/orch. */
struct error *intent_write(const char *orch, const struct intent *intent)
	MUST_USE;
/* ERROR_NOT_FOUND when there is none. */
struct error *intent_read(struct intent *out, const char *orch) MUST_USE;
struct error *intent_remove(const char *orch) MUST_USE;
int intent_exists(const char *orch);

#endif
