/*
 * Claims: which runner holds a phase.  A claim is a ref to a commit without
 * parents on the empty tree whose trailers say who (FORMATS, "The claim"),
 * moved by compare-and-swap where shared refs stand (shared.h), plus a flock on
 * <orch>/lock/<plan>/<phase> that the kernel drops when the owner dies.  The
 * lock file holds the nonce, so that a claim of this clone whose owner died is
 * known from one of another machine.
 *
 * With a remote a claim is renewed while its owner works (claim_renew()), by
 * any process of its clone.  So a claim in hand may be behind its ref: each
 * function below first takes over what has the same nonce.
 */
#ifndef GITOPS_CLAIM_H
#define GITOPS_CLAIM_H

#include "core/file.h"
#include "gitops/repo.h"

#define CLAIM_VERSION 1

struct claim {
	char *plan;
	char *phase;
	char *runner;
	char *run;
	char *nonce; /* 32 hex digits, new at each taking */
	int64_t generation; /* from 1, +1 at each change */
	int published; /* Orch-State: published, else working */
	int64_t reserved; /* micro-dollars */
	int64_t spent;
	int version; /* Orch-Claim; not CLAIM_VERSION: hands off */
	int64_t when; /* the commit's date, information only */
	struct strings unknown; /* trailers to keep, "Name: value" */
	struct oid oid; /* where the ref stands */
	struct file_lock lock; /* held by us when lock.fd >= 0 */
};

void claim_release(struct claim *claim); /* drops the flock, not the claim */

struct claims {
	struct claim *items;
	size_t len;
	size_t cap;
};
void claims_release(struct claims *claims);

/* Takes a free phase.  ERROR_CLAIMED names the runner that holds it. */
struct error *claim_take(struct claim *out, struct repo *repo, const char *plan,
			 const char *phase, const char *run) MUST_USE;
/* The same, with a reservation for other machines to see. */
struct error *claim_take_with(struct claim *out, struct repo *repo,
			      const char *plan, const char *phase,
			      const char *run, int64_t reserved) MUST_USE;

/*
 * Takes a claim whose owner is gone (claim_gone()).  The claim keeps its
 * run (so that its journal is found), gets our runner, a new nonce and the
 * next generation.  ERROR_CLAIMED when the owner lives; ERROR_NOT_FOUND when
 * there is no claim any more.  lease is in seconds.
 */
struct error *claim_take_over(struct claim *out, struct repo *repo,
			      const char *plan, const char *phase,
			      int64_t lease) MUST_USE;

/* Gives the claim another run (the old one's journal is not here). */
struct error *claim_set_run(struct claim *claim, struct repo *repo,
			    const char *run) MUST_USE;

/* generation + 1 with this state; ERROR_STALE: it was lost. */
struct error *claim_advance(struct claim *claim, struct repo *repo,
			    int published) MUST_USE;
/* The commit claim_advance() would move the ref to, for one atomic push. */
struct error *claim_next(struct oid *out, const struct claim *claim,
			 struct repo *repo, int published) MUST_USE;

/*
 * Deletes the ref if it is still ours, then lets the flock go.  A claim that
 * turns out to have been published by a push whose answer was lost is left to
 * be taken over, for what comes after the publication.
 */
struct error *claim_drop(struct claim *claim, struct repo *repo) MUST_USE;
/*
 * Deletes a claim whosever it is, also one that cannot be read: where it
 * stands at oid.  Its runner finds out when it publishes, or renews.
 */
struct error *claim_break(struct repo *repo, const char *plan,
			  const char *phase, const struct oid *oid) MUST_USE;

/* ERROR_INVALID: there is a ref, and it is no claim. */
struct error *claim_read(struct claim *out, const struct repo *repo,
			 const char *plan, const char *phase) MUST_USE;
/*
 * All there are.  One that cannot be read has version 0 and the runner
 * "unknown": it holds its phase, and must not hide the others.
 */
struct error *claim_list(struct claims *out, const struct repo *repo) MUST_USE;
/* Is the owner on this machine alive (its flock held)? */
int claim_alive(struct repo *repo, const char *plan, const char *phase);
/*
 * May it be taken over?  Without a remote: nobody holds its flock.  With one:
 * that, and it was taken here, or was seen unchanged for a lease (seconds).
 */
int claim_gone(struct repo *repo, const struct claim *claim, int64_t lease);
/* Was it taken by this clone? */
int claim_is_ours(struct repo *repo, const struct claim *claim);
/* For how long it was seen unchanged, in ms. */
int64_t claim_unchanged(struct repo *repo, const struct claim *claim);

/* Brings a claim in hand up to its ref; ERROR_STALE: it was lost. */
struct error *claim_refresh(struct claim *claim, const struct repo *repo)
	MUST_USE;
/*
 * Renews, in one push, those claims of this clone's living processes that were
 * seen unchanged for a third of a lease.  One that was lost is left to its
 * owner to find.
 */
struct error *claim_renew(struct repo *repo, int64_t lease) MUST_USE;

#endif
