/*
 * From files back to a tree: what somebody who was let into a worktree has
 * made of it.
 *
 * `git add -A` would do most of it, and too much: it looks into repositories
 * that it finds within, whose configuration is anybody's, and it takes what
 * the user's own excludes say.  So git is asked which paths differ, each is
 * looked at here, and only those go into the slot's index.
 */
#include "gitops/oid.h"
#include "gitops/path.h"
#include "gitops/worktree-admin.h"
#include "gitops/worktree.h"

#include <stdlib.h>
#include <string.h>

struct harvest {
	struct repo *repo;
	struct slot_call slot;
	const struct worktree_most *most;
	size_t changed;
	struct buf gone; /* lines for update-index --index-info -z */
	struct buf here; /* paths for update-index --stdin -z */
};

static void harvest_release(struct harvest *harvest)
{
	buf_release(&harvest->gone);
	buf_release(&harvest->here);
}

static struct error *count(struct harvest *harvest)
{
	if (++harvest->changed <= harvest->most->files)
		return NULL;
	return error_hint(error_new(ERROR_NO,
				    "more than %zu files were changed",
				    harvest->most->files),
			  "a .gitignore file that names what is built keeps it "
			  "out; else raise policy.max_files");
}

static struct error *add_gone(struct harvest *harvest, const char *path)
{
	buf_addf(&harvest->gone, "0 %040d\t%s", 0, path);
	buf_ch(&harvest->gone, '\0');
	return count(harvest);
}

/* Why a path may not be written is an answer to whoever wrote it. */
static struct error *check_name(const char *path)
{
	struct error *err = path_check(path);

	if (error_is(err, ERROR_REFUSED))
		err->code = ERROR_NO;
	return err;
}

static struct error *is_repository(const char *path)
{
	return error_hint(
		error_new(ERROR_NO, "'%s' is a repository of its own", path),
		"remove the .git folder in it");
}

static struct error *add_here(struct harvest *harvest, const char *path)
{
	CLEANUP(free_str) char *file = path_join(harvest->slot.path, path);
	struct stat st;

	TRY(check_name(path));
	if (lstat(file, &st))
		return add_gone(harvest, path);
	if (S_ISDIR(st.st_mode))
		return is_repository(path);
	/* No tree can hold a pipe, a socket or a device. */
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return add_gone(harvest, path);
	if ((uint64_t)st.st_size > harvest->most->bytes)
		return error_hint(error_new(ERROR_NO,
					    "'%s' is larger than %zu bytes",
					    path, harvest->most->bytes),
				  "see policy.max_file_bytes");
	buf_add(&harvest->here, path, strlen(path) + 1);
	return count(harvest);
}

/* Pairs of a letter and a path, each with its NUL. */
static struct error *take_changed(struct harvest *harvest)
{
	static const char *const words[] = {
		"diff-files",   "--name-status",           "-z",
		"--no-renames", "--ignore-submodules=all", NULL
	};
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	TRY(slot_git(&out, harvest->repo, &harvest->slot, words));
	for (const char *at = out.data; at < out.data + out.len;) {
		const char *path = at + strlen(at) + 1;

		if (*at == 'D')
			TRY(add_gone(harvest, path));
		else
			TRY(add_here(harvest, path));
		at = path + strlen(path) + 1;
	}
	return NULL;
}

static int is_ours(const char *path)
{
	return !strcmp(path, ".orch") || !strncmp(path, ".orch/", 6);
}

/* A repository within is listed as a folder. */
static struct error *take_new(struct harvest *harvest)
{
	static const char *const words[] = {
		"ls-files", "-z", "--others",
		"--exclude-per-directory=.gitignore", NULL
	};
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	TRY(slot_git(&out, harvest->repo, &harvest->slot, words));
	for (const char *at = out.data; at < out.data + out.len;
	     at += strlen(at) + 1) {
		size_t len = strlen(at);

		if (is_ours(at))
			continue;
		if (len && at[len - 1] == '/')
			return is_repository(at);
		TRY(add_here(harvest, at));
	}
	return NULL;
}

/* What is gone first: its name may be a folder's now. */
static struct error *update_index(struct harvest *harvest)
{
	static const char *const forget[] = { "update-index", "-z",
					      "--index-info", NULL };
	static const char *const add[] = { "update-index", "--add", "-z",
					   "--stdin", NULL };
	struct slot_call call = harvest->slot;

	call.input = harvest->gone.data;
	call.input_len = harvest->gone.len;
	if (call.input_len)
		TRY(slot_git(NULL, harvest->repo, &call, forget));
	call.input = harvest->here.data;
	call.input_len = harvest->here.len;
	if (!call.input_len)
		return NULL;
	struct error *err = slot_git(NULL, harvest->repo, &call, add);
	if (error_is(err, ERROR_FAILURE) && !err->hint)
		err->code = ERROR_NO; /* a name, or a link, git refuses */
	return err;
}

struct error *worktree_tree(struct oid *out, struct worktree *worktree,
			    struct repo *repo, const struct worktree_most *most)
{
	static const char *const write[] = { "write-tree", NULL };
	CLEANUP(strings_release) struct strings overrides = STRINGS_INIT;
	CLEANUP(free_str) char *admin = admin_find(repo, worktree->path);
	CLEANUP(buf_release) struct buf hex = BUF_INIT;
	CLEANUP(harvest_release)
	struct harvest harvest = {
		.repo = repo,
		.most = most,
		.gone = BUF_INIT,
		.here = BUF_INIT,
	};

	if (!admin)
		return error_new(ERROR_FAILURE, "'%s' is no worktree",
				 worktree->path);
	harvest.slot = (struct slot_call){ .path = worktree->path,
					   .admin = admin,
					   .overrides = &overrides };
	TRY(take_changed(&harvest));
	TRY(take_new(&harvest));
	TRY(update_index(&harvest));
	TRY(slot_git(&hex, repo, &harvest.slot, write));
	buf_setlen(&hex, strcspn(hex.data, "\n"));
	return oid_parse(out, hex.data);
}
