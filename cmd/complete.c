/*
 * `git orch complete <what>`: the words a completion script offers, one a
 * line.  Silent when there is no repository: a shell is asking.
 */
#include "cmd/cmd.h"
#include "plans/board.h"
#include "plans/template.h"

#include <string.h>

static struct error *plans(struct session *session)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	struct project *project = &session->project;

	TRY(plan_ids(&ids, project->repo, &project->base.tree));
	FOR_EACH (char *, id, &ids)
		out_text(&session->out, "%s\n", *id);
	return NULL;
}

static void board_words(struct session *session, const struct board *board,
			int with_plan)
{
	FOR_EACH (struct board_plan *, row, &board->plans)
		if (with_plan)
			out_text(&session->out, "%s\n", (*row)->plan.id);
	FOR_EACH (struct card, card, &board->cards)
		out_text(&session->out, "%s%s%s\n",
			 with_plan ? card->plan->id : "", with_plan ? "/" : "",
			 card->phase->id);
}

static struct error *boards(struct session *session, int with_plan)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	TRY(board_load(&board, &session->project,
		       global_text(session, "plan")));
	board_words(session, &board, with_plan);
	return NULL;
}

static struct error *drafts_too(struct session *session)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	TRY(board_load_all(&board, &session->project));
	FOR_EACH (struct board_plan *, row, &board.plans)
		out_text(&session->out, "%s\n", (*row)->plan.id);
	return NULL;
}

static struct error *templates(struct session *session)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	TRY(template_names(&names, &session->project));
	FOR_EACH (char *, name, &names)
		out_text(&session->out, "%s\n", *name);
	return NULL;
}

static struct error *keys(struct session *session)
{
	CLEANUP(settings_release) struct settings settings = { NULL, 0, 0 };

	TRY(config_settings(&settings, &session->project.config));
	FOR_EACH (struct setting, setting, &settings)
		out_text(&session->out, "%s\n", setting->key);
	return NULL;
}

static struct error *agents(struct session *session)
{
	FOR_EACH (const struct agent, it, &session->project.config.agents)
		out_text(&session->out, "%s\n", it->name);
	return NULL;
}

static struct error *words(struct session *session, const char *what)
{
	TRY(session_open(session, NEED_REPO));
	if (!strcmp(what, "plans"))
		return plans(session);
	if (!strcmp(what, "drafts"))
		return drafts_too(session);
	if (!strcmp(what, "phases"))
		return boards(session, 0);
	if (!strcmp(what, "documents"))
		return boards(session, 1);
	if (!strcmp(what, "templates"))
		return templates(session);
	if (!strcmp(what, "keys"))
		return keys(session);
	if (!strcmp(what, "agents"))
		return agents(session);
	return NULL;
}

static struct error *run(struct session *session)
{
	session->out.quiet = 1;
	error_free(words(session, operand(session, 0)));
	return NULL;
}

const struct cmd cmd_complete = {
	.name = "complete",
	.summary = "Print words for a completion script",
	.args = "<what>",
	.min = 1,
	.max = 1,
	.hidden = 1,
	.run = run,
};
