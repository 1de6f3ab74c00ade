/*
 * Publishing by push: branch, base ref and claim in one transaction.
 *
 * git leaves a ref that stands where it is to go out of the transaction, so
 * the claim changes in every one: a runner that lost it moves nothing.  Until
 * the push is through nothing but the attempt ref keeps the commit, as no
 * local branch moves.
 */
#include "gitops/sync-push.h"

#include "gitops/layout.h"
#include "gitops/shared.h"
#include "gitops/sighting.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STALE 10

/* Adds a ref that is to go somewhere else than where it stands. */
static void add_move(struct push *push, const char *ref, const struct oid *to,
		     const struct oid *from)
{
	if (!oid_equal(to, from))
		push_add(push, ref, to, from);
}

static struct error *is_elsewhere(const char *branch, const char *remote)
{
	const char *name = branch + strlen("refs/heads/");

	return error_hint(error_new(ERROR_CONFLICT,
				    "branch '%s' was moved on '%s' by somebody "
				    "else",
				    name, remote),
			  "look at it: git log %s/%s", remote, name);
}

/* Names of one publication, and where they stood before the push. */
struct pushed {
	char *branch;
	char *base;
	char *claim;
	struct oid branch_now, base_now;
};

static void pushed_release(struct pushed *names)
{
	free(names->branch);
	free(names->base);
	free(names->claim);
}

static struct error *read_now(struct pushed *now, struct repo *repo)
{
	TRY(shared_read(&now->branch_now, repo, now->branch));
	return shared_read(&now->base_now, repo, now->base);
}

/* Once; ERROR_STALE is the caller's to look into. */
static struct error *push_once(struct repo *repo, struct claim *claim,
			       const struct pushed *now,
			       const struct publication *publication)
{
	CLEANUP(push_release)
	struct push push = { .run_hooks = publication->run_hooks };
	struct oid next;

	TRY(claim_next(&next, claim, repo, 1));
	add_move(&push, now->branch, &publication->commit, &now->branch_now);
	add_move(&push, now->base, &publication->start, &now->base_now);
	push_add(&push, now->claim, &next, &claim->oid);
	TRY(shared_move(repo, &push, "publish"));
	claim->oid = next;
	claim->generation++;
	claim->published = 1;
	return NULL;
}

/* May the branch go to commit?  It stands there, or where it was left. */
static struct error *check_branch(const struct pushed *now,
				  const struct repo *repo,
				  const struct publication *publication)
{
	if (oid_equal(&now->branch_now, &publication->commit) ||
	    oid_equal(&now->branch_now, &publication->old_branch))
		return NULL;
	return is_elsewhere(now->branch, repo_remote(repo));
}

/*
 * A push that went through before a kill shows as the claim's state.  One that
 * was stale (*done 0) may have met a neighbour's renewal: the claim and the
 * branch tell, as they were fetched by then, and each ends this when lost.
 */
static struct error *try_push(int *done, struct repo *repo, struct claim *claim,
			      struct pushed *now,
			      const struct publication *publication)
{
	*done = 1;
	TRY(claim_refresh(claim, repo));
	TRY(read_now(now, repo));
	TRY(check_branch(now, repo, publication));
	if (claim->published &&
	    oid_equal(&now->branch_now, &publication->commit))
		return NULL;
	TRY(sync_unblocked(repo, publication->prefix, claim->plan,
			   claim->phase));
	struct error *err = push_once(repo, claim, now, publication);
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	*done = 0;
	return NULL;
}

struct error *sync_push(struct repo *repo, struct claim *claim,
			const struct publication *publication)
{
	CLEANUP(pushed_release)
	struct pushed now = {
		.branch = layout_branch(publication->prefix, claim->plan,
					claim->phase),
		.base = layout_base(claim->plan, claim->phase),
		.claim = layout_claim(claim->plan, claim->phase),
	};
	int done;

	TRY(sync_keep(repo, claim->plan, claim->phase, &publication->commit));
	for (int n = 0; n < MOST_STALE; n++) {
		TRY(try_push(&done, repo, claim, &now, publication));
		if (done)
			return sync_let_go(repo, claim->plan, claim->phase,
					   &publication->commit);
	}
	return error_new(ERROR_AGAIN, "the refs of '%s/%s' do not stand still",
			 claim->plan, claim->phase);
}

struct error *sync_push_gone(struct repo *repo, const char *branch,
			     const char *base, const struct oid *tip)
{
	CLEANUP(push_release) struct push push = { .remote = NULL };
	struct oid branch_now, base_now;

	TRY(shared_read(&branch_now, repo, branch));
	TRY(shared_read(&base_now, repo, base));
	if (!oid_is_zero(&branch_now) && oid_equal(&branch_now, tip))
		push_add(&push, branch, &oid_zero, &branch_now);
	add_move(&push, base, &oid_zero, &base_now);
	struct error *err = shared_move(repo, &push, "landed");
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return NULL;
}

/* Each claim as the remote has it now is one sighting. */
static struct error *note_sightings(struct repo *repo)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };
	CLEANUP(strings_release) struct strings keep = STRINGS_INIT;

	TRY(claim_list(&claims, repo));
	FOR_EACH (struct claim, claim, &claims) {
		(void)claim_unchanged(repo, claim);
		strings_addf(&keep, "%s/%s", claim->plan, claim->phase);
	}
	return sighting_prune(repo, &keep);
}

struct error *sync_fetch(struct repo *repo)
{
	const struct remote_fetch fetch = { .remote = repo_remote(repo),
					    .prune = 1 };

	if (!fetch.remote)
		return NULL;
	TRY(remote_fetch(repo, &fetch));
	TRY(remote_deepen(repo, fetch.remote));
	return note_sightings(repo);
}
