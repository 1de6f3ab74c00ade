/*
 * Final integration: when the last phase of a plan has landed, all checks are
 * run on what came of them together, and a readiness report is written: what
 * was asked, what was delivered, what is open.  It is
 * .orch/plans/<plan>/docs/integration.md, a commit of its own on the base.
 *
 * What the report states is found by the tool, in documents and by checks.  An
 * agent of role integrator that can be asked adds words to it, and changes
 * nothing of that.
 *
 * A report names the facts it was made of, by their hash.  As long as those are
 * the same the file stays as it is, also when somebody has edited it.
 */
#ifndef PLANS_INTEGRATION_H
#define PLANS_INTEGRATION_H

#include "plans/gate.h"
#include "plans/project.h"

struct integration {
	char *path; /* of the report, NULL: none was made */
	int ready; /* every phase is done or skipped, every criterion that was
		    * judged is met, every check is green */
	struct strings open; /* what is not as it should be, a line each */
	struct check_outcomes checks;
	struct oid commit; /* that brought it; zero: it stood there, or waits */
	char *agent; /* who wrote its words; NULL: nobody did now */
	char *silent; /* why the one there is did not; NULL: no reason */
	int64_t pull; /* where the base is protected: what has to be merged */
	char *pull_url;
};
void integration_release(struct integration *integration);

/*
 * Is it time for a report?  Yes when the plan is finished and delivery.report
 * is on, and a phase has just landed or the base has no report yet.
 */
struct error *integration_due(int *out, struct project *project,
			      const char *plan, int landed) MUST_USE;

/*
 * Makes it, also of a plan that is not finished.  ERROR_REFUSED: the base is
 * protected and there is no forge; ERROR_CONFLICT: work of a worktree is in the
 * way.
 */
struct error *integration_make(struct integration *out, struct project *project,
			       const char *plan) MUST_USE;

#endif
