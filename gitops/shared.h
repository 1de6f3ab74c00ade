/*
 * Shared refs: those that all clones are to see alike, which are the base
 * branch, the branches of plans and phases, their claims and base refs.  With
 * a remote (repo_remote()) they stand where that last showed them, and move
 * there and nowhere else; without one they are the local refs.
 *
 * Attempt refs are local always.
 */
#ifndef GITOPS_SHARED_H
#define GITOPS_SHARED_H

#include "gitops/ref.h"
#include "gitops/remote.h"

/*
 * The ref that says where a shared one stands: "refs/heads/orch/p/a" itself,
 * or "refs/remotes/origin/orch/p/a".  Owned.
 */
char *shared_name(const struct repo *repo, const char *ref) MUST_USE;

/* Absent gives the zero id. */
struct error *shared_read(struct oid *out, const struct repo *repo,
			  const char *ref) MUST_USE;
/* All below prefix, under the names they are called by, sorted. */
struct error *shared_list(struct refs *out, const struct repo *repo,
			  const char *prefix) MUST_USE;

/*
 * Moves them: one atomic push, or, without a remote, one after the other in
 * the order given, under the lock on our refs.  ERROR_STALE names the ref that
 * stands elsewhere, and where the refs stand now was fetched by then; one that
 * stands where it is to go counts as moved.
 * push->remote is filled in by this.  A server that cannot do what several
 * machines need is ERROR_FAILURE with what to do.
 */
struct error *shared_move(struct repo *repo, struct push *push, const char *why)
	MUST_USE;

/*
 * What a person types to delete one, for a hint; quoted, as whoever may push
 * gives refs their names.  Owned.
 */
char *shared_removal(const struct repo *repo, const char *ref) MUST_USE;
/* The same for any word of such a command. */
char *shell_word(const char *text) MUST_USE;

#endif
