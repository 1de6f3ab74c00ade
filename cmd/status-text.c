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
#define MOST_WIDE 40 /* columns for the names of dependencies */

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

static void print_broken(struct out *out, const struct board_plan *row)
{
	out_colour(out, COLOUR_BOLD, "%s", row->plan.id);
	out_text(out, "  ");
	out_colour(out, COLOUR_RED, "broken");
	out_text(out, ": %s\n", row->broken->message);
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

/* Its place in the graph: what it waits for, or came after. */
static void place(struct buf *out, const struct card *card)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (card->status == STATUS_WAITING) {
		card_why(&text, card);
	} else if (card->phase->depends_on.len) {
		buf_str(&text, "after ");
		strings_join(&text, &card->phase->depends_on, ", ");
	}
	text_cut(out, text.data, MOST_WIDE);
}

/* What asks for a look at the phase; else its title. */
static void note(struct buf *out, const struct card *card)
{
	static const struct {
		enum card_flag flag;
		const char *text;
	} flags[] = {
		{ CARD_CONFLICT, "no longer merges" },
		{ CARD_OUTDATED, "its document has changed since" },
		{ CARD_UNPUSHED, "not pushed" },
	};

	if (card->status == STATUS_BLOCKED || card->status == STATUS_FAILED ||
	    card->status == STATUS_RUNNING || card->status == STATUS_REJECTED)
		card_why(out, card);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (card->flags & flags[i].flag)
			buf_addf(out, "%s%s", out->len ? "; " : "",
				 flags[i].text);
	if (!out->len && card->phase->title)
		buf_str(out, card->phase->title);
}

static void add_row(struct table *table, const struct card *card, size_t level)
{
	CLEANUP(buf_release) struct buf graph = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	size_t deep = level < MOST_DEEP ? level : MOST_DEEP;

	place(&graph, card);
	note(&text, card);
	table_cell(table, looks[card->status].colour, "%s %s",
		   looks[card->status].mark, status_name(card->status));
	table_cell(table, COLOUR_BOLD, "%*s%s", (int)(2 * deep), "",
		   card->phase->id);
	table_cell(table, COLOUR_DIM, "%s", graph.data);
	table_cell(table, COLOUR_NONE, "%s", text.data);
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
	size_t *level = big ? NULL : levels(board, plan), shown = 0, cut = 0;

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

	if (row->broken) {
		print_broken(out, row);
		return;
	}
	count(counts, board, &row->plan);
	print_head(out, row, counts);
	if (row->state != PLAN_FINISHED || all)
		print_cards(out, board, &row->plan, all);
}
