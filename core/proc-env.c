/* What a child sees of our environment: a list of names, and nothing else. */
#include "core/proc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static const char *const allowed[] = {
	"HOME",     "PATH",          "USER",         "LOGNAME",
	"LANG",     "LC_*",          "TERM",         "TMPDIR",
	"XDG_*",    "http_proxy",    "https_proxy",  "all_proxy",
	"no_proxy", "HTTP_PROXY",    "HTTPS_PROXY",  "ALL_PROXY",
	"NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
	NULL,
};

/* Tells whether the variable's name is on the list. */
static int listed(const char *const *list, const char *variable)
{
	size_t len = strcspn(variable, "=");

	for (; list && *list; list++) {
		size_t n = strlen(*list);
		int prefix = n && (*list)[n - 1] == '*';

		if (prefix && len >= n - 1 && !strncmp(variable, *list, n - 1))
			return 1;
		if (!prefix && n == len && !strncmp(variable, *list, n))
			return 1;
	}
	return 0;
}

void proc_env(struct strings *env, const char *const *extra)
{
	for (char **it = environ; it && *it; it++)
		if (listed(allowed, *it) || listed(extra, *it))
			strings_add(env, *it);
	if (!getenv("PATH"))
		strings_add(env, "PATH=" DEFAULT_PATH);
}

char *proc_find_in(const char *path, const char *name)
{
	path = path ? path : DEFAULT_PATH;
	while (*path) {
		size_t len = strcspn(path, ":");

		if (*path == '/') {
			char *file = xasprintf("%.*s/%s", (int)len, path, name);

			if (!access(file, X_OK))
				return file;
			free(file);
		}
		path += len + (path[len] == ':');
	}
	return NULL;
}

char *proc_find(const char *name)
{
	if (strchr(name, '/'))
		return access(name, X_OK) ? NULL : xstrdup(name);
	return proc_find_in(getenv("PATH"), name);
}
