/* Declared files only: what is not declared is for integrate to find. */
#include "plans/forecast.h"

#include "plans/overlap.h"

#include <stdlib.h>
#include <string.h>

static size_t count_ready(const struct board *board)
{
	size_t n = 0;

	FOR_EACH (struct card, card, &board->cards)
		n += card->status == STATUS_READY;
	return n;
}

/* A claim of a runner that is gone is nobody's work. */
static int is_running(const struct card *card)
{
	return card->status == STATUS_RUNNING && card->claim_alive;
}

static void add_name(struct strings *out, const struct card *other,
		     const struct card *card)
{
	if (other->plan == card->plan)
		strings_add(out, other->phase->id);
	else
		strings_addf(out, "%s/%s", other->plan->id, other->phase->id);
}

void forecast_card(struct strings *out, const char **glob,
		   const struct board *board, const struct card *card)
{
	if (card->status != STATUS_READY || count_ready(board) > FORECAST_MOST)
		return;
	FOR_EACH (struct card, other, &board->cards) {
		const char *path = NULL;

		if (other != card &&
		    (other->status == STATUS_READY || is_running(other)))
			path = phases_meet(card->phase, other->phase);
		if (!path)
			continue;
		if (glob && !out->len)
			*glob = path;
		add_name(out, other, card);
	}
}

int forecast_in_the_way(const struct board *board, const struct card *card)
{
	FOR_EACH (struct card, other, &board->cards)
		if (other != card && is_running(other) &&
		    phases_meet(card->phase, other->phase))
			return 1;
	return 0;
}

static int meets_any(const struct cards *cards, const struct card *card)
{
	FOR_EACH (const struct card *, other, cards)
		if (phases_meet(card->phase, (*other)->phase))
			return 1;
	return 0;
}

static int by_rank(const void *a, const void *b)
{
	const struct card *x = *(const struct card *const *)a;
	const struct card *y = *(const struct card *const *)b;

	return card_before(x, y) ? -1 : card_before(y, x);
}

void forecast_side_by_side(struct cards *out, const struct board *board)
{
	struct cards ready = { NULL, 0, 0 };

	FOR_EACH (struct card, card, &board->cards)
		if (card->status == STATUS_READY)
			*PUSH(&ready) = card;
	if (ready.len)
		qsort(ready.items, ready.len, sizeof *ready.items, by_rank);
	FOR_EACH (const struct card *, card, &ready)
		if (!forecast_in_the_way(board, *card) &&
		    !meets_any(out, *card))
			*PUSH(out) = *card;
	free(ready.items);
}
