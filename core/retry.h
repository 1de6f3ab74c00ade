/*
 * What to do after a request that was not answered: one table of decisions,
 * used by model calls and by the forge alike.
 */
#ifndef CORE_RETRY_H
#define CORE_RETRY_H

#include "core/http.h"

/* What went wrong, in terms every service has. */
struct failure {
	enum http_end end; /* HTTP_OK: by status or by an error in the stream */
	int status; /* 0: none */
	char *type; /* the service's own word: "overloaded_error"; or NULL */
	char *code; /* more exact: "insufficient_quota"; or NULL */
	char *message; /* for people; secrets taken out */
	char *request_id; /* to tell the service; or NULL */
	int64_t retry_after_ms; /* -1: not said */
	int64_t reset_ms; /* until the exhausted limit is full; -1 */
	int should_retry; /* x-should-retry: 1, 0; -1: not said */
	int answering; /* part of the answer had come: it may be charged */
};
#define FAILURE_INIT                                                           \
	{                                                                      \
		.retry_after_ms = -1, .reset_ms = -1, .should_retry = -1       \
	}
void failure_release(struct failure *failure);

/*
 * Fills end, status and what the headers say: retry-after-ms, retry-after
 * (seconds, also fractions, and HTTP dates, RFC 9110 section 10.2.3),
 * x-should-retry, anthropic-ratelimit-*-reset (RFC 3339) and
 * x-ratelimit-reset-* (durations like 6m0s), request-id, x-request-id.  Of the
 * limits only those with nothing remaining count.  now: seconds since the
 * epoch.
 */
void failure_from_response(struct failure *out,
			   const struct http_response *response, int64_t now);

enum retry_action {
	RETRY_WAIT, /* wait, then the same again */
	RETRY_SWITCH, /* another agent, if there is one; else give up */
	RETRY_GIVE_UP, /* no use, whoever asks */
};

struct retry_policy {
	int tries; /* in all; 0: 5 */
	int64_t base_ms; /* of the backoff; 0: 500 */
	int64_t cap_ms; /* of the backoff; 0: 30,000 */
	int64_t longest_ms; /* a wait the service asks for beyond this switches
			       or gives up; 0: 120,000 */
};

struct decision {
	enum retry_action action;
	int64_t wait_ms; /* RETRY_WAIT */
	const char *rule; /* which row of the table: for the log and tests */
	enum error_code code; /* of the error when it is given up */
};

/*
 * tries: how often it was sent, from 1.  Without a wait of the service's own
 * it is chosen by full jitter: anything from 0 to min(cap, base * 2^(tries -
 * 1)), by chance in [0, 1).
 */
void retry_decide(struct decision *out, const struct failure *failure,
		  int tries, const struct retry_policy *policy, double chance);

/* A number in [0, 1) from the kernel's random bytes. */
double retry_chance(void);

#endif
