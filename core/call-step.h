/*
 * The inside of a call: its state, shared by the files that hold its steps
 * (call.c, call-*.c, caller.c) and by nobody else.
 */
#ifndef CORE_CALL_STEP_H
#define CORE_CALL_STEP_H

#include "core/call.h"

struct call {
	struct caller *caller;
	struct call_spec spec;
	call_fn done;
	void *data;
	struct call **handle; /* the caller's, cleared at the end */

	const struct model *model; /* who is asked now */
	const struct driver *driver;
	struct request request; /* complete */
	char key[SHA256_HEX];
	char *id; /* of this call, within the run */
	struct amount most; /* reserved */
	struct turn turn; /* as our own limits counted it */
	int reservations;
	int tries;
	int maybe_paid; /* tries that broke off inside the answer */
	struct exchange exchange;
	int asking; /* the exchange is under way */
	int timer; /* 0: none */
	int64_t began; /* ms */
	int64_t told; /* ms: until when people know that it waits */
	char *why; /* the models before gave up; NULL: there was none */
	struct call_result result; /* while it waits for the disk */
	struct error *(*after_sync)(struct call *call);
	int sync_round; /* it waits for the end of this one */
};

/*
 * call-sync.c: goes on with then, which finishes the call or keeps it alive,
 * when the journal and the replies stored so far are synced.  All calls that
 * come by in one round of the loop share one sync.
 */
void call_after_sync(struct call *call,
		     struct error *(*then)(struct call *call));
/* Forgets a call that ends. */
void call_leave_sync(const struct call *call);

/* call-request.c: the request as this model gets it, and its key. */
struct error *call_complete(struct call *call) MUST_USE;
/* How many tokens it may answer with. */
int64_t call_answer_tokens(const struct model *model);

/*
 * call-redact.c: all that looks like a secret is taken out of the request; of
 * reply and failure what is known to be one.
 */
struct error *call_redact_request(struct call *call) MUST_USE;
struct error *call_redact_reply(struct call *call) MUST_USE;
void call_redact_failure(struct call *call);

/*
 * call-charge.c: budget and limits.  call_reserve() fills call->most;
 * call_take_turn() fills call->turn, with 0 to wait for who has no limits.
 */
struct error *call_reserve(struct call *call) MUST_USE;
struct error *call_unreserve(struct call *call) MUST_USE;
struct error *call_take_turn(struct call *call) MUST_USE;
/* What it did cost. */
struct error *call_charge(struct call *call, const struct call_result *result)
	MUST_USE;
/* Tells the circuit breaker of a try that failed. */
struct error *call_report(const struct call *call, enum retry_cause cause)
	MUST_USE;
/* As how many tokens the service counted the request, for the next estimate. */
void call_measure(struct call *call, const struct usage *usage);

/*
 * call-give-up.c: the model is given up.  NULL: call->model is the next one,
 * to begin with; else the error that ends the call.
 */
struct error *call_give_up(struct call *call, const struct decision *decision)
	MUST_USE;
/* Is call->turn worth waiting for? */
int call_can_wait(const struct call *call);
/* Gives it up because it is not. */
struct error *call_put_off(struct call *call) MUST_USE;

/* call-lines.c: what the journal says of it. */
struct error *call_opened(struct call *call) MUST_USE;
/*
 * cached: "cache" for a reply of another run, which would have cost saved;
 * NULL for one that was paid.
 */
struct error *call_closed(struct call *call, const struct call_result *result,
			  const char *cached, int64_t saved) MUST_USE;
struct error *call_failed(struct call *call, const struct decision *decision)
	MUST_USE;
/* The line of this run that closed the same request, or NULL. */
const struct value *call_closed_before(const struct call *call);

/* call-known.c: what the store has of it. */
struct error *call_known(struct call_result *out, int *found, struct call *call)
	MUST_USE;
/* Keeps a reply, before anybody uses it. */
struct error *call_keep(struct call *call, const struct call_result *result)
	MUST_USE;

#endif
