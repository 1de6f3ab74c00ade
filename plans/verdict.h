/*
 * The validator's verdict: structured judgement of a candidate against the
 * phase's acceptance criteria.  It is asked for when every deterministic gate
 * has passed, and can only refuse: what a gate refused no verdict lets in.
 */
#ifndef PLANS_VERDICT_H
#define PLANS_VERDICT_H

#include "plans/gate.h"
#include "plans/report.h"

/* Is there an agent to ask? */
int gate_has_validator(const struct config *config);
/*
 * Asks the agent of role validator (none configured: nothing is asked, no
 * finding).  The verdict goes to report->verdict, as it is stored in the
 * result; unmet criteria and critical issues become findings.  A validator
 * that will not or cannot judge is ERROR_NO, which is no finding: the work is
 * not at fault.  What it cost counts in every case.  A verdict that does not
 * speak of each criterion once, or says no without a reason, is asked for
 * again; one that says yes beside an unmet criterion or something critical is a
 * no.  Its reply may come from our own store, never from one that was pulled.
 */
struct error *gate_verdict(const struct candidate *candidate,
			   struct caller *caller,
			   const struct check_outcomes *checks,
			   struct report *report, struct findings *findings)
	MUST_USE;

/* What the manager says after the last attempt failed. */
enum manager_choice { CHOICE_GIVE_UP, CHOICE_RETRY };
struct manager_decision {
	enum manager_choice choice;
	char *guidance; /* for the one more attempt; NULL: none */
	char *reason; /* NULL: nobody was asked */
	char *proposal; /* how to change or split the phase; NULL: none */
};
void manager_decision_release(struct manager_decision *decision);
/*
 * No manager configured: give up, without a call.  One that will not answer,
 * or not in a usable form, has given up.
 */
struct error *manager_decide(struct manager_decision *out,
			     const struct candidate *candidate,
			     struct caller *caller,
			     const struct findings *findings,
			     struct report *report) MUST_USE;

#endif
