/*
 * A lock file on one of our refs need not be ours: `git gc` takes them too
 * while it packs refs.  So it is removed only when no git is at work here.
 */
#include "gitops/ref-guard.h"

#include "gitops/lockfile.h"
#include "gitops/ref.h"

struct error *refs_lock(struct file_lock *lock, struct repo *repo)
{
	CLEANUP(free_str) char *path = NULL;
	const char *orch;

	TRY(repo_orch_dir(&orch, repo));
	path = path_join(orch, "lock/refs.lock");
	return file_lock(lock, path, 1);
}

struct error *refs_clear_lock(struct repo *repo, const char *file)
{
	CLEANUP(strings_release) struct strings dirs = STRINGS_INIT;
	CLEANUP(free_str)
	char *path = xasprintf("%s/%s.lock", repo_common_dir(repo), file);

	if (!file_exists(path))
		return NULL;
	strings_add(&dirs, repo_common_dir(repo));
	if (repo_work_dir(repo))
		strings_add(&dirs, repo_work_dir(repo));
	return lockfile_clear(path, &dirs);
}

struct error *refs_move(struct repo *repo, const char *name,
			const struct oid *new_oid, const struct oid *old_oid,
			const char *why)
{
	TRY(refs_clear_lock(repo, name));
	/* A deletion rewrites the packed refs. */
	if (oid_is_zero(new_oid))
		TRY(refs_clear_lock(repo, "packed-refs"));
	return ref_cas(repo, name, new_oid, old_oid, why);
}
