/*
 * Landing what is in review.  The order, and who is to blame where phases are
 * red together, are the queue's; here is what goes into it, round by round:
 * phases come into review while others land.
 */
#include "plans/integrate-step.h"
#include "plans/restack.h"
#include "plans/stack.h"

#include <stdlib.h>
#include <string.h>

void landing_release(struct landing *landing)
{
	free(landing->phase);
	free(landing->title);
	check_outcomes_release(&landing->checks);
	findings_release(&landing->findings);
	strings_release(&landing->conflicts);
}

void landings_release(struct landings *landings)
{
	FOR_EACH (struct landing, landing, landings)
		landing_release(landing);
	free(landings->items);
	*landings = (struct landings){ NULL, 0, 0 };
}

const char *landing_end_name(enum landing_end end)
{
	static const char *const names[] = {
		[LANDING_LANDED] = "landed",     [LANDING_RED] = "red",
		[LANDING_LATE] = "late",         [LANDING_REFUSED] = "refused",
		[LANDING_CONFLICT] = "conflict", [LANDING_WAITING] = "waiting",
		[LANDING_QUEUED] = "queued",     [LANDING_SPOILT] = "spoilt",
	};
	return names[end];
}

static void train_release(struct train *train)
{
	FOR_EACH (struct entry, entry, train)
		entry_release(entry);
	free(train->items);
	board_release(&train->board);
	judged_release(&train->green);
	judged_release(&train->red);
}

/* In the order of the board: dependencies first. */
static void collect(struct train *train, const char *phase,
		    const struct strings *tried)
{
	FOR_EACH (struct card, card, &train->board.cards) {
		if (card->status != STATUS_IN_REVIEW || stack_waits(card) ||
		    (phase && strcmp(card->phase->id, phase) != 0) ||
		    strings_has(tried, card->phase->id))
			continue;
		*PUSH(train) = (struct entry){
			.phase = xstrdup(card->phase->id),
			.card = card,
			.claim = { .lock = FILE_LOCK_INIT },
			.merged = MERGED_INIT,
		};
	}
}

/* The claims of those that an error has left on their way. */
static struct error *let_all_go(struct train *train)
{
	struct error *first = NULL;

	FOR_EACH (struct entry, entry, train) {
		struct error *err = entry_let_go(train, entry);

		if (first)
			error_free(err);
		else
			first = err;
	}
	return first;
}

/* Those in review now; *more is 0 when there was none left to try. */
static struct error *run_round(int *more, struct train *train,
			       const char *phase, struct strings *tried)
{
	TRY(train_look(train));
	collect(train, phase, tried);
	*more = train->len != 0;
	struct error *err = train_run(train);
	struct error *dropped = let_all_go(train);
	FOR_EACH (struct entry, entry, train)
		if (entry->ended && !entry->again)
			strings_add(tried, entry->phase);
	if (!err)
		return dropped;
	error_free(dropped);
	return err;
}

/* It does not land, and that is why. */
static void tell_restacked(struct landings *out, struct restacked *row)
{
	struct landing *landing;

	if (row->end != RESTACK_RED && row->end != RESTACK_CONFLICT)
		return;
	landing = PUSH(out);
	*landing = (struct landing){
		.phase = xstrdup(row->phase),
		.title = xstrdup(row->title),
		.end = row->end == RESTACK_RED ? LANDING_RED : LANDING_CONFLICT,
		.checks = row->checks,
		.findings = row->findings,
		.conflicts = row->conflicts,
	};
	row->checks = (struct check_outcomes){ NULL, 0, 0 };
	row->findings = (struct findings)FINDINGS_INIT;
	row->conflicts = (struct strings)STRINGS_INIT;
}

/* What stood on phases that have landed is put onto the base. */
static struct error *bring_along(struct landings *out, struct project *project,
				 const char *plan, struct strings *tried)
{
	CLEANUP(restacks_release) struct restacks rows = { NULL, 0, 0 };
	struct error *err = restack_moved(&rows, project, plan, tried);

	FOR_EACH (struct restacked, row, &rows)
		tell_restacked(out, row);
	return err;
}

struct error *integrate(struct landings *out, struct project *project,
			const char *plan, const char *phase)
{
	CLEANUP(strings_release) struct strings tried = STRINGS_INIT;
	CLEANUP(strings_release) struct strings stuck = STRINGS_INIT;
	CLEANUP(land_desk_close) struct land_desk desk = { .project = NULL };
	int more = 1, lost = 0;

	TRY(integrate_recover(project, plan));
	TRY(land_desk_open(&desk, project));
	while (more) {
		TRY(bring_along(out, project, plan, &stuck));
		CLEANUP(train_release)
		struct train train = { .project = project,
				       .plan = plan,
				       .desk = &desk,
				       .out = out,
				       .board = BOARD_INIT,
				       .lost = lost };
		struct error *err = run_round(&more, &train, phase, &tried);

		lost = train.lost;
		/* Something moved meanwhile: those left are looked at anew. */
		if (error_is(err, ERROR_STALE) && ++lost <= MOST_LOST)
			error_free(err);
		else
			TRY(err);
	}
	return NULL;
}
