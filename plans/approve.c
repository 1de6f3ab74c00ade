/*
 * Landing a plan's documents, and merging a phase's document by field.
 *
 * A plan is approved by being on the base; what is validated is the merged
 * tree, so that two plans that are fine apart but not together are found.
 */
#include "core/yaml-edit.h"
#include "gitops/commit.h"
#include "gitops/land.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "plans/integrate.h"
#include "plans/landing.h"
#include "plans/validate.h"

#include <string.h>

#define MOST_LOST 20

static int is_phase_document(const char *path, void *data)
{
	enum document_kind kind;

	(void)data;
	return document_kind_of(&kind, path) && kind == DOCUMENT_PHASE;
}

/* status, reason and result come from the phase's branch, the rest not. */
static struct error *merge_document(struct buf *out, const char *path,
				    const struct buf *base,
				    const struct buf *ours,
				    const struct buf *theirs, void *data)
{
	static const char *const outcome[] = { "status", "reason", "result",
					       NULL };
	CLEANUP(strings_release) struct strings conflicts = STRINGS_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	(void)data;
	TRY(yaml_merge_fields(out, base, ours, theirs, outcome, &conflicts));
	if (!conflicts.len)
		return NULL;
	strings_join(&names, &conflicts, ", ");
	return error_new(ERROR_CONFLICT, "%s: both sides changed %s", path,
			 names.data);
}

const struct merge_driver *document_merge_driver(void)
{
	static const struct merge_driver driver = {
		.wants = is_phase_document,
		.merge = merge_document,
	};

	return &driver;
}

static struct error *conflict(const char *plan, const struct merged *merged)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	strings_join(&names, &merged->conflicts, ", ");
	return error_hint(error_new(ERROR_CONFLICT,
				    "plan '%s' does not merge: %s", plan,
				    names.data),
			  "merge the base into the plan's branch by hand");
}

/* Not from under somebody who stands on it, nor when it has moved on. */
static struct error *remove_branch(struct project *project, const char *name,
				   const struct oid *tip)
{
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;

	if (!project->base.remote)
		TRY(land_checkouts(&paths, project->repo, name));
	if (paths.len)
		return NULL;
	push_add(&push, name, &oid_zero, tip);
	struct error *err = shared_move(project->repo, &push, "approved");
	if (!error_is(err, ERROR_STALE))
		return err;
	error_free(err);
	return NULL;
}

/*
 * Approving reads documents and runs no check, so it lands nothing else: not
 * a line of source, and not the configuration that says what is run.
 */
static struct error *judge_paths(struct project *project, const char *plan,
				 const struct oid *merged,
				 struct findings *findings)
{
	CLEANUP(free_str) char *folder = xasprintf(".orch/plans/%s/", plan);
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;

	TRY(tree_diff(&changes, project->repo, &project->base.tree, merged));
	FOR_EACH (struct change, change, &changes) {
		if (!strncmp(change->path, folder, strlen(folder)))
			continue;
		struct finding *finding =
			finding_add(findings, "not-of-the-plan", NULL,
				    "it is no document of plan '%s'", plan);
		finding->path = xstrdup(change->path);
		finding_hint(finding, "bring it to '%s' by itself",
			     project->base.branch);
	}
	return NULL;
}

static struct error *land_branch(int *landed, struct project *project,
				 const char *plan, const char *name,
				 const struct oid *tip,
				 struct findings *findings)
{
	CLEANUP(merged_release) struct merged merged = MERGED_INIT;
	CLEANUP(free_str) char *message = xasprintf("Approve plan %s\n", plan);
	struct oid fork, commit;
	size_t checked = 0;

	TRY(commit_merge_base(&fork, project->repo, &project->base.commit,
			      tip));
	TRY(merged_make(&merged, project, &project->base.commit, tip, &fork));
	if (merged.conflicts.len)
		return conflict(plan, &merged);
	TRY(validate_tree(&checked, findings, project, &merged.tree, plan));
	TRY(judge_paths(project, plan, &merged.tree, findings));
	if (findings_failing(findings))
		return error_hint(
			error_new(ERROR_NO, "plan '%s' has findings", plan),
			"mend them on branch %s", name + strlen("refs/heads/"));
	*landed = !oid_equal(&merged.tree, &project->base.tree);
	if (*landed) {
		TRY(merged_commit(&commit, project, &merged, message));
		TRY(move_base(project, &commit));
	}
	return remove_branch(project, name, tip);
}

static struct error *on_base(int *out, struct project *project,
			     const char *plan)
{
	CLEANUP(free_str) char *path = layout_plan_file(plan);
	enum file_mode mode;
	struct oid oid;

	TRY(tree_entry(&mode, &oid, project->repo, &project->base.tree, path));
	*out = mode != MODE_NONE;
	return NULL;
}

static struct error *approve_once(int *landed, struct project *project,
				  const char *plan, struct findings *findings)
{
	CLEANUP(free_str)
	char *name = layout_branch(project->config.delivery.branch_prefix, plan,
				   "plan");
	struct oid tip;
	int there = 0;

	*landed = 0;
	TRY(land_recover(project->repo));
	TRY(project_reload(project));
	TRY(shared_read(&tip, project->repo, name));
	if (!oid_is_zero(&tip))
		return land_branch(landed, project, plan, name, &tip, findings);
	TRY(on_base(&there, project, plan));
	if (there)
		return NULL;
	return error_hint(
		error_new(ERROR_NOT_FOUND, "there is no plan '%s'", plan),
		"git orch status lists the plans");
}

struct error *approve(int *landed, struct project *project, const char *plan,
		      struct findings *findings)
{
	struct error *err = approve_once(landed, project, plan, findings);

	/* The base moved meanwhile: the plan is merged with that. */
	for (int lost = 0; lost < MOST_LOST && error_is(err, ERROR_STALE);
	     lost++) {
		error_free(err);
		findings_release(findings);
		err = approve_once(landed, project, plan, findings);
	}
	return err;
}
