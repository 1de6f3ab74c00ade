/*
 * A command and what it may do, turned into a process to start.  Our own
 * program is run inside first, as `sandbox-exec`, and applies what only a
 * process can do to itself; then it becomes the command.
 */
#include "core/sandbox.h"

#include "core/file.h"
#include "core/sandbox-bwrap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_MEMORY    (4ull << 30)
#define DEFAULT_PROCESSES 512
#define DEFAULT_FILE_SIZE (1ull << 30)
#define DEFAULT_PATH      "/usr/local/bin:/usr/bin:/bin"

const char *sandbox_name(enum sandbox_level level)
{
	static const char *const names[] = { "off", "landlock", "bwrap" };

	return names[level];
}

void sandbox_release(struct sandbox *sandbox)
{
	strings_release(&sandbox->readonly);
	strings_release(&sandbox->binds);
}

/* Is path the folder, or below it? */
static int lies_below(const char *path, size_t path_len, const char *folder)
{
	size_t len = strlen(folder);

	return path_len >= len && !strncmp(path, folder, len) &&
	       (path_len == len || path[len] == '/');
}

static int is_visible(const char *path, size_t len,
		      const struct strings *readonly)
{
	if (!len || *path != '/')
		return 0;
	for (const char *const *it = sandbox_system; *it; it++)
		if (lies_below(path + 1, len - 1, *it))
			return 1;
	FOR_EACH (char *, it, readonly)
		if (lies_below(path, len, *it))
			return 1;
	return 0;
}

/* The caller's PATH without what is not there inside; then the usual one. */
static void add_path(struct strings *env, const struct strings *readonly)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT;
	const char *at = getenv("PATH");

	buf_str(&path, "PATH=");
	while (at && *at) {
		size_t len = strcspn(at, ":");

		if (is_visible(at, len, readonly))
			buf_addf(&path, "%.*s:", (int)len, at);
		at += len + (at[len] == ':');
	}
	buf_str(&path, DEFAULT_PATH);
	strings_add(env, path.data);
}

static void add_fixed(struct strings *env)
{
	strings_addv(env, "TZ=UTC", "LC_ALL=C.UTF-8", "LANG=C.UTF-8",
		     "SOURCE_DATE_EPOCH=" SANDBOX_EPOCH, "CI=true", "TERM=dumb",
		     NULL);
}

/* Absolute and below HOME spelled out; showing all would undo the rest. */
static struct error *resolve_readonly(struct strings *out,
				      const struct strings *paths)
{
	const char *home = getenv("HOME");

	FOR_EACH (char *, it, paths) {
		const char *path = *it;

		if (!strncmp(path, "~/", 2) && home)
			strings_addf(out, "%s%s", home, path + 1);
		else if (*path == '/' && path[strspn(path, "/.")])
			strings_add(out, path);
		else
			return error_hint(
				error_new(ERROR_INVALID,
					  "'%s' cannot be shown in the sandbox",
					  path),
				"name a folder by its absolute path");
	}
	return NULL;
}

static struct error *find_helper(char **out, const struct sandbox *sandbox)
{
	TRY(file_real(out,
		      sandbox->helper ? sandbox->helper : "/proc/self/exe"));
	return NULL;
}

static uint64_t or_default(uint64_t n, uint64_t fallback)
{
	return n ? n : fallback;
}

/* The words of sandbox-exec, see there. */
static void add_helper(struct strings *argv, const char *helper,
		       const struct sandbox *sandbox)
{
	strings_addv(argv, helper, "sandbox-exec", NULL);
	strings_addf(argv, "level=%s", sandbox_name(sandbox->level));
	strings_addf(argv, "network=%d", sandbox->network);
	strings_addf(argv, "processes=%" PRIu64,
		     or_default(sandbox->processes, DEFAULT_PROCESSES));
	strings_addf(argv, "file_size=%" PRIu64,
		     or_default(sandbox->file_size, DEFAULT_FILE_SIZE));
}

static struct error *wrap_bwrap(struct proc_spec *spec,
				const struct sandbox *sandbox)
{
	TRY(sandbox_bwrap_argv(&spec->argv, sandbox));
	strings_add(&spec->argv, "--");
	add_helper(&spec->argv, SANDBOX_HELPER, sandbox);
	strings_addv(&spec->argv, "read=/", "write=/tmp", "write=/var/tmp",
		     "write=/dev", "write=/proc", NULL);
	strings_addf(&spec->env, "HOME=%s",
		     sandbox->home ? SANDBOX_HOME : "/tmp/home");
	strings_add(&spec->env, "TMPDIR=/tmp");
	if (sandbox->home)
		strings_add(&spec->argv, "write=" SANDBOX_HOME);
	add_path(&spec->env, &sandbox->readonly);
	spec->cwd = "/";
	return NULL;
}

/* An older link may lead elsewhere; a file stays. */
static void unlink_link(const char *path)
{
	char target[1];

	if (readlink(path, target, sizeof target) >= 0)
		unlink(path);
}

/* What mounts would show, as links; see struct sandbox. */
static struct error *link_binds(const struct sandbox *sandbox)
{
	const struct strings *binds = &sandbox->binds;

	for (size_t i = 0; i + 1 < binds->len; i += 2) {
		const char *target = binds->items[i + 1];

		if (!lies_below(target, strlen(target), SANDBOX_WORK))
			BUG("'%s' is not below " SANDBOX_WORK, target);
		CLEANUP(free_str)
		char *link = xasprintf("%s%s", sandbox->work,
				       target + strlen(SANDBOX_WORK));
		/* An empty folder is what a mount has left there. */
		if (rmdir(link) && errno == ENOTDIR)
			unlink_link(link);
		if (!file_exists(link) && symlink(binds->items[i], link))
			return error_errno("cannot link '%s'", link);
	}
	return NULL;
}

static struct error *wrap_landlock(struct proc_spec *spec,
				   const struct sandbox *sandbox)
{
	static const char *const readable[] = { "/proc", "/sys", "/dev", NULL };
	static const char *const writable[] = { "/dev/null",    "/dev/zero",
						"/dev/full",    "/dev/random",
						"/dev/urandom", NULL };
	CLEANUP(free_str) char *tmp = xasprintf("%s.tmp", sandbox->work);
	CLEANUP(free_str) char *home = path_join(tmp, "home");

	TRY(file_remove_tree(tmp));
	TRY(file_mkdirs(home));
	TRY(link_binds(sandbox));
	add_helper(&spec->argv, sandbox->helper, sandbox);
	for (const char *const *it = sandbox_system; *it; it++)
		strings_addf(&spec->argv, "read=/%s", *it);
	for (const char *const *it = readable; *it; it++)
		strings_addf(&spec->argv, "read=%s", *it);
	FOR_EACH (char *, it, &sandbox->readonly)
		strings_addf(&spec->argv, "read=%s", *it);
	for (size_t i = 0; i + 1 < sandbox->binds.len; i += 2)
		strings_addf(&spec->argv, "read=%s", sandbox->binds.items[i]);
	for (const char *const *it = writable; *it; it++)
		strings_addf(&spec->argv, "write=%s", *it);
	strings_addf(&spec->argv, "write=%s", sandbox->work);
	strings_addf(&spec->argv, "write=%s", tmp);
	if (sandbox->home)
		strings_addf(&spec->argv, "write=%s", sandbox->home);
	strings_addf(&spec->env, "HOME=%s",
		     sandbox->home ? sandbox->home : home);
	strings_addf(&spec->env, "TMPDIR=%s", tmp);
	add_path(&spec->env, &sandbox->readonly);
	spec->cwd = sandbox->work;
	return NULL;
}

static struct error *wrap_off(struct proc_spec *spec,
			      const struct sandbox *sandbox)
{
	static const char *const kept[] = { "HOME", "PATH", "TMPDIR", NULL };

	TRY(link_binds(sandbox));
	if (sandbox->home)
		strings_addf(&spec->env, "HOME=%s", sandbox->home);
	for (const char *const *it = sandbox->home ? kept + 1 : kept; *it; it++)
		if (getenv(*it))
			strings_addf(&spec->env, "%s=%s", *it, getenv(*it));
	if (!getenv("PATH"))
		strings_add(&spec->env, "PATH=" DEFAULT_PATH);
	spec->cwd = sandbox->work;
	return NULL;
}

struct error *sandbox_wrap(struct proc_spec *spec,
			   const struct sandbox *sandbox,
			   const struct strings *cmd_argv)
{
	CLEANUP(strings_release) struct strings readonly = STRINGS_INIT;
	CLEANUP(free_str) char *helper = NULL;
	struct sandbox inner = *sandbox;

	TRY(resolve_readonly(&readonly, &sandbox->readonly));
	inner.readonly = readonly;
	if (sandbox->level != SANDBOX_OFF)
		TRY(find_helper(&helper, sandbox));
	inner.helper = helper;
	add_fixed(&spec->env);
	if (sandbox->level == SANDBOX_BWRAP)
		TRY(wrap_bwrap(spec, &inner));
	else if (sandbox->level == SANDBOX_LANDLOCK)
		TRY(wrap_landlock(spec, &inner));
	else
		TRY(wrap_off(spec, &inner));
	if (sandbox->level != SANDBOX_OFF)
		strings_add(&spec->argv, "--");
	FOR_EACH (char *, it, cmd_argv)
		strings_add(&spec->argv, *it);
	spec->max_rss = or_default(sandbox->memory, DEFAULT_MEMORY);
	/* The kernel's own limit does not hold for root. */
	spec->max_processes = or_default(sandbox->processes, DEFAULT_PROCESSES);
	return NULL;
}
