/*
 * `git worktree add` writes this folder file by file, and when it is killed
 * leaves one that git fsck complains of and nothing tells from a person's.
 * The files are few and documented: they are written aside and moved in.
 */
#include "gitops/worktree-admin.h"

#include "core/hash.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST 4096

struct error *admin_lock(struct file_lock *lock, struct repo *repo)
{
	const char *orch = NULL;

	TRY(repo_orch_dir(&orch, repo));
	CLEANUP(free_str) char *path = path_join(orch, "lock/worktrees.lock");
	return file_lock(lock, path, 1);
}

static char *list_dir(const struct repo *repo)
{
	return path_join(repo_common_dir(repo), "worktrees");
}

/* Where the folder's worktree is, owned; NULL when it does not say. */
static char *place_of(const char *admin)
{
	static const char tail[] = "/.git";
	CLEANUP(free_str) char *file = path_join(admin, "gitdir");
	CLEANUP(buf_release) struct buf line = BUF_INIT;
	CLEANUP(error_release)
	struct error *err = file_read(&line, file, LONGEST);
	size_t len = strcspn(line.data, "\n");

	if (err || len < sizeof tail ||
	    strncmp(line.data + len - strlen(tail), tail, strlen(tail)) != 0)
		return NULL;
	return xstrndup(line.data, len - strlen(tail));
}

char *admin_find(const struct repo *repo, const char *path)
{
	CLEANUP(free_str) char *list = list_dir(repo);
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	error_free(file_list(&names, list));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *admin = path_join(list, *name);
		CLEANUP(free_str) char *place = place_of(admin);

		if (place && !strcmp(place, path))
			return xstrdup(admin);
	}
	return NULL;
}

/* A name of our own for each path: whatever bears it is ours. */
static char *admin_name(const struct repo *repo, const char *path)
{
	char hex[SHA256_HEX];

	sha256_of(path, strlen(path), hex);
	return xasprintf("%s/worktrees/git-orch-%.16s", repo_common_dir(repo),
			 hex);
}

/* Where it is put together and taken apart; of a killed process: emptied. */
static struct error *aside(char **out, struct repo *repo)
{
	const char *orch = NULL;

	TRY(repo_orch_dir(&orch, repo));
	CLEANUP(free_str) char *path = path_join(orch, "worktree");
	TRY(file_remove_tree(path));
	*out = path;
	path = NULL;
	return NULL;
}

static struct error *take_away(struct repo *repo, const char *admin)
{
	CLEANUP(free_str) char *part = NULL;

	if (!file_exists(admin))
		return NULL;
	TRY(aside(&part, repo));
	TRY(file_move(admin, part));
	return file_remove_tree(part);
}

struct error *admin_drop(struct repo *repo, const char *path)
{
	CLEANUP(free_str) char *found = admin_find(repo, path);
	CLEANUP(free_str) char *named = admin_name(repo, path);

	if (found)
		TRY(take_away(repo, found));
	return take_away(repo, named);
}

static struct error *put(const char *dir, const char *name, const char *text)
{
	CLEANUP(free_str) char *path = path_join(dir, name);

	return file_write(path, text, strlen(text), FILE_PLAIN);
}

struct error *admin_add(struct repo *repo, const char *path,
			const struct oid *head)
{
	CLEANUP(free_str) char *part = NULL;
	CLEANUP(free_str) char *admin = admin_name(repo, path);
	CLEANUP(free_str) char *link = xasprintf("%s/.git\n", path);
	char hex[OID_HEX];
	CLEANUP(free_str) char *commit = xasprintf("%s\n", oid_hex(hex, head));

	TRY(aside(&part, repo));
	TRY(put(part, "locked", "git-orch\n"));
	TRY(put(part, "gitdir", link));
	TRY(put(part, "HEAD", commit));
	TRY(put(part, "commondir", "../..\n"));
	return file_move(part, admin);
}

struct error *admin_gone(struct strings *out, const struct repo *repo,
			 const char *dir)
{
	CLEANUP(free_str) char *list = list_dir(repo);
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	size_t len = strlen(dir);

	TRY(file_list(&names, list));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *admin = path_join(list, *name);
		CLEANUP(free_str) char *place = place_of(admin);

		if (place && !strncmp(place, dir, len) && place[len] == '/' &&
		    !file_is_dir(place))
			strings_add(out, place);
	}
	return NULL;
}
