/*
 * Git checks a file out by removing the old one and writing the new one in
 * place, so a kill leaves a file that is missing, complete, or a beginning of
 * the new content; never anything else.  That is how its traces are told from
 * a person's edits.
 */
#include "gitops/land-undo.h"

#include "core/file.h"
#include "gitops/commit.h"
#include "gitops/git.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE (1u << 30)

struct error *land_changes(struct changes *out, const struct repo *repo,
			   const struct intent *intent)
{
	struct oid from, to;

	TRY(commit_tree(&from, repo, &intent->old_oid));
	TRY(commit_tree(&to, repo, &intent->new_oid));
	return tree_diff(out, repo, &from, &to);
}

/* Runs git in the intent's worktree; ends even when a signal comes. */
static struct error *run(struct buf *out, const struct repo *repo,
			 const struct intent *intent, struct git_call *call)
{
	CLEANUP(proc_result_release) struct proc_result result;

	proc_result_init(&result);
	call->dir = intent->path;
	call->git_dir = intent->git_dir;
	call->finish = 1;
	TRY(git_call(&result, repo, call));
	if (result.end != PROC_EXITED || result.exit)
		return git_failure(call, &result);
	if (out)
		buf_add(out, result.out.data, result.out.len);
	return NULL;
}

/* The files between two NULs, as keys of a map. */
static void set_of(struct map *set, const struct buf *list, size_t skip,
		   const char *only)
{
	for (size_t at = 0; at < list->len;) {
		char *line = list->data + at;
		size_t len = strlen(line);

		if (len > skip && (!only || *line == *only))
			map_set(set, line + skip, line);
		at += len + 1;
	}
}

static char *on_disk(const struct intent *intent, const char *path)
{
	return path_join(intent->path, path);
}

/* One row "XY path" of git status: is the file itself not as in HEAD? */
static int is_dirty(const char *row)
{
	return row[0] != ' ' || (row[1] != ' ' && row[1] != 'D');
}

struct error *land_keep(struct intent *intent, const struct repo *repo,
			const struct changes *changes)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;
	CLEANUP(map_release) struct map rows = MAP_INIT;

	strings_addv(&call.args, "status", "--porcelain=v1", "-z",
		     "--no-renames", "--untracked-files=no",
		     "--ignore-submodules=dirty", NULL);
	TRY(run(&list, repo, intent, &call));
	set_of(&rows, &list, 3, NULL);
	FOR_EACH (struct change, it, changes) {
		CLEANUP(free_str) char *file = on_disk(intent, it->path);
		const char *row = map_get(&rows, it->path);
		/* A folder there is one of tracked files, or git refuses. */
		int untracked = it->kind == CHANGE_CREATE &&
				file_exists(file) && !file_is_dir(file);

		if (untracked || (row && is_dirty(row)))
			strings_add(&intent->keep, it->path);
	}
	return NULL;
}

/* The paths whose index entry is not as in this commit. */
static struct error *index_differs(struct map *set, struct buf *list,
				   const struct repo *repo,
				   const struct intent *intent,
				   const struct oid *commit)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	char hex[OID_HEX];

	strings_addv(&call.args, "diff-index", "--cached", "--name-only", "-z",
		     "--no-renames", "--no-ext-diff",
		     "--ignore-submodules=none", oid_hex(hex, commit), "--",
		     NULL);
	TRY(run(list, repo, intent, &call));
	set_of(set, list, 0, NULL);
	return NULL;
}

struct error *land_index_is_new(int *out, const struct repo *repo,
				const struct intent *intent,
				const struct changes *changes)
{
	CLEANUP(map_release) struct map differs = MAP_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;

	TRY(index_differs(&differs, &list, repo, intent, &intent->new_oid));
	*out = 1;
	FOR_EACH (struct change, it, changes)
		if (map_get(&differs, it->path))
			*out = 0;
	return NULL;
}

/* Which files a sparse checkout leaves out. */
static struct error *read_skipped(struct map *set, struct buf *list,
				  const struct repo *repo,
				  const struct intent *intent)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;

	strings_addv(&call.args, "ls-files", "-t", "-z", NULL);
	TRY(run(list, repo, intent, &call));
	set_of(set, list, 2, "S");
	return NULL;
}

static int is_beginning(const struct buf *part, const struct buf *whole)
{
	return part->len <= whole->len &&
	       !memcmp(part->data, whole->data, part->len);
}

/* The new content as git writes it: line ends and filters applied. */
static struct error *read_filtered(struct buf *out, const struct repo *repo,
				   const struct intent *intent,
				   const struct change *change)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	char hex[OID_HEX];

	strings_addv(&call.args, "cat-file", "--filters", NULL);
	strings_addf(&call.args, "--path=%s", change->path);
	strings_add(&call.args, oid_hex(hex, &change->new_oid));
	return run(out, repo, intent, &call);
}

static struct error *is_new_file(int *out, const struct repo *repo,
				 const struct intent *intent,
				 const struct change *change, const char *file)
{
	CLEANUP(buf_release) struct buf there = BUF_INIT;
	CLEANUP(buf_release) struct buf whole = BUF_INIT;

	TRY(file_read(&there, file, MAX_FILE));
	TRY(blob_read(&whole, repo, &change->new_oid, MAX_FILE));
	*out = is_beginning(&there, &whole);
	if (*out)
		return NULL;
	buf_clear(&whole);
	TRY(read_filtered(&whole, repo, intent, change));
	*out = is_beginning(&there, &whole);
	return NULL;
}

static struct error *is_new_link(int *out, const struct repo *repo,
				 const struct change *change, const char *file)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT;
	char target[4096];
	ssize_t len = readlink(file, target, sizeof target);

	TRY(blob_read(&whole, repo, &change->new_oid, MAX_FILE));
	*out = len >= 0 && (size_t)len == whole.len &&
	       !memcmp(target, whole.data, whole.len);
	return NULL;
}

enum trace { TRACE_NONE, TRACE_MISSING, TRACE_NEW };

/* What a checkout of this change has left at its path. */
static struct error *look(enum trace *out, const struct repo *repo,
			  const struct intent *intent,
			  const struct change *change)
{
	CLEANUP(free_str) char *file = on_disk(intent, change->path);
	struct stat st;
	int is_new = 0;

	*out = TRACE_NONE;
	if (lstat(file, &st)) {
		if (errno == ENOENT || errno == ENOTDIR)
			*out = TRACE_MISSING;
		return NULL;
	}
	if (change->new_mode == MODE_LINK && S_ISLNK(st.st_mode))
		TRY(is_new_link(&is_new, repo, change, file));
	else if ((change->new_mode == MODE_FILE ||
		  change->new_mode == MODE_EXEC) &&
		 S_ISREG(st.st_mode))
		TRY(is_new_file(&is_new, repo, intent, change, file));
	if (is_new)
		*out = TRACE_NEW;
	return NULL;
}

/* Removes a file the checkout made, and the folders it leaves empty. */
static struct error *remove_made(const struct intent *intent, const char *path)
{
	CLEANUP(free_str) char *file = on_disk(intent, path);
	size_t top = strlen(intent->path);
	char *slash;

	TRY(file_remove(file));
	while ((slash = strrchr(file, '/')) && (size_t)(slash - file) > top) {
		*slash = '\0';
		if (rmdir(file))
			break;
	}
	return NULL;
}

/* Is there anything but folders on the way to path? */
static int is_blocked(const struct intent *intent, const char *path)
{
	for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		CLEANUP(free_str)
		char *dir = xasprintf("%s/%.*s", intent->path, (int)(at - path),
				      path);
		struct stat st;

		if (!lstat(dir, &st) && !S_ISDIR(st.st_mode))
			return 1;
	}
	return 0;
}

static struct error *restore(const struct repo *repo,
			     const struct intent *intent,
			     const struct strings *paths)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(buf_release) struct buf input = BUF_INIT;

	if (!paths->len)
		return NULL;
	FOR_EACH (char *, path, paths)
		buf_add(&input, *path, strlen(*path) + 1);
	strings_addv(&call.args, "checkout-index", "-f", "-u", "-z", "--stdin",
		     NULL);
	call.input = input.data;
	call.input_len = input.len;
	return run(NULL, repo, intent, &call);
}

/* What git has not got to, or a person has changed, is none of ours. */
struct undo {
	struct map differs; /* from the old commit, in the index */
	struct map skipped;
	struct map keep;
};

static void undo_release(struct undo *undo)
{
	map_release(&undo->differs);
	map_release(&undo->skipped);
	map_release(&undo->keep);
}

static int is_ours(const struct undo *undo, const struct change *change)
{
	return change->old_mode != MODE_GITLINK &&
	       change->new_mode != MODE_GITLINK &&
	       !map_get(&undo->differs, change->path) &&
	       !map_get(&undo->skipped, change->path) &&
	       !map_get(&undo->keep, change->path);
}

/* Folders made for new files must go before old files can come back. */
static struct error *remove_all_made(const struct repo *repo,
				     const struct intent *intent,
				     const struct changes *changes,
				     const struct undo *undo)
{
	FOR_EACH (struct change, it, changes) {
		enum trace trace;

		if (it->kind != CHANGE_CREATE || !is_ours(undo, it))
			continue;
		TRY(look(&trace, repo, intent, it));
		if (trace == TRACE_NEW && !is_blocked(intent, it->path))
			TRY(remove_made(intent, it->path));
	}
	return NULL;
}

static struct error *restore_all(const struct repo *repo,
				 const struct intent *intent,
				 const struct changes *changes,
				 const struct undo *undo)
{
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;

	FOR_EACH (struct change, it, changes) {
		enum trace trace;

		if (it->kind == CHANGE_CREATE || !is_ours(undo, it))
			continue;
		TRY(look(&trace, repo, intent, it));
		if (trace != TRACE_NONE && !is_blocked(intent, it->path))
			strings_add(&paths, it->path);
	}
	return restore(repo, intent, &paths);
}

struct error *land_undo(const struct repo *repo, const struct intent *intent,
			const struct changes *changes)
{
	CLEANUP(undo_release)
	struct undo undo = { MAP_INIT, MAP_INIT, MAP_INIT };
	CLEANUP(buf_release) struct buf differs = BUF_INIT;
	CLEANUP(buf_release) struct buf files = BUF_INIT;

	TRY(index_differs(&undo.differs, &differs, repo, intent,
			  &intent->old_oid));
	TRY(read_skipped(&undo.skipped, &files, repo, intent));
	FOR_EACH (char *, keep, &intent->keep)
		map_set(&undo.keep, *keep, *keep);
	TRY(remove_all_made(repo, intent, changes, &undo));
	return restore_all(repo, intent, changes, &undo);
}
