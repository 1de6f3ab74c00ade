/*
 * Git checks a file out by removing the old one and writing the new one in
 * place, so a kill leaves a file that is missing, complete, or a beginning of
 * the new content; never anything else.  That is how its traces are told from
 * a person's edits.  Putting back is a checkout too: of the old content.
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
	call->keep_fd = intent->lock_fd;
	TRY(git_call(&result, repo, call));
	if (result.end != PROC_EXITED || result.exit)
		return git_failure(call, &result);
	if (out)
		buf_add(out, result.out.data, result.out.len);
	return NULL;
}

/* The files between two NULs, as keys of a map. */
static void set_of(struct map *set, const struct buf *list, size_t skip)
{
	for (size_t at = 0; at < list->len;) {
		char *line = list->data + at;
		size_t len = strlen(line);

		if (len > skip)
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
	set_of(&rows, &list, 3);
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
	set_of(set, list, 0);
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

/*
 * Files that are missing or not as in the index, filters considered.  What a
 * sparse checkout leaves out is not among them.
 */
static struct error *read_modified(struct map *set, struct buf *list,
				   const struct repo *repo,
				   const struct intent *intent)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;

	strings_addv(&call.args, "ls-files", "-m", "-z", NULL);
	TRY(run(list, repo, intent, &call));
	set_of(set, list, 0);
	return NULL;
}

static int is_beginning(const struct buf *part, const struct buf *whole)
{
	return part->len <= whole->len &&
	       !memcmp(part->data, whole->data, part->len);
}

/* A blob's content as git writes it: line ends and filters applied. */
static struct error *read_filtered(struct buf *out, const struct repo *repo,
				   const struct intent *intent,
				   const char *path, const struct oid *oid)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	char hex[OID_HEX];

	strings_addv(&call.args, "cat-file", "--filters", NULL);
	strings_addf(&call.args, "--path=%s", path);
	strings_add(&call.args, oid_hex(hex, oid));
	return run(out, repo, intent, &call);
}

/* Is what is there the blob, as it is or as git writes it, or its beginning? */
static struct error *is_part_of(int *out, const struct repo *repo,
				const struct intent *intent,
				const struct buf *there, const char *path,
				const struct oid *oid)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT;

	TRY(blob_read(&whole, repo, oid, MAX_FILE));
	*out = is_beginning(there, &whole);
	if (*out)
		return NULL;
	buf_clear(&whole);
	TRY(read_filtered(&whole, repo, intent, path, oid));
	*out = is_beginning(there, &whole);
	return NULL;
}

static int is_file(enum file_mode mode)
{
	return mode == MODE_FILE || mode == MODE_EXEC;
}

static struct error *is_written(int *out, const struct repo *repo,
				const struct intent *intent,
				const struct change *change, const char *file)
{
	CLEANUP(buf_release) struct buf there = BUF_INIT;

	TRY(file_read(&there, file, MAX_FILE));
	if (is_file(change->new_mode))
		TRY(is_part_of(out, repo, intent, &there, change->path,
			       &change->new_oid));
	if (!*out && is_file(change->old_mode))
		TRY(is_part_of(out, repo, intent, &there, change->path,
			       &change->old_oid));
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

enum trace { TRACE_NONE, TRACE_MISSING, TRACE_WRITTEN };

/* What a checkout of this change, or its undoing, has left at its path. */
static struct error *look(enum trace *out, const struct repo *repo,
			  const struct intent *intent,
			  const struct change *change)
{
	CLEANUP(free_str) char *file = on_disk(intent, change->path);
	struct stat st;
	int written = 0;

	*out = TRACE_NONE;
	if (lstat(file, &st)) {
		if (errno == ENOENT || errno == ENOTDIR)
			*out = TRACE_MISSING;
		return NULL;
	}
	if (change->new_mode == MODE_LINK && S_ISLNK(st.st_mode))
		TRY(is_new_link(&written, repo, change, file));
	else if (S_ISREG(st.st_mode))
		TRY(is_written(&written, repo, intent, change, file));
	if (written)
		*out = TRACE_WRITTEN;
	return NULL;
}

/* Folders without a file in them: git was killed before it made one. */
static void remove_empty(const char *folder)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	if (!file_is_dir(folder))
		return;
	error_free(file_list(&names, folder));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *path = path_join(folder, *name);

		remove_empty(path);
	}
	rmdir(folder);
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
	struct map modified; /* from the index */
	struct map keep;
};

static void undo_release(struct undo *undo)
{
	map_release(&undo->differs);
	map_release(&undo->modified);
	map_release(&undo->keep);
}

static int is_ours(const struct undo *undo, const struct change *change)
{
	return change->old_mode != MODE_GITLINK &&
	       change->new_mode != MODE_GITLINK &&
	       !map_get(&undo->differs, change->path) &&
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

		if (it->kind != CHANGE_CREATE || !is_ours(undo, it) ||
		    is_blocked(intent, it->path))
			continue;
		TRY(look(&trace, repo, intent, it));
		if (trace == TRACE_WRITTEN)
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
		CLEANUP(free_str) char *file = on_disk(intent, it->path);
		enum trace trace;

		if (it->kind == CHANGE_CREATE || !is_ours(undo, it) ||
		    !map_get(&undo->modified, it->path) ||
		    is_blocked(intent, it->path))
			continue;
		remove_empty(file);
		TRY(look(&trace, repo, intent, it));
		if (trace != TRACE_NONE)
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
	CLEANUP(buf_release) struct buf modified = BUF_INIT;

	TRY(index_differs(&undo.differs, &differs, repo, intent,
			  &intent->old_oid));
	FOR_EACH (char *, keep, &intent->keep)
		map_set(&undo.keep, *keep, *keep);
	TRY(remove_all_made(repo, intent, changes, &undo));
	/* Only now: git looks for a file also behind a link to a folder. */
	TRY(read_modified(&undo.modified, &modified, repo, intent));
	return restore_all(repo, intent, changes, &undo);
}
