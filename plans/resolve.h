/*
 * A conflict is tried by the agent of role `git` before it is left for a
 * person: on the merged files, where git has put its markers, by the same
 * workers and the same gates as a phase.  Only files in conflict may change,
 * and no marker may stay.
 *
 * Given to it are conflicts of content in text files.  One that was deleted on
 * a side, a binary file, and anything below .orch/ are left for a person: what
 * is wanted there stands in no line of them.
 */
#ifndef PLANS_RESOLVE_H
#define PLANS_RESOLVE_H

#include "gitops/claim.h"
#include "plans/plan.h"
#include "plans/project.h"

#define RESOLVE_ATTEMPTS 2 /* at most; policy.attempts may be fewer */

struct conflict_case {
	const struct plan *plan;
	const struct phase *phase;
	struct oid onto; /* commit: the base, or what the phase stands on */
	struct oid tip; /* commit: the phase's branch */
	struct oid fork; /* commit the branch's own begin on; zero: the merge
			  * base of both */
	const struct claim
		*claim; /* of the phase, held: its run is journalled */
};

struct resolved {
	struct oid tree; /* both together; zero: left for a person */
	struct strings agents; /* "agent:model" of who did it */
	struct findings findings; /* why it is left; none: nobody was asked */
};
#define RESOLVED_INIT                                                          \
	{                                                                      \
		.agents = STRINGS_INIT, .findings = FINDINGS_INIT              \
	}
void resolved_release(struct resolved *resolved);

/*
 * No agent of role git configured: nothing is asked.  What it cannot do, or
 * cannot be paid or reached for, is a finding and no error: the neighbours go
 * on.  The same conflict makes the same requests, so what a killed run has paid
 * for is not paid again.
 */
struct error *conflict_resolve(struct resolved *out, struct project *project,
			       const struct conflict_case *what) MUST_USE;

#endif
