/* `git orch approve`: land a plan's documents on the base. */
#include "cmd/cmd.h"
#include "cmd/outcome.h"
#include "plans/branch.h"
#include "plans/propose.h"

/* By their branches alone: what is wrong in one is said by approve(). */
static struct error *drafts(struct strings *out, struct project *project)
{
	const char *prefix = project->config.delivery.branch_prefix;
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	CLEANUP(strings_release) struct strings landed = STRINGS_INIT;

	TRY(branch_plans(&ids, project->repo, prefix));
	TRY(plan_ids(&landed, project->repo, &project->base.tree));
	FOR_EACH (char *, id, &ids)
		if (!strings_has(&landed, *id))
			strings_add(out, *id);
	return NULL;
}

/* Without a name: the only draft; none: the plan that is approved already. */
static struct error *choose(char **out, struct session *session)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;
	const char *name = plan_operand(session);

	if (name) {
		*out = xstrdup(name);
		return NULL;
	}
	TRY(drafts(&ids, &session->project));
	if (!ids.len)
		return board_choose(out, &session->project, NULL);
	strings_join(&names, &ids, ", ");
	if (ids.len > 1)
		return error_hint(error_new(ERROR_USAGE,
					    "several plans are drafts: %s",
					    names.data),
				  "name the one to approve");
	*out = xstrdup(ids.items[0]);
	return NULL;
}

static void print_json(struct session *session, const char *plan, int landed,
		       const struct pull *pull)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	char hex[OID_HEX];

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", plan);
	value_add_bool(&tree, root, "landed", landed);
	value_add_string(&tree, root, "branch", session->project.base.branch);
	value_add_string(&tree, root, "commit",
			 oid_hex(hex, &session->project.base.commit));
	pull_json(&tree, root, pull);
	out_json(&session->out, root);
}

static struct error *run(struct session *session)
{
	struct project *project = &session->project;
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(pull_release) struct pull pull = { 0 };
	int landed = 0;

	TRY(choose(&plan, session));
	struct error *err =
		propose_or_approve(&landed, &pull, project, plan, &findings);
	if (findings_failing(&findings))
		out_findings(&session->out, &findings);
	TRY(err);
	TRY(project_reload(project));
	if (session->out.json) {
		print_json(session, plan, landed, &pull);
		return NULL;
	}
	if (pull.number) {
		pull_print_plan(&session->out, &pull);
		return NULL;
	}
	out_text(&session->out, "%s %s on %s\n", plan,
		 landed ? "is now" : "was already", project->base.branch);
	return print_next(session, plan);
}

static const struct opt opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };

const struct cmd cmd_approve = {
	.name = "approve",
	.summary = "Land the documents of a plan on the base",
	.args = "[<plan>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | MOVES_REFS,
	.complete = "drafts",
	.run = run,
};
