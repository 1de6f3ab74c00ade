/*
 * A plan on the screen: its phases in scheduling order, indented by how deep
 * they lie in the graph; what each waits for directly stands behind it.
 */
#include "cmd/status.h"

#include <stdlib.h>
#include <string.h>

/* Plans with more phases show only those that ask for attention. */
#define SCREEN    24
#define MOST_DEEP 8

static const struct {
	enum colour colour;
	const char *mark;
} looks[] = {
	[STATUS_DONE] = { COLOUR_GREEN, "\xe2\x9c\x93" },
	[STATUS_BLOCKED] = { COLOUR_RED, "!" },
	[STATUS_RUNNING] = { COLOUR_CYAN, "\xe2\x96\xb6" },
	[STATUS_REJECTED] = { COLOUR_RED, "\xe2\x9c\x97" },
	[STATUS_IN_REVIEW] = { COLOUR_BLUE, "\xe2\x97\x86" },
	[STATUS_FAILED] = { COLOUR_RED, "\xe2\x9c\x97" },
	[STATUS_STARTED] = { COLOUR_YELLOW, "\xe2\x97\x90" },
	[STATUS_READY] = { COLOUR_YELLOW, "\xe2\x97\x8b" },
	[STATUS_WAITING] = { COLOUR_DIM, "\xc2\xb7" },
};

static void count(size_t *counts, const struct board *board,
		  const struct plan *plan)
{
	memset(counts, 0, STATUS_COUNT * sizeof *counts);
	FOR_EACH (struct card, card, &board->cards)
		if (card->plan == plan)
			counts[card->status]++;
}

/* How deep each phase lies; dependencies come first in the board's order. */
static size_t *levels(const struct board *board, const struct plan *plan)
{
	size_t *level = xcalloc(plan->phases.len + 1, sizeof *level);

	FOR_EACH (struct card, card, &board->cards) {
		if (card->plan != plan)
			continue;
		FOR_EACH (char *, id, &card->phase->depends_on) {
			const struct phase *on = plan_phase(plan, *id);
			size_t *own = &level[card->phase->index];

			if (on && level[on->index] + 1 > *own)
				*own = level[on->index] + 1;
		}
	}
	return level;
}

static void print_head(struct out *out, const struct board_plan *row,
		       const size_t *counts)
{
	const char *sep = "";

	out_colour(out, COLOUR_BOLD, "%s", row->plan.id);
	out_text(out, "  %s  ", row->plan.title ? row->plan.title : "");
	out_colour(out, COLOUR_DIM, "%s", plan_state_name(row->state));
	out_text(out, ": %zu phases", row->plan.phases.len);
	for (size_t i = 0; i < STATUS_COUNT; i++) {
		if (!counts[i])
			continue;
		out_text(out, "%s", *sep ? sep : ", ");
		sep = ", ";
		out_colour(out, looks[i].colour, "%zu %s", counts[i],
			   status_name((enum status)i));
	}
	out_text(out, "\n");
}

/* What is worth saying behind a phase's name. */
static void note(struct buf *out, const struct card *card)
{
	const char *sep = "";

	if (card->status == STATUS_WAITING || card->status == STATUS_BLOCKED ||
	    card->status == STATUS_FAILED || card->status == STATUS_RUNNING) {
		card_why(out, card);
		sep = "; ";
	} else if (card->phase->depends_on.len) {
		buf_str(out, "after ");
		strings_join(out, &card->phase->depends_on, ", ");
		sep = "; ";
	}
	if (card->flags & CARD_CONFLICT) {
		buf_addf(out, "%sconflict", sep);
		sep = "; ";
	}
	if (card->flags & CARD_OUTDATED) {
		buf_addf(out, "%soutdated", sep);
		sep = "; ";
	}
	if (card->flags & CARD_UNPUSHED)
		buf_addf(out, "%sunpushed", sep);
}

static void add_row(struct table *table, const struct card *card, size_t level)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	size_t deep = level < MOST_DEEP ? level : MOST_DEEP;

	note(&text, card);
	table_cell(table, looks[card->status].colour, "%s %s",
		   looks[card->status].mark, status_name(card->status));
	table_cell(table, COLOUR_BOLD, "%*s%s", (int)(2 * deep), "",
		   card->phase->id);
	table_cell(table, COLOUR_NONE, "%s",
		   card->phase->title ? card->phase->title : "");
	table_cell(table, COLOUR_DIM, "%s", text.data);
}

static int quiet_status(enum status status)
{
	return status == STATUS_DONE || status == STATUS_WAITING;
}

static void print_cards(struct out *out, const struct board *board,
			const struct plan *plan, int all)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(4);
	int big = !all && plan->phases.len > SCREEN;
	size_t *level = levels(board, plan), shown = 0, cut = 0;

	FOR_EACH (struct card, card, &board->cards) {
		if (card->plan != plan || (big && quiet_status(card->status)))
			continue;
		if (big && shown == SCREEN) {
			cut++;
			continue;
		}
		add_row(&table, card, big ? 0 : level[card->phase->index]);
		shown++;
	}
	table_print(out, &table, 2);
	if (cut)
		out_text(out, "  and %zu more: git orch status --all\n", cut);
	free(level);
}

void status_plan(struct out *out, const struct board *board,
		 const struct board_plan *row, int all)
{
	size_t counts[STATUS_COUNT];

	count(counts, board, &row->plan);
	print_head(out, row, counts);
	if (row->state != PLAN_FINISHED || all)
		print_cards(out, board, &row->plan, all);
}
