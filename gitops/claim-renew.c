/*
 * Who is alive, as far as this clone can tell, and telling others that we are.
 *
 * A claim is renewed by whichever process of the clone gets to it first, for
 * all of them in one push: many runners on one machine must not mean many
 * pushes.  What says that a claim belongs to a living process of this clone is
 * its flock, and the nonce in the file that is locked.
 */
#include "gitops/claim.h"

#include "gitops/layout.h"
#include "gitops/shared.h"
#include "gitops/sighting.h"

#include <stdlib.h>
#include <string.h>

/* Is the phase's flock held, and does the file name this claim? */
static struct error *look_at_lock(int *alive, int *ours, struct repo *repo,
				  const struct claim *claim)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(free_str) char *nonce = NULL;
	const char *orch;

	TRY(repo_orch_dir(&orch, repo));
	path = layout_lock(orch, claim->plan, claim->phase);
	*alive = file_locked(path);
	nonce = file_lock_noted(path);
	*ours = claim->nonce && !strcmp(nonce, claim->nonce);
	return NULL;
}

int claim_alive(struct repo *repo, const char *plan, const char *phase)
{
	CLEANUP(free_str) char *path = NULL;
	const char *orch;
	struct error *err = repo_orch_dir(&orch, repo);

	if (err) {
		error_free(err);
		return 0;
	}
	path = layout_lock(orch, plan, phase);
	return file_locked(path);
}

int claim_is_ours(struct repo *repo, const struct claim *claim)
{
	int alive, ours = 0;

	error_free(look_at_lock(&alive, &ours, repo, claim));
	return ours;
}

int64_t claim_unchanged(struct repo *repo, const struct claim *claim)
{
	int64_t ms = 0;

	/* What cannot be kept is seen for the first time: longer waits. */
	error_free(sighting_note(&ms, repo, claim->plan, claim->phase,
				 &claim->oid));
	return ms;
}

int claim_gone(struct repo *repo, const struct claim *claim, int64_t lease)
{
	int alive = 1, ours = 0;

	error_free(look_at_lock(&alive, &ours, repo, claim));
	if (alive)
		return 0;
	return !repo_remote(repo) || ours ||
	       claim_unchanged(repo, claim) >= lease * 1000;
}

struct error *claim_refresh(struct claim *claim, const struct repo *repo)
{
	CLEANUP(claim_release) struct claim now = { .lock = FILE_LOCK_INIT };
	struct error *err = claim_read(&now, repo, claim->plan, claim->phase);

	if (err && !error_is(err, ERROR_NOT_FOUND) &&
	    !error_is(err, ERROR_INVALID))
		return err;
	error_free(err);
	if (err || strcmp(now.nonce ? now.nonce : "", claim->nonce) != 0)
		return error_new(ERROR_STALE, "the claim of '%s/%s' was lost",
				 claim->plan, claim->phase);
	claim->oid = now.oid;
	claim->generation = now.generation;
	claim->published = now.published;
	return NULL;
}

static struct error *add_renewal(struct push *push, struct repo *repo,
				 const struct claim *claim)
{
	CLEANUP(free_str) char *name = layout_claim(claim->plan, claim->phase);
	struct oid next;

	TRY(claim_next(&next, claim, repo, claim->published));
	push_add(push, name, &next, &claim->oid);
	return NULL;
}

static struct error *find_due(struct push *push, struct repo *repo,
			      int64_t lease)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };

	TRY(claim_list(&claims, repo));
	FOR_EACH (struct claim, claim, &claims) {
		int alive = 0, ours = 0;

		if (claim->version != CLAIM_VERSION)
			continue;
		TRY(look_at_lock(&alive, &ours, repo, claim));
		if (alive && ours &&
		    claim_unchanged(repo, claim) >= lease * 1000 / 3)
			TRY(add_renewal(push, repo, claim));
	}
	return NULL;
}

/* From here on what was renewed is seen as it is now. */
static struct error *note_all(struct repo *repo)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };

	TRY(claim_list(&claims, repo));
	FOR_EACH (struct claim, claim, &claims)
		(void)claim_unchanged(repo, claim);
	return NULL;
}

static struct error *renew_due(struct repo *repo, int64_t lease)
{
	CLEANUP(push_release) struct push push = { .tries = 1 };

	TRY(find_due(&push, repo, lease));
	TRY(shared_move(repo, &push, "renew"));
	return push.refs.len ? note_all(repo) : NULL;
}

/* A push is all or nothing: one that was lost is not among them again. */
static struct error *renew(struct repo *repo, int64_t lease)
{
	struct error *err = renew_due(repo, lease);

	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	err = renew_due(repo, lease);
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return NULL;
}

struct error *claim_renew(struct repo *repo, int64_t lease)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *path = NULL;
	const char *orch;

	if (!repo_remote(repo))
		return NULL;
	TRY(repo_orch_dir(&orch, repo));
	path = xasprintf("%s/lock/renew.lock", orch);
	struct error *err = file_lock(&lock, path, 0);
	if (!error_is(err, ERROR_CLAIMED)) {
		TRY(err);
		return renew(repo, lease);
	}
	error_free(err);
	return NULL;
}
