/*
 * What a kill leaves half done is seen by comparing each ref with where it is
 * to go, never by remembering steps.
 */
#include "gitops/sync.h"

#include "gitops/commit.h"
#include "gitops/land.h"
#include "gitops/layout.h"
#include "gitops/ref-guard.h"
#include "gitops/shared.h"
#include "gitops/sync-push.h"

#include <stdlib.h>
#include <string.h>

static struct error *read_named(struct oid *out, const struct repo *repo,
				char *name)
{
	CLEANUP(free_str) char *owned = name;

	return shared_read(out, repo, owned);
}

/* Work that only this clone has: what --no-push kept. */
static struct error *add_kept(struct phase_refs *refs, const struct repo *repo,
			      const struct oid *branch, const char *plan,
			      const char *phase)
{
	CLEANUP(free_str) char *base = layout_base(plan, phase);
	int behind = 0;

	if (oid_is_zero(branch) || oid_equal(branch, &refs->branch))
		return NULL;
	if (oid_is_zero(&refs->branch)) {
		struct oid begins;

		TRY(ref_read_maybe(&begins, repo, base));
		/* Without one it is somebody's own branch of that name. */
		if (oid_is_zero(&begins))
			return NULL;
		refs->branch = *branch;
		refs->base = begins;
	} else {
		TRY(commit_is_ancestor(&behind, repo, branch, &refs->branch));
	}
	refs->unpushed = !behind;
	return NULL;
}

struct error *sync_read(struct phase_refs *out, const struct repo *repo,
			const char *prefix, const char *plan, const char *phase)
{
	struct phase_refs refs = { .unpushed = 0 };

	TRY(read_named(&refs.branch, repo, layout_branch(prefix, plan, phase)));
	TRY(read_named(&refs.base, repo, layout_base(plan, phase)));
	TRY(read_named(&refs.claim, repo, layout_claim(plan, phase)));
	if (repo_remote(repo)) {
		CLEANUP(free_str)
		char *name = layout_branch(prefix, plan, phase);
		struct oid here;

		TRY(ref_read_maybe(&here, repo, name));
		TRY(add_kept(&refs, repo, &here, plan, phase));
	}
	*out = refs;
	return NULL;
}

static struct phase_refs *row_of(struct sync_map *map, const char *key)
{
	struct phase_refs *row = map_get(&map->map, key);

	if (!row) {
		row = arena_alloc(&map->arena, sizeof *row);
		map_set(&map->map, key, row);
	}
	return row;
}

/* Sets the id at offset in the row of every "<prefix><plan>/<phase>". */
static struct error *collect(struct sync_map *map, const struct repo *repo,
			     const char *prefix, size_t offset)
{
	CLEANUP(refs_release) struct refs refs = REFS_INIT;

	TRY(shared_list(&refs, repo, prefix));
	FOR_EACH (struct ref, ref, &refs) {
		const char *key = ref->name + strlen(prefix);
		const char *slash = strchr(key, '/');

		if (!slash || strchr(slash + 1, '/'))
			continue;
		memcpy((char *)row_of(map, key) + offset, &ref->oid,
		       sizeof ref->oid);
	}
	return NULL;
}

static struct error *collect_kept(struct sync_map *map, const struct repo *repo,
				  const char *heads)
{
	CLEANUP(refs_release) struct refs refs = REFS_INIT;

	TRY(ref_list(&refs, repo, heads));
	FOR_EACH (struct ref, ref, &refs) {
		CLEANUP(free_str) char *plan = NULL;
		CLEANUP(free_str) char *phase = NULL;

		if (layout_split(&plan, &phase, ref->name, heads))
			TRY(add_kept(row_of(map, ref->name + strlen(heads)),
				     repo, &ref->oid, plan, phase));
	}
	return NULL;
}

struct error *sync_read_all(struct sync_map *out, const struct repo *repo,
			    const char *prefix)
{
	CLEANUP(sync_map_release) struct sync_map map = SYNC_MAP_INIT;
	CLEANUP(free_str) char *heads = xasprintf("refs/heads/%s/", prefix);

	TRY(collect(&map, repo, heads, offsetof(struct phase_refs, branch)));
	TRY(collect(&map, repo, BASE_PREFIX,
		    offsetof(struct phase_refs, base)));
	TRY(collect(&map, repo, CLAIM_PREFIX,
		    offsetof(struct phase_refs, claim)));
	if (repo_remote(repo))
		TRY(collect_kept(&map, repo, heads));
	*out = map;
	map = (struct sync_map)SYNC_MAP_INIT;
	return NULL;
}

void sync_map_release(struct sync_map *map)
{
	map_release(&map->map);
	arena_release(&map->arena);
	*map = (struct sync_map)SYNC_MAP_INIT;
}

/* Moves a ref from wherever it is to oid; there already is fine. */
static struct error *put(struct repo *repo, const char *name,
			 const struct oid *oid, const char *why)
{
	struct oid now;

	TRY(ref_read_maybe(&now, repo, name));
	if (oid_equal(&now, oid))
		return NULL;
	return refs_move(repo, name, oid, &now, why);
}

static struct error *is_elsewhere(const char *name)
{
	return error_hint(error_new(ERROR_CONFLICT,
				    "branch '%s' was moved by somebody else",
				    name + strlen("refs/heads/")),
			  "look at it: git log %s",
			  name + strlen("refs/heads/"));
}

/* A branch somebody stands on is left alone: their files would not follow. */
static struct error *not_checked_out(struct repo *repo, const char *name)
{
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;

	TRY(land_checkouts(&paths, repo, name));
	if (!paths.len)
		return NULL;
	return error_hint(
		error_new(ERROR_CONFLICT, "branch '%s' is checked out in '%s'",
			  name + strlen("refs/heads/"), paths.items[0]),
		"switch to another branch there and try again");
}

/* May the branch move to commit?  *there: it stands there already. */
static struct error *check_branch(int *there, struct repo *repo,
				  const char *name,
				  const struct publication *publication)
{
	struct oid now;

	TRY(ref_read_maybe(&now, repo, name));
	*there = oid_equal(&now, &publication->commit);
	if (*there)
		return NULL;
	if (!oid_equal(&now, &publication->old_branch))
		return is_elsewhere(name);
	return oid_is_zero(&now) ? NULL : not_checked_out(repo, name);
}

static struct error *in_the_way(const struct repo *repo, const char *blocker,
				const char *branch)
{
	const char *name = blocker + strlen("refs/heads/");
	CLEANUP(free_str) char *word = shell_word(name);
	CLEANUP(free_str) char *removal = shared_removal(repo, blocker);
	struct error *err =
		error_new(ERROR_CONFLICT, "branch '%s' is in the way of '%s'",
			  name, branch + strlen("refs/heads/"));

	if (!repo_remote(repo))
		return error_hint(err,
				  "rename it: git branch -m %s <name>, or set "
				  "delivery.branch_prefix to another one",
				  word);
	return error_hint(err,
			  "when nobody needs it: %s, or set "
			  "delivery.branch_prefix to another one",
			  removal);
}

struct error *sync_unblocked(struct repo *repo, const char *prefix,
			     const char *plan, const char *phase)
{
	CLEANUP(refs_release) struct refs below = REFS_INIT;
	CLEANUP(free_str) char *branch = layout_branch(prefix, plan, phase);
	CLEANUP(free_str) char *folder = xasprintf("%s/", branch);
	const char *at = branch + strlen("refs/heads/");

	while ((at = strchr(at, '/'))) {
		CLEANUP(free_str)
		char *above = xstrndup(branch, (size_t)(at++ - branch));
		struct oid oid;

		TRY(shared_read(&oid, repo, above));
		if (!oid_is_zero(&oid))
			return in_the_way(repo, above, branch);
	}
	TRY(shared_list(&below, repo, folder));
	return below.len ? in_the_way(repo, below.items[0].name, branch) : NULL;
}

/* Wherever it stands; moved meanwhile is somebody's reason to keep it. */
static struct error *delete_shared(struct repo *repo, const char *name)
{
	CLEANUP(push_release) struct push push = { .remote = NULL };
	struct oid now;

	TRY(shared_read(&now, repo, name));
	if (oid_is_zero(&now))
		return NULL;
	push_add(&push, name, &oid_zero, &now);
	struct error *err = shared_move(repo, &push, "forget");
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return NULL;
}

struct error *sync_forget(struct repo *repo, const char *plan,
			  const char *phase)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *base = layout_base(plan, phase);

	if (repo_remote(repo))
		TRY(delete_shared(repo, base));
	TRY(refs_lock(&lock, repo));
	return put(repo, base, &oid_zero, "forget");
}

static struct error *move_branch(struct repo *repo, const char *name,
				 const struct publication *publication)
{
	struct error *err = refs_move(repo, name, &publication->commit,
				      &publication->old_branch, "publish");

	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return is_elsewhere(name);
}

/*
 * Base ref and branch, under the lock.  Of a branch that was there before, the
 * old base ref says where the old commits began: whoever finds the new branch
 * with it can tell, from the new one with the old branch nobody can.
 */
static struct error *publish_refs(struct repo *repo, struct claim *claim,
				  const struct publication *publication)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str)
	char *branch =
		layout_branch(publication->prefix, claim->plan, claim->phase);
	CLEANUP(free_str) char *base = layout_base(claim->plan, claim->phase);
	int there;

	TRY(refs_lock(&lock, repo));
	TRY(claim_refresh(claim, repo));
	TRY(check_branch(&there, repo, branch, publication));
	TRY(sync_unblocked(repo, publication->prefix, claim->plan,
			   claim->phase));
	/* A branch is never without one, nor behind the one it has. */
	if (oid_is_zero(&publication->old_branch))
		TRY(put(repo, base, &publication->start, "publish"));
	if (!there)
		TRY(move_branch(repo, branch, publication));
	return put(repo, base, &publication->start, "publish");
}

struct error *sync_publish(struct repo *repo, struct claim *claim,
			   const struct publication *publication)
{
	if (repo_remote(repo) && !publication->keep)
		return sync_push(repo, claim, publication);
	TRY(publish_refs(repo, claim, publication));
	if (claim->published || publication->keep)
		return NULL;
	return claim_advance(claim, repo, 1);
}

/* Deletes the branch where it is still at tip and nobody stands on it. */
static struct error *withdraw_branch(struct repo *repo, const char *name,
				     const struct oid *tip)
{
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;
	struct oid now;

	TRY(ref_read_maybe(&now, repo, name));
	if (oid_is_zero(&now) || !oid_equal(&now, tip))
		return NULL;
	TRY(land_checkouts(&paths, repo, name));
	if (paths.len)
		return NULL;
	return refs_move(repo, name, &oid_zero, tip, "landed");
}

static char *attempt_folder(const char *plan, const char *phase)
{
	return xasprintf(ATTEMPT_PREFIX "%s/%s/", plan, phase);
}

/* Those that keep this object; NULL: all. */
static struct error *drop_attempts(struct repo *repo, const char *plan,
				   const char *phase, const struct oid *only,
				   const char *why)
{
	CLEANUP(refs_release) struct refs attempts = REFS_INIT;
	CLEANUP(free_str) char *folder = attempt_folder(plan, phase);

	TRY(ref_list(&attempts, repo, folder));
	FOR_EACH (struct ref, ref, &attempts)
		if (!only || oid_equal(&ref->oid, only))
			TRY(refs_move(repo, ref->name, &oid_zero, &ref->oid,
				      why));
	return NULL;
}

struct error *sync_let_go(struct repo *repo, const char *plan,
			  const char *phase, const struct oid *oid)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	TRY(refs_lock(&lock, repo));
	return drop_attempts(repo, plan, phase, oid, "published");
}

struct error *sync_kept_done(struct repo *repo, const char *prefix,
			     const char *plan, const char *phase,
			     const struct oid *tip)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *branch = layout_branch(prefix, plan, phase);
	CLEANUP(free_str) char *base = layout_base(plan, phase);

	TRY(refs_lock(&lock, repo));
	TRY(put(repo, base, &oid_zero, "pushed"));
	return withdraw_branch(repo, branch, tip);
}

struct error *sync_withdraw(struct repo *repo, const char *prefix,
			    const char *plan, const char *phase,
			    const struct oid *tip)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *branch = layout_branch(prefix, plan, phase);
	CLEANUP(free_str) char *base = layout_base(plan, phase);

	if (repo_remote(repo))
		TRY(sync_push_gone(repo, branch, base, tip));
	TRY(refs_lock(&lock, repo));
	TRY(drop_attempts(repo, plan, phase, NULL, "landed"));
	if (repo_remote(repo))
		return NULL;
	TRY(put(repo, base, &oid_zero, "landed"));
	return withdraw_branch(repo, branch, tip);
}

struct error *sync_keep(struct repo *repo, const char *plan, const char *phase,
			const struct oid *oid)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(refs_release) struct refs attempts = REFS_INIT;
	CLEANUP(free_str) char *folder = attempt_folder(plan, phase);
	int last = 0;

	TRY(refs_lock(&lock, repo));
	TRY(ref_list(&attempts, repo, folder));
	FOR_EACH (struct ref, ref, &attempts) {
		int n = atoi(ref->name + strlen(folder));

		if (oid_equal(&ref->oid, oid))
			return NULL;
		if (n > last)
			last = n;
	}
	CLEANUP(free_str) char *name = layout_attempt(plan, phase, last + 1);
	return refs_move(repo, name, oid, &oid_zero, "attempt");
}
