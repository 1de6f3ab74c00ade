/* `git orch status`: where everything stands and what to do next. */
#include "cmd/status.h"
#include "cmd/cmd.h"
#include "cmd/next.h"

static void print_advices(struct out *out, const struct board *board)
{
	CLEANUP(advices_release) struct advices advices = { NULL, 0, 0 };

	board_next(&advices, board);
	for (size_t i = 0; i < advices.len && i < 5; i++)
		print_advice(out, i ? "      " : "next: ", &advices.items[i]);
}

static void print_text(struct session *session, const struct board *board)
{
	struct out *out = &session->out;
	int all = args_flag(&session->args, "all");

	if (!board->plans.len) {
		out_text(out,
			 "no plan on %s yet\n"
			 "next: git orch plan --template cli-tool  "
			 "(git orch template list shows others)\n",
			 session->project.base.branch);
		return;
	}
	if (all)
		start_pager(session);
	FOR_EACH (struct board_plan *, row, &board->plans)
		status_plan(out, board, *row, all);
	print_advices(out, board);
}

/* Nothing can be shown where the only plan, or the named one, is broken. */
static struct error *load(struct board *board, struct session *session,
			  const char *plan)
{
	struct project *project = &session->project;
	size_t broken = 0;

	TRY(plan ? board_load(board, project, plan)
		 : board_load_all(board, project));
	FOR_EACH (struct board_plan *, row, &board->plans)
		broken += (*row)->broken != NULL;
	if (broken && broken == board->plans.len)
		return board_broken(board->plans.items[0]);
	TRY(board_conflicts(board, project));
	return board_others(board, project);
}

/* The last word on those that are only named on the board. */
static struct error *broken_plans(const struct board *board)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	FOR_EACH (struct board_plan *, row, &board->plans)
		if ((*row)->broken)
			strings_addf(&ids, "'%s'", (*row)->plan.id);
	if (!ids.len)
		return NULL;
	strings_join(&names, &ids, ", ");
	return error_hint(error_new(ERROR_INVALID, "%s %s cannot be read",
				    ids.len > 1 ? "plans" : "plan", names.data),
			  "see everything that is wrong with "
			  "'git orch validate'");
}

static struct error *run(struct session *session)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const char *plan = plan_operand(session);

	if (global_flag(session, "fetch"))
		TRY(pulls_refresh(&session->project));
	TRY(load(&board, session, plan));
	if (plan && !board_plan(&board, plan))
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no plan '%s'", plan),
				  "git orch status lists the plans");
	if (!session->out.json) {
		print_text(session, &board);
		return broken_plans(&board);
	}
	status_json(&tree, &session->project, &board);
	out_json(&session->out, tree.root);
	return broken_plans(&board);
}

static const struct opt opts[] = {
	{ 'a', "all", NULL, "every phase, also of plans that are finished" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_status = {
	.name = "status",
	.summary = "Show where everything stands and what to do next",
	.args = "[<plan>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO,
	.complete = "drafts",
	.run = run,
};
