/*
 * The draft of a plan.  Everything is built and validated as a tree in the
 * object database; the branch is made last, by compare-and-swap against
 * "absent", so that of two who take one id only one gets it.
 */
#include "plans/planner-step.h"

#include "core/clock.h"
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "gitops/sync.h"
#include "plans/graph.h"
#include "plans/trust.h"
#include "plans/validate.h"

#include <stdlib.h>
#include <string.h>

void draft_release(struct draft *draft)
{
	free(draft->plan);
	free(draft->title);
	free(draft->branch);
	strings_release(&draft->phases);
	strings_release(&draft->agents);
	findings_release(&draft->findings);
	free(draft->steps.items);
	report_release(&draft->report);
	*draft = (struct draft)DRAFT_INIT;
}

struct error *draft_name(struct draft *draft, struct project *project,
			 const char *id)
{
	if (!id_valid(id))
		return error_hint(
			error_new(ERROR_INVALID, "'%s' is no id for a plan",
				  id),
			"ids are lower-case words joined by '-', at most 64 "
			"characters; 'plan' is reserved; choose one with --id");
	free(draft->plan);
	free(draft->branch);
	draft->plan = xstrdup(id);
	draft->branch = xasprintf("%s/%s/plan",
				  project->config.delivery.branch_prefix, id);
	return NULL;
}

static const char *choose_id(const struct plan_request *request,
			     const struct template *template,
			     const struct map *vars)
{
	const char *name = map_get(vars, "name");

	if (request->id)
		return request->id;
	return name ? name : template->name;
}

static char *branch_ref(const struct draft *draft)
{
	return xasprintf("refs/heads/%s", draft->branch);
}

struct error *draft_require_free(struct project *project,
				 const struct draft *draft)
{
	CLEANUP(free_str) char *path = layout_plan_file(draft->plan);
	CLEANUP(free_str) char *ref = branch_ref(draft);
	enum file_mode mode;
	struct oid oid, tip;
	const char *where = NULL;

	TRY(tree_entry(&mode, &oid, project->repo, &project->base.tree, path));
	TRY(shared_read(&tip, project->repo, ref));
	if (mode != MODE_NONE)
		where = project->base.branch;
	else if (!oid_is_zero(&tip))
		where = draft->branch;
	if (!where)
		return sync_unblocked(project->repo,
				      project->config.delivery.branch_prefix,
				      draft->plan, "plan");
	return error_hint(error_new(ERROR_FAILURE,
				    "there is a plan '%s' already, on %s",
				    draft->plan, where),
			  "give the new one another id with --id");
}

/* The documents as a tree on top of the base's. */
static struct error *build(struct oid *tree, struct project *project,
			   const struct draft *draft,
			   const struct template *template, const char *goal,
			   const struct map *vars)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;

	TRY(workspace_open(&work, project->repo, &project->base.tree));
	TRY(template_plan(work, template, draft->plan, goal, vars));
	return workspace_write_tree(tree, work);
}

static struct error *list_phases(struct draft *draft, const struct plan *plan)
{
	size_t *order = xcalloc(plan->phases.len, sizeof *order);
	struct error *err = graph_order(order, plan);

	for (size_t i = 0; i < plan->phases.len && !err; i++) {
		const struct phase *phase = &plan->phases.items[order[i]];

		strings_add(&draft->phases, phase->id);
		strings_add(&draft->agents, phase->agent ? phase->agent : "");
	}
	free(order);
	return err;
}

struct error *draft_examine(struct draft *draft, struct project *project,
			    const struct oid *tree)
{
	CLEANUP(plan_release) struct plan plan = { 0 };
	size_t checked = 0;

	TRY(validate_tree(&checked, &draft->findings, project, tree,
			  draft->plan));
	if (findings_failing(&draft->findings))
		return NULL;
	TRY(plan_read(&plan, project->repo, tree, draft->plan, NULL));
	draft->title = xstrdup(plan.title);
	return list_phases(draft, &plan);
}

struct error *draft_commit(struct draft *draft, struct project *project,
			   const struct oid *tree, const struct oid *parent,
			   const struct oid *old)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(free_str) char *ref = branch_ref(draft);
	CLEANUP(free_str)
	char *message = xasprintf("docs(%s): plan %s\n\nOrch-Plan: %s\n",
				  draft->plan, draft->title, draft->plan);

	TRY(repo_author(&author, project->repo));
	TRY(repo_committer(&committer, project->repo));
	const struct commit_spec spec = {
		.tree = *tree,
		.parents = parent,
		.n_parents = 1,
		.message = message,
		.author = author,
		.committer = committer,
		.when = clock_now(),
	};
	TRY(commit_create(&draft->commit, project->repo, &spec));
	push_add(&push, ref, &draft->commit, old);
	struct error *err =
		shared_move(project->repo, &push, "orch: draft of a plan");
	if (error_is(err, ERROR_STALE)) {
		error_free(err);
		return error_new(ERROR_FAILURE,
				 "somebody else just wrote a plan '%s'",
				 draft->plan);
	}
	return err;
}

/* Pins the new plan's own items and nothing that was there before. */
struct error *draft_pin(struct draft *draft, struct project *project,
			const struct oid *tree)
{
	CLEANUP(free_str) char *path = layout_plan_file(draft->plan);
	CLEANUP(trust_release) struct trust all = TRUST_INIT;

	TRY(trust_read(&all, project, tree));
	FOR_EACH (struct trust_item, item, &all) {
		if (strcmp(item->path, path) != 0)
			continue;
		const struct trust one = { item, 1, 1, "" };
		TRY(trust_pin(&one, project));
		draft->pinned = 1;
	}
	return NULL;
}

struct error *planner_template(struct draft *out, struct project *project,
			       const struct plan_request *request)
{
	CLEANUP(template_release) struct template template = { 0 };
	CLEANUP(arena_release) struct arena arena = ARENA_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;
	const struct strings none = STRINGS_INIT;
	struct oid tree;

	TRY(template_open(&template, project, request->template));
	TRY(template_vars(&vars, &arena, &template,
			  request->vars ? request->vars : &none));
	TRY(draft_name(out, project, choose_id(request, &template, &vars)));
	TRY(draft_require_free(project, out));
	TRY(build(&tree, project, out, &template, request->goal, &vars));
	TRY(draft_examine(out, project, &tree));
	if (findings_failing(&out->findings) || request->dry_run)
		return NULL;
	TRY(draft_commit(out, project, &tree, &project->base.commit,
			 &oid_zero));
	return template.builtin ? draft_pin(out, project, &tree) : NULL;
}
