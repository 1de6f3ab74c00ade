/*
 * Asking the forge anew: one list of the open ones, and a question for each
 * that ended since.  How one ended changes no more, as long as its branch
 * stands where it stood then, so that is asked once.
 */
#include "plans/pulls.h"

#include "core/clock.h"
#include "plans/board.h"
#include "plans/forge-open.h"

#include <string.h>

struct refresh {
	struct project *project;
	struct forge_session session;
	struct board board;
	struct kept_pulls old, now;
};

static void refresh_release(struct refresh *refresh)
{
	forge_session_close(&refresh->session);
	board_release(&refresh->board);
	kept_pulls_release(&refresh->old);
	kept_pulls_release(&refresh->now);
}

static struct error *list_open(struct refresh *refresh)
{
	CLEANUP(pulls_release) struct pulls pulls = { 0 };
	CLEANUP(free_str)
	char *prefix = xasprintf(
		"%s/", refresh->project->config.delivery.branch_prefix);

	TRY(refresh->session.forge->list(&pulls, refresh->session.client,
					 prefix));
	FOR_EACH (struct pull, pull, &pulls)
		pulls_put(&refresh->now, pull, clock_now());
	return NULL;
}

/* tip NULL: the branch is gone. */
static int is_final(const struct kept_pull *kept, const struct oid *tip)
{
	char hex[OID_HEX];

	return kept->pull.state != PULL_OPEN &&
	       (!tip || !strcmp(oid_hex(hex, tip), kept->pull.head_oid));
}

/* How the one of a branch ended, if it is not among the open ones. */
static struct error *ask_end(struct refresh *refresh, const char *branch,
			     const struct oid *tip)
{
	CLEANUP(pull_release) struct pull pull = { 0 };
	const struct kept_pull *old = pulls_of(&refresh->old, branch);

	if (pulls_of(&refresh->now, branch))
		return NULL;
	if (old && is_final(old, tip)) {
		pulls_put(&refresh->now, &old->pull, old->seen);
		return NULL;
	}
	TRY(refresh->session.forge->find(&pull, refresh->session.client,
					 branch));
	if (pull.number)
		pulls_put(&refresh->now, &pull, clock_now());
	return NULL;
}

static const struct card *card_of(const struct board *board, const char *branch)
{
	FOR_EACH (struct card, card, &board->cards)
		if (card->branch && !strcmp(card->branch, branch))
			return card;
	return NULL;
}

static struct error *ask_ends(struct refresh *refresh)
{
	FOR_EACH (struct kept_pull, old, &refresh->old) {
		const struct card *card =
			card_of(&refresh->board, old->pull.head);

		TRY(ask_end(refresh, old->pull.head, card ? &card->tip : NULL));
	}
	FOR_EACH (struct card, card, &refresh->board.cards)
		if (card->branch && card->facts.on_branch == PHASE_DONE &&
		    card->facts.on_base != PHASE_DONE)
			TRY(ask_end(refresh, card->branch, &card->tip));
	return NULL;
}

struct error *pulls_refresh(struct project *project)
{
	CLEANUP(loop_release) struct loop *loop = loop_new();
	CLEANUP(refresh_release)
	struct refresh refresh = {
		.project = project,
		.session = FORGE_SESSION_INIT,
		.board = BOARD_INIT,
		.old = KEPT_PULLS_INIT,
		.now = KEPT_PULLS_INIT,
	};

	loop_every(loop, project->tick);
	TRY(forge_open(&refresh.session, project, loop));
	if (!refresh.session.forge)
		return NULL;
	TRY(board_load_all(&refresh.board, project));
	pulls_read(&refresh.old, project->repo);
	TRY(list_open(&refresh));
	TRY(ask_ends(&refresh));
	pulls_write(project, &refresh.now);
	return NULL;
}
