/*
 * Moving our own refs: everything below refs/orch/, and the branches of plans
 * and phases.  All such writes happen under <orch>/lock/refs.lock (no plan can
 * be called that), so that a lock file of git's found then is one that a killed
 * process left.
 */
#ifndef GITOPS_REF_GUARD_H
#define GITOPS_REF_GUARD_H

#include "core/file.h"
#include "gitops/repo.h"

/* Waits for <orch>/lock/refs.lock; file_unlock() ends it. */
struct error *refs_lock(struct file_lock *lock, struct repo *repo) MUST_USE;

/* ref_cas() while refs_lock() is held, past dead lock files. */
struct error *refs_move(struct repo *repo, const char *name,
			const struct oid *new_oid, const struct oid *old_oid,
			const char *why) MUST_USE;

/* Clears "<file>.lock" in the common directory when it is dead. */
struct error *refs_clear_lock(struct repo *repo, const char *file) MUST_USE;

#endif
