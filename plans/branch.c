/* Reading what branches say, at the cost of one document each. */
#include "plans/branch.h"

#include "core/price.h"
#include "core/yaml.h"
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "plans/integrate.h"

#include <stdlib.h>
#include <string.h>

struct error *branch_plans(struct strings *out, struct repo *repo,
			   const char *prefix)
{
	CLEANUP(free_str) char *below = xasprintf("refs/heads/%s/", prefix);
	CLEANUP(refs_release) struct refs refs = REFS_INIT;

	TRY(shared_list(&refs, repo, below));
	FOR_EACH (struct ref, ref, &refs) {
		CLEANUP(free_str) char *plan = NULL;
		CLEANUP(free_str) char *phase = NULL;

		if (layout_split(&plan, &phase, ref->name, below) &&
		    !strcmp(phase, "plan"))
			strings_add(out, plan);
	}
	return NULL;
}

struct error *branch_plan_tree(struct oid *out, struct repo *repo,
			       const char *prefix, const char *plan)
{
	CLEANUP(free_str) char *name = layout_branch(prefix, plan, "plan");
	struct oid tip;

	TRY(shared_read(&tip, repo, name));
	return commit_tree(out, repo, &tip);
}

/*
 * Unchecked: its findings are for nobody here.  Anybody can write a branch, so
 * a folder, a huge file and what is no YAML are no document: no root.
 */
static struct error *read_document(struct document *out, struct repo *repo,
				   const char *path, const struct oid *blob)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct error *err;

	out->kind = DOCUMENT_PHASE;
	out->path = xstrdup(path);
	err = blob_read(&text, repo, blob, YAML_MAX_BYTES);
	if (!err)
		err = yaml_parse(&out->tree, text.data, text.len, NULL);
	if (!error_is(err, ERROR_INVALID))
		return err;
	error_free(err);
	return NULL;
}

static struct error *parse(struct branch_document *out, struct repo *repo,
			   const char *path, const struct oid *blob)
{
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;
	struct phase phase = { 0 };

	TRY(read_document(&document, repo, path, blob));
	if (!document.tree.root)
		return NULL;
	phase_fill(&phase, &document);
	out->present = 1;
	out->status = phase.status;
	out->reason = xstrdup(phase.reason);
	out->spec = xstrdup(value_text(
		value_path(document.tree.root, "result.spec"), NULL));
	phase_release(&phase);
	return NULL;
}

struct error *branch_document_read(struct branch_document *out,
				   struct repo *repo, const struct oid *tip,
				   const char *plan, const struct phase *phase)
{
	CLEANUP(free_str) char *path = layout_phase_file(plan, phase->id);
	struct oid tree, blob;
	enum file_mode mode;

	*out = (struct branch_document){ .status = PHASE_PLANNED };
	TRY(commit_tree(&tree, repo, tip));
	TRY(tree_entry(&mode, &blob, repo, &tree, path));
	if (mode == MODE_NONE)
		return NULL;
	if (oid_equal(&blob, &phase->blob)) {
		out->present = 1;
		out->status = phase->status;
		return NULL;
	}
	return parse(out, repo, path, &blob);
}

void branch_document_release(struct branch_document *document)
{
	free(document->reason);
	free(document->spec);
}

/* A phase's document in a tree; absent or not to be parsed: no root. */
static struct error *read_tree(struct document *out, struct repo *repo,
			       const struct oid *tree, const char *path)
{
	enum file_mode mode;
	struct oid blob;

	TRY(tree_entry(&mode, &blob, repo, tree, path));
	if (mode == MODE_NONE)
		return NULL;
	return read_document(out, repo, path, &blob);
}

struct error *branch_landed(int *out, struct project *project,
			    const struct oid *tip, const char *plan,
			    const char *phase)
{
	CLEANUP(free_str) char *path = layout_phase_file(plan, phase);
	CLEANUP(document_release) struct document here = DOCUMENT_INIT;
	CLEANUP(document_release) struct document there = DOCUMENT_INIT;
	struct oid tree;

	TRY(commit_is_ancestor(out, project->repo, tip, &project->base.commit));
	if (*out)
		return NULL;
	TRY(commit_tree(&tree, project->repo, tip));
	TRY(read_tree(&here, project->repo, &project->base.tree, path));
	TRY(read_tree(&there, project->repo, &tree, path));
	const struct value *a = value_get(here.tree.root, "result");
	const struct value *b = value_get(there.tree.root, "result");
	*out = a && b && value_equal(a, b);
	return NULL;
}

struct error *branch_cost(int64_t *out, struct repo *repo,
			  const struct oid *tree, const char *plan,
			  const char *phase)
{
	CLEANUP(free_str) char *path = layout_phase_file(plan, phase);
	CLEANUP(document_release) struct document document = DOCUMENT_INIT;
	const struct value *agents;

	*out = 0;
	TRY(read_tree(&document, repo, tree, path));
	agents = value_path(document.tree.root, "result.agents");
	for (const struct value *row = agents ? agents->child : NULL; row;
	     row = row->next) {
		const char *text = value_text(value_get(row, "cost_usd"), "");
		int64_t micros = 0;

		/* "unpriced", and what strangers write, is no sum of money. */
		error_free(money_parse(&micros, text));
		*out += micros > 0 ? micros : 0;
	}
	return NULL;
}

/* Two sorted lists of changes: is any path, or a folder of it, in both? */
static int overlap(const struct changes *a, const struct changes *b)
{
	struct map seen = MAP_INIT;
	int found = 0;

	FOR_EACH (struct change, change, a)
		map_set(&seen, change->path, change);
	FOR_EACH (struct change, change, b) {
		if (map_get(&seen, change->path))
			found = 1;
		for (char *c = change->path; *c && !found; c++)
			if (*c == '/' && map_getn(&seen, change->path,
						  (size_t)(c - change->path)))
				found = 1;
	}
	map_release(&seen);
	return found;
}

static struct error *touches_same(int *out, struct project *project,
				  const struct oid *tip)
{
	struct repo *repo = project->repo;
	CLEANUP(changes_release) struct changes ours = CHANGES_INIT;
	CLEANUP(changes_release) struct changes theirs = CHANGES_INIT;
	struct oid base, base_tree, tip_tree;

	TRY(commit_merge_base(&base, repo, &project->base.commit, tip));
	if (oid_is_zero(&base)) {
		*out = 1;
		return NULL;
	}
	TRY(commit_tree(&base_tree, repo, &base));
	TRY(commit_tree(&tip_tree, repo, tip));
	TRY(tree_diff(&ours, repo, &base_tree, &project->base.tree));
	TRY(tree_diff(&theirs, repo, &base_tree, &tip_tree));
	*out = overlap(&ours, &theirs) || overlap(&theirs, &ours);
	return NULL;
}

struct error *branch_merges(int *out, struct project *project,
			    const struct oid *tip)
{
	CLEANUP(merge_release) struct merge merge = MERGE_INIT;
	int same = 0;

	TRY(touches_same(&same, project, tip));
	if (!same) {
		*out = 1;
		return NULL;
	}
	struct error *err =
		merge_commits(&merge, project->repo, &project->base.commit, tip,
			      document_merge_driver());
	*out = !err && !merge.conflicts.len;
	/* Histories with nothing in common: whoever pushed that is at fault. */
	if (!error_is(err, ERROR_CONFLICT))
		return err;
	error_free(err);
	return NULL;
}
