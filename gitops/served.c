/*
 * The repository format is read from the configuration (gitrepository-layout
 * and repository-version in git's documentation), so that a refusal can name
 * what libgit2 would only call unsupported, or would not notice at all: a
 * partial clone opens, and then lacks objects.
 */
#include "gitops/served.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HINT_FULL_CLONE  "make a full clone: git clone without --filter"
#define HINT_SHA1        "make one with git init --object-format=sha1"
#define HINT_FILES       "make one with git init --ref-format=files"
#define HINT_OTHER_CLONE "use a clone that does not have it"

const char *const served_extensions[] = {
	"worktreeconfig", "preciousobjects", "noop-v1",
	"objectformat",   "refstorage",      NULL,
};

/* One row per extension that git 2.39 and later ones know. */
static const struct extension {
	const char *key;
	const char *served; /* with this value; "*": with any */
	const char *what;
	const char *hint;
} extensions[] = {
	{ "extensions.noop", "*", NULL, NULL },
	{ "extensions.noop-v1", "*", NULL, NULL },
	{ "extensions.preciousobjects", "*", NULL, NULL },
	{ "extensions.worktreeconfig", "*", NULL, NULL },
	{ "extensions.objectformat", "sha1", "object ids other than SHA-1",
	  HINT_SHA1 },
	{ "extensions.compatobjectformat", "", "object ids of two kinds",
	  HINT_SHA1 },
	{ "extensions.refstorage", "files", "a ref storage other than files",
	  HINT_FILES },
	{ "extensions.partialclone", "", "a partial clone", HINT_FULL_CLONE },
};

static struct error *refuse(const char *dir, const char *what, const char *key,
			    const char *value, const char *hint)
{
	return error_hint(error_new(ERROR_FAILURE,
				    "repository '%s' is not served: %s "
				    "(%s = %s)",
				    dir, what, key, value),
			  "%s", hint);
}

static struct error *check_extension(const char *dir, const char *key,
				     const char *value, int version)
{
	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
		const struct extension *row = &extensions[i];

		if (strcmp(row->key, key))
			continue;
		if (!strcmp(row->served, "*") ||
		    !strcasecmp(row->served, value))
			return NULL;
		return refuse(dir, row->what, key, value, row->hint);
	}
	/* In version 0 git does not look at names it does not know. */
	if (version < 1)
		return NULL;
	return refuse(dir, "an unknown extension", key, value,
		      HINT_OTHER_CLONE);
}

static int ends_with(const char *s, const char *end)
{
	size_t len = strlen(s);
	size_t n = strlen(end);

	return len >= n && !strcmp(s + len - n, end);
}

static struct error *check_extensions(const struct gitconfig *config,
				      const char *dir, int version)
{
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;

	TRY(gitconfig_list(&rows, config, "extensions."));
	for (size_t i = 0; i < rows.len; i += 3)
		TRY(check_extension(dir, rows.items[i], rows.items[i + 1],
				    version));
	return NULL;
}

static struct error *check_remotes(const struct gitconfig *config,
				   const char *dir)
{
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;

	TRY(gitconfig_list(&rows, config, "remote."));
	for (size_t i = 0; i < rows.len; i += 3)
		if (ends_with(rows.items[i], ".promisor") &&
		    strcasecmp(rows.items[i + 1], "false"))
			return refuse(dir, "a partial clone", rows.items[i],
				      rows.items[i + 1], HINT_FULL_CLONE);
	return NULL;
}

/* What a fetch with --filter leaves, whatever the configuration says now. */
static struct error *check_packs(const char *dir)
{
	CLEANUP(free_str) char *packs = xasprintf("%s/objects/pack", dir);
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	TRY(file_list(&names, packs));
	FOR_EACH (char *, name, &names)
		if (ends_with(*name, ".promisor"))
			return refuse(dir, "a partial clone", "objects/pack",
				      *name, HINT_FULL_CLONE);
	return NULL;
}

static struct error *check_version(int *version, const struct gitconfig *config,
				   const char *dir)
{
	static const char key[] = "core.repositoryformatversion";
	CLEANUP(free_str) char *value = NULL;
	struct error *err = gitconfig_get(&value, config, key);

	*version = 0;
	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	if (err)
		return err;
	*version = atoi(value);
	if (*version > 1)
		return refuse(dir, "a later repository format", key, value,
			      HINT_OTHER_CLONE);
	return NULL;
}

struct error *served_check(const struct gitconfig *config,
			   const char *common_dir)
{
	int version;

	TRY(check_version(&version, config, common_dir));
	TRY(check_extensions(config, common_dir, version));
	TRY(check_remotes(config, common_dir));
	return check_packs(common_dir);
}
