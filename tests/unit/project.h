/*
 * A sandbox with a repository whose base holds the documents a test writes,
 * and the project opened on it.
 */
#ifndef TESTS_UNIT_PROJECT_H
#define TESTS_UNIT_PROJECT_H

#include "tests/unit/test.h"

#include "tests/unit/repo.h"

#include "plans/project.h"

/* What a caller's environment could add to the configuration is taken away. */
static inline void project_environment(void)
{
	extern char **environ;
	char **next;

	for (char **it = environ; *it; it = next) {
		size_t len = strcspn(*it, "=");
		char *name = xstrndup(*it, len);

		next = it + 1;
		if (!strncmp(name, "ORCH_", 5) && strcmp(name, "ORCH_LOOPS")) {
			unsetenv(name);
			next = environ;
		}
		free(name);
	}
	unsetenv("CI");
}

/* An empty repository on branch main. */
static inline void project_sandbox(struct scratch *box)
{
	sandbox_open(box);
	project_environment();
	sh(box, "git init -q -b main repo");
}

/* Writes a file of the repository; text may be any bytes but NUL. */
static inline void put(const struct scratch *box, const char *path,
		       const char *text)
{
	char *full = xasprintf("%s/repo/%s", box->dir, path);
	FILE *file;

	sh(box, "mkdir -p \"$(dirname 'repo/%s')\"", path);
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	free(full);
}

static inline void commit_all(const struct scratch *box)
{
	sh(box, "cd repo && git add -A && "
		"git commit -q --allow-empty -m x");
}

static inline struct error *open_at(struct project *out,
				    const struct scratch *box,
				    const struct project_options *options)
{
	char *dir = xasprintf("%s/repo", box->dir);
	struct error *err = project_open(out, dir, options);

	free(dir);
	return err;
}

#endif
