/*
 * A remote, through the user's own git from the one place that starts it: its
 * credential helpers, ssh and proxies are the user's, hooks and filters of the
 * repository do not run.
 *
 * What the remote has is fetched with explicit refspecs: branches to
 * refs/remotes/<remote>/…, our own refs to refs/orch-remotes/<remote>/…
 * (claim, base, cache).  Nothing local is ever the target, and the user's
 * fetch configuration is neither used nor edited.
 *
 * Nobody is asked at the terminal: a password no helper knows is an error.
 * Errors: ERROR_AGAIN for what is transient (tried again with backoff before
 * it is reported), ERROR_REFUSED for what the server will not have (a
 * protected branch, a hook), ERROR_FAILURE for the rest (no such remote, wrong
 * password); each names the remote, never user and password of its URL.
 */
#ifndef GITOPS_REMOTE_H
#define GITOPS_REMOTE_H

#include "core/array.h"
#include "gitops/repo.h"

struct loop;

/*
 * The remote that is meant: flag (--remote), else ORCH_REMOTE, else git config
 * orch.remote, else "origin", else the only one.  *out is NULL when there is
 * none, or when "." is named: git's own name for this repository.  Several and
 * none of them named, or one named that there is not, is ERROR_USAGE with their
 * names.
 */
struct error *remote_choose(char **out, const struct repo *repo,
			    const char *flag) MUST_USE;

/*
 * "refs/remotes/<remote>/main", "refs/orch-remotes/<remote>/claim/p/a"; NULL
 * for what is neither a branch nor ours: it is not tracked.
 */
char *remote_tracking(const char *remote, const char *ref) MUST_USE;

struct remote_fetch {
	const char *remote;
	int prune; /* what the remote has no more goes here, too */
	int cache; /* also refs/orch/cache */
	int tries; /* in all; 0: 4 */
};
struct error *remote_fetch(struct repo *repo, const struct remote_fetch *fetch)
	MUST_USE;

/* Makes a shallow repository whole, before any merge is decided. */
struct error *remote_deepen(struct repo *repo, const char *remote) MUST_USE;

/*
 * One ref of a push; a zero id means: it does not exist.  Not both zero: what
 * is not there and is not to be there cannot be part of a push.
 */
struct push_ref {
	char *ref; /* in full */
	struct oid to;
	struct oid expected;
};
enum push_end {
	PUSH_DONE, /* every ref stands where it was to go */
	PUSH_STALE, /* some expected id did not hold */
	PUSH_UNSUPPORTED, /* the server has no atomic push, or refuses
			     refs/orch: a single machine only */
};
struct push {
	struct {
		struct push_ref *items;
		size_t len, cap;
	} refs;
	const char *remote;
	int run_hooks; /* the pre-push hook, with ORCH_RUN set */
	int tries; /* in all; 0: 4 */
};
void push_release(struct push *push);
void push_add(struct push *push, const char *ref, const struct oid *to,
	      const struct oid *expected);
/*
 * One atomic push, each ref with its lease.  *end says how it went; why (may
 * be NULL; owned; NULL after PUSH_DONE) which ref was stale or refused, or
 * what the server lacks.
 *
 * A ref that stands at `to` already has been moved, whatever was expected: so
 * the same push may be made again after a kill.  Git leaves such a ref out of
 * the transaction, hence one whose lease is to guard the others must move.
 *
 * A push whose connection broke is looked up (ls-remote) before it is tried
 * again: it may have gone through.  After ERROR_AGAIN and ERROR_INTERRUPT it
 * still may.  After PUSH_DONE the tracking refs are moved; one that cannot be
 * is left to the next fetch, as the push is done all the same.
 *
 * ERROR_INVALID: a ref's name is none, or stands there twice.  ERROR_REFUSED,
 * too: the pre-push hook said no; or git, after the push, would move local
 * branches because this clone's remote.<name>.fetch says so (a mirror).
 */
struct error *remote_push(enum push_end *end, char **why, struct repo *repo,
			  const struct push *push) MUST_USE;

/*
 * What doctor asks: can this server do what several machines need?  No server
 * says beforehand whether it takes refs/orch/…: a ref refs/orch/probe/<random>
 * is pushed, looked for, and deleted again.  Only what is wrong on this side
 * is an error; what the server says is a problem.
 */
struct remote_probe {
	int reachable;
	int atomic;
	int own_refs; /* takes refs/orch/… and shows it */
	char *server; /* agent=…, as it says; NULL: does not */
	char *problem; /* what to tell a person; NULL: none */
};
struct error *remote_probe(struct remote_probe *out, struct repo *repo,
			   const char *remote) MUST_USE;
void remote_probe_release(struct remote_probe *probe);

#endif
