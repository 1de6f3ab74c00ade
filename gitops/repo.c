/*
 * Opening happens in two steps, which a reader may find odd: the git directory
 * is found and its configuration read first, because what cannot be served
 * must be refused with its name, and libgit2 has no name for it.
 */
#include "gitops/repo.h"

#include "core/file.h"
#include "core/hash.h"
#include "gitops/git2.h"
#include "gitops/served.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ORCH_VERSION 1

struct repo {
	git_repository *handle;
	struct gitconfig config;
	char *git_dir;
	char *common_dir;
	char *work_dir; /* NULL: bare */
	char *orch_dir; /* NULL: not asked for yet */
	char *remote; /* NULL: none */
	char id[17];
};

/* How the caller's environment and dir say where to look. */
struct start {
	const char *path;
	const char *work_tree; /* GIT_WORK_TREE */
	char *ceilings; /* as libgit2 takes them; NULL: none */
	unsigned flags;
	int environment; /* no dir was given: GIT_* speak */
};

static void start_release(struct start *start)
{
	free(start->ceilings);
}

/* What holds for every repository; done by the first repo_open(). */
static struct error *initialise(void)
{
	static const int global[] = { GIT_CONFIG_LEVEL_XDG,
				      GIT_CONFIG_LEVEL_GLOBAL };
	size_t n = 0;
	int code;

	TRY(git2_load());
	code = git_libgit2_init();
	if (code < 0)
		return git2_error(code, "starting libgit2");
	if (code > 1)
		return NULL; /* it counts, and this is not the first time */
	while (served_extensions[n])
		n++;
	code = git_libgit2_opts(GIT_OPT_SET_EXTENSIONS,
				(const char **)served_extensions, n);
	if (!code)
		code = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	/* Large folders are looked into again and again: keep them parsed. */
	if (!code)
		code = git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT,
					GIT_OBJECT_TREE, (size_t)8 << 20);
	/* Its own reading of safe.directory must not see another file. */
	for (size_t i = 0; i < 2 && getenv("GIT_CONFIG_GLOBAL"); i++)
		if (!code)
			code = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH,
						global[i], "");
	if (code)
		return git2_error(code, "starting libgit2");
	return NULL;
}

static struct error *not_a_repository(const char *path)
{
	if (!strcmp(path, "."))
		return error_hint(
			error_new(ERROR_NOT_FOUND,
				  "not a git repository, nor is any directory "
				  "above"),
			"go to a repository, or make one: git init");
	return error_hint(error_new(ERROR_NOT_FOUND,
				    "'%s' is not a git repository", path),
			  "name a repository, or make one: git init");
}

/* A variable that was left set is easily forgotten: it is named. */
static struct error *misleads(const char *variable, struct error *err)
{
	return error_hint(error_wrap(err, "%s", variable),
			  "unset %s, or let it name what is there", variable);
}

/* Where to begin, from dir and what git(1) lists under "The Git Repository". */
static struct error *start_from(struct start *out, const char *dir)
{
	const char *git_dir = getenv("GIT_DIR");
	const char *ceilings = getenv("GIT_CEILING_DIRECTORIES");
	char *slash;

	*out = (struct start){ .path = dir ? dir : ".", .environment = !dir };
	if (!dir)
		out->work_tree = getenv("GIT_WORK_TREE");
	if (dir || !git_dir) {
		out->ceilings = xstrdup(ceilings);
		return NULL;
	}
	/* GIT_DIR is the place itself: nothing above it is looked at. */
	if (!(out->ceilings = realpath(git_dir, NULL)))
		return misleads("GIT_DIR", not_a_repository(git_dir));
	slash = strrchr(out->ceilings, '/');
	slash[slash == out->ceilings] = '\0';
	out->path = git_dir;
	out->flags = GIT_REPOSITORY_OPEN_NO_SEARCH;
	return NULL;
}

static char *without_slash(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return xstrndup(path, len);
}

static struct error *find_git_dir(char **out, const struct start *start)
{
	git_buf path = GIT_BUF_INIT;
	int code =
		git_repository_discover(&path, start->path, 0, start->ceilings);

	if (!code)
		*out = without_slash(path.ptr);
	git_buf_dispose(&path);
	if (code == GIT_ENOTFOUND && start->flags)
		return misleads("GIT_DIR", not_a_repository(start->path));
	if (code == GIT_ENOTFOUND)
		return not_a_repository(start->path);
	if (code)
		return git2_error(code, "looking for a repository");
	return NULL;
}

/* gitrepository-layout(5), commondir: relative to the git directory. */
static struct error *find_common_dir(char **out, const char *git_dir)
{
	CLEANUP(free_str) char *file = path_join(git_dir, "commondir");
	CLEANUP(free_str) char *joined = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct error *err = file_read(&text, file, 65536);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		*out = xstrdup(git_dir);
		return NULL;
	}
	if (err)
		return err;
	while (text.len && isspace((unsigned char)text.data[text.len - 1]))
		buf_setlen(&text, text.len - 1);
	joined = *text.data == '/' ? xstrdup(text.data)
				   : path_join(git_dir, text.data);
	return file_real(out, joined);
}

/* The directory that safe.directory would have to name. */
static char *ownership_key(const char *git_dir)
{
	size_t len = strlen(git_dir);

	if (len > 5 && !strcmp(git_dir + len - 5, "/.git"))
		return xstrndup(git_dir, len - 5);
	return xstrdup(git_dir);
}

/*
 * libgit2 1.5 does not know "*" in safe.directory, and when the key is not
 * set at all it reports that instead of the owner.
 */
static struct error *open_foreign(git_repository **out,
				  const struct start *start,
				  const char *git_dir)
{
	CLEANUP(free_str) char *key = ownership_key(git_dir);
	int safe = 0;
	int code;

	TRY(gitconfig_is_safe(&safe, key));
	if (!safe)
		return error_hint(
			error_new(ERROR_REFUSED,
				  "repository '%s' belongs to another user",
				  key),
			"if you trust it: git config --global --add "
			"safe.directory '%s'",
			key);
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	git2_leaks(1);
	code = git_repository_open_ext(out, start->path, start->flags,
				       start->ceilings);
	git2_leaks(0);
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	if (code)
		return git2_error(code, "opening '%s'", key);
	return NULL;
}

static struct error *open_handle(git_repository **out,
				 const struct start *start, const char *git_dir)
{
	int code;

	git2_leaks(1);
	code = git_repository_open_ext(out, start->path, start->flags,
				       start->ceilings);
	git2_leaks(0);
	if (code == GIT_EOWNER || code == GIT_ENOTFOUND)
		return open_foreign(out, start, git_dir);
	if (code)
		return git2_error(code, "opening '%s'", git_dir);
	return NULL;
}

/*
 * `git sparse-checkout` in a worktree of a bare repository moves core.bare to
 * config.worktree, where libgit2 does not see it.
 */
static int is_bare(const struct repo *repo)
{
	int bare = 0;

	if (git_repository_is_bare(repo->handle))
		return 1;
	return !strcmp(repo->git_dir, repo->common_dir) &&
	       !git_config_get_bool(&bare, repo->config.files, "core.bare") &&
	       bare;
}

static struct error *set_work_dir(struct repo *repo, const struct start *start)
{
	int code = 0;

	if (start->work_tree) {
		git2_leaks(1);
		code = git_repository_set_workdir(repo->handle,
						  start->work_tree, 0);
		git2_leaks(0);
	}
	if (code)
		return misleads("GIT_WORK_TREE",
				git2_error(code, "'%s'", start->work_tree));
	if (start->work_tree || !is_bare(repo))
		repo->work_dir =
			without_slash(git_repository_workdir(repo->handle));
	return NULL;
}

static struct error *set_id(struct repo *repo)
{
	CLEANUP(free_str) char *real = NULL;
	char hex[SHA256_HEX];

	TRY(file_real(&real, repo->common_dir));
	sha256_of(real, strlen(real), hex);
	memcpy(repo->id, hex, sizeof repo->id - 1);
	return NULL;
}

static struct error *check_environment(const struct repo *repo)
{
	const char *common = getenv("GIT_COMMON_DIR");
	CLEANUP(free_str) char *real = NULL;

	if (!common)
		return NULL;
	struct error *err = file_real(&real, common);
	if (!err && strcmp(real, repo->common_dir) != 0)
		err = error_new(ERROR_FAILURE,
				"'%s' is not the repository's, "
				"which is '%s'",
				common, repo->common_dir);
	return err ? misleads("GIT_COMMON_DIR", err) : NULL;
}

static struct error *open_into(struct repo *repo, const struct start *start)
{
	int code;

	TRY(find_git_dir(&repo->git_dir, start));
	TRY(find_common_dir(&repo->common_dir, repo->git_dir));
	if (start->environment)
		TRY(check_environment(repo));
	TRY(gitconfig_open(&repo->config, repo->common_dir, repo->git_dir));
	TRY(served_check(&repo->config, repo->common_dir));
	TRY(open_handle(&repo->handle, start, repo->git_dir));
	TRY(set_work_dir(repo, start));
	code = git_repository_set_config(repo->handle, repo->config.files);
	if (code)
		return git2_error(code, "opening '%s'", repo->git_dir);
	return set_id(repo);
}

struct error *repo_open(struct repo **out, const char *dir)
{
	CLEANUP(repo_release) struct repo *repo = NULL;
	CLEANUP(start_release) struct start start = { 0 };

	TRY(initialise());
	TRY(start_from(&start, dir));
	repo = xcalloc(1, sizeof *repo);
	TRY(open_into(repo, &start));
	*out = repo;
	repo = NULL;
	return NULL;
}

void repo_free(struct repo *repo)
{
	if (!repo)
		return;
	if (repo->handle)
		git_repository_free(repo->handle);
	gitconfig_release(&repo->config);
	free(repo->git_dir);
	free(repo->common_dir);
	free(repo->work_dir);
	free(repo->orch_dir);
	free(repo->remote);
	free(repo);
}

void repo_release(struct repo **repo)
{
	repo_free(*repo);
	*repo = NULL;
}

const char *repo_remote(const struct repo *repo)
{
	return repo->remote;
}

void repo_set_remote(struct repo *repo, const char *remote)
{
	char *copy = xstrdup(remote);

	free(repo->remote);
	repo->remote = copy;
}

char *repo_library(void)
{
	int major, minor, revision;

	git_libgit2_version(&major, &minor, &revision);
	return xasprintf("%d.%d.%d", major, minor, revision);
}

struct git_repository *repo_handle(const struct repo *repo)
{
	return repo->handle;
}

const char *repo_git_dir(const struct repo *repo)
{
	return repo->git_dir;
}

const char *repo_common_dir(const struct repo *repo)
{
	return repo->common_dir;
}

const char *repo_work_dir(const struct repo *repo)
{
	return repo->work_dir;
}

const char *repo_id(const struct repo *repo)
{
	return repo->id;
}

int repo_is_shallow(const struct repo *repo)
{
	return git_repository_is_shallow(repo->handle) == 1;
}

/* Reads the version file; writes it where there is none. */
static struct error *check_orch_version(const char *orch)
{
	CLEANUP(free_str) char *file = path_join(orch, "version");
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct error *err = file_read(&text, file, 64);
	char *end;
	long version;

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		TRY(file_mkdirs(orch));
		return file_write(file, "1\n", 2, FILE_PLAIN);
	}
	if (err)
		return err;
	version = strtol(text.data, &end, 10);
	if (end == text.data || version < 1)
		return error_new(ERROR_INVALID, "'%s' is not a version", file);
	if (version > ORCH_VERSION)
		return error_hint(error_new(ERROR_FAILURE,
					    "'%s' has version %ld, this "
					    "git-orch knows %d",
					    orch, version, ORCH_VERSION),
				  "install a newer git-orch");
	return NULL;
}

struct error *repo_orch_dir(const char **out, struct repo *repo)
{
	if (!repo->orch_dir) {
		CLEANUP(free_str)
		char *orch = path_join(repo->common_dir, "orch");

		TRY(check_orch_version(orch));
		repo->orch_dir = orch;
		orch = NULL;
	}
	*out = repo->orch_dir;
	return NULL;
}

/* The name in "remote.<name>.url" or "remote.<name>.pushurl", else NULL. */
static char *remote_of(const char *key)
{
	const char *name = key + strlen("remote.");
	const char *dot = strrchr(key, '.');

	if (dot <= name || (strcmp(dot, ".url") && strcmp(dot, ".pushurl")))
		return NULL;
	return xstrndup(name, (size_t)(dot - name));
}

/* Not git_remote_list(): see git2_leaks(). */
struct error *repo_remotes(struct strings *out, const struct repo *repo)
{
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;

	TRY(gitconfig_list(&rows, &repo->config, "remote."));
	for (size_t i = 0; i < rows.len; i += 3) {
		CLEANUP(free_str) char *name = remote_of(rows.items[i]);

		if (name && !strings_has(out, name))
			strings_add(out, name);
	}
	strings_sort(out);
	return NULL;
}

struct error *repo_config(char **out, const struct repo *repo, const char *key)
{
	return gitconfig_get(out, &repo->config, key);
}

struct error *repo_config_list(struct strings *out, const struct repo *repo,
			       const char *prefix)
{
	return gitconfig_list(out, &repo->config, prefix);
}

struct error *repo_config_set(struct repo *repo, const char *key,
			      const char *value)
{
	return gitconfig_set(&repo->config, key, value);
}

struct error *repo_head(char **out, const struct repo *repo)
{
	git_reference *head = NULL;
	int code = git_reference_lookup(&head, repo->handle, "HEAD");

	if (code)
		return git2_error(code, "reading HEAD");
	*out = xstrdup(git_reference_symbolic_target(head));
	git_reference_free(head);
	return NULL;
}
