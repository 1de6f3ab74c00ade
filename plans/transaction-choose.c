/*
 * Step 1: the phase to work on, and for a person who named one, or when none
 * is left, why there is nothing to do.
 */
#include "plans/step.h"

#include <string.h>

static struct error *is_claimed(const struct card *card, const char *why)
{
	const char *id = card->phase->id;

	/* Waiting would not help: no runner ends such a claim. */
	if (card->claim && card->claim->version < CLAIM_VERSION)
		return error_hint(error_new(ERROR_CLAIMED,
					    "phase '%s' is held, and %s", id,
					    why),
				  "git orch doctor shows how to remove it");
	return error_hint(error_new(ERROR_CLAIMED, "phase '%s' is %s", id, why),
			  "wait for it, or choose another phase");
}

/* Begun once, and what it rests on is no longer there. */
static struct error *lost_ground(const struct card *card)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	if (card->facts.dependencies_done || card->facts.stackable)
		return NULL;
	card_waits(&ids, card);
	strings_join(&names, &ids, ", ");
	return error_hint(error_new(ERROR_NOTHING, "phase '%s' waits for %s",
				    card->phase->id, names.data),
			  "git orch status shows what comes first");
}

struct error *step_startable(const struct card *card)
{
	CLEANUP(buf_release) struct buf why = BUF_INIT;
	const char *id = card->phase->id;

	card_why(&why, card);
	if (card->status == STATUS_WAITING && !strncmp(why.data, "waits ", 6))
		return error_hint(
			error_new(ERROR_NOTHING, "phase '%s' %s", id, why.data),
			"git orch status shows what comes first");
	switch (card->status) {
	case STATUS_READY:
	case STATUS_STARTED:
		return NULL;
	case STATUS_FAILED:
	case STATUS_REJECTED:
		return lost_ground(card);
	case STATUS_RUNNING:
		return is_claimed(card, why.data);
	case STATUS_IN_REVIEW:
		return error_hint(
			error_new(ERROR_NOTHING, "phase '%s' is in review", id),
			"git orch integrate %s lands it", card->plan->id);
	case STATUS_DONE:
		return error_new(ERROR_NOTHING, "phase '%s' is done", id);
	default:
		return error_hint(
			error_new(ERROR_NOTHING, "phase '%s' is %s: %s", id,
				  status_name(card->status), why.data),
			"git orch status shows what comes first");
	}
}

struct error *step_card(struct card **out, const struct board *board,
			const char *plan, const char *phase)
{
	struct card *card = board_card(board, plan, phase);

	if (!card)
		return board_no_phase(board, plan, phase);
	*out = card;
	return NULL;
}

static struct error *none_ready(const struct board *board, const char *plan)
{
	size_t running = 0, review = 0, failed = 0;

	FOR_EACH (struct card, card, &board->cards) {
		running += card->status == STATUS_RUNNING;
		review += card->status == STATUS_IN_REVIEW;
		failed += card->status == STATUS_FAILED;
	}
	struct error *err = error_new(ERROR_NOTHING, "no phase is ready");
	if (review)
		return error_hint(err,
				  "git orch integrate %s lands the %zu in "
				  "review",
				  plan, review);
	if (failed)
		return error_hint(err, "start a failed phase again by name; "
				       "git orch status shows why it failed");
	return running ? error_hint(err, "%zu running", running) : err;
}

struct error *transaction_choose(struct card **out, struct board *board,
				 const struct transaction_options *options)
{
	const char *plan = options->plan, *phase = options->phase;
	struct card *card =
		phase ? board_card(board, plan, phase) : board_best(board);

	if (!card)
		return phase ? board_no_phase(board, plan, phase)
			     : none_ready(board, plan);
	if (phase && !step_deliverable(card, options))
		TRY(step_startable(card));
	*out = card;
	return NULL;
}
