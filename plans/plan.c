/*
 * Plans as read from a tree.  A folder of phases is opened once and its
 * entries are walked: looking each one up by its path would parse the folder
 * again for every phase, and ten thousand phases would take minutes.
 */
#include "plans/plan.h"

#include "core/yaml.h"
#include "gitops/layout.h"
#include "plans/plan-index.h"

#include <stdlib.h>
#include <string.h>

#define PLANS_FOLDER ".orch/plans"

void plan_release(struct plan *plan)
{
	FOR_EACH (struct phase, it, &plan->phases)
		phase_release(it);
	free(plan->phases.items);
	free(plan->id);
	free(plan->title);
	free(plan->goal);
	free(plan->path);
	free(plan->template);
	free(plan->abandoned);
	check_list_release(&plan->checks);
	setup_list_release(&plan->setup);
	map_release(&plan->by_id);
	map_release(&plan->vars);
	arena_release(&plan->arena);
	buf_release(&plan->known);
	memset(plan, 0, sizeof *plan);
}

struct phase *plan_phase(const struct plan *plan, const char *id)
{
	return map_get(&plan->by_id, id);
}

struct error *plan_ids(struct strings *out, struct repo *repo,
		       const struct oid *tree)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	enum file_mode mode;
	struct oid folder;

	TRY(tree_entry(&mode, &folder, repo, tree, PLANS_FOLDER));
	if (mode != MODE_TREE)
		return NULL;
	TRY(workspace_open(&work, repo, &folder));
	TRY(workspace_names(&names, work, ""));
	FOR_EACH (char *, name, &names) {
		size_t len = strlen(*name);

		if (len > 1 && (*name)[len - 1] == '/')
			strings_take(out, xstrndup(*name, len - 1));
	}
	return NULL;
}

/* The id in a document has to be what its file or folder is called. */
static void check_id(const struct document *document, const char *id,
		     const char *what, struct findings *findings)
{
	const struct value *at = value_get(document->tree.root, "id");
	const char *text = value_text(at, NULL);
	const char *path = document->path;

	if (id_reserved(id)) {
		finding_hint(finding_put(findings, "reserved-id", path,
					 place_of(at), "'%s' is reserved", id),
			     "it names the branch of the plan's documents; "
			     "choose another id");
		return;
	}
	if (text && strcmp(text, id))
		finding_hint(finding_put(findings, "id-mismatch", path,
					 place_of(at),
					 "id '%s' is not the %s's name, '%s'",
					 text, what, id),
			     "write 'id: %s' or rename the %s", id, what);
	if (!id_valid(id) && (!text || strcmp(text, id) || id_valid(text)))
		finding_hint(finding_put(findings, "bad-id", path, place_of(at),
					 "the %s's name '%s' is no id", what,
					 id),
			     "lower-case letters, digits and single '-', at "
			     "most 64");
}

static void fill_vars(struct plan *plan, const struct value *vars)
{
	VALUE_EACH(it, vars)
	{
		const char *name = value_text(value_get(it, "name"), NULL);
		const char *value = value_text(value_get(it, "value"), "");

		if (name)
			map_set(&plan->vars, name,
				arena_strndup(&plan->arena, value,
					      strlen(value)));
	}
}

static void plan_fill(struct plan *plan, const struct value *root)
{
	const char *title = value_text(value_get(root, "title"), NULL);

	plan->title = xstrdup(title);
	plan->goal = xstrdup(value_text(value_get(root, "goal"), NULL));
	plan->template = xstrdup(value_text(value_get(root, "template"), NULL));
	plan->abandoned =
		xstrdup(value_text(value_get(root, "abandoned"), NULL));
	check_list_read(&plan->checks, value_get(root, "checks"), "plan");
	setup_list_read(&plan->setup, value_get(root, "setup"));
	fill_vars(plan, value_get(root, "vars"));
}

struct error *plan_take(struct plan *plan, const char *id, const char *path,
			const struct buf *text, struct findings *findings)
{
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;

	TRY(document_parse(&document, DOCUMENT_PLAN, path, text->data,
			   text->len, findings));
	plan->id = xstrdup(id);
	plan->path = xstrdup(path);
	plan_fill(plan, document.tree.root);
	if (document.tree.root)
		check_id(&document, id, "folder", findings);
	document_check_names(&document, findings);
	return NULL;
}

struct error *plan_take_phase(struct plan *plan, const char *id,
			      const char *path, const struct buf *text,
			      struct findings *findings)
{
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;
	struct phase *phase;

	TRY(document_parse(&document, DOCUMENT_PHASE, path, text->data,
			   text->len, findings));
	phase = PUSH(&plan->phases);
	phase_fill(phase, &document);
	phase->index = plan->phases.len - 1;
	if (document.tree.root) {
		check_id(&document, id, "file", findings);
		phase_check(&document, findings);
	}
	/* The name counts: it is what branches and claims are called by. */
	free(phase->id);
	phase->id = xstrdup(id);
	return NULL;
}

void plan_take_unread(struct plan *plan, const char *id, const char *path)
{
	struct document none = { .path = (char *)path,
				 .text = BUF_INIT,
				 .tree = TREE_INIT };
	struct phase *phase = PUSH(&plan->phases);

	phase_fill(phase, &none);
	phase->index = plan->phases.len - 1;
	phase->id = xstrdup(id);
}

void plan_map_ids(struct plan *plan)
{
	FOR_EACH (struct phase, it, &plan->phases)
		map_set(&plan->by_id, it->id, it);
}

/* The text of a document's blob; one that is too large is a finding. */
static struct error *read_text(struct buf *out, struct repo *repo,
			       const char *path, const struct change *entry,
			       struct findings *findings)
{
	struct error *err;

	if (entry->new_mode != MODE_FILE && entry->new_mode != MODE_EXEC) {
		finding_put(findings, "not-a-file", path, place_of(NULL),
			    "a document is a regular file");
		return NULL;
	}
	err = blob_read(out, repo, &entry->new_oid, YAML_MAX_BYTES);
	if (!error_is(err, ERROR_INVALID))
		return err;
	finding_put(findings, "too-large", path, place_of(NULL), "%s",
		    err->message);
	error_free(err);
	return NULL;
}

/* "<id>.yaml" gives the id, owned; else NULL, with a finding for a near one. */
static char *phase_id_of(const char *name, const char *path,
			 struct findings *findings)
{
	const char *dot = strrchr(name, '.');

	if (!dot || (strcmp(dot, ".yaml") && strcmp(dot, ".yml")))
		return NULL;
	if (!strchr(name, '/') && !strcmp(dot, ".yaml") && dot > name)
		return xstrndup(name, (size_t)(dot - name));
	finding_hint(finding_put(findings, "stray-file", path, place_of(NULL),
				 "is not read as a phase"),
		     "phases are phases/<id>.yaml");
	return NULL;
}

/*
 * From the index, without reading the document.  The same bytes under another
 * name are another phase, and wrong: those are read.
 */
static int take_known(struct plan *plan, const char *id,
		      struct plan_index *index, const struct change *entry)
{
	struct phase phase = { 0 };

	if (!plan_index_get(index, &phase, &entry->new_oid) ||
	    strcmp(phase.id, id) != 0)
		return 0;
	phase.index = plan->phases.len;
	*PUSH(&plan->phases) = phase;
	return 1;
}

static struct error *take_entry(struct plan *plan, struct repo *repo,
				const char *folder, const struct change *entry,
				struct plan_index *index,
				struct findings *findings)
{
	CLEANUP(free_str)
	char *path = xasprintf("%s/phases/%s", folder, entry->path);
	CLEANUP(free_str) char *id = phase_id_of(entry->path, path, findings);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	size_t before = findings->len;

	if (!id || take_known(plan, id, index, entry))
		return NULL;
	TRY(read_text(&text, repo, path, entry, findings));
	if (findings->len > before) {
		plan_take_unread(plan, id, path);
		return NULL;
	}
	TRY(plan_take_phase(plan, id, path, &text, findings));
	plan->phases.items[plan->phases.len - 1].blob = entry->new_oid;
	return NULL;
}

/* The folder's files one by one, those that the index knows unread. */
static struct error *take_entries(struct plan *plan, struct repo *repo,
				  const char *folder, const struct oid *phases,
				  struct plan_index *index,
				  struct findings *findings)
{
	CLEANUP(changes_release) struct changes entries = CHANGES_INIT;

	TRY(tree_diff(&entries, repo, &oid_zero, phases));
	FOR_EACH (struct change, it, &entries)
		TRY(take_entry(plan, repo, folder, it, index, findings));
	return NULL;
}

/* indexed: a finding is an error, so that a plan without any may be kept. */
static struct error *take_phases(struct plan *plan, struct repo *repo,
				 const char *folder, const struct oid *tree,
				 struct findings *findings, int indexed)
{
	CLEANUP(plan_index_release) struct plan_index index = PLAN_INDEX_INIT;
	enum file_mode mode;
	struct oid phases;
	int whole = 0;

	TRY(tree_entry(&mode, &phases, repo, tree, "phases"));
	if (mode != MODE_TREE)
		return NULL;
	if (indexed) {
		plan_index_open(&index, repo, plan);
		whole = plan_index_take(&index, &phases);
	}
	if (!whole)
		TRY(take_entries(plan, repo, folder, &phases, &index,
				 findings));
	plan_map_ids(plan);
	if (!indexed)
		return NULL;
	TRY(findings_error(findings));
	plan_index_save(&index, repo, &phases);
	return NULL;
}

static struct error *take_plan(struct plan *plan, struct repo *repo,
			       const char *id, const char *folder,
			       const struct oid *tree,
			       struct findings *findings)
{
	CLEANUP(free_str) char *path = xasprintf("%s/plan.yaml", folder);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct change entry = { .path = path };
	size_t before = findings->len;

	TRY(tree_entry(&entry.new_mode, &entry.new_oid, repo, tree,
		       "plan.yaml"));
	if (entry.new_mode == MODE_NONE)
		finding_put(findings, "missing-plan", path, place_of(NULL),
			    "plan '%s' has no plan.yaml", id);
	else
		TRY(read_text(&text, repo, path, &entry, findings));
	if (findings->len == before)
		return plan_take(plan, id, path, &text, findings);
	plan->id = xstrdup(id);
	plan->path = xstrdup(path);
	return NULL;
}

static struct error *no_plan(const char *id)
{
	return error_hint(error_new(ERROR_NOT_FOUND, "no plan '%s'", id),
			  "'git orch status' shows the plans there are");
}

struct error *plan_read(struct plan *out, struct repo *repo,
			const struct oid *tree, const char *id,
			struct findings *findings)
{
	CLEANUP(findings_release) struct findings own = FINDINGS_INIT;
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(free_str) char *folder = NULL;
	struct findings *list = findings ? findings : &own;
	enum file_mode mode;
	struct oid entry;

	if (!findings && !id_valid(id))
		return no_plan(id);
	folder = xasprintf(PLANS_FOLDER "/%s", id);
	TRY(tree_entry(&mode, &entry, repo, tree, folder));
	if (mode != MODE_TREE)
		return no_plan(id);
	TRY(take_plan(&plan, repo, id, folder, &entry, list));
	TRY(take_phases(&plan, repo, folder, &entry, list, !findings));
	if (!findings)
		TRY(findings_error(&own));
	*out = plan;
	memset(&plan, 0, sizeof plan);
	return NULL;
}

struct error *phase_read(struct phase *out, struct repo *repo,
			 const struct oid *tree, const char *plan,
			 const char *id)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(plan_release) struct plan one = { 0 };
	CLEANUP(free_str) char *path = layout_phase_file(plan, id);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct change entry = { .path = path };

	if (id_valid(plan) && id_valid(id))
		TRY(tree_entry(&entry.new_mode, &entry.new_oid, repo, tree,
			       path));
	if (entry.new_mode == MODE_NONE)
		return error_new(ERROR_NOT_FOUND, "plan '%s' has no phase '%s'",
				 plan, id);
	TRY(read_text(&text, repo, path, &entry, &findings));
	TRY(findings_error(&findings));
	TRY(plan_take_phase(&one, id, path, &text, &findings));
	TRY(findings_error(&findings));
	*out = one.phases.items[0];
	out->blob = entry.new_oid;
	one.phases.len = 0;
	return NULL;
}
