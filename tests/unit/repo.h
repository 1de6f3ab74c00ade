/*
 * A throw-away directory for tests that need real repositories, and the real
 * git to make and to question them.  Identity, dates and configuration are
 * fixed, so that ids are the same on every machine and on every day.
 *
 *	struct scratch box;
 *
 *	sandbox_open(&box);
 *	sh(&box, "git init -q -b main . && git commit -q --allow-empty -m x");
 *	char *head = sh_out(&box, "git rev-parse HEAD");
 *	...
 *	free(head);
 *	sandbox_close(&box);
 */
#ifndef TESTS_UNIT_REPO_H
#define TESTS_UNIT_REPO_H

#include "tests/unit/test.h"

#include "core/buf.h"

#include <sys/wait.h>
#include <unistd.h>

struct scratch {
	char dir[64]; /* its real path */
};

/* What a caller's environment could change is set or taken away. */
static inline void sandbox_environment(const char *home)
{
	static const char *const fixed[][2] = {
		{ "GIT_CONFIG_GLOBAL", "/dev/null" },
		{ "GIT_CONFIG_NOSYSTEM", "1" },
		{ "GIT_AUTHOR_NAME", "Ada Author" },
		{ "GIT_AUTHOR_EMAIL", "ada@example.org" },
		{ "GIT_AUTHOR_DATE", "2026-01-02T03:04:05+0000" },
		{ "GIT_COMMITTER_NAME", "Carl Committer" },
		{ "GIT_COMMITTER_EMAIL", "carl@example.org" },
		{ "GIT_COMMITTER_DATE", "2026-01-02T03:04:05+0000" },
		{ "LC_ALL", "C" },
		{ "TZ", "UTC" },
	};
	static const char *const taken[] = {
		"GIT_DIR",
		"GIT_WORK_TREE",
		"GIT_COMMON_DIR",
		"GIT_INDEX_FILE",
		"GIT_CEILING_DIRECTORIES",
		"GIT_OBJECT_DIRECTORY",
		"GIT_CONFIG_COUNT",
		"GIT_CONFIG_PARAMETERS",
		"GIT_CONFIG_SYSTEM",
		"ORCH_BASE",
		"ORCH_REMOTE",
		"ORCH_RUNNER",
		"ORCH_ENV",
	};

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		setenv(fixed[i][0], fixed[i][1], 1);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		unsetenv(taken[i]);
	setenv("HOME", home, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_CACHE_HOME");
}

/* Runs a shell command in the sandbox; its exit status. */
static inline int PRINTF(3, 0)
	sh_vstatus(struct buf *out, const struct scratch *box, const char *fmt,
		   va_list args)
{
	struct buf line = BUF_INIT;
	FILE *pipe;
	int c, status;

	buf_addf(&line, "cd '%s' && { ", box->dir);
	buf_vaddf(&line, fmt, args);
	buf_str(&line, "\n}");
	pipe = popen(line.data, "r");
	assert_non_null(pipe);
	while ((c = getc(pipe)) != EOF)
		buf_ch(out, (char)c);
	status = pclose(pipe);
	buf_release(&line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static inline int PRINTF(2, 3)
	sh_status(const struct scratch *box, const char *fmt, ...)
{
	struct buf out = BUF_INIT;
	va_list args;
	int status;

	va_start(args, fmt);
	status = sh_vstatus(&out, box, fmt, args);
	va_end(args);
	buf_release(&out);
	return status;
}

/* Runs it and expects exit 0. */
static inline void PRINTF(2, 3)
	sh(const struct scratch *box, const char *fmt, ...)
{
	struct buf out = BUF_INIT;
	va_list args;
	int status;

	va_start(args, fmt);
	status = sh_vstatus(&out, box, fmt, args);
	va_end(args);
	buf_release(&out);
	if (status)
		fail_msg("%s: exit %d", fmt, status);
}

/* The same; what it printed, without the last newline, owned. */
static inline char *PRINTF(2, 3)
	sh_out(const struct scratch *box, const char *fmt, ...)
{
	struct buf out = BUF_INIT;
	va_list args;
	int status;

	va_start(args, fmt);
	status = sh_vstatus(&out, box, fmt, args);
	va_end(args);
	if (status)
		fail_msg("%s: exit %d", fmt, status);
	if (out.len && out.data[out.len - 1] == '\n')
		buf_setlen(&out, out.len - 1);
	return buf_steal(&out);
}

static inline void sandbox_open(struct scratch *box)
{
	char *real;

	snprintf(box->dir, sizeof box->dir, "/tmp/git-orch-test-XXXXXX");
	assert_non_null(mkdtemp(box->dir));
	real = realpath(box->dir, NULL);
	assert_non_null(real);
	snprintf(box->dir, sizeof box->dir, "%s", real);
	free(real);
	sandbox_environment(box->dir);
}

static inline void sandbox_close(struct scratch *box)
{
	sh(box, "chmod -R u+w . && rm -rf '%s'", box->dir);
}

/* How often a long loop runs: ORCH_LOOPS, else the reduced count. */
static inline int loops(int reduced)
{
	const char *n = getenv("ORCH_LOOPS");

	return n && atoi(n) > 0 ? atoi(n) : reduced;
}

#endif
