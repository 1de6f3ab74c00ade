/*
 * What to do after a request that was not answered: one table of decisions,
 * used by model calls and by the forge alike.
 */
#ifndef CORE_RETRY_H
#define CORE_RETRY_H

#include "core/http.h"

#include <stdint.h>

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
 * Fills end, status, detail as the message, and what the headers say:
 * retry-after-ms, retry-after (seconds, also fractions, and HTTP dates in the
 * three forms of RFC 9110, section 5.6.7; a past one is 0), x-should-retry,
 * anthropic-ratelimit-*-reset (RFC 3339), x-ratelimit-reset[-*] (durations like
 * 6m0s, seconds, seconds or milliseconds since the epoch), request-id,
 * x-request-id, x-github-request-id.  Of the limits only those with nothing
 * remaining count, and of these the one that takes longest.  What cannot be
 * read, or is negative, is not said.  now: seconds since the epoch.
 *
 * type, code and message of an error's body are its reader's to set: code is
 * the most exact word there is (of Anthropic error.details.error_code where it
 * is given).
 */
void failure_from_response(struct failure *out,
			   const struct http_response *response, int64_t now);

#define RETRY_LONGEST_MS 120000 /* where a policy does not say */

enum retry_action {
	RETRY_WAIT, /* wait, then the same again */
	RETRY_SWITCH, /* another agent, if there is one; else give up */
	RETRY_GIVE_UP, /* no use, whoever asks */
};

/* Whose fault it is: what the caller, or a person, may do about it. */
enum retry_cause {
	CAUSE_OUTAGE, /* the service's own: counts for the circuit breaker */
	CAUSE_LIMIT, /* asked too often; also a lock of the service's */
	CAUSE_SPENT, /* its credit, quota or spend limit is used up */
	CAUSE_KEY, /* no key, a wrong one, one that may not */
	CAUSE_MODEL, /* it does not have the model */
	CAUSE_TOO_LONG, /* the prompt: compact it and ask anew */
	CAUSE_REQUEST, /* it will not take the request */
	CAUSE_SETUP, /* this machine: address, certificates */
};

/* A row of the table; the first that matches decides. */
struct retry_rule {
	const char *name;
	enum http_end end; /* with a status from 300 on, or a type or code,
			      any end counts as HTTP_OK */
	/*
	 * With HTTP_OK: the status lies in min to max, or the error came
	 * inside an answer with status below 300 and a word matches.  min 0:
	 * the words alone decide, whatever the status.
	 */
	int min, max;
	/*
	 * NULL, or words of which one is the failure's type or code; one with
	 * a blank in it is looked for in the message, in any case.
	 */
	const char *const *words;
	int answering; /* 1, 0: only if so; -1: either */
	int stated; /* 1: only when the service says how long to wait */
	int should_retry; /* 1, 0: only if it said so; -1: whatever it said */
	enum retry_action action;
	enum error_code code;
	enum retry_cause cause;
};
/* Walked by retry_decide(), by tests, by whoever documents it. */
const struct retry_rule *retry_rules(size_t *len);

struct retry_policy {
	int tries; /* in all; 0: 5 */
	int64_t base_ms; /* of the backoff; 0: 500 */
	int64_t cap_ms; /* of the backoff; 0: 30,000 */
	int64_t longest_ms; /* a wait the service asks for beyond this switches
			       or gives up; 0: RETRY_LONGEST_MS */
};

struct decision {
	enum retry_action action;
	int64_t wait_ms; /* RETRY_WAIT */
	const char *rule; /* which row of the table: for the log and tests */
	const char *limit; /* "tries", "wait": why a row that waits switches
			      after all; else NULL */
	enum retry_cause cause;
	enum error_code code; /* of the error when it is given up */
};

/*
 * tries: how often it was sent, from 1.  chance: anything in [0, 1).  Without
 * a wait of the service's own it is chosen by full jitter: chance times
 * min(cap, base * 2^(tries - 1)).  One of its own is kept, with chance times
 * base on top, so that many who were told the same do not come back at once.
 */
void retry_decide(struct decision *out, const struct failure *failure,
		  int tries, const struct retry_policy *policy, double chance);

/*
 * The error of what is given up, with a hint by its cause: "'main'
 * answered 529, overloaded_error: Overloaded (request req_1)".  who: the
 * provider's name; key: where its key comes from (an environment variable),
 * may be NULL.
 */
struct error *retry_error(const struct failure *failure,
			  const struct decision *decision, const char *who,
			  const char *key) MUST_USE;

/* A number in [0, 1) from the kernel's random bytes. */
double retry_chance(void);

#endif
