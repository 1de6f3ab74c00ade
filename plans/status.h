/*
 * The status of a phase, derived from (document on the base, document on the
 * branch, claim, pull request).  A pure function over a row of facts: the
 * table of DESIGN section 3, first row that holds, from the top.
 */
#ifndef PLANS_STATUS_H
#define PLANS_STATUS_H

#include "plans/plan.h"

enum status {
	STATUS_DONE,
	STATUS_BLOCKED,
	STATUS_RUNNING,
	STATUS_REJECTED,
	STATUS_IN_REVIEW,
	STATUS_FAILED,
	STATUS_STARTED,
	STATUS_READY,
	STATUS_WAITING,
};
#define STATUS_COUNT 9
const char *status_name(enum status status); /* "in-review" */

enum pr_state { PR_UNKNOWN, PR_NONE, PR_OPEN, PR_CLOSED, PR_MERGED };

struct facts {
	enum phase_status on_base;
	int has_branch;
	int branch_document; /* the branch has a readable document */
	enum phase_status on_branch;
	int branch_landed; /* its tip is an ancestor of the base */
	int claimed;
	int forge_local;
	enum pr_state pr;
	int pr_merge_in_base; /* PR_MERGED: the base contains the merge */
	int dependencies_done;
	int stackable; /* stacking is on and one chain carries it */
	int draft; /* the plan is not on the base: all its phases wait */
	int abandoned; /* nothing of the plan becomes ready */
};

enum status status_derive(const struct facts *facts);

#endif
