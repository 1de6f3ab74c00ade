/* What is known of a provider's use, and the file it is kept in. */
#ifndef CORE_LIMIT_STATE_H
#define CORE_LIMIT_STATE_H

#include "core/limit.h"

#define LIMIT_SLOTS 61 /* 60 that are whole, and the one that has begun */

struct limit_slot {
	int64_t index; /* time / slot_ms */
	int64_t requests;
	int64_t tokens;
};

/* A ring: the slot of an index lies at index % LIMIT_SLOTS. */
struct limit_window {
	int64_t slot_ms; /* 60 of these are the window */
	struct limit_slot slots[LIMIT_SLOTS];
};

struct limit_state {
	struct limit_window minute;
	struct limit_window hour;
	int64_t failures; /* in a row */
	int64_t open_until; /* of the breaker; 0: closed */
	int64_t open_for; /* how long it was opened last */
	int64_t probing; /* one request was let through */
};

/*
 * From and to the file, which the caller has locked.  Empty, damaged, of
 * another boot or of the future: all zero.
 */
struct error *limit_state_read(struct limit_state *out, int fd, int64_t now)
	MUST_USE;
struct error *limit_state_write(const struct limit_state *state, int fd)
	MUST_USE;

#endif
