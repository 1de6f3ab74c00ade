/*
 * Budgets: reserved before a call, settled after, shared by every process
 * that works on the repository.
 *
 * A ledger is a file of JSON lines, appended under a flock on itself and
 * never rewritten, though one of a goal is moved to its plan:
 * {"op":"reserve","id","at","plan","phase","calls","tokens",
 * "micros","seconds","millis"}, {"op":"settle","id","at","calls","tokens",
 * "micros","seconds","millis"}; phase is null for planning, and a line without
 * millis has none.  An id in the file is the caller's
 * with a random word of the handle before it, so that runs may count from 1.
 * A reservation that was never settled (its process was killed) stays
 * charged, and the same call sent again after a resume reserves anew.  Lines
 * are not synced: a power cut may take back the last seconds' reservations and
 * settlements, which is what the machine was about to spend then; waiting for
 * the disk would cost each call more than that.  A torn last line is cut off
 * by the next who looks.
 *
 * The plan's ledger is <folder>/<plan>.jsonl in the repository's folder, the
 * day's <day_folder>/<yyyy-mm-dd>.jsonl (UTC) in the user's state folder: day
 * budgets are per machine.  A call belongs to the day it was reserved on.
 */
#ifndef CORE_BUDGET_H
#define CORE_BUDGET_H

#include "core/array.h"

#include <stdint.h>

/* In a limit; 0 is a limit that lets nothing through. */
#define UNLIMITED (-1)

/* What may be used, and what was. */
struct amount {
	int64_t micros;
	int64_t calls;
	int64_t tokens;
	int64_t seconds; /* of calls, added up; counted when they are settled */
	int64_t millis; /* on top of the seconds; of a sum: below 1000 */
};

struct budget_limits {
	struct amount phase;
	struct amount plan;
	struct amount day;
};

struct budget;

/*
 * folder: the repository's (".../orch/spend"); day_folder: the machine's
 * ("$XDG_STATE_HOME/git-orch/spend"; NULL: no day is kept).  plan and phase
 * name what is charged; phase may be NULL (planning): then the phase's limits
 * do not apply.  Nothing is read yet.
 */
struct error *budget_open(struct budget **out, const char *folder,
			  const char *day_folder, const char *plan,
			  const char *phase, const struct budget_limits *limits)
	MUST_USE;
void budget_close(struct budget **budget); /* for CLEANUP */
/* Seconds since the epoch, for the day; NULL: clock_now(). */
void budget_set_clock(struct budget *budget, int64_t (*clock)(void));

/* Is money limited for the phase, the plan or the day? */
int budget_limits_money(const struct budget *budget);
/*
 * Tells what other machines spent of the plan's money for a phase, as its
 * document says, or what they hold (phase NULL).  It counts towards the plan's
 * limit; what the ledger has of the same phase is not counted twice.
 */
void budget_add_elsewhere(struct budget *budget, const char *phase,
			  int64_t micros);

/*
 * Reserves most under id.  ERROR_REFUSED names the limit that would be passed,
 * what is used of it and what was asked, and in the hint the key to raise; a
 * limit of seconds refuses when it is used up.  An unpriced call (micros
 * UNPRICED) is refused by a limit of money, or counts nothing when
 * allow_unpriced is set.
 *
 * A ledger with a line that cannot be read, other than the last, is
 * ERROR_INVALID with its number; one of another file system's fault or a full
 * disk is ERROR_FAILURE, and nothing is reserved.
 */
struct error *budget_reserve(struct budget *budget, const char *id,
			     const struct amount *most, int allow_unpriced)
	MUST_USE;
/*
 * What it came to; a call that was not sent settles to nothing.  An id that
 * this handle has not reserved, or has settled, is left alone.
 */
struct error *budget_settle(struct budget *budget, const char *id,
			    const struct amount *used) MUST_USE;

/*
 * A goal that became a plan: what the goal's ledger holds goes into the plan's,
 * whatever its limits, and the goal's is removed.  Each line goes once, also
 * when it is killed and called again.  A goal without a ledger used nothing.
 */
struct error *budget_carry(const char *folder, const char *goal,
			   const char *plan) MUST_USE;
/*
 * Removes the ledgers whose names begin so, and that were last written before
 * this time: of goals that became no plan.
 */
struct error *budget_forget(const char *folder, const char *prefix,
			    int64_t before) MUST_USE;

/* Used and reserved so far, of the phase, the plan, the day. */
struct error *budget_used(struct budget_limits *out, struct budget *budget)
	MUST_USE;

#endif
