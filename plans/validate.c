/*
 * Validation of trees and files.  The readers do the work; here everything is
 * read, and what they find is brought together.
 */
#include "plans/validate.h"

#include "core/embed.h"
#include "core/file.h"
#include "core/price.h"
#include "core/yaml.h"
#include "plans/graph.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA_FOLDER "schema/"

/* The validation under way. */
struct validation {
	struct project *project;
	struct findings *out;
	size_t checked;
};

static struct config_flags flags_of(const struct project *project)
{
	return (struct config_flags){ project->options.environment,
				      project->options.set };
}

static int is_config(const char *path)
{
	enum document_kind kind;

	return document_kind_of(&kind, path) && kind == DOCUMENT_CONFIG;
}

static struct error *check_config(struct validation *v, const char *path,
				  const struct buf *text)
{
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;

	v->checked++;
	TRY(document_parse(&document, DOCUMENT_CONFIG, path, text->data,
			   text->len, v->out));
	document_check_names(&document, v->out);
	return NULL;
}

struct error *validate_prices(struct findings *out, const char *path,
			      const struct buf *text)
{
	CLEANUP(prices_free) struct prices *prices = NULL;
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;

	TRY(prices_load(&prices, text->data, text->len, &found));
	FOR_EACH (struct finding, it, &found) {
		struct finding *finding =
			finding_put(out, it->rule, path,
				    (struct place){ it->line, it->column },
				    "%s", it->message);

		if (it->hint)
			finding_hint(finding, "%s", it->hint);
	}
	return NULL;
}

int is_prices(const char *path)
{
	static const char name[] = ".orch/prices.yaml";
	size_t len = strlen(path), tail = sizeof name - 1;

	return len >= tail && !strcmp(path + len - tail, name) &&
	       (len == tail || path[len - tail - 1] == '/');
}

/* A copy for editors: old ones mislead them, and nothing else. */
static void check_schema(struct validation *v, const char *path,
			 const struct buf *text)
{
	const char *name = strrchr(path, '/') + 1;
	CLEANUP(free_str) char *ours = xasprintf(SCHEMA_FOLDER "%s", name);
	struct finding *finding;
	struct embed file;

	if (!embed_find(&file, ours) ||
	    (file.len == text->len && !memcmp(file.data, text->data, file.len)))
		return;
	finding = finding_put(v->out, "schema-old", path, place_of(NULL),
			      "differs from the %s of this version of git-orch",
			      name);
	finding_hint(finding, "'git orch init' writes the current one");
	finding->note = 1;
}

static struct error *check_document(struct validation *v, const char *path,
				    const struct buf *text)
{
	if (!is_prices(path))
		return check_config(v, path, text);
	v->checked++;
	return validate_prices(v->out, path, text);
}

/* One folder of the tree: its configuration documents, or schemas. */
static struct error *check_folder(struct validation *v, const struct oid *tree,
				  const char *folder)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	enum file_mode mode;
	struct oid entry;

	TRY(tree_entry(&mode, &entry, v->project->repo, tree, folder));
	if (mode != MODE_TREE)
		return NULL;
	TRY(workspace_open(&work, v->project->repo, tree));
	TRY(workspace_names(&names, work, folder));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *path = path_join(folder, *name);
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		int schema = strcmp(folder, ".orch") != 0;

		if (path[strlen(path) - 1] == '/' ||
		    (!schema && !is_config(path) && !is_prices(path)))
			continue;
		TRY(workspace_read(&text, work, path));
		if (schema)
			check_schema(v, path, &text);
		else
			TRY(check_document(v, path, &text));
	}
	return NULL;
}

static char *finding_key(const struct finding *it)
{
	return xasprintf("%s:%u:%u:%s:%s", it->path ? it->path : "", it->line,
			 it->column, it->rule, it->message);
}

/*
 * What the layers say together, and what is wrong outside the tree.  The
 * documents of the tree itself have been checked one by one already.
 */
static void take_layers(struct validation *v, struct findings *layers)
{
	CLEANUP(map_release) struct map known = MAP_INIT;

	FOR_EACH (const struct finding, it, v->out) {
		CLEANUP(free_str) char *key = finding_key(it);

		map_set(&known, key, v);
	}
	FOR_EACH (struct finding, it, layers) {
		CLEANUP(free_str) char *key = finding_key(it);

		if (map_set(&known, key, v))
			continue;
		*PUSH(v->out) = *it;
		memset(it, 0, sizeof *it);
	}
}

/* An environment without its overlay must not hide what else is wrong. */
static struct error *note_overlay(struct validation *v, struct error *err)
{
	struct finding *finding;

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	finding = finding_put(v->out, "missing-overlay", ".orch/config.yaml",
			      place_of(NULL), "%s", err->message);
	if (err->hint)
		finding_hint(finding, "%s", err->hint);
	error_free(err);
	return NULL;
}

static struct error *check_plan(struct validation *v, const struct oid *tree,
				const char *id, const struct config *config)
{
	CLEANUP(plan_release) struct plan plan = { 0 };

	TRY(plan_read(&plan, v->project->repo, tree, id, v->out));
	v->checked += 1 + plan.phases.len;
	return graph_check(&plan, config, v->out);
}

static struct error *check_plans(struct validation *v, const struct oid *tree,
				 const char *plan, const struct config *config)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;

	if (plan)
		return check_plan(v, tree, plan, config);
	TRY(plan_ids(&ids, v->project->repo, tree));
	FOR_EACH (char *, id, &ids)
		TRY(check_plan(v, tree, *id, config));
	return NULL;
}

struct error *validate_tree(size_t *checked, struct findings *out,
			    struct project *project, const struct oid *tree,
			    const char *plan)
{
	CLEANUP(findings_release) struct findings layers = FINDINGS_INIT;
	CLEANUP(config_release) struct config config = { 0 };
	struct validation v = { project, out, 0 };
	struct config_flags flags = flags_of(project);
	struct base base = project->base;

	base.tree = *tree;
	TRY(check_folder(&v, tree, ".orch"));
	TRY(check_folder(&v, tree, ".orch/schema"));
	TRY(note_overlay(&v, config_load(&config, project->repo, &base, &flags,
					 &layers)));
	take_layers(&v, &layers);
	TRY(check_plans(&v, tree, plan, config.merged.root ? &config : NULL));
	findings_sort(out);
	findings_limit(out);
	TRY(findings_hide(out));
	*checked = v.checked;
	return NULL;
}
