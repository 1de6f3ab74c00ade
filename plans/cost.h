/*
 * What the calls of all runs here cost, as their journals say: the open and
 * closed lines of core/call.h and of coding agents, and `named` {"plan","goal"}
 * of planning: what was asked for the goal until then counts for the plan.
 * Nothing is kept; each look reads the journals.
 */
#ifndef PLANS_COST_H
#define PLANS_COST_H

#include "core/call.h"
#include "plans/project.h"

enum cost_kind {
	COST_PAID, /* answered, and paid to a service */
	COST_CACHED, /* answered by the store: nothing was sent */
	COST_FAILED, /* given up */
	COST_LOST, /* sent by a run that then died: may be paid twice */
	COST_RUNNING, /* under way now */
};

/* One call; texts belong to struct cost. */
struct cost_call {
	enum cost_kind kind;
	const char *run;
	const char *at; /* when it was opened, UTC */
	const char *day; /* yyyy-mm-dd of it */
	const char *role; /* by the agent's row; else the agent's name */
	const char *agent;
	const char *stage;
	const char *plan; /* NULL: none (agent test) */
	const char *phase; /* NULL: planning */
	const char *model;
	int attempt;
	struct usage usage; /* of COST_CACHED: what was not used */
	int64_t micros; /* paid; UNPRICED */
	int64_t saved; /* of COST_CACHED; UNPRICED: not known */
	int64_t reserved; /* the most it can have cost; UNPRICED: not known */
	int64_t maybe_paid; /* tries that broke off inside the answer */
};

struct cost {
	ARRAY(struct cost_call) calls; /* by run and time */
	struct strings damaged; /* journals that cannot be read, and why */
	struct map texts;
	struct arena arena;
};
#define COST_INIT                                                              \
	{                                                                      \
		ARRAY_INIT, STRINGS_INIT, MAP_INIT, ARENA_INIT                 \
	}
void cost_release(struct cost *cost);

/*
 * Reads the journals of a folder.  plan NULL: all plans; since: the first day
 * ("yyyy-mm-dd"), or NULL.  config, for the roles, may be NULL.
 */
struct error *cost_read(struct cost *out, const char *dir,
			const struct config *config, const char *plan,
			const char *since) MUST_USE;

enum cost_by {
	BY_ROLE,
	BY_STAGE,
	BY_PHASE, /* "<plan>/<phase>"; planning is "<plan>/plan" */
	BY_PLAN,
	BY_MODEL,
	BY_DAY,
	BY_COUNT,
};
/* "role", "stage", "phase", "plan", "model", "day" */
const char *cost_by_name(enum cost_by by);
/* ERROR_USAGE names those there are. */
struct error *cost_by_parse(enum cost_by *out, const char *name) MUST_USE;

/* Sums of the calls that have something in common. */
struct cost_row {
	char *name; /* NULL: the total */
	int64_t calls; /* paid */
	int64_t failed;
	int64_t running;
	struct usage usage; /* of the paid ones */
	int64_t micros; /* of those that have a price */
	int64_t unpriced; /* paid calls that have none */
	int64_t hits; /* answered by the store */
	int64_t saved; /* micro-dollars, as far as prices are known */
	int64_t twice; /* calls that may have been paid twice */
	int64_t twice_micros; /* at most, of those that have a price */
	int64_t twice_unpriced; /* those that have none */
};
struct cost_rows {
	struct cost_row *items;
	size_t len, cap;
};
void cost_rows_release(struct cost_rows *rows);

/* The dearest first; days in their order. */
void cost_group(struct cost_rows *out, const struct cost *cost,
		enum cost_by by);
void cost_total(struct cost_row *out, const struct cost *cost);

/*
 * What the rest of a plan will cost if it goes on as it began: the mean over
 * the phases that are finished and were paid for here, each weighed by its
 * estimate's complexity (the mean of those given where it has none).  What the
 * store saved counts as paid: the rest finds nothing there.  low and high are
 * the rest at the weight's price in the cheapest and in the dearest phase.
 */
struct projection {
	size_t finished; /* phases the mean is over; 0: there is none */
	size_t rest; /* phases to come */
	int64_t micros;
	int64_t low, high;
};
struct error *cost_project(struct projection *out, const struct cost *cost,
			   struct project *project, const char *plan) MUST_USE;

/* One limit of the configuration and how much of it is used. */
struct budget_row {
	const char *scope; /* plan, day */
	const char *unit; /* usd, calls, tokens, seconds */
	int64_t used; /* usd: micro-dollars */
	int64_t limit;
};
struct budget_rows {
	struct budget_row *items;
	size_t len, cap;
};
/* plan NULL: of the day only.  What has no limit has no row. */
struct error *cost_budget(struct budget_rows *out, struct project *project,
			  const char *plan) MUST_USE;

/* Sentences that follow from the numbers, the weightiest first. */
void cost_advice(struct strings *out, const struct cost *cost,
		 const struct budget_rows *budget,
		 const struct projection *rest);

#endif
