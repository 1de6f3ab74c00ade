/* Who uses a lock file is read from /proc; without one nothing is removed. */
#include "gitops/lockfile.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/loop.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 2000
#define NAP_MS  20

/* Where a link of /proc leads; 0 when it cannot be read. */
static int link_target(char *out, size_t size, const char *path)
{
	ssize_t n = readlink(path, out, size - 1);

	if (n < 0)
		return 0;
	out[n] = '\0';
	return 1;
}

static int has_open(const char *process, const char *path)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(free_str) char *dir = path_join(process, "fd");
	char target[4096];

	error_free(file_list(&names, dir));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *fd = path_join(dir, *name);

		if (link_target(target, sizeof target, fd) &&
		    !strcmp(target, path))
			return 1;
	}
	return 0;
}

static int within(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) &&
	       (path[len] == '/' || path[len] == '\0');
}

static int is_named(const char *process, const char *begin)
{
	CLEANUP(free_str) char *path = path_join(process, "comm");
	CLEANUP(buf_release) struct buf name = BUF_INIT;

	error_free(file_read(&name, path, 64));
	return !strncmp(name.data, begin, strlen(begin));
}

/* The git of `git orch` does nothing but wait for its child. */
static int waits_for_us(const char *process)
{
	CLEANUP(free_str)
	char *path = xasprintf("%s/task/%s/children", process,
			       strrchr(process, '/') + 1);
	CLEANUP(buf_release) struct buf children = BUF_INIT;
	char child[32];
	int pid, len;

	error_free(file_read(&children, path, 4096));
	for (const char *at = children.data;
	     sscanf(at, "%d%n", &pid, &len) == 1; at += len) {
		snprintf(child, sizeof child, "/proc/%d", pid);
		if (is_named(child, "git-orch"))
			return 1;
	}
	return 0;
}

static int is_git_within(const char *process, const struct strings *dirs)
{
	CLEANUP(free_str) char *cwd = path_join(process, "cwd");
	char target[4096];

	/* Our own processes wait for the lock that the caller holds. */
	if (!is_named(process, "git") || is_named(process, "git-orch") ||
	    waits_for_us(process))
		return 0;
	if (!link_target(target, sizeof target, cwd))
		return 0;
	FOR_EACH (char *, dir, dirs)
		if (within(target, *dir))
			return 1;
	return 0;
}

static int in_use(const char *path, const struct strings *dirs)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	pid_t self = getpid();

	error_free(file_list(&names, "/proc"));
	if (!names.len)
		return 1;
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *process = path_join("/proc", *name);

		if (!isdigit((unsigned char)**name) || atoi(*name) == self)
			continue;
		if (has_open(process, path) || is_git_within(process, dirs))
			return 1;
	}
	return 0;
}

static struct error *busy(const char *path)
{
	return error_hint(error_new(ERROR_AGAIN, "'%s' is in use", path),
			  "wait until the git at work there has ended; if "
			  "there is none, remove that file");
}

struct error *lockfile_clear(const char *path, const struct strings *dirs)
{
	static const struct timespec nap = { 0, NAP_MS * 1000000L };
	int64_t end = clock_ms() + WAIT_MS;
	CLEANUP(free_str) char *real = NULL;

	while (file_exists(path)) {
		if (!real)
			error_free(file_real(&real, path));
		if (!in_use(real ? real : path, dirs))
			return file_remove(path);
		if (clock_ms() >= end || loop_interrupted())
			return busy(path);
		nanosleep(&nap, NULL);
	}
	return NULL;
}
