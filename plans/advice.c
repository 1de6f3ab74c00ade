/* What to do next: a row per status that asks something of a person. */
#include "plans/board.h"

#include <stdlib.h>
#include <string.h>

static void advise(struct advices *out, const char *phase, const char *why,
		   char *command)
{
	struct advice *advice = PUSH(out);

	advice->phase = xstrdup(phase);
	advice->command = command;
	advice->why = xstrdup(why);
}

static size_t count(const struct board *board, enum status status)
{
	size_t n = 0;

	FOR_EACH (struct card, card, &board->cards)
		n += card->status == status;
	return n;
}

static void advise_plans(struct advices *out, const struct board *board)
{
	FOR_EACH (struct board_plan *, row, &board->plans)
		if ((*row)->state == PLAN_DRAFT)
			advise(out, NULL, "the plan is a draft",
			       xasprintf("git orch approve %s",
					 (*row)->plan.id));
}

static void advise_card(struct advices *out, const struct card *card)
{
	const char *id = card->phase->id;

	if (card->status == STATUS_RUNNING && !card->claim_alive)
		advise(out, id, "its runner is gone: this finishes it",
		       xasprintf("git orch next-phase %s", id));
	if (card->status == STATUS_FAILED)
		advise(out, id, "it failed: this starts it again",
		       xasprintf("git orch next-phase %s", id));
	if (card->status == STATUS_REJECTED)
		advise(out, id, "it was rejected: this starts it again",
		       xasprintf("git orch next-phase %s", id));
	if (card->flags & CARD_CONFLICT)
		advise(out, id, "it no longer merges: look at both sides",
		       xasprintf("git diff HEAD...%s", card->branch));
}

void board_next(struct advices *out, const struct board *board)
{
	const struct card *best = board_best(board);

	advise_plans(out, board);
	if (count(board, STATUS_IN_REVIEW))
		advise(out, NULL, "phases are in review",
		       xstrdup("git orch integrate"));
	if (best)
		advise(out, best->phase->id, "ready",
		       xstrdup(count(board, STATUS_READY) > 1
				       ? "git orch run --jobs 2"
				       : "git orch next-phase"));
	FOR_EACH (struct card, card, &board->cards)
		advise_card(out, card);
}

void advices_release(struct advices *advices)
{
	FOR_EACH (struct advice, advice, advices) {
		free(advice->phase);
		free(advice->command);
		free(advice->why);
	}
	free(advices->items);
	*advices = (struct advices){ NULL, 0, 0 };
}
