/*
 * The local refs as the truth.  What a kill leaves half done is seen by
 * comparing each ref with where it is to go, never by remembering steps.
 */
#include "gitops/sync.h"

#include "gitops/land.h"
#include "gitops/layout.h"
#include "gitops/ref-guard.h"
#include "gitops/ref.h"

#include <stdlib.h>
#include <string.h>

static struct error *read_named(struct oid *out, const struct repo *repo,
				char *name)
{
	CLEANUP(free_str) char *owned = name;

	return ref_read_maybe(out, repo, owned);
}

struct error *sync_read(struct phase_refs *out, const struct repo *repo,
			const char *prefix, const char *plan, const char *phase)
{
	struct phase_refs refs = { .unpushed = 0 };

	TRY(read_named(&refs.branch, repo, layout_branch(prefix, plan, phase)));
	TRY(read_named(&refs.base, repo, layout_base(plan, phase)));
	TRY(read_named(&refs.claim, repo, layout_claim(plan, phase)));
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

	TRY(ref_list(&refs, repo, prefix));
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

static struct error *check_claim(const struct repo *repo,
				 const struct claim *claim)
{
	struct oid now;

	TRY(read_named(&now, repo, layout_claim(claim->plan, claim->phase)));
	if (oid_equal(&now, &claim->oid))
		return NULL;
	return error_new(ERROR_STALE, "the claim of '%s/%s' was lost",
			 claim->plan, claim->phase);
}

static struct error *in_the_way(const char *blocker, const char *branch)
{
	const char *name = blocker + strlen("refs/heads/");

	return error_hint(error_new(ERROR_CONFLICT,
				    "branch '%s' is in the way of '%s'", name,
				    branch + strlen("refs/heads/")),
			  "rename it: git branch -m %s <name>, or set "
			  "delivery.branch_prefix to another one",
			  name);
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

		TRY(ref_read_maybe(&oid, repo, above));
		if (!oid_is_zero(&oid))
			return in_the_way(above, branch);
	}
	TRY(ref_list(&below, repo, folder));
	return below.len ? in_the_way(below.items[0].name, branch) : NULL;
}

struct error *sync_forget(struct repo *repo, const char *plan,
			  const char *phase)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *base = layout_base(plan, phase);

	TRY(refs_lock(&lock, repo));
	return put(repo, base, &oid_zero, "forget");
}

/* Base ref and branch, under the lock. */
static struct error *publish_refs(struct repo *repo, const struct claim *claim,
				  const struct publication *publication)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str)
	char *branch =
		layout_branch(publication->prefix, claim->plan, claim->phase);
	CLEANUP(free_str) char *base = layout_base(claim->plan, claim->phase);
	int there;
	struct error *err;

	TRY(refs_lock(&lock, repo));
	TRY(check_claim(repo, claim));
	TRY(check_branch(&there, repo, branch, publication));
	TRY(sync_unblocked(repo, publication->prefix, claim->plan,
			   claim->phase));
	TRY(put(repo, base, &publication->start, "publish"));
	if (there)
		return NULL;
	err = refs_move(repo, branch, &publication->commit,
			&publication->old_branch, "publish");
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return is_elsewhere(branch);
}

struct error *sync_publish(struct repo *repo, struct claim *claim,
			   const struct publication *publication)
{
	TRY(publish_refs(repo, claim, publication));
	if (claim->published)
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

struct error *sync_withdraw(struct repo *repo, const char *prefix,
			    const char *plan, const char *phase,
			    const struct oid *tip)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(refs_release) struct refs attempts = REFS_INIT;
	CLEANUP(free_str) char *branch = layout_branch(prefix, plan, phase);
	CLEANUP(free_str) char *base = layout_base(plan, phase);
	CLEANUP(free_str) char *folder = attempt_folder(plan, phase);

	TRY(refs_lock(&lock, repo));
	TRY(ref_list(&attempts, repo, folder));
	FOR_EACH (struct ref, ref, &attempts)
		TRY(refs_move(repo, ref->name, &oid_zero, &ref->oid, "landed"));
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
