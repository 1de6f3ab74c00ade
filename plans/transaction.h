/*
 * A phase, from claim to proposal: one journalled, idempotent transaction.
 * Killed at any point, the next call finishes it with one branch and one
 * commit.  The steps are those of DESIGN section 5, in transaction.c, in one
 * readable function.
 */
#ifndef PLANS_TRANSACTION_H
#define PLANS_TRANSACTION_H

#include "gitops/forge.h"
#include "plans/board.h"
#include "plans/gate.h"
#include "plans/report.h"
#include "plans/wish.h"

struct transaction_options {
	const char *plan; /* an id */
	const char *phase; /* NULL: the best one that is ready */
	int no_push;
	int no_pr;
	int no_wait;
	int no_revise; /* where none is ready, nothing in review is looked at */
	int revise; /* the named phase, which is in review */
	const struct strings *messages; /* what is wanted of it; or NULL */
};

/* What was done, for people and for --json. */
struct outcome {
	char *plan;
	char *phase;
	char *title;
	char *run;
	enum phase_status status; /* done or failed */
	int resumed; /* a killed run was finished */
	int attempts;
	char *branch;
	struct oid commit;
	struct check_outcomes checks;
	struct changes files;
	struct findings findings; /* why it failed */
	char *reason; /* the same on one line, NULL when it is done */
	struct report report; /* who was asked, the verdict */
	int unjudged; /* done by a model, and no validator to judge it */
	int revised; /* it was in review already */
	struct wishes wishes; /* what for */
	size_t posted; /* answers */
	struct pull pull; /* its pull request; number 0: none */
	int64_t millis;
};
void outcome_release(struct outcome *outcome);

/*
 * ERROR_NOTHING: no phase is ready; ERROR_CLAIMED; ERROR_REFUSED; a phase
 * that failed is no error: look at out->status.
 *
 * A run that has paid for replies and ends by ERROR_REFUSED (the budget),
 * ERROR_AGAIN or ERROR_INTERRUPT keeps its claim, as a killed one does: the
 * next call takes it over and goes on without paying again.  So does one that
 * has pushed and could not propose because of ERROR_AGAIN.  Any other error
 * gives the phase free.
 *
 * A named phase that is done and was not pushed, or not proposed, is.
 *
 * With options->revise, and where no phase is named and none is ready, a phase
 * in review is worked on again (revision.h).  Refused, its branch stays as it
 * is, and out->status is failed.  ERROR_NO: its attempts are used up.
 */
struct error *transaction_run(struct outcome *out, struct project *project,
			      const struct transaction_options *options)
	MUST_USE;

/* The phase transaction_run() would do, without doing it (--dry-run). */
struct error *transaction_choose(struct card **out, struct board *board,
				 const struct transaction_options *options)
	MUST_USE;

#endif
