/*
 * Budgets: reserved before a call, settled after, shared by every process
 * that works on the repository.
 *
 * A ledger is a file of JSON lines, appended under a flock and never
 * rewritten: {"op":"reserve","id","plan","phase","calls","tokens","micros"},
 * {"op":"settle","id","calls","tokens","micros"}.  A reservation that was
 * never settled (its process was killed) stays charged; the same call sent
 * again after a resume reserves anew.  The plan's ledger lies in the
 * repository's folder, the day's in the user's state folder: day budgets are
 * per machine.
 */
#ifndef CORE_BUDGET_H
#define CORE_BUDGET_H

#include "core/array.h"

#include <stdint.h>

/* What may be used, and what was; 0 in a limit: no limit. */
struct amount {
	int64_t micros;
	int64_t calls;
	int64_t tokens;
	int64_t seconds;
};

struct budget_limits {
	struct amount phase;
	struct amount plan;
	struct amount day;
};

struct budget;

/*
 * folder: the repository's (".../orch/spend"); day_folder: the machine's.
 * plan and phase name what is charged; phase may be NULL (planning).
 */
struct error *budget_open(struct budget **out, const char *folder,
			  const char *day_folder, const char *plan,
			  const char *phase, const struct budget_limits *limits)
	MUST_USE;
void budget_close(struct budget **budget); /* for CLEANUP */

/*
 * Reserves most under id.  ERROR_REFUSED names the limit that would be passed,
 * what is used of it, and in the hint the key to raise.  An unpriced call
 * (micros -1) is refused by a money limit unless ORCH_UNPRICED says otherwise
 * in the configuration (allow_unpriced).
 */
struct error *budget_reserve(struct budget *budget, const char *id,
			     const struct amount *most, int allow_unpriced)
	MUST_USE;
/* What it came to; a call that was not sent settles to nothing. */
struct error *budget_settle(struct budget *budget, const char *id,
			    const struct amount *used) MUST_USE;

/* Used and reserved so far, of the phase, the plan, the day. */
struct error *budget_used(struct budget_limits *out, struct budget *budget)
	MUST_USE;

#endif
