/*
 * The order is always: the flock first, then the ref.  Who holds the flock is
 * alive, so whoever gets it may finish or take over what the ref says.
 */
#include "gitops/claim.h"

#include "core/clock.h"
#include "core/hash.h"
#include "core/loop.h"
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "gitops/ref-guard.h"
#include "gitops/shared.h"
#include "gitops/sighting.h"
#include "gitops/workspace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NONCE_BYTES 16

void claim_release(struct claim *claim)
{
	free_str(&claim->plan);
	free_str(&claim->phase);
	free_str(&claim->runner);
	free_str(&claim->run);
	free_str(&claim->nonce);
	strings_release(&claim->unknown);
	if (claim->lock.path)
		file_unlock(&claim->lock);
	*claim = (struct claim){ .lock = FILE_LOCK_INIT };
}

void claims_release(struct claims *claims)
{
	FOR_EACH (struct claim, claim, claims)
		claim_release(claim);
	free(claims->items);
	*claims = (struct claims){ NULL, 0, 0 };
}

static char *new_nonce(void)
{
	unsigned char bytes[NONCE_BYTES];
	struct buf hex = BUF_INIT;

	random_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		buf_addf(&hex, "%02x", bytes[i]);
	return buf_steal(&hex);
}

static void message_of(struct buf *out, const struct claim *claim)
{
	buf_addf(out, "claim %s/%s\n\n", claim->plan, claim->phase);
	buf_addf(out, "Orch-Claim: %d\n", CLAIM_VERSION);
	buf_addf(out, "Orch-Runner: %s\n", claim->runner);
	buf_addf(out, "Orch-Run: %s\n", claim->run);
	buf_addf(out, "Orch-Nonce: %s\n", claim->nonce);
	buf_addf(out, "Orch-Generation: %" PRId64 "\n", claim->generation);
	buf_addf(out, "Orch-State: %s\n",
		 claim->published ? "published" : "working");
	buf_addf(out, "Orch-Reserved: %" PRId64 "\n", claim->reserved);
	buf_addf(out, "Orch-Spent: %" PRId64 "\n", claim->spent);
	FOR_EACH (char *, line, &claim->unknown)
		buf_addf(out, "%s\n", *line);
}

/* The runner signs, not the user: a claim needs no user.name. */
static struct error *write_commit(struct oid *out, struct repo *repo,
				  const struct claim *claim)
{
	CLEANUP(workspace_release) struct workspace *empty = NULL;
	CLEANUP(buf_release) struct buf message = BUF_INIT;
	CLEANUP(free_str)
	char *email = xasprintf("%s@git-orch.invalid", claim->runner);
	struct commit_spec spec = { .when = clock_now(), .plain = 1 };

	TRY(workspace_open(&empty, repo, &oid_zero));
	TRY(workspace_write_tree(&spec.tree, empty));
	message_of(&message, claim);
	spec.message = message.data;
	spec.author.name = claim->runner;
	spec.author.email = email;
	spec.committer = spec.author;
	return commit_create(out, repo, &spec);
}

/* Moves the ref from claim->oid to oid; zero: deletes it. */
static struct error *put(struct repo *repo, struct claim *claim,
			 const struct oid *oid, const char *why)
{
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(free_str) char *name = layout_claim(claim->plan, claim->phase);

	push_add(&push, name, oid, &claim->oid);
	TRY(shared_move(repo, &push, why));
	claim->oid = *oid;
	return NULL;
}

/* To what claim says now. */
static struct error *move(struct claim *claim, struct repo *repo)
{
	struct oid oid;

	TRY(write_commit(&oid, repo, claim));
	return put(repo, claim, &oid, "claim");
}

/* ERROR_CLAIMED with the holder's name, where there is one to read. */
static struct error *held(const struct repo *repo, const char *plan,
			  const char *phase)
{
	CLEANUP(claim_release) struct claim claim = { .lock = FILE_LOCK_INIT };
	struct error *err = claim_read(&claim, repo, plan, phase);

	if (error_is(err, ERROR_INVALID))
		return err;
	error_free(err);
	if (err)
		return error_new(ERROR_CLAIMED,
				 "phase '%s/%s' is just being claimed", plan,
				 phase);
	return error_hint(error_new(ERROR_CLAIMED,
				    "phase '%s/%s' is claimed by %s", plan,
				    phase, claim.runner),
			  "see what runs: git orch status %s", plan);
}

static struct error *lock_phase(struct file_lock *lock, struct repo *repo,
				const char *plan, const char *phase)
{
	CLEANUP(free_str) char *path = NULL;
	const char *orch;
	struct error *err;

	TRY(repo_orch_dir(&orch, repo));
	path = layout_lock(orch, plan, phase);
	err = file_lock(lock, path, 0);
	if (!error_is(err, ERROR_CLAIMED))
		return err;
	error_free(err);
	return held(repo, plan, phase);
}

/* The nonce goes into the lock file first: a claim is known as ours. */
static struct error *take_ref(struct claim *claim, struct repo *repo)
{
	struct error *err;

	TRY(file_lock_note(&claim->lock, claim->nonce));
	err = move(claim, repo);
	if (!err && repo_remote(repo))
		(void)claim_unchanged(repo, claim); /* from now on */
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return held(repo, claim->plan, claim->phase);
}

static struct error *take(struct claim *claim, struct repo *repo,
			  const char *run)
{
	struct oid there;
	CLEANUP(free_str) char *name = layout_claim(claim->plan, claim->phase);

	TRY(shared_read(&there, repo, name));
	if (!oid_is_zero(&there))
		return held(repo, claim->plan, claim->phase);
	TRY(repo_runner(&claim->runner, repo));
	claim->run = xstrdup(run);
	claim->nonce = new_nonce();
	claim->generation = 1;
	claim->version = CLAIM_VERSION;
	claim->when = clock_now();
	return take_ref(claim, repo);
}

/* Ends a taking: the claim is the caller's, or all of it is let go. */
static struct error *settle(struct claim *out, struct claim *claim,
			    struct error *err)
{
	if (!err) {
		*out = *claim;
		return NULL;
	}
	/* Its nonce still tells whose the claim is. */
	CLEANUP(free_str) char *nonce = file_lock_noted(claim->lock.path);
	if (!*nonce)
		file_unlock_remove(&claim->lock);
	claim_release(claim);
	return err;
}

struct error *claim_take(struct claim *out, struct repo *repo, const char *plan,
			 const char *phase, const char *run)
{
	return claim_take_with(out, repo, plan, phase, run, 0);
}

struct error *claim_take_with(struct claim *out, struct repo *repo,
			      const char *plan, const char *phase,
			      const char *run, int64_t reserved)
{
	struct claim claim = { .reserved = reserved, .lock = FILE_LOCK_INIT };

	TRY(lock_phase(&claim.lock, repo, plan, phase));
	claim.plan = xstrdup(plan);
	claim.phase = xstrdup(phase);
	return settle(out, &claim, take(&claim, repo, run));
}

/* Its flock is ours by now, so no living process of this machine has it. */
static int may_take_over(struct repo *repo, const struct claim *claim,
			 int64_t lease)
{
	CLEANUP(free_str) char *nonce = file_lock_noted(claim->lock.path);

	return !repo_remote(repo) || !strcmp(nonce, claim->nonce) ||
	       claim_unchanged(repo, claim) >= lease * 1000;
}

static struct error *take_over(struct claim *claim, struct repo *repo,
			       const char *plan, const char *phase,
			       int64_t lease)
{
	struct file_lock lock = claim->lock;
	struct error *err = claim_read(claim, repo, plan, phase);

	claim->lock = lock;
	if (err)
		return err;
	if (!may_take_over(repo, claim, lease))
		return held(repo, plan, phase);
	if (claim->version > CLAIM_VERSION)
		return error_hint(error_new(ERROR_CLAIMED,
					    "phase '%s/%s' is claimed by %s "
					    "with a newer git-orch",
					    plan, phase, claim->runner),
				  "go on with that version, or install it "
				  "here");
	free_str(&claim->runner);
	free_str(&claim->nonce);
	TRY(repo_runner(&claim->runner, repo));
	claim->nonce = new_nonce();
	claim->generation++;
	return take_ref(claim, repo);
}

struct error *claim_take_over(struct claim *out, struct repo *repo,
			      const char *plan, const char *phase,
			      int64_t lease)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };

	TRY(lock_phase(&claim.lock, repo, plan, phase));
	return settle(out, &claim, take_over(&claim, repo, plan, phase, lease));
}

/* Moves the ref to what next says; then claim says it, too. */
static struct error *change(struct claim *claim, struct repo *repo,
			    struct claim *next)
{
	next->generation = claim->generation + 1;
	next->oid = claim->oid;
	TRY(move(next, repo));
	claim->generation = next->generation;
	claim->oid = next->oid;
	claim->published = next->published;
	return NULL;
}

struct error *claim_set_run(struct claim *claim, struct repo *repo,
			    const char *run)
{
	CLEANUP(free_str) char *text = xstrdup(run);

	TRY(claim_refresh(claim, repo));
	struct claim next = *claim; /* borrows all it points to */
	next.run = text;
	TRY(change(claim, repo, &next));
	free(claim->run);
	claim->run = text;
	text = NULL;
	return NULL;
}

struct error *claim_next(struct oid *out, const struct claim *claim,
			 struct repo *repo, int published)
{
	struct claim next = *claim; /* borrows all it points to */

	next.generation++;
	next.published = published;
	return write_commit(out, repo, &next);
}

struct error *claim_advance(struct claim *claim, struct repo *repo,
			    int published)
{
	TRY(claim_refresh(claim, repo));
	struct claim next = *claim; /* borrows all it points to */
	next.published = published;
	return change(claim, repo, &next);
}

/* Deletes the ref as long as it is ours, also where it was renewed. */
static struct error *drop_ref(int *published, struct claim *claim,
			      struct repo *repo)
{
	const int known = claim->published;
	struct error *err = claim_refresh(claim, repo);

	while (!err) {
		*published = claim->published && !known;
		if (*published)
			return NULL;
		err = put(repo, claim, &oid_zero, "drop");
		if (!error_is(err, ERROR_STALE))
			return err;
		error_free(err);
		err = claim_refresh(claim, repo);
	}
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err); /* somebody else's by now: not ours to delete */
	return NULL;
}

struct error *claim_drop(struct claim *claim, struct repo *repo)
{
	int published = 0, number = loop_pause_signal();
	struct error *err = drop_ref(&published, claim, repo);

	/* Who is told to end drops what it holds; a second signal ends that. */
	loop_resume_signal(number);
	TRY(err);
	if (published)
		file_unlock(&claim->lock);
	else
		file_unlock_remove(&claim->lock);
	return NULL;
}

struct error *claim_break(struct repo *repo, const char *plan,
			  const char *phase, const struct oid *oid)
{
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(free_str) char *name = layout_claim(plan, phase);

	push_add(&push, name, &oid_zero, oid);
	return shared_move(repo, &push, "break");
}
