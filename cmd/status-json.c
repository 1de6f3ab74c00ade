/* `git orch status --json`: absent values are null, never left out. */
#include "cmd/status.h"
#include "plans/forecast.h"

#include "core/clock.h"

#include <string.h>

static void add_base(struct tree *tree, struct value *root,
		     const struct base *base)
{
	struct value *row = value_object(tree, root, "base");
	char hex[OID_HEX];

	value_add_maybe(tree, row, "branch", base->branch);
	value_add_string(tree, row, "commit", oid_hex(hex, &base->commit));
	value_add_maybe(tree, row, "remote", base->remote);
}

static void add_plans(struct tree *tree, struct value *root,
		      const struct board *board)
{
	struct value *rows = value_list(tree, root, "plans");

	FOR_EACH (struct board_plan *, plan, &board->plans) {
		struct value *row = value_object(tree, rows, NULL);

		value_add_string(tree, row, "id", (*plan)->plan.id);
		value_add_maybe(tree, row, "title", (*plan)->plan.title);
		value_add_string(tree, row, "state",
				 plan_state_name((*plan)->state));
		value_add_maybe(tree, row, "broken",
				(*plan)->broken ? (*plan)->broken->message
						: NULL);
	}
}

static void add_flags(struct tree *tree, struct value *row, unsigned flags)
{
	static const struct {
		enum card_flag flag;
		const char *name;
	} names[] = {
		{ CARD_CONFLICT, "conflict" },
		{ CARD_OUTDATED, "outdated" },
		{ CARD_UNPUSHED, "unpushed" },
		{ CARD_MOVED, "moved" },
	};
	struct value *list = value_list(tree, row, "flags");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (flags & names[i].flag)
			value_add_string(tree, list, NULL, names[i].name);
}

static void add_claim(struct tree *tree, struct value *row,
		      const struct claim *claim)
{
	if (!claim) {
		value_add_null(tree, row, "claim");
		return;
	}
	struct value *object = value_object(tree, row, "claim");
	int64_t age = clock_now() - claim->when;

	value_add_maybe(tree, object, "runner", claim->runner);
	value_add_int(tree, object, "generation", claim->generation);
	value_add_string(tree, object, "state",
			 claim->published ? "published" : "working");
	value_add_int(tree, object, "age_seconds", age > 0 ? age : 0);
}

static void add_pull(struct tree *tree, struct value *row,
		     const struct kept_pull *kept)
{
	static const char *const states[] = { "open", "closed", "merged" };
	struct value *object;
	char seen[CLOCK_TEXT];

	if (!kept) {
		value_add_null(tree, row, "pr");
		return;
	}
	clock_format(seen, kept->seen);
	object = value_object(tree, row, "pr");
	value_add_int(tree, object, "number", kept->pull.number);
	value_add_string(tree, object, "url", kept->pull.url);
	value_add_string(tree, object, "state", states[kept->pull.state]);
	value_add_string(tree, object, "seen", seen);
}

static void add_phase(struct tree *tree, struct value *rows,
		      const struct board *board, const struct card *card)
{
	struct value *row = value_object(tree, rows, NULL);
	char hex[OID_HEX];

	value_add_string(tree, row, "plan", card->plan->id);
	value_add_string(tree, row, "id", card->phase->id);
	value_add_maybe(tree, row, "title", card->phase->title);
	value_add_string(tree, row, "status", status_name(card->status));
	add_flags(tree, row, card->flags);
	value_add_maybe(tree, row, "reason", card->reason);
	struct value *after = value_list(tree, row, "depends_on");
	FOR_EACH (char *, id, &card->phase->depends_on)
		value_add_string(tree, after, NULL, *id);
	value_add_maybe(tree, row, "stacks_on", card->stacks_on);
	CLEANUP(strings_release) struct strings meets = STRINGS_INIT;
	forecast_card(&meets, NULL, board, card);
	struct value *overlaps = value_list(tree, row, "overlaps");
	FOR_EACH (char *, name, &meets)
		value_add_string(tree, overlaps, NULL, *name);
	value_add_maybe(tree, row, "agent", card->phase->agent);
	value_add_maybe(tree, row, "branch", card->branch);
	value_add_maybe(tree, row, "commit",
			oid_is_zero(&card->tip) ? NULL
						: oid_hex(hex, &card->tip));
	add_pull(tree, row, card->pull);
	add_claim(tree, row, card->claim);
}

static void add_next(struct tree *tree, struct value *root,
		     const struct board *board)
{
	CLEANUP(advices_release) struct advices advices = { NULL, 0, 0 };
	struct value *rows = value_list(tree, root, "next");

	board_next(&advices, board);
	FOR_EACH (struct advice, advice, &advices) {
		struct value *row = value_object(tree, rows, NULL);

		value_add_maybe(tree, row, "phase", advice->phase);
		value_add_string(tree, row, "command", advice->command);
		value_add_string(tree, row, "why", advice->why);
	}
}

static void add_counts(struct tree *tree, struct value *root,
		       const struct board *board)
{
	int64_t counts[STATUS_COUNT] = { 0 };
	struct value *row = value_object(tree, root, "counts");

	FOR_EACH (struct card, card, &board->cards)
		counts[card->status]++;
	for (size_t i = 0; i < STATUS_COUNT; i++)
		value_add_int(tree, row, status_name((enum status)i),
			      counts[i]);
}

void status_json(struct tree *tree, const struct project *project,
		 const struct board *board)
{
	struct value *root = value_object(tree, NULL, NULL);

	value_add_int(tree, root, "version", 1);
	add_base(tree, root, &project->base);
	add_plans(tree, root, board);
	struct value *phases = value_list(tree, root, "phases");
	FOR_EACH (struct card, card, &board->cards)
		add_phase(tree, phases, board, card);
	add_next(tree, root, board);
	add_counts(tree, root, board);
}
