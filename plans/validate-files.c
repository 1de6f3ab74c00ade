/*
 * Validation of files on disk, as a pre-commit hook names them.  A phase
 * cannot be judged alone: its whole plan folder is read, but what is wrong
 * inside a neighbour that was not named is not told.
 */
#include "plans/validate.h"

#include "core/file.h"
#include "core/nearest.h"
#include "core/yaml.h"
#include "plans/graph.h"

#include <stdlib.h>
#include <string.h>

struct validation {
	struct project *project;
	struct findings *out;
	size_t checked;
	struct map folders; /* plan folders done, by real path */
	struct map named; /* real paths of the files named, to what was typed */
};

static void validation_release(struct validation *v)
{
	map_release(&v->folders);
	map_release(&v->named);
}

/* What findings call a file: as it was typed, else its path on disk. */
static const char *shown(const struct validation *v, const char *real)
{
	const char *typed = map_get(&v->named, real);

	return typed ? typed : real;
}

/* Too large or unreadable is a finding like any other. */
static struct error *read_document(struct buf *out, int *readable,
				   const char *real, const char *path,
				   struct findings *findings)
{
	struct error *err = file_read(out, real, YAML_MAX_BYTES);

	*readable = !err;
	if (!err || err->code != ERROR_INVALID)
		return err;
	finding_put(findings, "too-large", path, place_of(NULL), "%s",
		    err->message);
	error_free(err);
	return NULL;
}

static struct error *take_plan(struct plan *plan, const struct validation *v,
			       const char *folder, const char *id,
			       struct findings *findings)
{
	CLEANUP(free_str) char *real = path_join(folder, "plan.yaml");
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const char *path = shown(v, real);
	int readable;

	if (!file_exists(real)) {
		plan->id = xstrdup(id);
		finding_put(findings, "missing-plan", path, place_of(NULL),
			    "plan '%s' has no plan.yaml", id);
		return NULL;
	}
	TRY(read_document(&text, &readable, real, path, findings));
	if (readable)
		return plan_take(plan, id, path, &text, findings);
	plan->id = xstrdup(id);
	return NULL;
}

static struct error *take_phases(struct plan *plan, const struct validation *v,
				 const char *folder, struct findings *findings)
{
	CLEANUP(free_str) char *phases = path_join(folder, "phases");
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	TRY(file_list(&names, phases));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *real = path_join(phases, *name);
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		CLEANUP(free_str) char *id = NULL;
		size_t len = strlen(*name);
		const char *path = shown(v, real);
		int readable;

		if (len < 6 || strcmp(*name + len - 5, ".yaml"))
			continue;
		id = xstrndup(*name, len - 5);
		TRY(read_document(&text, &readable, real, path, findings));
		if (readable)
			TRY(plan_take_phase(plan, id, path, &text, findings));
		else
			plan_take_unread(plan, id, path);
	}
	plan_map_ids(plan);
	return NULL;
}

/* The configuration beside the plan, wrong or not: its own check tells. */
static struct error *load_config(struct config *out, const struct validation *v,
				 const char *folder)
{
	CLEANUP(findings_release) struct findings ignored = FINDINGS_INIT;
	CLEANUP(free_str) char *plans = path_parent(folder);
	CLEANUP(free_str) char *orch = path_parent(plans);
	struct config_flags flags = { v->project->options.environment,
				      v->project->options.set };

	return config_load_folder(out, v->project->repo, orch, &flags,
				  &ignored);
}

/* Only what is said about files that were named. */
static void take_named(struct validation *v, struct findings *from)
{
	CLEANUP(strings_release) struct strings reals = STRINGS_INIT;
	CLEANUP(map_release) struct map typed = MAP_INIT;

	map_keys(&reals, &v->named);
	FOR_EACH (char *, it, &reals)
		map_set(&typed, map_get(&v->named, *it), v);
	FOR_EACH (struct finding, it, from)
		if (it->path && map_get(&typed, it->path)) {
			*PUSH(v->out) = *it;
			memset(it, 0, sizeof *it);
		}
}

static void take_all(struct validation *v, struct findings *from)
{
	FOR_EACH (struct finding, it, from) {
		*PUSH(v->out) = *it;
		memset(it, 0, sizeof *it);
	}
}

/* A plan's folder, once however many of its files were named. */
static struct error *check_folder(struct validation *v, const char *folder)
{
	CLEANUP(findings_release) struct findings inside = FINDINGS_INIT;
	CLEANUP(findings_release) struct findings between = FINDINGS_INIT;
	CLEANUP(config_release) struct config config = { 0 };
	CLEANUP(plan_release) struct plan plan = { 0 };

	if (map_set(&v->folders, folder, v))
		return NULL;
	TRY(load_config(&config, v, folder));
	TRY(take_plan(&plan, v, folder, strrchr(folder, '/') + 1, &inside));
	TRY(take_phases(&plan, v, folder, &inside));
	TRY(graph_check(&plan, &config, &between));
	take_named(v, &inside);
	take_all(v, &between);
	return NULL;
}

static void no_kind(struct validation *v, const char *path)
{
	finding_hint(finding_put(v->out, "unknown-kind", path, place_of(NULL),
				 "is no document of git-orch"),
		     "documents are .orch/config.yaml, .orch/prices.yaml, "
		     ".orch/plans/<plan>/plan.yaml and phases/<phase>.yaml");
}

static struct error *check_alone(struct validation *v, enum document_kind kind,
				 const char *path, const struct buf *text)
{
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;

	TRY(document_parse(&document, kind, path, text->data, text->len,
			   v->out));
	document_check_names(&document, v->out);
	if (kind == DOCUMENT_PHASE && document.tree.root)
		phase_check(&document, v->out);
	return NULL;
}

/* What no schema can tell of a configuration, as the layers around it say. */
static struct error *check_layers(struct validation *v, const char *path,
				  const char *real)
{
	CLEANUP(findings_release) struct findings layers = FINDINGS_INIT;
	CLEANUP(config_release) struct config config = { 0 };
	CLEANUP(free_str) char *orch = path_parent(real);
	CLEANUP(free_str)
	char *name = xasprintf(".orch%s", strrchr(real, '/'));
	struct config_flags flags = { v->project->options.environment,
				      v->project->options.set };

	TRY(config_load_folder(&config, v->project->repo, orch, &flags,
			       &layers));
	FOR_EACH (struct finding, it, &layers)
		if (it->path && !strcmp(it->path, name)) {
			free(it->path);
			it->path = xstrdup(path);
			*PUSH(v->out) = *it;
			memset(it, 0, sizeof *it);
		}
	return NULL;
}

/* A configuration has more to say only when it is right by itself. */
static struct error *check_config(struct validation *v, const char *path,
				  const char *real, const struct buf *text)
{
	size_t before = v->out->len;

	TRY(check_alone(v, DOCUMENT_CONFIG, path, text));
	return v->out->len > before ? NULL : check_layers(v, path, real);
}

/* A file that lies nowhere in particular is judged by what it holds. */
static struct error *check_content(struct validation *v, const char *path,
				   const struct buf *text)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(yaml_fault_release) struct yaml_fault fault = YAML_FAULT_INIT;
	enum document_kind kind = DOCUMENT_PHASE;
	struct error *err = yaml_parse(&tree, text->data, text->len, &fault);

	if (err && !error_is(err, ERROR_INVALID))
		return err;
	if (err || document_kind_guess(&kind, tree.root)) {
		error_free(err);
		return check_alone(v, kind, path, text);
	}
	no_kind(v, path);
	return NULL;
}

static struct error *check_file(struct validation *v, const char *path,
				const char *real)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *folder = NULL;
	enum document_kind kind;
	int readable;

	v->checked++;
	if (document_kind_of(&kind, real) && kind != DOCUMENT_CONFIG) {
		folder = path_parent(real);
		if (kind == DOCUMENT_PHASE) {
			char *phases = folder;

			folder = path_parent(phases);
			free(phases);
		}
		return check_folder(v, folder);
	}
	TRY(read_document(&text, &readable, real, path, v->out));
	if (!readable)
		return NULL;
	if (is_prices(real))
		return validate_prices(v->out, path, &text);
	if (document_kind_of(&kind, real))
		return check_config(v, path, real, &text);
	return check_content(v, path, &text);
}

/* What is there beside a path that is not, as a hint. */
static struct error *no_file(const char *path, struct error *err)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	const char *slash = strrchr(path, '/');
	CLEANUP(free_str)
	char *folder = slash ? xstrndup(path, (size_t)(slash - path + 1))
			     : xstrdup("./");

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(file_list(&names, folder));
	const char *near = nearest(slash ? slash + 1 : path,
				   (const char *const *)names.items, names.len);
	if (near)
		return error_hint(err, "did you mean '%s%s'?",
				  slash ? folder : "", near);
	return error_hint(err, "documents are below .orch/; without a file "
			       "those of the base are read");
}

struct error *validate_files(size_t *checked, struct findings *out,
			     struct project *project,
			     const struct strings *paths)
{
	CLEANUP(validation_release)
	struct validation v = { project, out, 0, MAP_INIT, MAP_INIT };
	CLEANUP(strings_release) struct strings reals = STRINGS_INIT;

	FOR_EACH (char *, path, paths) {
		char *real;

		TRY(no_file(*path, file_real(&real, *path)));
		strings_take(&reals, real);
		map_set(&v.named, real, *path);
	}
	for (size_t i = 0; i < reals.len; i++)
		TRY(check_file(&v, paths->items[i], reals.items[i]));
	findings_sort(out);
	findings_limit(out);
	TRY(findings_hide(out));
	*checked = v.checked;
	return NULL;
}
