/*
 * Step 8: a phase that is done becomes a pull request, a plan that may not be
 * pushed to its base too.
 */
#ifndef PLANS_PROPOSE_H
#define PLANS_PROPOSE_H

#include "gitops/forge.h"
#include "plans/plan.h"
#include "plans/project.h"

/* Where a pull request of a branch goes, as the stack decides. */
struct proposal_base {
	const char *branch; /* the base, or the branch of a lower phase */
	int draft; /* it waits for that one */
};

/*
 * Finds the phase's pull request or makes it, and brings it in line with the
 * document at tip; marks tip with what each gate said; keeps the answer
 * (pulls.h).  One that was closed or merged with this very tip is left as it
 * is.  Nothing on the forge `local`: number 0.
 *
 * May be called again after any end.  Errors as in forge-open.h and forge.h;
 * marks that the forge will not have are a line in the log.
 */
struct error *propose_phase(struct pull *out, struct project *project,
			    const struct plan *plan, const struct phase *phase,
			    const struct oid *tip,
			    const struct proposal_base *base) MUST_USE;

/*
 * The same for a plan's documents, on <prefix>/<plan>/plan.  What a forge may
 * wait for (proposal_contexts()) is marked on it too.
 */
struct error *propose_plan(struct pull *out, struct project *project,
			   const char *plan) MUST_USE;

/*
 * The same for another change of ours that the base protects itself from:
 * text says why it passes what pull requests have to pass.
 */
struct change_proposal {
	const char *branch;
	const char *title;
	const char *body;
	const char *text;
};
struct error *propose_change(struct pull *out, struct project *project,
			     const struct oid *tip,
			     const struct change_proposal *what) MUST_USE;

/*
 * approve(), and where the forge protects the base the plan's pull request
 * instead; out->number 0: it was not needed.
 */
struct error *propose_or_approve(int *landed, struct pull *out,
				 struct project *project, const char *plan,
				 struct findings *findings) MUST_USE;

#endif
