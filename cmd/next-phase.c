/* `git orch next-phase`: one phase, from claim to proposal. */
#include "cmd/cmd.h"
#include "cmd/landings.h"
#include "plans/transaction.h"

static void print_json(struct out *out, const struct outcome *outcome)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	char hex[OID_HEX];

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", outcome->plan);
	value_add_string(&tree, root, "phase", outcome->phase);
	value_add_maybe(&tree, root, "title", outcome->title);
	value_add_maybe(&tree, root, "run", outcome->run);
	value_add_string(&tree, root, "status",
			 phase_status_name(outcome->status));
	value_add_bool(&tree, root, "resumed", outcome->resumed);
	value_add_int(&tree, root, "attempts", outcome->attempts);
	value_add_maybe(&tree, root, "branch", outcome->branch);
	value_add_maybe(&tree, root, "commit",
			oid_is_zero(&outcome->commit)
				? NULL
				: oid_hex(hex, &outcome->commit));
	value_add_number(&tree, root, "seconds",
			 (double)outcome->millis / 1000);
	checks_json(&tree, root, &outcome->checks);
	struct value *files = value_list(&tree, root, "files");
	FOR_EACH (struct change, change, &outcome->files) {
		struct value *row = value_object(&tree, files, NULL);

		value_add_string(&tree, row, "path", change->path);
		value_add_string(&tree, row, "change",
				 change_name(change->kind));
	}
	messages_json(&tree, root, &outcome->findings);
	out_json(out, root);
}

static void print_checks(struct out *out, const struct outcome *outcome)
{
	FOR_EACH (struct check_outcome, check, &outcome->checks) {
		out_text(out, "  check   %s: ", check->name);
		out_colour(out, check->exit ? COLOUR_RED : COLOUR_GREEN, "%s",
			   check->exit ? check->ended : "passed");
		out_text(out, ", %.1f s, sandbox %s%s\n",
			 (double)check->millis / 1000,
			 sandbox_name(check->sandbox),
			 check->cached ? ", known" : "");
		if (check->tail)
			out_text(out, "%s\n", check->tail);
	}
}

static void print_text(struct out *out, const struct outcome *outcome)
{
	int done = outcome->status == PHASE_DONE;
	char hex[OID_HEX];

	out_colour(out, COLOUR_BOLD, "%s", outcome->phase);
	out_text(out, " ");
	out_colour(out, done ? COLOUR_GREEN : COLOUR_RED, "%s",
		   phase_status_name(outcome->status));
	out_text(out, "%s: %s\n", outcome->resumed ? " (resumed)" : "",
		 outcome->title ? outcome->title : "");
	if (outcome->branch)
		out_text(out, "  branch  %s (%.7s)\n", outcome->branch,
			 oid_hex(hex, &outcome->commit));
	if (outcome->files.len)
		out_text(out, "  files   %zu changed\n", outcome->files.len);
	print_checks(out, outcome);
	FOR_EACH (struct finding, finding, &outcome->findings) {
		out_text(out, "  %s\n", finding->message);
		if (finding->hint)
			out_text(out, "    %s\n", finding->hint);
	}
}

static struct error *dry_run(struct session *session,
			     const struct transaction_options *options)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct card *card;

	TRY(board_load(&board, &session->project, options->plan));
	TRY(transaction_choose(&card, &board, options));
	if (!session->out.json) {
		out_text(&session->out, "would do %s/%s: %s\n", card->plan->id,
			 card->phase->id, card->phase->title);
		return NULL;
	}
	struct value *root = value_object(&tree, NULL, NULL);
	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", card->plan->id);
	value_add_string(&tree, root, "phase", card->phase->id);
	value_add_string(&tree, root, "title", card->phase->title);
	value_add_string(&tree, root, "status", status_name(card->status));
	out_json(&session->out, root);
	return NULL;
}

static struct error *run(struct session *session)
{
	const struct args *args = &session->args;
	CLEANUP(free_str) char *plan = NULL;
	CLEANUP(outcome_release) struct outcome outcome = { 0 };
	const char *named = global_text(session, "plan");

	TRY(board_choose(&plan, &session->project, named));
	const struct transaction_options options = {
		.plan = plan,
		.phase = operand(session, 0),
		.no_push = args_flag(args, "no-push"),
		.no_pr = args_flag(args, "no-pr"),
		.no_wait = args_flag(args, "no-wait"),
	};
	if (args_flag(args, "dry-run"))
		return dry_run(session, &options);
	TRY(transaction_run(&outcome, &session->project, &options));
	end_progress(session);
	session->status = outcome.status == PHASE_DONE ? 0 : 1;
	if (session->out.json) {
		print_json(&session->out, &outcome);
		return NULL;
	}
	print_text(&session->out, &outcome);
	return print_next(session, plan);
}

static const struct opt opts[] = {
	{ 'n', "dry-run", NULL, "show which phase it would be" },
	{ 0, "no-push", NULL, "without a remote nothing is pushed: no effect" },
	{ 0, "no-pr", NULL, "without a remote nothing is proposed: no effect" },
	{ 0, "no-wait", NULL,
	  "without a remote nothing is waited for: no effect" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_next_phase = {
	.name = "next-phase",
	.summary = "Do one phase, from claim to proposal",
	.args = "[<phase>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_TRUST | NEED_PROGRESS | MOVES_REFS,
	.complete = "phases",
	.run = run,
};
