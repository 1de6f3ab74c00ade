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
 * Errors: ERROR_AGAIN for what is transient (tried again with backoff before
 * it is reported), ERROR_REFUSED for what the server will not have (a
 * protected branch, a hook), ERROR_FAILURE for the rest (no such remote, wrong
 * password); each names the remote, never what stands before the '@' of its
 * address.
 */
#ifndef GITOPS_REMOTE_H
#define GITOPS_REMOTE_H

#include "core/array.h"
#include "gitops/repo.h"

struct loop;

/*
 * The remote that is meant: flag (--remote), else ORCH_REMOTE, else git config
 * orch.remote, else "origin", else the only one.  *out is NULL when there is
 * none; several and none of them named is ERROR_USAGE with their names.
 */
struct error *remote_choose(char **out, const struct repo *repo,
			    const char *flag) MUST_USE;

/* "refs/remotes/<remote>/main", "refs/orch-remotes/<remote>/claim/p/a". */
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

/* One ref of a push; a zero id means: it does not exist. */
struct push_ref {
	char *ref; /* in full */
	struct oid to;
	struct oid expected;
};
enum push_end {
	PUSH_DONE,
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
	int tries;
};
void push_release(struct push *push);
void push_add(struct push *push, const char *ref, const struct oid *to,
	      const struct oid *expected);
/*
 * One atomic push, each ref with its lease.  *end says how it went; why (may
 * be NULL) which ref was stale or refused.  After PUSH_DONE the tracking refs
 * are moved.  A push whose connection broke is looked up (ls-remote) before it
 * is tried again: it may have gone through.
 */
struct error *remote_push(enum push_end *end, char **why, struct repo *repo,
			  const struct push *push) MUST_USE;

/* What doctor asks: can this server do what several machines need? */
struct remote_probe {
	int reachable;
	int atomic;
	int own_refs; /* takes refs/orch/… */
	char *server; /* agent=…, as it says; NULL: does not */
	char *problem; /* what to tell a person; NULL: none */
};
struct error *remote_probe(struct remote_probe *out, struct repo *repo,
			   const char *remote) MUST_USE;
void remote_probe_release(struct remote_probe *probe);

#endif
