/*
 * Landing: plans (approve) and phases (integrate) onto the base.
 *
 * integrate takes the phases in review, in dependency and scheduling order,
 * puts what each branch changes through the path gates, and merges up to
 * QUEUE_WINDOW of them in memory, one upon the other.  The checks of all of
 * them run on the last merged source, unless that very source was checked; if
 * they pass, the base moves once, over all of them.  If not, who is to blame is
 * found (queue.h), and its neighbours land.  So the base never points to a
 * source that was not checked, nor to a change that no worker could have been
 * granted.  Phases that land together are commits of its history all the same.
 *
 * What does not merge with the base is tried by the agent of role git, if there
 * is one (resolve.h); else it is left for a person and its neighbours land.
 *
 * A red check runs once more before it is believed.  The checks of one merged
 * source have delivery.deadline seconds.
 *
 * On a forge pull requests have their say, and the forge may be who merges:
 * integrate-forge.h.
 */
#ifndef PLANS_INTEGRATE_H
#define PLANS_INTEGRATE_H

#include "gitops/merge.h"
#include "plans/board.h"
#include "plans/gate.h"

enum landing_end {
	LANDING_LANDED,
	LANDING_RED, /* a check failed on the merged source */
	LANDING_LATE, /* the checks on it had not ended by the deadline */
	LANDING_REFUSED, /* the branch changes what it may not */
	LANDING_CONFLICT, /* it does not merge, or the base cannot move */
	LANDING_WAITING, /* the forge: for approval, or for checks of its own */
	LANDING_QUEUED, /* in the forge's own merge queue */
	LANDING_SPOILT, /* it has landed by the forge on what somebody had moved
			   meanwhile, and what came of it is red */
};

/* "landed", "red". */
const char *landing_end_name(enum landing_end end);

struct landing {
	char *phase;
	char *title;
	enum landing_end end;
	struct oid commit; /* its own, which the base has now */
	struct check_outcomes checks; /* of the source that was looked at: its
				       * own, or that of all it landed with */
	struct findings findings; /* red, refused, not resolved, the base
				   * cannot move, what it waits for: why */
	struct strings conflicts; /* it does not merge: the files */
};
struct landings {
	struct landing *items;
	size_t len, cap;
};
void landings_release(struct landings *landings);

/*
 * phase NULL: all of the plan that are in review.  Adds one row per phase
 * looked at.  Passed over are those a runner has, and those that stand on one
 * that was looked at and did not land.  What is stacked on a phase that has
 * landed is put onto the base (restack.h) and lands after it.
 */
struct error *integrate(struct landings *out, struct project *project,
			const char *plan, const char *phase) MUST_USE;

/*
 * What a killed integrate left: a landing half way, branches and claims of
 * phases that are done, and their pull requests; also of phases that somebody
 * merged on the forge.  integrate() and run begin with it.
 */
struct error *integrate_recover(struct project *project, const char *plan)
	MUST_USE;

/*
 * Lands a plan's documents and nothing else.  *landed 0: they are on the base
 * already.  Findings stop it (ERROR_NO); so do changes to other files.
 */
struct error *approve(int *landed, struct project *project, const char *plan,
		      struct findings *findings) MUST_USE;

/* The driver that merges phase documents by field. */
const struct merge_driver *document_merge_driver(void);

#endif
