/*
 * git's configuration with the precedence of git itself, which libgit2 1.5
 * does not have: GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM, GIT_CONFIG_NOSYSTEM,
 * the worktree's own file (extensions.worktreeConfig), and what `git -c` and
 * the environment bring (GIT_CONFIG_COUNT with GIT_CONFIG_KEY_<n> and
 * GIT_CONFIG_VALUE_<n>, GIT_CONFIG_PARAMETERS; git-config(1), ENVIRONMENT).
 * For repo.c; everybody else asks repo_config().
 */
#ifndef GITOPS_GITCONFIG_H
#define GITOPS_GITCONFIG_H

#include "core/array.h"

struct git_config;

struct gitconfig {
	struct git_config *files;
	struct strings command; /* key, value, key, value; the last counts */
};
#define GITCONFIG_INIT                                                         \
	{                                                                      \
		NULL, STRINGS_INIT                                             \
	}

/* git_dir and common_dir NULL: what holds outside of any repository. */
struct error *gitconfig_open(struct gitconfig *out, const char *common_dir,
			     const char *git_dir) MUST_USE;
void gitconfig_release(struct gitconfig *config);

/* As repo_config(), repo_config_list() and repo_config_set() in repo.h. */
struct error *gitconfig_get(char **out, const struct gitconfig *config,
			    const char *key) MUST_USE;
struct error *gitconfig_list(struct strings *out,
			     const struct gitconfig *config, const char *prefix)
	MUST_USE;
struct error *gitconfig_set(struct gitconfig *config, const char *key,
			    const char *value) MUST_USE;

/*
 * Does safe.directory in system, global or command configuration name this
 * directory?  As git reads it: an empty value forgets what came before, "*"
 * is every directory, a value ending in "/" and "*" is all below.
 */
struct error *gitconfig_is_safe(int *out, const char *dir) MUST_USE;

#endif
