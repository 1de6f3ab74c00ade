/*
 * The tracking refs of a remote, and when they may be written.  Whoever of us
 * does so holds <orch>/lock/fetch.lock: a fetch from before it asks what the
 * remote has, a push only afterwards, when it is through.  So what a push has
 * moved is never moved back by a fetch that had asked before; and a lock file
 * of git's that is found under it is one that a killed process left, unless
 * the user's own git is at work.  For remote*.c.
 */
#ifndef GITOPS_REMOTE_TRACK_H
#define GITOPS_REMOTE_TRACK_H

#include "core/file.h"
#include "gitops/remote.h"

/*
 * Waits for the lock.  *done is 1 where a fetch that began after we asked has
 * been made by another process meanwhile, by the same words: then nothing is
 * locked, and what we wanted is there.  words NULL: never.
 */
struct error *track_lock(struct file_lock *lock, int *done, struct repo *repo,
			 const char *words) MUST_USE;
/* The fetch that was begun with the lock is through. */
void track_fetched(const struct file_lock *lock, const char *words,
		   int64_t began);

/* Where tracking refs stood before a push, in its order; owned. */
struct error *track_before(struct oid **out, const struct repo *repo,
			   const struct push *push) MUST_USE;
/*
 * After a push that is through.  A ref that is neither where it was nor where
 * the push's lease had it was fetched meanwhile, and is newer.
 */
struct error *track_after(struct repo *repo, const struct push *push,
			  const struct oid *before) MUST_USE;

/* Under the lock: removes what a killed git left; *found tells how many. */
struct error *track_clear(int *found, struct repo *repo, const char *remote)
	MUST_USE;

#endif
