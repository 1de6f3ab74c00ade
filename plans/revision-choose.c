/*
 * Which phase in review is worked on again.  One that a person names is told
 * why it cannot be; of those nobody names the first will do.
 */
#include "plans/revision.h"
#include "plans/step.h"

#include <string.h>

static struct error *in_review(const struct card *card)
{
	if (card->status == STATUS_RUNNING)
		return step_startable(card);
	if (card->status != STATUS_IN_REVIEW)
		return error_hint(error_new(ERROR_NOTHING,
					    "phase '%s' is %s, not in review",
					    card->phase->id,
					    status_name(card->status)),
				  "git orch status shows what to do with it");
	if (card->flags & CARD_UNPUSHED)
		return error_hint(
			error_new(ERROR_NOTHING, "phase '%s' is not pushed",
				  card->phase->id),
			"git orch next-phase %s pushes it", card->phase->id);
	return NULL;
}

struct error *revision_named(struct card **card, struct revision *out,
			     struct project *project, struct board *board,
			     const char *plan, const char *phase,
			     const struct strings *messages)
{
	struct card *found = NULL;

	TRY(step_card(&found, board, plan, phase));
	TRY(in_review(found));
	TRY(revision_look(out, project, found, messages));
	/* What only has to be posted needs nobody's work. */
	struct error *err = revision_possible(out, project, found);
	if (err && !out->pending)
		return err;
	if (err)
		wishes_release(&out->wishes);
	error_free(err);
	*card = found;
	return NULL;
}

/* Its forge may be down, or its wishes be nothing for a program. */
static struct error *try_card(int *yes, struct revision *out,
			      struct project *project, struct card *card)
{
	*yes = 0;
	struct error *err = in_review(card);
	if (!err)
		err = revision_look(out, project, card, NULL);
	if (!err && out->refused)
		wishes_release(&out->wishes);
	if (!err)
		err = revision_possible(out, project, card);
	if (err && out->pending) {
		wishes_release(&out->wishes);
		error_free(err);
		err = NULL;
	}
	*yes = !err;
	if (!err || error_is(err, ERROR_INTERRUPT))
		return err;
	if (!error_is(err, ERROR_NOTHING))
		log_write(project->log, LOG_WARN, err->message, "phase",
			  card->phase->id, NULL);
	error_free(err);
	return NULL;
}

struct error *revision_any(struct card **card, struct revision *out,
			   struct project *project, struct board *board)
{
	int yes;

	*card = NULL;
	if (!strcmp(project->config.delivery.forge, "local"))
		return NULL;
	FOR_EACH (struct card, it, &board->cards) {
		if (it->status != STATUS_IN_REVIEW)
			continue;
		TRY(try_card(&yes, out, project, it));
		if (!yes)
			continue;
		*card = it;
		return NULL;
	}
	return NULL;
}
