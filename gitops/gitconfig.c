/*
 * The levels are put together by hand, because libgit2's own would
 * read ~/.gitconfig although GIT_CONFIG_GLOBAL says another file.
 */
#include "gitops/gitconfig.h"

#include "gitops/git2.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The level that libgit2 has no name for: above local, below the command. */
#define LEVEL_WORKTREE GIT_CONFIG_LEVEL_APP

static const char *level_name(git_config_level_t level)
{
	switch ((int)level) {
	case GIT_CONFIG_LEVEL_PROGRAMDATA:
	case GIT_CONFIG_LEVEL_SYSTEM:
		return "system";
	case GIT_CONFIG_LEVEL_XDG:
	case GIT_CONFIG_LEVEL_GLOBAL:
		return "global";
	case LEVEL_WORKTREE:
		return "worktree";
	default:
		return "local";
	}
}

/* Section and name in lower case, what stands between them as it is. */
static char *normal_key(const char *key, size_t len)
{
	char *out = xstrndup(key, len);
	char *first = strchr(out, '.');
	char *last = strrchr(out, '.');

	for (char *p = out; *p; p++)
		if (!first || p < first || p > last)
			*p = (char)tolower((unsigned char)*p);
	return out;
}

static struct error *add_file(git_config *files, const char *path,
			      git_config_level_t level)
{
	int code;

	if (!*path || !strcmp(path, "/dev/null"))
		return NULL;
	code = git_config_add_file_ondisk(files, path, level, NULL, 0);
	if (code && code != GIT_ENOTFOUND)
		return git2_error(code, "reading %s", path);
	return NULL;
}

/* As git_env_bool(): set, and not to something that means no. */
static int env_true(const char *name)
{
	const char *value = getenv(name);
	int truth = 0;

	if (!value)
		return 0;
	return git_config_parse_bool(&truth, value) || truth;
}

/* Adds what libgit2 finds at its usual place for a level. */
static struct error *add_found(git_config *files, int (*find)(git_buf *out),
			       git_config_level_t level)
{
	git_buf path = GIT_BUF_INIT;
	struct error *err = NULL;

	if (!find(&path))
		err = add_file(files, path.ptr, level);
	git_buf_dispose(&path);
	return err;
}

/* What is read before any repository is looked at. */
static struct error *add_protected(git_config *files)
{
	const char *system = getenv("GIT_CONFIG_SYSTEM");
	const char *global = getenv("GIT_CONFIG_GLOBAL");

	if (system)
		TRY(add_file(files, system, GIT_CONFIG_LEVEL_SYSTEM));
	else if (!env_true("GIT_CONFIG_NOSYSTEM"))
		TRY(add_found(files, git_config_find_system,
			      GIT_CONFIG_LEVEL_SYSTEM));
	if (global)
		return add_file(files, global, GIT_CONFIG_LEVEL_GLOBAL);
	TRY(add_found(files, git_config_find_xdg, GIT_CONFIG_LEVEL_XDG));
	return add_found(files, git_config_find_global,
			 GIT_CONFIG_LEVEL_GLOBAL);
}

static struct error *add_repository(git_config *files, const char *common_dir,
				    const char *git_dir)
{
	CLEANUP(free_str) char *local = xasprintf("%s/config", common_dir);
	CLEANUP(free_str)
	char *own = xasprintf("%s/config.worktree", git_dir);
	int has_own = 0;

	TRY(add_file(files, local, GIT_CONFIG_LEVEL_LOCAL));
	if (!git_config_get_bool(&has_own, files,
				 "extensions.worktreeconfig") &&
	    has_own)
		TRY(add_file(files, own, LEVEL_WORKTREE));
	return NULL;
}

static struct error *add_counted(struct strings *command)
{
	const char *text = getenv("GIT_CONFIG_COUNT");
	char *end;
	unsigned long count = text && *text ? strtoul(text, &end, 10) : 0;

	if (text && *text && (*end || count > 10000))
		return error_new(ERROR_USAGE,
				 "GIT_CONFIG_COUNT is '%.40s', not a count",
				 text);
	for (unsigned long i = 0; i < count; i++) {
		CLEANUP(free_str) char *k = xasprintf("GIT_CONFIG_KEY_%lu", i);
		CLEANUP(free_str)
		char *v = xasprintf("GIT_CONFIG_VALUE_%lu", i);
		const char *key = getenv(k);
		const char *value = getenv(v);

		if (!key || !value)
			return error_new(ERROR_USAGE,
					 "GIT_CONFIG_COUNT is %lu, but %s is "
					 "not set",
					 count, key ? v : k);
		strings_take(command, normal_key(key, strlen(key)));
		strings_add(command, value);
	}
	return NULL;
}

/*
 * Undoes git's shell quoting of one word: '...', with \' and \! between
 * quotes.  Moves *at behind it; 0 when it is not quoted so.
 */
static int dequote(struct buf *out, const char **at)
{
	const char *p = *at;

	for (;;) {
		if (*p++ != '\'')
			return 0;
		for (; *p && *p != '\''; p++)
			buf_ch(out, *p);
		if (!*p++)
			return 0;
		if (*p != '\\' || !p[1] || p[2] != '\'')
			break;
		buf_ch(out, p[1]);
		p += 2;
	}
	*at = p;
	return 1;
}

/*
 * One word of GIT_CONFIG_PARAMETERS: 'key'='value', 'key'= for true, or of
 * old 'key=value'.
 */
static int add_parameter(struct strings *command, const char **at)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT;
	CLEANUP(buf_release) struct buf value = BUF_INIT;
	const char *equals;

	if (!dequote(&key, at))
		return 0;
	equals = strchr(key.data, '=');
	if (**at == '=') {
		++*at;
		if (**at != '\'')
			buf_str(&value, "true");
		else if (!dequote(&value, at))
			return 0;
	} else if (equals) {
		buf_str(&value, equals + 1);
		buf_setlen(&key, (size_t)(equals - key.data));
	} else {
		buf_str(&value, "true");
	}
	strings_take(command, normal_key(key.data, key.len));
	strings_take(command, buf_steal(&value));
	return 1;
}

static struct error *add_parameters(struct strings *command)
{
	const char *at = getenv("GIT_CONFIG_PARAMETERS");

	while (at && *at) {
		if (*at == ' ')
			at++;
		else if (!add_parameter(command, &at))
			return error_new(ERROR_USAGE,
					 "GIT_CONFIG_PARAMETERS is not quoted "
					 "as git does");
	}
	return NULL;
}

struct error *gitconfig_open(struct gitconfig *out, const char *common_dir,
			     const char *git_dir)
{
	CLEANUP(gitconfig_release) struct gitconfig config = GITCONFIG_INIT;
	int code = git_config_new(&config.files);

	if (code)
		return git2_error(code, "reading the configuration");
	TRY(add_protected(config.files));
	if (common_dir)
		TRY(add_repository(config.files, common_dir, git_dir));
	TRY(add_counted(&config.command));
	TRY(add_parameters(&config.command));
	*out = config;
	config = (struct gitconfig)GITCONFIG_INIT;
	return NULL;
}

void gitconfig_release(struct gitconfig *config)
{
	if (config->files)
		git_config_free(config->files);
	strings_release(&config->command);
	config->files = NULL;
}

struct error *gitconfig_get(char **out, const struct gitconfig *config,
			    const char *key)
{
	CLEANUP(free_str) char *normal = normal_key(key, strlen(key));
	git_config_entry *entry = NULL;
	int code;

	for (size_t i = config->command.len; i; i -= 2)
		if (!strcmp(config->command.items[i - 2], normal)) {
			*out = xstrdup(config->command.items[i - 1]);
			return NULL;
		}
	code = git_config_get_entry(&entry, config->files, normal);
	if (code == GIT_ENOTFOUND)
		return error_new(ERROR_NOT_FOUND, "git config %s is not set",
				 key);
	if (code)
		return git2_error(code, "reading git config %s", key);
	*out = xstrdup(entry->value ? entry->value : "true");
	git_config_entry_free(entry);
	return NULL;
}

static void add_row(struct strings *out, const char *key, const char *value,
		    const char *level)
{
	strings_add(out, key);
	strings_add(out, value ? value : "true");
	strings_add(out, level);
}

static int starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

struct error *gitconfig_list(struct strings *out,
			     const struct gitconfig *config, const char *prefix)
{
	CLEANUP(free_str) char *normal = normal_key(prefix, strlen(prefix));
	const struct strings *command = &config->command;
	git_config_iterator *it = NULL;
	git_config_entry *entry;
	int code = git_config_iterator_new(&it, config->files);

	while (!code && !(code = git_config_next(&entry, it)))
		if (starts_with(entry->name, normal))
			add_row(out, entry->name, entry->value,
				level_name(entry->level));
	if (it)
		git_config_iterator_free(it);
	if (code != GIT_ITEROVER)
		return git2_error(code, "reading git config %s*", prefix);
	for (size_t i = 0; i + 1 < command->len; i += 2)
		if (starts_with(command->items[i], normal))
			add_row(out, command->items[i], command->items[i + 1],
				"command");
	return NULL;
}

struct error *gitconfig_set(struct gitconfig *config, const char *key,
			    const char *value)
{
	git_config *local = NULL;
	int code = git_config_open_level(&local, config->files,
					 GIT_CONFIG_LEVEL_LOCAL);

	if (!code)
		code = git_config_set_string(local, key, value);
	if (local)
		git_config_free(local);
	if (code)
		return git2_error(code, "setting git config %s", key);
	return NULL;
}

static int names_directory(const char *value, const char *dir)
{
	size_t len = strlen(value);

	if (!strcmp(value, "*"))
		return 1;
	if (len > 1 && !strcmp(value + len - 2, "/*"))
		return !strncmp(dir, value, len - 1);
	while (len > 1 && value[len - 1] == '/')
		len--;
	return strlen(dir) == len && !strncmp(dir, value, len);
}

struct error *gitconfig_is_safe(int *out, const char *dir)
{
	CLEANUP(gitconfig_release) struct gitconfig config = GITCONFIG_INIT;
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;
	int safe = 0;

	TRY(gitconfig_open(&config, NULL, NULL));
	TRY(gitconfig_list(&rows, &config, "safe.directory"));
	for (size_t i = 0; i < rows.len; i += 3) {
		const char *value = rows.items[i + 1];

		if (!*value)
			safe = 0;
		else if (names_directory(value, dir))
			safe = 1;
	}
	*out = safe;
	return NULL;
}
