/* One ledger of core/budget.h: a file, and what its lines add up to. */
#ifndef CORE_BUDGET_LEDGER_H
#define CORE_BUDGET_LEDGER_H

#include "core/budget.h"
#include "core/file.h"

#define LEDGER_MOST ((size_t)1 << 28) /* bytes of a file that is read */

struct ledger {
	char *path;
	char *phase; /* of which a sum is kept; NULL: none */
	dev_t dev; /* of the file that was read */
	ino_t ino;
	off_t seen; /* bytes of it that were read */
	size_t lines;
	struct amount all;
	struct amount of_phase;
	struct map open; /* id to struct charge: reserved, not settled */
	struct map phases; /* name to int64_t: micro-dollars of each */
	struct arena charges;
};

/* path is taken over; phase may be NULL. */
void ledger_init(struct ledger *ledger, char *path, const char *phase);
void ledger_release(struct ledger *ledger);

/*
 * Takes the lock, which the caller releases, and reads what is new since the
 * last look.  A file that was replaced or removed is begun anew.
 */
struct error *ledger_look(struct ledger *ledger, struct file_lock *lock)
	MUST_USE;
/* Whether the id is reserved and not settled. */
int ledger_has(const struct ledger *ledger, const char *id);

/* Appends a line; the lock is held.  After an error the file is as before. */
struct error *ledger_reserve(struct ledger *ledger,
			     const struct file_lock *lock, const char *id,
			     const char *plan, const struct amount *most)
	MUST_USE;
struct error *ledger_settle(struct ledger *ledger, const struct file_lock *lock,
			    const char *id, const struct amount *used) MUST_USE;
/* The same with lines of another ledger. */
struct error *ledger_append(struct ledger *ledger, const struct file_lock *lock,
			    const struct buf *lines) MUST_USE;

/* From 0 to 10^12: sums of them do not overflow in any file we read. */
int64_t ledger_clamp(int64_t n);

#endif
