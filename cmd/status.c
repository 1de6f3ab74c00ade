/* `git orch status`: where everything stands and what to do next. */
#include "cmd/status.h"
#include "cmd/cmd.h"

static void print_advice(struct out *out, const struct board *board)
{
	CLEANUP(advices_release) struct advices advices = { NULL, 0, 0 };

	board_next(&advices, board);
	for (size_t i = 0; i < advices.len && i < 5; i++) {
		const struct advice *advice = &advices.items[i];

		out_text(out, "%s", i ? "      " : "next: ");
		out_colour(out, COLOUR_BOLD, "%s", advice->command);
		out_text(out, "  (%s%s%s)\n",
			 advice->phase ? advice->phase : "",
			 advice->phase ? ": " : "", advice->why);
	}
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
	print_advice(out, board);
}

static struct error *run(struct session *session)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const char *plan = plan_operand(session);

	TRY(board_load(&board, &session->project, plan));
	TRY(board_conflicts(&board, &session->project));
	if (plan && !board_plan(&board, plan))
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no plan '%s'", plan),
				  "git orch status lists the plans");
	if (!session->out.json) {
		print_text(session, &board);
		return NULL;
	}
	status_json(&tree, &session->project, &board);
	out_json(&session->out, tree.root);
	return NULL;
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
