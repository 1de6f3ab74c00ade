/* `git orch approve`: land a plan's documents on the base. */
#include "cmd/cmd.h"
#include "plans/integrate.h"

#include <string.h>

static void drafts(struct strings *out, const struct board *board)
{
	FOR_EACH (struct board_plan *, row, &board->plans)
		if ((*row)->state == PLAN_DRAFT)
			strings_add(out, (*row)->plan.id);
}

/* Without a name: the only draft; none: the plan that is approved already. */
static struct error *choose(char **out, struct session *session)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;
	const char *name = plan_operand(session);

	if (name) {
		*out = xstrdup(name);
		return NULL;
	}
	TRY(board_load(&board, &session->project, NULL));
	drafts(&ids, &board);
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

static void print_json(struct session *session, const char *plan, int landed)
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
	out_json(&session->out, root);
}

static struct error *run(struct session *session)
{
	struct project *project = &session->project;
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	int landed = 0;

	TRY(choose(&plan, session));
	struct error *err = approve(&landed, project, plan, &findings);
	if (findings_failing(&findings))
		out_findings(&session->out, &findings);
	TRY(err);
	TRY(project_reload(project));
	if (session->out.json) {
		print_json(session, plan, landed);
		return NULL;
	}
	out_text(&session->out, "%s %s on %s\n", plan,
		 landed ? "is now" : "was already", project->base.branch);
	return print_next(session, plan);
}

static const struct opt opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };

const struct cmd cmd_approve = {
	.name = "approve",
	.summary = "Land a plan's documents on the base",
	.args = "[<plan>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_REMOTE_NOTE,
	.complete = "drafts",
	.run = run,
};
