/*
 * The root inside is built up from nothing: a list of what to hide would miss
 * the folders that somebody else's machine has.
 */
#include "core/sandbox-bwrap.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const sandbox_system[] = { "usr",   "bin",   "sbin",   "lib",
				       "lib32", "lib64", "libx32", "etc",
				       "opt",   "nix",   "gnu",    NULL };

/* What of the system a user may read, but no check needs; dirs end in '/'. */
static const char *const masked[] = {
	"/etc/shadow",
	"/etc/shadow-",
	"/etc/gshadow",
	"/etc/gshadow-",
	"/etc/sudoers",
	"/etc/ssh/",
	"/etc/sudoers.d/",
	"/etc/ssl/private/",
	"/etc/krb5.keytab",
	"/etc/wireguard/",
	NULL,
};

static void show_system(struct strings *argv, const char *name)
{
	CLEANUP(free_str) char *path = xasprintf("/%s", name);
	char target[256];
	ssize_t n = readlink(path, target, sizeof target - 1);

	if (n > 0) {
		target[n] = 0;
		strings_addv(argv, "--symlink", target, path, NULL);
	} else if (file_is_dir(path)) {
		strings_addv(argv, "--ro-bind", path, path, NULL);
	}
}

static void mask(struct strings *argv, const char *path)
{
	size_t len = strlen(path);

	if (path[len - 1] == '/') {
		CLEANUP(free_str) char *dir = xstrndup(path, len - 1);

		if (file_is_dir(dir))
			strings_addv(argv, "--tmpfs", dir, NULL);
	} else if (file_exists(path)) {
		strings_addv(argv, "--ro-bind", "/dev/null", path, NULL);
	}
}

/* A HOME within what is shown, such as /opt/ci, is hidden again. */
static void mask_home(struct strings *argv)
{
	const char *home = getenv("HOME");

	for (const char *const *it = sandbox_system; home && *it; it++) {
		size_t len = strlen(*it);

		if (*home == '/' && !strncmp(home + 1, *it, len) &&
		    home[len + 1] == '/' && home[len + 2] && file_is_dir(home))
			strings_addv(argv, "--tmpfs", home, NULL);
	}
}

/* With network: where /etc/resolv.conf leads, often below /run. */
static void show_resolver(struct strings *argv)
{
	char *path = NULL;
	struct error *err = file_real(&path, "/etc/resolv.conf");

	if (!err)
		strings_addv(argv, "--ro-bind-try", path, path, NULL);
	error_free(err);
	free(path);
}

static void show_root(struct strings *argv, const struct sandbox *sandbox)
{
	for (const char *const *it = sandbox_system; *it; it++)
		show_system(argv, *it);
	for (const char *const *it = masked; *it; it++)
		mask(argv, *it);
	mask_home(argv);
	strings_addv(argv, "--proc", "/proc", "--dev", "/dev", NULL);
	strings_addv(argv, "--tmpfs", "/tmp", "--dir", "/tmp/home", "--tmpfs",
		     "/var/tmp", "--dir", "/run", NULL);
	if (sandbox->network)
		show_resolver(argv);
	FOR_EACH (char *, it, &sandbox->readonly)
		strings_addv(argv, "--ro-bind-try", *it, *it, NULL);
}

static void show_work(struct strings *argv, const struct sandbox *sandbox)
{
	CLEANUP(free_str) char *git = path_join(sandbox->work, ".git");

	strings_addv(argv, "--bind", sandbox->work, SANDBOX_WORK, NULL);
	if (file_exists(git))
		strings_addv(argv, "--ro-bind", git, SANDBOX_WORK "/.git",
			     NULL);
	for (size_t i = 0; i + 1 < sandbox->binds.len; i += 2)
		strings_addv(argv, "--ro-bind", sandbox->binds.items[i],
			     sandbox->binds.items[i + 1], NULL);
	strings_addv(argv, "--chdir", SANDBOX_WORK, NULL);
}

struct error *sandbox_bwrap_argv(struct strings *argv,
				 const struct sandbox *sandbox)
{
	char *bwrap = proc_find("bwrap");

	if (!bwrap)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "bubblewrap is not installed"),
				  "apt-get install bubblewrap (the package "
				  "has this name elsewhere too)");
	strings_take(argv, bwrap);
	strings_addv(argv, "--unshare-all", "--die-with-parent",
		     "--new-session", "--cap-drop", "ALL", "--hostname",
		     "sandbox", NULL);
	if (sandbox->network)
		strings_add(argv, "--share-net");
	show_root(argv, sandbox);
	if (sandbox->home)
		strings_addv(argv, "--bind", sandbox->home, SANDBOX_HOME, NULL);
	if (sandbox->helper)
		strings_addv(argv, "--ro-bind", sandbox->helper, SANDBOX_HELPER,
			     NULL);
	if (sandbox->work)
		show_work(argv, sandbox);
	return NULL;
}
