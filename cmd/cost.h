/* `git orch cost`: what is shown, gathered once for people and programs. */
#ifndef CMD_COST_H
#define CMD_COST_H

#include "cmd/out.h"
#include "plans/cost.h"

struct cost_view {
	const char *plan; /* NULL: all */
	struct cost cost;
	struct cost_row total;
	struct projection rest;
	struct budget_rows budget;
	struct strings advice;
};

/* One set of sums as a table; title is the head of its first column. */
void cost_table(struct out *out, const struct cost *cost, enum cost_by by);
void cost_json(struct tree *out, const struct cost_view *view);

#endif
