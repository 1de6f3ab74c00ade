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

/* "a is ready", "3 phases are ready". */
static char *how_many(size_t n, const struct card *one, const char *what)
{
	return n == 1 ? xasprintf("%s is %s", one->phase->id, what)
		      : xasprintf("%zu phases are %s", n, what);
}

/* How many stand so; *last is one of them. */
static size_t count(const struct card **last, const struct board *board,
		    const struct plan *plan, enum status status)
{
	size_t n = 0;

	FOR_EACH (struct card, card, &board->cards) {
		if (card->status != status || card->plan != plan)
			continue;
		*last = card;
		n++;
	}
	return n;
}

/* " <before><plan>" where a command would not know which one is meant. */
static char *plan_word(const struct board *board, const char *before,
		       const struct plan *plan)
{
	return board->open > 1 ? xasprintf(" %s%s", before, plan->id)
			       : xstrdup("");
}

/* A range for git, in quotes where a shell would read more into it. */
static char *range(const char *from, const char *to)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./@%+=,-";
	CLEANUP(free_str) char *text = xasprintf("%s...%s", from, to);
	struct buf out = BUF_INIT;

	if (!text[strspn(text, plain)])
		return xstrdup(text);
	buf_ch(&out, '\'');
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			buf_str(&out, "'\\''");
		else
			buf_ch(&out, *p);
	}
	buf_ch(&out, '\'');
	return buf_steal(&out);
}

static void advise_plans(struct advices *out, const struct board *board)
{
	FOR_EACH (struct board_plan *, row, &board->plans)
		if ((*row)->state == PLAN_DRAFT && !(*row)->broken)
			advise(out, NULL, "the plan is a draft",
			       xasprintf("git orch approve %s",
					 (*row)->plan.id));
}

static void advise_phase(struct advices *out, const struct board *board,
			 const struct card *card, const char *why)
{
	CLEANUP(free_str)
	char *plan = plan_word(board, "--plan ", card->plan);

	advise(out, card->phase->id, why,
	       xasprintf("git orch next-phase%s %s", plan, card->phase->id));
}

static void advise_card(struct advices *out, const struct board *board,
			const struct card *card)
{
	if (card->status == STATUS_RUNNING && !card->claim_alive)
		advise_phase(out, board, card,
			     "its runner is gone: this finishes it");
	if (card->status == STATUS_FAILED)
		advise_phase(out, board, card,
			     "it failed: this starts it again");
	if (card->status == STATUS_REJECTED)
		advise_phase(out, board, card,
			     "it was rejected: this starts it again");
	if (card->status == STATUS_IN_REVIEW && (card->flags & CARD_UNPUSHED))
		advise_phase(out, board, card,
			     "only this clone has it: this pushes it");
	if (!(card->flags & CARD_CONFLICT))
		return;
	CLEANUP(free_str) char *sides = range(board->base, card->branch);
	advise(out, card->phase->id, "it no longer merges: look at both sides",
	       xasprintf("git diff %s", sides));
}

static void advise_review(struct advices *out, const struct board *board)
{
	FOR_EACH (struct board_plan *, row, &board->plans) {
		const struct plan *plan = &(*row)->plan;

		const struct card *one = NULL;
		size_t n = count(&one, board, plan, STATUS_IN_REVIEW);

		if (!n)
			continue;
		CLEANUP(free_str) char *word = plan_word(board, "", plan);
		CLEANUP(free_str) char *why = how_many(n, one, "in review");
		advise(out, NULL, why, xasprintf("git orch integrate%s", word));
	}
}

static void advise_moved(struct advices *out, const struct board *board)
{
	FOR_EACH (struct board_plan *, row, &board->plans) {
		const struct plan *plan = &(*row)->plan;
		const struct card *moved = NULL;

		FOR_EACH (struct card, card, &board->cards)
			if (!moved && card->plan == plan &&
			    (card->flags & CARD_MOVED))
				moved = card;
		if (!moved)
			continue;
		CLEANUP(free_str)
		char *word = plan_word(board, "--plan ", plan);
		advise(out, moved->phase->id,
		       "what it stands on has landed or moved",
		       xasprintf("git orch restack%s", word));
	}
}

static void advise_ready(struct advices *out, const struct board *board)
{
	const struct card *best = board_best(board);

	if (!best)
		return;
	const struct card *one = NULL;
	size_t n = count(&one, board, best->plan, STATUS_READY);
	int many = n > 1;
	CLEANUP(free_str)
	char *word = plan_word(board, many ? "" : "--plan ", best->plan);
	CLEANUP(free_str) char *why = how_many(n, best, "ready");
	advise(out, best->phase->id, why,
	       many ? xasprintf("git orch run%s --jobs 2", word)
		    : xasprintf("git orch next-phase%s", word));
}

void board_next(struct advices *out, const struct board *board)
{
	advise_plans(out, board);
	advise_moved(out, board);
	advise_review(out, board);
	advise_ready(out, board);
	FOR_EACH (struct card, card, &board->cards)
		advise_card(out, board, card);
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
