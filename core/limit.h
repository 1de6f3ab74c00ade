/*
 * Limits that we keep ourselves, so that a service need not: requests per
 * minute and hour, tokens per minute, and a circuit breaker, per provider and
 * shared by every process of a repository.  The state of a provider is a
 * small file <dir>/<provider>, changed under a flock; a damaged one is begun
 * anew.  Times are CLOCK_BOOTTIME with the boot's id beside them: after a
 * restart they are forgotten.
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

/*
 * Asks for one request of about so many tokens.  *wait_ms is 0 when it may be
 * sent now, and it has been counted; else how long to wait before asking
 * again.  While the breaker is open *wait_ms is what is left of it, and
 * *open 1.
 */
struct error *limit_take(int64_t *wait_ms, int *open, const char *dir,
			 const char *provider, const struct limits *limits,
			 int64_t tokens) MUST_USE;
/* Corrects the count by what the request really used. */
struct error *limit_settle(const char *dir, const char *provider,
			   int64_t estimated, int64_t used) MUST_USE;

/*
 * Reports how a request went: failed means the service's own fault (5xx, 529,
 * no connection), not ours.  Five failures in a row open the breaker for 30 s,
 * then one request is let through; its failure opens it for twice as long, up
 * to 10 min.
 */
struct error *limit_report(const char *dir, const char *provider, int failed)
	MUST_USE;

#endif
