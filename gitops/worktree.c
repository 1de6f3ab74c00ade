/*
 * The pool of worktrees.  A slot belongs to whoever holds the flock beside it;
 * the kernel gives it back when the holder dies, and the next use makes the
 * files exact whatever was left in there.
 */
#include "gitops/worktree.h"

#include "gitops/commit.h"
#include "gitops/workspace.h"
#include "gitops/worktree-admin.h"

#include <stdlib.h>
#include <string.h>

#define MOST_SLOTS 1024

struct error *worktree_cache_dir(char **out, const struct repo *repo)
{
	CLEANUP(free_str) char *cache = NULL;

	TRY(file_cache_dir(&cache));
	*out = path_join(cache, repo_id(repo));
	return NULL;
}

static struct error *pool_dir(char **out, const struct repo *repo)
{
	CLEANUP(free_str) char *cache = NULL;

	TRY(worktree_cache_dir(&cache, repo));
	*out = path_join(cache, "work");
	return NULL;
}

/* A commit without parents on the empty tree; the same one every time. */
static struct error *empty_commit(struct oid *out, struct repo *repo)
{
	static const struct identity nobody = { (char *)"git-orch",
						(char *)"git-orch@localhost" };
	CLEANUP(workspace_release) struct workspace *none = NULL;
	struct commit_spec spec = {
		.message = "worktree\n",
		.plain = 1,
		.author = nobody,
		.committer = nobody,
	};

	TRY(workspace_open(&none, repo, &oid_zero));
	TRY(workspace_write_tree(&spec.tree, none));
	return commit_create(out, repo, &spec);
}

/* The folder first: what git lists without one is an orphan. */
static struct error *add(struct repo *repo, const char *path)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	struct oid head;

	TRY(admin_lock(&lock, repo));
	TRY(admin_drop(repo, path));
	TRY(file_remove_tree(path));
	TRY(file_mkdirs(path));
	TRY(empty_commit(&head, repo));
	return admin_add(repo, path, &head);
}

/* Its administrative folder, owned; NULL: it has to be made (again). */
static char *known(const struct repo *repo, const char *path)
{
	return file_is_dir(path) ? admin_find(repo, path) : NULL;
}

/* The one place outside the repository that a check cannot do without. */
static struct error *cannot_cache(struct error *err)
{
	if (!err || err->hint || err->code != ERROR_FAILURE)
		return err;
	return error_hint(error_wrap(err, "no place for a worktree"),
			  "let XDG_CACHE_HOME (else ~/.cache) be a folder "
			  "that can be written");
}

struct error *worktree_acquire(struct worktree *out, struct repo *repo)
{
	CLEANUP(free_str) char *pool = NULL;

	TRY(pool_dir(&pool, repo));
	for (int slot = 1; slot <= MOST_SLOTS; slot++) {
		CLEANUP(free_str)
		char *name = xasprintf("%s/%d.lock", pool, slot);
		struct error *err = file_lock(&out->lock, name, 0);

		if (error_is(err, ERROR_CLAIMED)) {
			error_free(err);
			continue;
		}
		TRY(cannot_cache(err));
		out->slot = slot;
		out->path = xasprintf("%s/%d", pool, slot);
		CLEANUP(free_str) char *admin = known(repo, out->path);
		return admin ? NULL : cannot_cache(add(repo, out->path));
	}
	return error_hint(error_new(ERROR_FAILURE,
				    "all %d worktrees are in use", MOST_SLOTS),
			  "run fewer jobs at once");
}

/* Files of the tree written where they differ, everything else removed. */
static struct error *make_exact(const struct worktree *worktree,
				struct repo *repo, const char *tree)
{
	const char *path = worktree->path;
	const char *const fill[] = { "read-tree", "--reset", "-u", tree, NULL };
	const char *const clean[] = { "clean", "-ffdxq", NULL };
	CLEANUP(strings_release) struct strings overrides = STRINGS_INIT;
	CLEANUP(free_str) char *admin = known(repo, path);
	const struct slot_call slot = { .path = path,
					.admin = admin,
					.overrides = &overrides };

	if (!admin)
		return error_new(ERROR_FAILURE, "'%s' is no worktree", path);
	/* We hold the slot, so whoever made this lock is dead. */
	CLEANUP(free_str) char *lock = path_join(admin, "index.lock");
	CLEANUP(free_str) char *link = path_join(path, ".git");
	CLEANUP(free_str) char *text = xasprintf("gitdir: %s\n", admin);
	TRY(file_remove(lock));
	TRY(file_write(link, text, strlen(text), FILE_PLAIN));
	TRY(slot_git(NULL, repo, &slot, fill));
	return slot_git(NULL, repo, &slot, clean);
}

struct error *worktree_checkout(struct worktree *worktree, struct repo *repo,
				const struct oid *tree)
{
	char hex[OID_HEX];
	struct error *err = make_exact(worktree, repo, oid_hex(hex, tree));

	if (!err || error_is(err, ERROR_INTERRUPT))
		return err;
	/* Something in there that git cannot mend: begin with an empty one. */
	error_free(err);
	TRY(add(repo, worktree->path));
	return error_wrap(make_exact(worktree, repo, hex),
			  "cannot fill worktree '%s'", worktree->path);
}

void worktree_release(struct worktree *worktree)
{
	file_unlock(&worktree->lock);
	free_str(&worktree->path);
	worktree->slot = 0;
}

/* A slot is a number; locks and what the sandbox keeps beside it are none. */
static int is_slot(const char *name)
{
	return *name && !name[strspn(name, "0123456789")];
}

/* Calls fn for every idle slot, its lock held meanwhile. */
static struct error *
each_idle(struct repo *repo,
	  struct error *(*fn)(struct repo *repo, const char *path, void *data),
	  void *data)
{
	CLEANUP(free_str) char *pool = NULL;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	TRY(pool_dir(&pool, repo));
	TRY(file_list(&names, pool));
	FOR_EACH (char *, name, &names) {
		CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
		CLEANUP(free_str) char *path = path_join(pool, *name);
		CLEANUP(free_str) char *held = xasprintf("%s.lock", path);

		if (!is_slot(*name) || !file_is_dir(path))
			continue;
		struct error *err = file_lock(&lock, held, 0);
		if (error_is(err, ERROR_CLAIMED)) {
			error_free(err);
			continue;
		}
		TRY(err);
		TRY(fn(repo, path, data));
	}
	return NULL;
}

static struct error *tell_broken(struct repo *repo, const char *path,
				 void *data)
{
	CLEANUP(free_str) char *admin = known(repo, path);

	if (!admin)
		strings_addf(data, "'%s' is not known to git any more", path);
	return NULL;
}

struct error *worktree_orphans(struct strings *out, struct repo *repo)
{
	CLEANUP(free_str) char *pool = NULL;
	CLEANUP(strings_release) struct strings gone = STRINGS_INIT;

	TRY(each_idle(repo, tell_broken, out));
	TRY(pool_dir(&pool, repo));
	TRY(admin_gone(&gone, repo, pool));
	FOR_EACH (char *, path, &gone)
		strings_addf(out, "'%s' is gone, but git lists it", *path);
	return NULL;
}

struct prune {
	int all;
	int n;
};

static struct error *prune_slot(struct repo *repo, const char *path, void *data)
{
	CLEANUP(free_str) char *admin = known(repo, path);
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *tmp = xasprintf("%s.tmp", path);
	struct prune *prune = data;

	if (admin && !prune->all)
		return NULL;
	prune->n++;
	TRY(file_remove_tree(path));
	/* The sandbox's, at level landlock. */
	TRY(file_remove_tree(tmp));
	TRY(admin_lock(&lock, repo));
	return admin_drop(repo, path);
}

/* What git still lists of our pool without there being a folder. */
static struct error *prune_list(struct prune *prune, struct repo *repo)
{
	CLEANUP(free_str) char *pool = NULL;
	CLEANUP(strings_release) struct strings gone = STRINGS_INIT;
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	TRY(pool_dir(&pool, repo));
	TRY(admin_lock(&lock, repo));
	TRY(admin_gone(&gone, repo, pool));
	FOR_EACH (char *, path, &gone)
		TRY(admin_drop(repo, *path));
	prune->n += (int)gone.len;
	return NULL;
}

struct error *worktree_prune(int *n, struct repo *repo, int all)
{
	struct prune prune = { all, 0 };

	TRY(each_idle(repo, prune_slot, &prune));
	TRY(prune_list(&prune, repo));
	*n = prune.n;
	return NULL;
}
