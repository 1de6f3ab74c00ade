/*
 * Limits that we keep ourselves, so that a service need not: requests per
 * minute and hour, tokens per minute, and a circuit breaker, per provider and
 * shared by every process of a repository.
 *
 * The windows slide: no minute, whenever it begins, holds more than a minute's
 * figure.  They are counted in slots (seconds of a minute, minutes of an hour)
 * which leave the window as a whole, when their last millisecond does: a slot
 * too long rather than too short.  A token bucket would let through twice the
 * figure around the moment it is full.
 *
 * The state of a provider is a small file <dir>/<provider>, written over under
 * a flock on itself; a damaged one is begun anew.  Times are CLOCK_BOOTTIME
 * with the boot's id beside them: after a restart they are forgotten.
 */
#ifndef CORE_LIMIT_H
#define CORE_LIMIT_H

#include "core/error.h"

#include <stdint.h>

struct limits {
	int64_t requests_per_minute; /* 0: no limit */
	int64_t requests_per_hour;
	int64_t tokens_per_minute;
};

/* Whose limits; borrowed. */
struct limiter {
	const char *dir;
	const char *provider; /* a name without '/' or '.' */
	int64_t (*clock)(void); /* milliseconds; NULL: clock_ms() */
};

/* The answer to limit_take(). */
struct turn {
	int64_t wait_ms; /* 0: send it now, it has been counted */
	int open; /* not the limits: the breaker makes it wait */
	const char *limit; /* else: which one, "requests_per_hour" */
	int64_t at; /* when it was counted, for limit_settle() */
	int64_t tokens; /* as they were counted */
};

/*
 * Asks for one request of about so many tokens.  Where wait_ms is not 0,
 * nothing was counted: ask again after it, as others may have come first.  One
 * request of more tokens than the limit goes when no others are counted.
 *
 * A folder that cannot be written is ERROR_FAILURE with a hint.
 */
struct error *limit_take(struct turn *out, const struct limiter *limiter,
			 const struct limits *limits, int64_t tokens) MUST_USE;
/*
 * Corrects the count by what the request really used: less is given back
 * where it was taken, as long as that is within the minute; more counts from
 * now on.
 */
struct error *limit_settle(const struct limiter *limiter,
			   const struct turn *turn, int64_t used) MUST_USE;

/*
 * Reports how a request went: failed means the service's own fault (5xx, 529,
 * no connection: CAUSE_OUTAGE), not ours.  Five failures in a row open the
 * breaker for 30 s, then one request is let through; its failure opens it for
 * twice as long, up to 10 min, and any success closes it.  While that one is
 * under way the others wait a second at a time; when it never reports, another
 * is let through as if it had failed without making the time longer.
 */
struct error *limit_report(const struct limiter *limiter, int failed) MUST_USE;

#endif
