/*
 * A plan on the screen: its phases in scheduling order, indented by how deep
 * they lie in the graph; what each waits for directly stands behind it.
 */
#include "cmd/status.h"
#include "plans/forecast.h"

#include <stdlib.h>
#include <string.h>

/* Plans with more phases show only those that ask for attention. */
#define SCREEN    24
#define MOST_DEEP 8
#define MOST_WIDE 40 /* columns for the names of dependencies */
#define TITLE     30 /* columns that titles keep before that */

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

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

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

/* "10 phases, 1 ready, 9 waiting", printed or, to no out, only measured. */
static size_t print_counts(struct out *out, const struct board_plan *row,
			   const size_t *counts)
{
	const char *sep = ", ", *state = plan_state_name(row->state);
	size_t n = row->plan.phases.len;
	CLEANUP(free_str)
	char *all = xasprintf(": %zu phase%s", n, n == 1 ? "" : "s");
	size_t width = strlen(state) + strlen(all);

	if (out) {
		out_colour(out, COLOUR_DIM, "%s", state);
		out_text(out, "%s", all);
	}
	for (size_t i = 0; i < STATUS_COUNT; i++) {
		if (!counts[i])
			continue;
		CLEANUP(free_str)
		char *part = xasprintf("%zu %s", counts[i],
				       status_name((enum status)i));
		width += strlen(sep) + strlen(part);
		if (!out)
			continue;
		out_text(out, "%s", sep);
		out_colour(out, looks[i].colour, "%s", part);
	}
	return width;
}

/* The counts take a line of their own where the title leaves them no room. */
static void print_head(struct out *out, const struct board_plan *row,
		       const size_t *counts)
{
	const char *title = row->plan.title ? row->plan.title : "";
	size_t at = text_width(row->plan.id) + 2;
	size_t takes = print_counts(NULL, row, counts);
	int fits = at + text_width(title) + 2 + takes <= (size_t)out->width;

	out_colour(out, COLOUR_BOLD, "%s", row->plan.id);
	out_text(out, "  ");
	out_wrap(out, at, 2, "%s", title);
	out_text(out, out->tty && !fits ? "\n  " : "  ");
	print_counts(out, row, counts);
	out_text(out, "\n");
}

/* As many names as width has room for, and how many more there are. */
static int add_names(struct buf *out, const char *before,
		     const struct strings *names, size_t width)
{
	for (size_t shown = names->len; shown; shown--) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		buf_addf(&text, "%s ", before);
		for (size_t i = 0; i < shown; i++)
			buf_addf(&text, "%s%s", i ? ", " : "", names->items[i]);
		if (shown < names->len)
			buf_addf(&text, " +%zu", names->len - shown);
		if (text_width(text.data) > width)
			continue;
		buf_str(out, text.data);
		return 1;
	}
	return 0;
}

/* Its place in the graph: what it waits for, or came after; in short words. */
static void place(struct buf *out, const struct card *card, size_t width)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	int waiting = card->status == STATUS_WAITING;

	if (card->stacks_on) {
		strings_add(&names, card->stacks_on);
		if (add_names(out, "on", &names, width))
			return;
		strings_release(&names);
	}
	if (waiting)
		card_waits(&names, card);
	else
		FOR_EACH (char *, id, &card->phase->depends_on)
			strings_add(&names, *id);
	if (!names.len ||
	    (waiting && add_names(out, "waits for", &names, width)))
		return;
	if (add_names(out, "after", &names, width))
		return;
	CLEANUP(free_str) char *count = xasprintf("after %zu", names.len);
	if (strlen(count) <= width)
		buf_str(out, count);
}

/* "would meet b, c at src/app.c" */
static void note_forecast(struct buf *out, const struct board *board,
			  const struct card *card)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	const char *glob = NULL;

	forecast_card(&names, &glob, board, card);
	if (!names.len)
		return;
	buf_str(out, "would meet ");
	strings_join(out, &names, ", ");
	buf_addf(out, " at %s", glob);
}

/* "#12 is open: https://…" */
static void note_pull(struct buf *out, const struct card *card)
{
	const struct pull *pull = &card->pull->pull;

	buf_addf(out, "%s#%lld ", out->len ? "; " : "",
		 (long long)pull->number);
	if (pull->state == PULL_MERGED)
		buf_str(out, "was merged: git orch status --fetch");
	else
		buf_addf(out, "is %s: %s", pull->draft ? "a draft" : "open",
			 pull->url);
}

/* What asks for a look at the phase. */
static void note(struct buf *out, const struct board *board,
		 const struct card *card)
{
	static const struct {
		enum card_flag flag;
		const char *text;
	} flags[] = {
		{ CARD_CONFLICT, "no longer merges" },
		{ CARD_OUTDATED, "its document has changed since" },
		{ CARD_UNPUSHED, "not pushed" },
		{ CARD_MOVED, "what it stands on has landed or moved" },
	};

	if (card->status == STATUS_BLOCKED || card->status == STATUS_FAILED ||
	    card->status == STATUS_RUNNING || card->status == STATUS_REJECTED)
		card_why(out, card);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (card->flags & flags[i].flag)
			buf_addf(out, "%s%s", out->len ? "; " : "",
				 flags[i].text);
	note_forecast(out, board, card);
	if (card->status == STATUS_IN_REVIEW &&
	    (card->facts.pr == PR_OPEN || card->facts.pr == PR_MERGED))
		note_pull(out, card);
}

/* What of a plan is shown, and how wide its columns may be. */
struct view {
	size_t *level; /* by phase; NULL: no graph */
	size_t place;
};

static size_t indent_of(const struct view *view, const struct card *card)
{
	size_t level = view->level ? view->level[card->phase->index] : 0;

	return 2 * (level < MOST_DEEP ? level : MOST_DEEP);
}

/* The place in the graph gets what the others leave, titles not cut short. */
static void measure(struct view *view, const struct out *out,
		    const struct board *board, const struct plan *plan)
{
	size_t status = 0, id = 0, title = 0;

	view->place = MOST_WIDE;
	FOR_EACH (struct card, card, &board->cards) {
		const char *name = card->phase->title;

		if (card->plan != plan)
			continue;
		status = max(status, 2 + strlen(status_name(card->status)));
		id = max(id, indent_of(view, card) + strlen(card->phase->id));
		title = max(title, name ? text_width(name) : 0);
	}
	size_t others = 2 + status + 2 + id + 2 + 2 + min(title, TITLE);
	size_t width = (size_t)out->width;

	if (out->tty)
		view->place =
			min(MOST_WIDE, width > others ? width - others : 0);
}

static void add_row(struct table *table, const struct board *board,
		    const struct card *card, const struct view *view)
{
	CLEANUP(buf_release) struct buf graph = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const char *title = card->phase->title ? card->phase->title : "";

	place(&graph, card, view->place);
	note(&text, board, card);
	table_cell(table, looks[card->status].colour, "%s %s",
		   looks[card->status].mark, status_name(card->status));
	table_cell(table, COLOUR_BOLD, "%*s%s", (int)indent_of(view, card), "",
		   card->phase->id);
	table_cell(table, COLOUR_DIM, "%s", graph.data);
	table_cell(table, COLOUR_NONE, "%s", title);
	if (text.len)
		table_note(table, "%s", text.data);
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
	struct view view = { big ? NULL : levels(board, plan), 0 };
	size_t shown = 0, cut = 0;

	measure(&view, out, board, plan);
	FOR_EACH (struct card, card, &board->cards) {
		if (card->plan != plan || (big && quiet_status(card->status)))
			continue;
		if (big && shown == SCREEN) {
			cut++;
			continue;
		}
		add_row(&table, board, card, &view);
		shown++;
	}
	table_print(out, &table, 2);
	if (cut)
		out_text(out, "  and %zu more: git orch status --all\n", cut);
	free(view.level);
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
