/*
 * Loading the configuration: the documents are gathered, from a tree or from
 * a folder, then the layers are put down from the lowest to the highest.
 */
#include "plans/config-layers.h"

#include "core/file.h"
#include "core/nearest.h"
#include "core/yaml.h"
#include "gitops/workspace.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the repository's documents are read: a tree, or a folder on disk. */
struct place_to_read {
	struct repo *repo;
	const struct oid *tree;
	const char *branch; /* for messages; NULL: none */
	const char *folder; /* the .orch folder; NULL: the tree */
};

/* The load under way. */
struct load {
	struct config *config;
	struct repo *repo;
	const struct config_flags *flags;
	struct findings *findings;
	struct setting_keys keys;
};

static void load_release(struct load *load)
{
	setting_keys_release(&load->keys);
}

static struct error *read_tree(int *found, struct buf *out,
			       const struct place_to_read *from,
			       const char *name)
{
	CLEANUP(free_str) char *path = xasprintf(".orch/%s", name);
	enum file_mode mode = MODE_NONE;
	struct oid blob;

	if (!oid_is_zero(from->tree))
		TRY(tree_entry(&mode, &blob, from->repo, from->tree, path));
	*found = mode == MODE_FILE || mode == MODE_EXEC;
	if (!*found)
		return NULL;
	return error_wrap(blob_read(out, from->repo, &blob, YAML_MAX_BYTES),
			  "%s", path);
}

static struct error *read_file(int *found, struct buf *out, const char *path)
{
	struct error *err = file_read(out, path, YAML_MAX_BYTES);

	*found = !err;
	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

static struct error *read_named(int *found, struct buf *out,
				const struct place_to_read *from,
				const char *name)
{
	CLEANUP(free_str) char *path = NULL;

	if (!from->folder)
		return read_tree(found, out, from, name);
	path = path_join(from->folder, name);
	return read_file(found, out, path);
}

/* A document becomes a layer as far as it parsed. */
static struct error *put_document(const struct load *load, const char *path,
				  const struct buf *text)
{
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;

	TRY(document_parse(&document, DOCUMENT_CONFIG, path, text->data,
			   text->len, load->findings));
	document_check_names(&document, load->findings);
	layer_put(load->config, document.tree.root, path, 1);
	return NULL;
}

static struct error *put_named(int *found, const struct load *load,
			       const struct place_to_read *from,
			       const char *name)
{
	CLEANUP(free_str) char *path = xasprintf(".orch/%s", name);
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(read_named(found, &text, from, name));
	return *found ? put_document(load, path, &text) : NULL;
}

static struct error *no_overlay(const struct place_to_read *from,
				const char *environment)
{
	struct error *err;

	if (from->branch)
		err = error_new(ERROR_NOT_FOUND,
				"environment '%s' has no "
				".orch/config.%s.yaml on %s",
				environment, environment, from->branch);
	else
		err = error_new(ERROR_NOT_FOUND,
				"environment '%s' has no .orch/config.%s.yaml",
				environment, environment);
	return error_hint(err, "add the file, or choose another with --env "
			       "or ORCH_ENV");
}

/* An environment's name becomes part of a file's name. */
static int is_environment(const char *name)
{
	return *name && strlen(name) <= 64 &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

static struct error *choose_environment(const struct load *load)
{
	const char *name = load->flags ? load->flags->environment : NULL;
	const char *variable = getenv("ORCH_ENV");
	CLEANUP(free_str) char *configured = NULL;
	struct error *err;

	if (!name && variable && *variable)
		name = variable;
	if (!name && load->repo) {
		err = repo_config(&configured, load->repo, "orch.env");
		if (!error_is(err, ERROR_NOT_FOUND))
			TRY(err);
		else
			error_free(err);
		name = configured;
	}
	if (!name)
		return NULL;
	if (!is_environment(name))
		return error_hint(error_new(ERROR_USAGE,
					    "'%s' is no environment's name",
					    name),
				  "lower-case letters, digits and '-'");
	load->config->environment = xstrdup(name);
	return NULL;
}

static struct error *put_repository(const struct load *load,
				    const struct place_to_read *from)
{
	const char *environment = load->config->environment;
	CLEANUP(free_str) char *name = NULL;
	int found;

	TRY(put_named(&found, load, from, "config.yaml"));
	if (!environment)
		return NULL;
	name = xasprintf("config.%s.yaml", environment);
	TRY(put_named(&found, load, from, name));
	return found ? NULL : no_overlay(from, environment);
}

/* The user's own; without a home there is none. */
static struct error *put_user(const struct load *load)
{
	CLEANUP(free_str) char *folder = NULL;
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(error_release)
	struct error *homeless = file_config_dir(&folder);
	int found;

	if (homeless)
		return NULL;
	path = path_join(folder, "config.yaml");
	TRY(read_file(&found, &text, path));
	return found ? put_document(load, path, &text) : NULL;
}

/* git's own ways to write a truth value (git-config(1), --type=bool). */
static const char *git_truth(const char *text)
{
	static const char *const yes[] = { "", "true", "yes", "on", "1" };
	static const char *const no[] = { "false", "no", "off", "0" };

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (!strcasecmp(text, yes[i]))
			return "true";
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (!strcasecmp(text, no[i]))
			return "false";
	return text;
}

static const struct setting_key *by_git(const struct setting_keys *keys,
					const char *name)
{
	FOR_EACH (const struct setting_key, it, keys)
		if (!strcasecmp(it->git, name))
			return it;
	return NULL;
}

/* Rows are key, value, level; later ones win. */
static struct error *put_git(const struct load *load)
{
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;

	if (!load->repo)
		return NULL;
	TRY(repo_config_list(&rows, load->repo, "orch."));
	for (size_t i = 0; i + 2 < rows.len; i += 3) {
		const struct setting_key *key =
			by_git(&load->keys, rows.items[i]);
		const char *text = rows.items[i + 1];
		CLEANUP(free_str) char *origin = NULL;

		if (!key)
			continue;
		origin = xasprintf("git config %s (%s)", key->git,
				   rows.items[i + 2]);
		TRY(layer_text(load->config, key->key,
			       key->boolean ? git_truth(text) : text, origin,
			       load->findings));
	}
	return NULL;
}

static struct error *put_environment(const struct load *load)
{
	FOR_EACH (const struct setting_key, it, &load->keys) {
		const char *text = getenv(it->env);

		if (text && *text)
			TRY(layer_text(load->config, it->key, text, it->env,
				       load->findings));
	}
	return NULL;
}

/* What was typed wrong is no fault of any document. */
static struct error *flag_text(const struct load *load, const char *key,
			       const char *text, const char *flag)
{
	CLEANUP(free_str) char *origin = xasprintf("the flag %s", flag);
	struct error *err = layer_text(load->config, key, text, origin, NULL);

	if (!error_is(err, ERROR_INVALID))
		return err;
	err->code = ERROR_USAGE;
	return error_hint(err, "git-orch-plan(5) says what a setting takes");
}

static struct error *put_flag(const struct load *load, const char *flag)
{
	size_t len = strcspn(flag, "=");
	CLEANUP(free_str) char *name = xstrndup(flag, len);

	FOR_EACH (const struct setting_key, it, &load->keys)
		if (!strcmp(it->key, name) && flag[len])
			return flag_text(load, it->key, flag + len + 1, flag);
	return error_hint(error_new(ERROR_USAGE, "no setting '%s'", name),
			  "settings are <section>.<key>=<value>, as "
			  "'git orch config list' shows them");
}

static struct error *put_flags(const struct load *load)
{
	const struct strings *set = load->flags ? load->flags->set : NULL;

	if (set)
		FOR_EACH (char *, it, set)
			TRY(put_flag(load, *it));
	return NULL;
}

static struct error *put_all(const struct load *load,
			     const struct place_to_read *from)
{
	TRY(layer_defaults(load->config));
	TRY(choose_environment(load));
	TRY(put_repository(load, from));
	TRY(put_user(load));
	TRY(put_git(load));
	TRY(put_environment(load));
	TRY(put_flags(load));
	layer_roles(load->config);
	TRY(layer_expand(load->config, load->findings));
	layer_check(load->config, load->findings);
	return NULL;
}

static struct error *load_from(struct config *out,
			       const struct place_to_read *from,
			       const struct config_flags *flags,
			       struct findings *findings)
{
	CLEANUP(findings_release) struct findings own = FINDINGS_INIT;
	CLEANUP(config_release) struct config config = { 0 };
	CLEANUP(load_release)
	struct load load = {
		.config = &config,
		.repo = from->repo,
		.flags = flags,
		.findings = findings ? findings : &own,
	};

	TRY(setting_keys(&load.keys));
	TRY(put_all(&load, from));
	if (!findings)
		TRY(findings_error(&own));
	config_fill(&config);
	*out = config;
	memset(&config, 0, sizeof config);
	return NULL;
}

struct error *config_load(struct config *out, struct repo *repo,
			  const struct base *base,
			  const struct config_flags *flags,
			  struct findings *findings)
{
	struct place_to_read from = { repo, &base->tree, base->branch, NULL };

	return load_from(out, &from, flags, findings);
}

struct error *config_load_folder(struct config *out, struct repo *repo,
				 const char *folder,
				 const struct config_flags *flags,
				 struct findings *findings)
{
	struct place_to_read from = { repo, &oid_zero, NULL, folder };

	return load_from(out, &from, flags, findings);
}

/* What git config has besides the settings. */
static const char *const others[] = { "orch.base", "orch.remote", "orch.runner",
				      "orch.env" };
#define OTHERS (sizeof others / sizeof *others)

static int is_known(const struct setting_keys *keys, const char *name)
{
	for (size_t i = 0; i < OTHERS; i++)
		if (!strcasecmp(name, others[i]))
			return 1;
	return by_git(keys, name) != NULL;
}

static void add_unknown(struct findings *findings,
			const struct setting_keys *keys, const char *name,
			const char *level)
{
	const char **names = xcalloc(keys->len + OTHERS, sizeof *names);
	CLEANUP(free_str) char *path = xasprintf("git config (%s)", level);
	struct finding *finding;
	const char *near;
	size_t n = 0;

	for (; n < OTHERS; n++)
		names[n] = others[n];
	FOR_EACH (const struct setting_key, it, keys)
		names[n++] = it->git;
	near = nearest(name, names, n);
	finding = finding_put(findings, "unknown-setting", path, place_of(NULL),
			      "nothing reads '%s'", name);
	if (near)
		finding_hint(finding, "did you mean '%s'?", near);
	finding->note = 1;
	free(names);
}

struct error *config_lint(struct findings *findings, const struct repo *repo)
{
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;
	CLEANUP(setting_keys_release) struct setting_keys keys = ARRAY_INIT;

	TRY(setting_keys(&keys));
	TRY(repo_config_list(&rows, repo, "orch."));
	for (size_t i = 0; i + 2 < rows.len; i += 3)
		if (!is_known(&keys, rows.items[i]))
			add_unknown(findings, &keys, rows.items[i],
				    rows.items[i + 2]);
	return NULL;
}
