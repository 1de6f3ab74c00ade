/*
 * A plan's budget, shared by machines that know each other by refs alone: what
 * others spent stands in the documents of the phases they did, what they may
 * yet spend in their claims (Orch-Reserved).
 *
 * A runner that begins looks at both, and reserves for its phase what the
 * phase's limit allows, or all that is left.  Two that begin at once do not see
 * each other: the plan is overshot by one reservation of each at most.
 */
#ifndef PLANS_ELSEWHERE_H
#define PLANS_ELSEWHERE_H

#include "core/budget.h"
#include "plans/board.h"

/*
 * Tells budget what other machines spent and hold.  Where the plan's money is
 * not limited, or nothing is shared, there is nothing to tell.
 */
struct error *elsewhere_tell(struct budget *budget, struct project *project,
			     const char *plan) MUST_USE;

/* What the claim of a phase is to reserve, in micro-dollars. */
struct error *elsewhere_reservation(int64_t *out, struct project *project,
				    const struct card *card) MUST_USE;

#endif
