/* `git orch next-phase`: one phase, from claim to proposal. */
#include "cmd/cmd.h"
#include "cmd/outcome.h"
#include "cmd/wishes.h"

/* None is ready: what is in review may be worked on again. */
static struct error *dry_revise(struct session *session, struct board *board,
				const struct transaction_options *options,
				struct error *none)
{
	CLEANUP(revision_release) struct revision revision = REVISION_INIT;
	struct card *card = NULL;

	if (!error_is(none, ERROR_NOTHING) || options->phase ||
	    options->no_revise || options->no_push || options->no_pr)
		return none;
	struct error *err =
		revision_any(&card, &revision, &session->project, board);
	if (!err && !card)
		return none;
	error_free(none);
	TRY(err);
	end_progress(session);
	revision_dry(&session->out, card, &revision);
	return NULL;
}

static struct error *dry_run(struct session *session,
			     const struct transaction_options *options)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct card *card;

	TRY(board_load(&board, &session->project, options->plan));
	struct error *err = transaction_choose(&card, &board, options);
	if (err)
		return dry_revise(session, &board, options, err);
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
		.no_revise = args_flag(args, "no-revise"),
	};
	if (args_flag(args, "dry-run"))
		return dry_run(session, &options);
	TRY(transaction_run(&outcome, &session->project, &options));
	end_progress(session);
	session->status = outcome.status == PHASE_DONE ? 0 : 1;
	if (session->out.json) {
		outcome_json(&session->out, &outcome);
		return NULL;
	}
	outcome_print(&session->out, &outcome);
	return print_next(session, plan);
}

static const struct opt opts[] = {
	{ 'n', "dry-run", NULL, "show which phase it would be" },
	{ 0, "no-push", NULL, "keep the branch in this clone" },
	{ 0, "no-pr", NULL, "push, and open no pull request" },
	{ 0, "no-wait", NULL, "do not wait for runners that may be gone" },
	{ 0, "no-revise", NULL, "leave what is in review to its reviewers" },
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
