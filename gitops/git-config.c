/*
 * What overrides a repository's configuration when git runs.  The repository
 * is asked through git itself, not through libgit2: their includes differ
 * (hasconfig), and a key that only git sees is one that git obeys.
 */
#include "gitops/git-config.h"

#include <string.h>

/* Holds for every call, whoever says otherwise. */
static const char *const always[][2] = {
	{ "core.fsmonitor", "false" },
	{ "core.hooksPath", "/dev/null" },
	{ "core.editor", "false" },
	{ "sequence.editor", "false" },
	{ "core.pager", "cat" },
	{ "core.alternateRefsCommand", "" },
	{ "core.gitProxy", "" },
	{ "diff.external", "" },
	{ "protocol.ext.allow", "never" },
	{ "gc.auto", "0" },
	{ "maintenance.auto", "false" },
	{ "submodule.recurse", "false" },
	{ "fetch.recurseSubmodules", "false" },
	{ "push.recurseSubmodules", "no" },
	{ "diff.ignoreSubmodules", "dirty" },
	{ "status.submoduleSummary", "false" },
	{ "checkout.workers", "1" },
	{ "advice.detachedHead", "false" },
};

/* The repository's own word on these is replaced: the user's, or this. */
static const struct {
	const char *section;
	const char *name; /* the key's last part; NULL: any */
	const char *value;
} replaced[] = {
	{ "filter.", "clean", "" },
	{ "filter.", "smudge", "" },
	{ "filter.", "process", "" },
	{ "filter.", "required", "false" },
	{ "diff.", "command", "" },
	{ "diff.", "textconv", "" },
	{ "gpg.ssh.", "program", "ssh-keygen" },
	{ "gpg.x509.", "program", "gpgsm" },
	{ "gpg.", "program", "gpg" },
	{ "gpg.", "defaultkeycommand", "" },
	{ "core.", "sshcommand", "ssh" },
	{ "core.", "askpass", "" },
	{ "credential.", "helper", "" },
	{ "remote.", "uploadpack", "git-upload-pack" },
	{ "remote.", "receivepack", "git-receive-pack" },
	{ "remote.", "vcs", "" },
	{ "protocol.", "allow", "user" },
	{ "trailer.", "command", "" },
	{ "trailer.", "cmd", "" },
	{ "uploadpack.", "packobjectshook", "" },
	{ "pager.", NULL, "false" },
};

/* A driver is a text merge, whoever defined it: merges depend on no machine. */
#define TEXT_MERGE "git merge-file --marker-size=%L %A %O %B"

void git_override(struct strings *pairs, const char *key, const char *value)
{
	strings_add(pairs, key);
	strings_add(pairs, value);
}

static const char *replacement(const char *key)
{
	const char *last = strrchr(key, '.');

	for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++)
		if (!strncmp(key, replaced[i].section,
			     strlen(replaced[i].section)) &&
		    (!replaced[i].name || !strcmp(last + 1, replaced[i].name)))
			return replaced[i].value;
	return NULL;
}

/* One row of `git config --list --show-scope -z`. */
struct row {
	const char *scope;
	const char *value; /* "" when the key has none */
	char *key;
};

static const char *next_row(struct row *row, const char *at, const char *end)
{
	const char *entry = at + strlen(at) + 1;
	size_t key_len;

	if (entry >= end)
		return NULL;
	row->scope = at;
	key_len = strcspn(entry, "\n");
	row->key = xstrndup(entry, key_len);
	row->value = entry[key_len] ? entry + key_len + 1 : "";
	return entry + strlen(entry) + 1;
}

static int is_users(const char *scope)
{
	return !strcmp(scope, "system") || !strcmp(scope, "global");
}

/* The key's safe value, then what the user said, so that the last one wins. */
static void replace(struct strings *pairs, const char *key, const char *value,
		    const struct buf *list)
{
	const char *end = list->data + list->len;
	struct row row;

	git_override(pairs, key, value);
	for (const char *at = list->data;
	     at < end && (at = next_row(&row, at, end));) {
		if (is_users(row.scope) && !strcmp(row.key, key))
			git_override(pairs, key, row.value);
		free_str(&row.key);
	}
}

static int is_merge_driver(const char *key)
{
	const char *last = strrchr(key, '.');

	return !strncmp(key, "merge.", 6) && last > key + 6 &&
	       !strcmp(last, ".driver");
}

static int overridden(const struct strings *pairs, const char *key)
{
	for (size_t i = 0; i < pairs->len; i += 2)
		if (!strcmp(pairs->items[i], key))
			return 1;
	return 0;
}

static void override_row(struct strings *pairs, const struct row *row,
			 const struct buf *list)
{
	const char *value = replacement(row->key);

	if (overridden(pairs, row->key))
		return;
	if (is_merge_driver(row->key))
		git_override(pairs, row->key, TEXT_MERGE);
	else if (value && !is_users(row->scope))
		replace(pairs, row->key, value, list);
}

void git_overrides(struct strings *pairs, const struct buf *list)
{
	const char *end = list->data + list->len;
	struct row row;

	for (const char *at = list->data;
	     at < end && (at = next_row(&row, at, end));) {
		override_row(pairs, &row, list);
		free_str(&row.key);
	}
	/* Last, so that nothing found above can stand against them. */
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		git_override(pairs, always[i][0], always[i][1]);
}
