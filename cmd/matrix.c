/* `git orch matrix`: what CI runners can do side by side now. */
#include "cmd/cmd.h"
#include "plans/forecast.h"

#include <stdlib.h>
#include <string.h>

/* In the form of a CI service's matrix, which takes no other keys. */
static void print_json(struct out *out, const struct cards *cards)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *rows = value_list(&tree, root, "include");

	FOR_EACH (const struct card *, it, cards) {
		const struct card *card = *it;
		struct value *row = value_object(&tree, rows, NULL);
		CLEANUP(free_str)
		char *command =
			xasprintf("git orch next-phase --no-wait --plan %s %s",
				  card->plan->id, card->phase->id);

		value_add_string(&tree, row, "plan", card->plan->id);
		value_add_string(&tree, row, "phase", card->phase->id);
		value_add_string(&tree, row, "title",
				 card->phase->title ? card->phase->title : "");
		value_add_string(&tree, row, "agent",
				 card->phase->agent ? card->phase->agent : "");
		value_add_string(&tree, row, "command", command);
	}
	out_json(out, root);
}

static void print_text(struct out *out, const struct cards *cards)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(2);

	FOR_EACH (const struct card *, card, cards) {
		table_cell(&table, COLOUR_BOLD, "%s/%s", (*card)->plan->id,
			   (*card)->phase->id);
		table_cell(&table, COLOUR_NONE, "%s",
			   (*card)->phase->title ? (*card)->phase->title : "");
	}
	table_print(out, &table, 0);
}

static struct error *run(struct session *session)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	struct cards cards = { NULL, 0, 0 };
	const char *plan = plan_operand(session);
	int64_t most = FORECAST_MOST;

	TRY(args_int(&most, &session->args, "max", FORECAST_MOST, 1,
		     FORECAST_MOST));
	if (plan)
		TRY(board_load(&board, &session->project, plan));
	else
		TRY(board_load_all(&board, &session->project));
	if (plan && !board_plan(&board, plan))
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no plan '%s'", plan),
				  "git orch status lists the plans");
	forecast_side_by_side(&cards, &board);
	if (cards.len > (size_t)most)
		cards.len = (size_t)most;
	if (session->out.json)
		print_json(&session->out, &cards);
	else
		print_text(&session->out, &cards);
	/* For a program an empty list says it; the job still has to go on. */
	if (!cards.len && !session->out.json)
		session->status = 3;
	free(cards.items);
	return NULL;
}

static const struct opt opts[] = {
	{ 0, "max", "n", "at most n phases" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_matrix = {
	.name = "matrix",
	.summary = "List the phases that runners can do side by side now",
	.args = "[<plan>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO,
	.complete = "plans",
	.run = run,
};
