/*
 * The remote's half of sync.h: how a phase's refs move by push.  For sync.c
 * and nobody else.
 */
#ifndef GITOPS_SYNC_PUSH_H
#define GITOPS_SYNC_PUSH_H

#include "gitops/sync.h"

/* sync_publish() where the refs are the remote's. */
struct error *sync_push(struct repo *repo, struct claim *claim,
			const struct publication *publication) MUST_USE;

/*
 * Deletes branch (where it still is at tip) and base ref in one push.  One
 * that was moved meanwhile stays, and is looked at again by the next call.
 */
struct error *sync_push_gone(struct repo *repo, const char *branch,
			     const char *base, const struct oid *tip) MUST_USE;

#endif
