/*
 * libgit2 passes over a ref it cannot read when it lists them, and git cannot
 * delete it: the files themselves are looked at here.
 */
#include "gitops/mend.h"

#include "core/file.h"
#include "gitops/layout.h"
#include "gitops/ref-guard.h"
#include "gitops/ref.h"

#include <string.h>

static int is_broken(const struct repo *repo, const char *name)
{
	struct oid oid;
	CLEANUP(error_release) struct error *err = ref_read(&oid, repo, name);

	return err && err->code != ERROR_NOT_FOUND;
}

static int is_lock(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && !strcmp(name + len - 5, ".lock");
}

/* Looks at the file or folder of that name in the common directory. */
static struct error *walk(struct strings *out, const struct repo *repo,
			  const char *name)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(free_str) char *path = path_join(repo_common_dir(repo), name);

	if (file_exists(path) && !file_is_dir(path)) {
		if (!is_lock(name) && is_broken(repo, name))
			strings_add(out, name);
		return NULL;
	}
	TRY(file_list(&names, path));
	FOR_EACH (char *, below, &names) {
		CLEANUP(free_str) char *next = path_join(name, *below);

		TRY(walk(out, repo, next));
	}
	return NULL;
}

struct error *mend_list_refs(struct strings *out, const struct repo *repo)
{
	return walk(out, repo, "refs/orch");
}

/* A claim's ref is its runner's while the flock is held. */
static struct error *lock_owner(struct file_lock *lock, struct repo *repo,
				const char *name)
{
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(free_str) char *phase = NULL;
	const char *orch;

	if (!layout_split(&plan, &phase, name, CLAIM_PREFIX))
		return NULL;
	TRY(repo_orch_dir(&orch, repo));
	CLEANUP(free_str) char *path = layout_lock(orch, plan, phase);
	return file_lock(lock, path, 0);
}

struct error *mend_ref(struct repo *repo, const char *name)
{
	CLEANUP(file_unlock_remove) struct file_lock owner = FILE_LOCK_INIT;
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *path = path_join(repo_common_dir(repo), name);

	TRY(lock_owner(&owner, repo, name));
	TRY(refs_lock(&lock, repo));
	return is_broken(repo, name) ? file_remove(path) : NULL;
}

/* One that is held belongs to somebody; a claim's is where a run goes on. */
static struct error *look_at_lock(int *n, struct repo *repo, const char *path,
				  const char *claim, int take)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	struct oid oid;
	CLEANUP(error_release) struct error *none = ref_read(&oid, repo, claim);

	if (!error_is(none, ERROR_NOT_FOUND) || file_locked(path))
		return NULL;
	if (take) {
		struct error *err = file_lock(&lock, path, 0);

		if (error_is(err, ERROR_CLAIMED)) {
			error_free(err);
			return NULL;
		}
		TRY(err);
		file_unlock_remove(&lock);
	}
	++*n;
	return NULL;
}

static struct error *plan_locks(int *n, struct repo *repo, const char *dir,
				const char *plan, int take)
{
	CLEANUP(free_str) char *folder = path_join(dir, plan);
	CLEANUP(strings_release) struct strings phases = STRINGS_INIT;

	if (!file_is_dir(folder))
		return NULL;
	TRY(file_list(&phases, folder));
	FOR_EACH (char *, phase, &phases) {
		CLEANUP(free_str) char *path = path_join(folder, *phase);
		CLEANUP(free_str) char *claim = layout_claim(plan, *phase);

		TRY(look_at_lock(n, repo, path, claim, take));
	}
	return NULL;
}

struct error *mend_locks(int *n, struct repo *repo, int take)
{
	CLEANUP(strings_release) struct strings plans = STRINGS_INIT;
	const char *orch;
	int count = 0;

	TRY(repo_orch_dir(&orch, repo));
	CLEANUP(free_str) char *dir = path_join(orch, "lock");
	TRY(file_list(&plans, dir));
	FOR_EACH (char *, plan, &plans)
		TRY(plan_locks(&count, repo, dir, *plan, take));
	*n = count;
	return NULL;
}
