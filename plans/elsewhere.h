/*
 * A plan's budget, shared by machines that know each other by refs alone: what
 * others spent stands in the documents of the phases they did, what they may
 * yet spend in their claims (Orch-Reserved).
 *
 * A runner that begins looks at both, and reserves for its phase what the
 * phase's limit allows, or all that is left.  Those that begin at once do not
 * see each other.  Once they hold their claims they do, and the order of their
 * nonces says who came first: the others stop before they spend anything.
 */
#ifndef PLANS_ELSEWHERE_H
#define PLANS_ELSEWHERE_H

#include "core/budget.h"
#include "plans/board.h"

/* Who else held a claim of the plan when ours was taken. */
struct earlier {
	struct strings nonces;
	int known; /* 0: our claim is of another process, all may have been */
};

/*
 * Tells budget what other machines spent and hold.  Where the plan's money is
 * not limited, or nothing is shared, there is nothing to tell.  own is our
 * claim; NULL: there is none yet.
 */
struct error *elsewhere_tell(struct budget *budget, struct project *project,
			     const char *plan, const struct claim *own,
			     const struct earlier *earlier) MUST_USE;

/*
 * What the claim of a phase is to reserve, in micro-dollars; earlier is filled.
 */
struct error *elsewhere_reservation(int64_t *out, struct earlier *earlier,
				    struct project *project,
				    const struct card *card) MUST_USE;

#endif
