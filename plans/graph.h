/* The graph of a plan's phases: cycles, order, critical path. */
#ifndef PLANS_GRAPH_H
#define PLANS_GRAPH_H

#include "plans/plan.h"

/*
 * Rules between documents: dangling and self dependencies, cycles (as a path
 * a -> b -> a), two phases that create the same file, unknown checks (against
 * the plan's and the configuration's) and unknown agents.
 */
struct error *graph_check(const struct plan *plan, const struct config *config,
			  struct findings *findings) MUST_USE;

/*
 * Indexes of phases so that dependencies come first; among the free ones by
 * priority, due date, longest way to the end, then id.  order has room for
 * plan->phases.len.  ERROR_INVALID on a cycle.
 */
struct error *graph_order(size_t *order, const struct plan *plan) MUST_USE;
/*
 * The same, and per phase the number of phases on the longest chain that
 * begins there.
 */
struct error *graph_sort(size_t *order, size_t *depth, const struct plan *plan)
	MUST_USE;

#endif
