/* The inside of conflict_resolve(), for resolve*.c and for nobody else. */
#ifndef PLANS_RESOLVE_STEP_H
#define PLANS_RESOLVE_STEP_H

#include "gitops/merge.h"
#include "plans/models.h"
#include "plans/resolve.h"
#include "plans/worker.h"

struct resolve {
	struct project *project;
	const struct conflict_case *what;
	const struct agent *agent;
	const struct worker *worker;
	struct oid fork; /* commit */
	struct merge merge;
	struct oid start; /* tree: merged, the markers with names */
	struct oid tree; /* what the worker made of it */
	struct phase phase; /* what it is asked for: borrows from what->phase */
	struct buf brief;
	struct journal *journal;
	struct caller caller;
	struct report report;
	struct findings findings; /* of the last attempt */
	int attempt;
};

/* What both sides were made for, for the prompt: r->brief. */
struct error *resolve_brief(struct resolve *r) MUST_USE;

/* The gates on r->tree, into r->findings. */
struct error *resolve_judge(struct resolve *r) MUST_USE;

#endif
