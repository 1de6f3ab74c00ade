/*
 * Processes of one clone mostly want to know the same at the same time, so one
 * who waited while another fetched need not fetch again, provided that fetch
 * began behind the question.  The lock file says when that was; it is emptied
 * by whoever takes it, so what it says is of this boot for those who waited.
 */
#include "gitops/remote-track.h"

#include "core/clock.h"
#include "gitops/ref-guard.h"
#include "gitops/ref.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct error *lock_path(char **out, struct repo *repo)
{
	const char *orch;

	TRY(repo_orch_dir(&orch, repo));
	*out = path_join(orch, "lock/fetch.lock");
	return NULL;
}

/* Does the lock file tell of a fetch by these words, begun since? */
static int is_fetched(const char *path, const char *words, int64_t since)
{
	CLEANUP(free_str) char *note = file_lock_noted(path);
	char *rest;
	int64_t began = strtoll(note, &rest, 10);

	return *rest == ' ' && !strcmp(rest + 1, words) && began >= since &&
	       began <= clock_ms();
}

struct error *track_lock(struct file_lock *lock, int *done, struct repo *repo,
			 const char *words)
{
	CLEANUP(free_str) char *path = NULL;
	int64_t asked = clock_ms();

	*done = 0;
	TRY(lock_path(&path, repo));
	struct error *err = file_lock(lock, path, 0);
	if (error_is(err, ERROR_CLAIMED)) {
		error_free(err);
		TRY(file_lock(lock, path, 1));
		*done = words && is_fetched(path, words, asked);
	} else if (err) {
		return err;
	}
	if (*done)
		file_unlock(lock);
	else
		error_free(file_lock_note(lock, ""));
	return NULL;
}

void track_fetched(const struct file_lock *lock, const char *words,
		   int64_t began)
{
	CLEANUP(free_str)
	char *note = xasprintf("%" PRId64 " %s", began, words);

	/* Without it the others fetch for themselves. */
	error_free(file_lock_note(lock, note));
}

static struct error *read_tracked(struct oid *out, const struct repo *repo,
				  const char *remote, const char *ref)
{
	CLEANUP(free_str) char *name = remote_tracking(remote, ref);

	*out = oid_zero;
	return name ? ref_read_maybe(out, repo, name) : NULL;
}

struct error *track_before(struct oid **out, const struct repo *repo,
			   const struct push *push)
{
	struct oid *before = xcalloc(push->refs.len + 1, sizeof *before);
	struct error *err = NULL;

	for (size_t i = 0; i < push->refs.len && !err; i++)
		err = read_tracked(&before[i], repo, push->remote,
				   push->refs.items[i].ref);
	if (err) {
		free(before);
		return err;
	}
	*out = before;
	return NULL;
}

static struct error *track_one(struct repo *repo, const char *remote,
			       const struct push_ref *ref,
			       const struct oid *before)
{
	CLEANUP(free_str) char *name = remote_tracking(remote, ref->ref);
	struct oid now;

	if (!name)
		return NULL;
	TRY(ref_read_maybe(&now, repo, name));
	if (oid_equal(&now, &ref->to) ||
	    (!oid_equal(&now, before) && !oid_equal(&now, &ref->expected)))
		return NULL;
	return refs_move(repo, name, &ref->to, &now, "push");
}

struct error *track_after(struct repo *repo, const struct push *push,
			  const struct oid *before)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(file_unlock) struct file_lock refs = FILE_LOCK_INIT;
	int done;

	TRY(track_lock(&lock, &done, repo, NULL));
	TRY(refs_lock(&refs, repo));
	for (size_t i = 0; i < push->refs.len; i++)
		TRY(track_one(repo, push->remote, &push->refs.items[i],
			      &before[i]));
	return NULL;
}

/* "<folder>/<name>.lock" of this folder and of those below it. */
static struct error *clear_below(int *found, struct repo *repo,
				 const char *folder)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(free_str) char *path = path_join(repo_common_dir(repo), folder);

	/* There is no such folder, or it is a file. */
	error_free(file_list(&names, path));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *below = path_join(folder, *name);
		size_t len = strlen(below), end = strlen(".lock");

		if (len <= end || strcmp(below + len - end, ".lock") != 0) {
			TRY(clear_below(found, repo, below));
			continue;
		}
		below[len - end] = '\0';
		++*found;
		TRY(refs_clear_lock(repo, below));
	}
	return NULL;
}

static struct error *clear_file(int *found, struct repo *repo, const char *name)
{
	CLEANUP(free_str)
	char *path = xasprintf("%s/%s.lock", repo_common_dir(repo), name);

	*found += file_exists(path);
	return refs_clear_lock(repo, name);
}

struct error *track_clear(int *found, struct repo *repo, const char *remote)
{
	CLEANUP(file_unlock) struct file_lock refs = FILE_LOCK_INIT;
	CLEANUP(free_str) char *heads = xasprintf("refs/remotes/%s", remote);
	CLEANUP(free_str) char *own = xasprintf("refs/orch-remotes/%s", remote);

	*found = 0;
	TRY(refs_lock(&refs, repo));
	TRY(clear_below(found, repo, heads));
	TRY(clear_below(found, repo, own));
	TRY(clear_file(found, repo, "packed-refs"));
	return clear_file(found, repo, "shallow");
}
