/*
 * `git merge --ff-only` moves files, index and ref in that order.  So a
 * landing that was cut off is either in its files (the index is old: they are
 * put back and git starts again) or between index and ref (the ref follows).
 */
#include "gitops/land.h"

#include "core/clock.h"
#include "core/file.h"
#include "gitops/checkout.h"
#include "gitops/commit.h"
#include "gitops/git.h"
#include "gitops/intent.h"
#include "gitops/land-undo.h"
#include "gitops/lockfile.h"
#include "gitops/ref-guard.h"
#include "gitops/ref.h"

#include <string.h>
#include <time.h>

#define LOCK_WAIT_MS 2000
#define NAP_MS       50

/* One landing, under the lock. */
struct landing {
	struct repo *repo;
	const char *orch;
	struct file_lock lock;
	struct intent intent;
};

static void landing_release(struct landing *landing)
{
	file_unlock(&landing->lock);
	intent_release(&landing->intent);
}

static struct error *landing_open(struct landing *landing, struct repo *repo)
{
	CLEANUP(free_str) char *path = NULL;

	*landing = (struct landing){ .repo = repo,
				     .lock = FILE_LOCK_INIT,
				     .intent = INTENT_INIT };
	TRY(repo_orch_dir(&landing->orch, repo));
	path = path_join(landing->orch, "land.lock");
	return file_lock(&landing->lock, path, 1);
}

struct error *land_checkouts(struct strings *out, struct repo *repo,
			     const char *ref)
{
	CLEANUP(checkouts_release) struct checkouts list = CHECKOUTS_INIT;

	TRY(checkouts_of(&list, repo, ref));
	FOR_EACH (struct checkout, it, &list)
		strings_add(out, it->path);
	return NULL;
}

static struct error *move_ref(const struct landing *landing)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	TRY(refs_lock(&lock, landing->repo));
	return refs_move(landing->repo, landing->intent.ref,
			 &landing->intent.new_oid, &landing->intent.old_oid,
			 "land: fast-forward");
}

/* Only what could lose work is a person's affair; all else just failed. */
static int is_refusal(const char *text)
{
	static const char *const signs[] = {
		"would be overwritten", "would lose untracked files",
		"would be removed by",  "not uptodate",
		"not concluded",        "unmerged files",
		"unfinished merge",
	};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strstr(text, signs[i]))
			return 1;
	return 0;
}

/* The files git names: the lines it sets off by a tab. */
static void named_files(struct buf *out, const char *text)
{
	for (const char *at = strstr(text, "\n\t"); at;
	     at = strstr(at + 1, "\n\t")) {
		size_t len = strcspn(at + 2, "\n");

		buf_str(out, out->len ? ", " : "");
		buf_add(out, at + 2, len);
	}
}

static struct error *refused(const struct intent *intent,
			     const struct git_call *call,
			     const struct proc_result *result)
{
	CLEANUP(buf_release) struct buf files = BUF_INIT;
	struct error *err;

	named_files(&files, result->err.data);
	if (!files.len) {
		err = git_failure(call, result);
		err->code = ERROR_CONFLICT;
		return error_hint(err, "mend it in '%s' and try again",
				  intent->path);
	}
	return error_hint(error_new(ERROR_CONFLICT,
				    "work in '%s' would be overwritten: %s",
				    intent->path, files.data),
			  "commit those files or move them away, then try "
			  "again");
}

static int is_locked(const struct proc_result *result)
{
	return strstr(result->err.data, "index.lock': File exists") != NULL;
}

static struct error *merge_once(struct proc_result *result,
				const struct landing *landing,
				struct git_call *call)
{
	const struct intent *intent = &landing->intent;
	char hex[OID_HEX];

	call->dir = intent->path;
	call->git_dir = intent->git_dir;
	call->finish = 1;
	call->keep_fd = intent->lock_fd;
	strings_addv(&call->args, "-c", "core.fsync=committed,reference,index",
		     "merge", "--ff-only", "--no-squash",
		     "--no-overwrite-ignore", "--no-autostash",
		     "--no-verify-signatures", "--no-stat", "--quiet",
		     oid_hex(hex, &intent->new_oid), NULL);
	return git_call(result, landing->repo, call);
}

/* Another git at work in the worktree is waited for. */
static struct error *merge_forward(const struct landing *landing)
{
	static const struct timespec nap = { 0, NAP_MS * 1000000L };
	int64_t end = clock_ms() + LOCK_WAIT_MS;

	for (;;) {
		CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
		CLEANUP(proc_result_release) struct proc_result result;

		proc_result_init(&result);
		TRY(merge_once(&result, landing, &call));
		if (result.end == PROC_EXITED && !result.exit)
			return NULL;
		if (is_refusal(result.err.data))
			return refused(&landing->intent, &call, &result);
		if (!is_locked(&result))
			return git_failure(&call, &result);
		if (clock_ms() >= end)
			return error_hint(
				error_new(ERROR_AGAIN,
					  "the index of '%s' is locked",
					  landing->intent.path),
				"wait until the git at work there has ended, "
				"or remove %s/index.lock",
				landing->intent.git_dir);
		nanosleep(&nap, NULL);
	}
}

/* After a merge that failed: nothing of it may stay. */
static struct error *take_back(const struct landing *landing,
			       const struct changes *changes,
			       struct error *failed)
{
	struct error *err = land_undo(landing->repo, &landing->intent, changes);

	if (!err)
		err = intent_remove(landing->orch);
	/* The intent is still there: the next call tries again. */
	error_free(err);
	return failed;
}

static struct error *ref_moved(int *out, const struct landing *landing)
{
	struct oid now;

	TRY(ref_read_maybe(&now, landing->repo, landing->intent.ref));
	*out = oid_equal(&now, &landing->intent.new_oid);
	return NULL;
}

static struct error *advance_worktree(const struct landing *landing,
				      const struct changes *changes)
{
	struct error *failed = merge_forward(landing);
	int moved, index_new;

	if (!failed) {
		TRY(ref_moved(&moved, landing));
		if (moved)
			return intent_remove(landing->orch);
		failed = error_new(ERROR_STALE,
				   "'%s' was switched to another branch",
				   landing->intent.path);
	}
	/* Only the ref was left to do: do that. */
	struct error *err = land_index_is_new(&index_new, landing->repo,
					      &landing->intent, changes);
	if (!err && index_new && changes->len) {
		err = move_ref(landing);
		if (!err) {
			error_free(failed);
			return intent_remove(landing->orch);
		}
	}
	error_free(err);
	return take_back(landing, changes, failed);
}

static struct error *advance(const struct landing *landing,
			     const struct changes *changes)
{
	if (landing->intent.path)
		return advance_worktree(landing, changes);
	struct error *err = move_ref(landing);
	struct error *gone = intent_remove(landing->orch);

	if (!err)
		return gone;
	error_free(gone);
	return err;
}

/* Recovery. */

/* A lock file that was there before the landing is somebody else's. */
static int is_older(const char *lock, const struct timespec *written)
{
	struct stat st;

	if (lstat(lock, &st))
		return 0;
	if (st.st_mtim.tv_sec != written->tv_sec)
		return st.st_mtim.tv_sec < written->tv_sec;
	return st.st_mtim.tv_nsec < written->tv_nsec;
}

/* Locks of the git that was killed with us: nobody of ours runs any more. */
static struct error *clear_locks(const struct landing *landing)
{
	static const char *const names[] = { "index", "HEAD", "ORIG_HEAD" };
	const struct intent *intent = &landing->intent;
	CLEANUP(strings_release) struct strings dirs = STRINGS_INIT;
	CLEANUP(strings_release) struct strings refs = STRINGS_INIT;

	TRY(refs_clear_lock(landing->repo, intent->ref));
	if (!intent->path)
		return NULL;
	/* git locks every ref on the way from HEAD. */
	head_refs(&refs, landing->repo, intent->git_dir);
	FOR_EACH (char *, ref, &refs)
		TRY(refs_clear_lock(landing->repo, *ref));
	strings_add(&dirs, intent->path);
	strings_add(&dirs, intent->git_dir);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CLEANUP(free_str)
		char *lock = xasprintf("%s/%s.lock", intent->git_dir, names[i]);

		if (!is_older(lock, &intent->written))
			TRY(lockfile_clear(lock, &dirs));
	}
	return NULL;
}

static int still_checked_out(const struct landing *landing)
{
	const struct intent *intent = &landing->intent;

	return !intent->path ||
	       (file_is_dir(intent->path) &&
		head_is(landing->repo, intent->git_dir, intent->ref));
}

static struct error *go_on(const struct landing *landing)
{
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;
	int index_new = 0;

	TRY(land_changes(&changes, landing->repo, &landing->intent));
	if (landing->intent.path) {
		TRY(land_index_is_new(&index_new, landing->repo,
				      &landing->intent, &changes));
		if (index_new && changes.len) {
			TRY(move_ref(landing));
			return intent_remove(landing->orch);
		}
		TRY(land_undo(landing->repo, &landing->intent, &changes));
	}
	return advance(landing, &changes);
}

/* The lock is held, so whoever wrote the intent is gone, its git too. */
static struct error *recover(struct landing *landing)
{
	struct oid now;
	struct error *err = intent_read(&landing->intent, landing->orch);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	if (err)
		return err;
	landing->intent.lock_fd = landing->lock.fd;
	TRY(clear_locks(landing));
	TRY(ref_read_maybe(&now, landing->repo, landing->intent.ref));
	if (oid_equal(&now, &landing->intent.old_oid) &&
	    still_checked_out(landing))
		err = go_on(landing);
	else
		/* It has arrived, or somebody has gone on from there. */
		err = intent_remove(landing->orch);
	intent_release(&landing->intent);
	return err;
}

struct error *land_recover(struct repo *repo)
{
	CLEANUP(landing_release)
	struct landing landing = { .lock = FILE_LOCK_INIT };
	const char *orch;

	TRY(repo_orch_dir(&orch, repo));
	if (!intent_exists(orch))
		return NULL;
	TRY(landing_open(&landing, repo));
	return error_wrap(recover(&landing), "ending an earlier landing");
}

/* What must hold before anything moves.  *there: it has, in a recovery. */
static struct error *check(int *there, const struct repo *repo, const char *ref,
			   const struct oid *new_oid, const struct oid *old_oid)
{
	struct oid now;
	int forward;

	TRY(ref_read_maybe(&now, repo, ref));
	*there = oid_equal(&now, new_oid);
	if (*there)
		return NULL;
	if (!oid_equal(&now, old_oid))
		return error_new(ERROR_STALE, "'%s' was moved by somebody else",
				 ref);
	TRY(commit_is_ancestor(&forward, repo, old_oid, new_oid));
	if (!forward)
		return error_new(ERROR_FAILURE,
				 "'%s' can only move to a descendant", ref);
	return NULL;
}

static struct error *choose_worktree(struct intent *intent, struct repo *repo)
{
	CLEANUP(checkouts_release) struct checkouts list = CHECKOUTS_INIT;

	TRY(checkouts_of(&list, repo, intent->ref));
	FOR_EACH (struct checkout, it, &list)
		if (it->rebased)
			return error_hint(
				error_new(ERROR_CONFLICT,
					  "'%s' is being rebased in '%s'",
					  intent->ref, it->path),
				"end that first: git rebase --continue, or "
				"--abort");
	if (list.len > 1)
		return error_hint(error_new(ERROR_CONFLICT,
					    "'%s' is checked out in '%s' and "
					    "in '%s'",
					    intent->ref, list.items[0].path,
					    list.items[1].path),
				  "switch one of them to another branch");
	if (list.len) {
		intent->path = xstrdup(list.items[0].path);
		intent->git_dir = xstrdup(list.items[0].git_dir);
	}
	return NULL;
}

struct error *land_advance(struct repo *repo, const char *ref,
			   const struct oid *new_oid, const struct oid *old_oid)
{
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;
	CLEANUP(landing_release)
	struct landing landing = { .lock = FILE_LOCK_INIT };
	struct intent *intent = &landing.intent;
	int there;

	TRY(landing_open(&landing, repo));
	TRY(recover(&landing));
	TRY(check(&there, repo, ref, new_oid, old_oid));
	if (there)
		return NULL;
	intent->ref = xstrdup(ref);
	intent->new_oid = *new_oid;
	intent->old_oid = *old_oid;
	intent->lock_fd = landing.lock.fd;
	TRY(choose_worktree(intent, repo));
	TRY(land_changes(&changes, repo, intent));
	if (intent->path)
		TRY(land_keep(intent, repo, &changes));
	TRY(intent_write(landing.orch, intent));
	return advance(&landing, &changes);
}
