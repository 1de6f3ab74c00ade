/*
 * The conflict forecast: which phases that could be worked on now would touch
 * the same files, as their documents say.
 */
#ifndef PLANS_FORECAST_H
#define PLANS_FORECAST_H

#include "plans/board.h"

/* Boards with more ready phases than this get no forecast: it asks of pairs. */
#define FORECAST_MOST 128

/*
 * The phases, ready or running, that a ready one would meet, of its plan as
 * "id", of others as "plan/id"; glob (may be NULL) is a file of the first.
 */
void forecast_card(struct strings *out, const char **glob,
		   const struct board *board, const struct card *card);

/* Is anything of this plan or another running that the card would meet? */
int forecast_in_the_way(const struct board *board, const struct card *card);

/*
 * The phases to be started side by side, in scheduling order: those that are
 * ready and meet neither what is running nor each other.  Of those that meet,
 * the first one is taken.
 */
struct cards {
	const struct card **items;
	size_t len, cap;
};
void forecast_side_by_side(struct cards *out, const struct board *board);

#endif
