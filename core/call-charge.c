/*
 * What a call is charged with: the most it may cost is reserved before it is
 * sent, what it did cost is settled after; in the budget, and in the limits we
 * keep for its provider.
 */
#include "core/call-step.h"
#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

/*
 * Bytes of a request that are hardly ever more than one token: prose has four
 * to five, code about three with the escapes of JSON, ideographs two to three.
 * What is denser (keys, hashes) is a small part of a prompt.
 */
#define LEAST_BYTES 2

/* A recording answers: nobody is paid, and nobody's limits are used up. */
static int is_replay(const struct call *call)
{
	return !strcmp(call->driver->name, "replay");
}

static struct measure *find_measure(const struct call *call)
{
	FOR_EACH (struct measure, it, &call->caller->measures)
		if (!strcmp(it->model, call->model->model) &&
		    !strcmp(it->stage, call->spec.stage))
			return it;
	return NULL;
}

void call_measure(struct call *call, const struct usage *usage)
{
	int64_t tokens = usage->input + usage->cached + usage->cache_write;
	struct measure *measure = find_measure(call);

	if (tokens <= 0)
		return;
	if (!measure) {
		measure = PUSH(&call->caller->measures);
		*measure = (struct measure){
			.model = xstrdup(call->model->model),
			.stage = xstrdup(call->spec.stage),
		};
	}
	measure->bytes = (int64_t)request_bytes(&call->request);
	measure->tokens = tokens;
}

/*
 * The tokens of a prompt, rather too many.  A conversation grows to hundreds of
 * thousands of bytes and is paid for again at each turn: as much of it as the
 * call before had is taken to be as dense as that was counted, and an eighth
 * more, or small budgets would be refused what costs a third of it.
 */
static int64_t most_tokens(const struct call *call)
{
	const struct measure *measure = find_measure(call);
	int64_t bytes = (int64_t)request_bytes(&call->request);
	int64_t most = (bytes + LEAST_BYTES - 1) / LEAST_BYTES;

	if (!measure)
		return most;
	int64_t known = bytes < measure->bytes ? bytes : measure->bytes;
	int64_t tokens = known * measure->tokens / measure->bytes * 9 / 8 +
			 (bytes - known) / LEAST_BYTES + 1;
	return tokens < most ? tokens : most;
}

struct error *call_reserve(struct call *call)
{
	struct caller *caller = call->caller;
	int64_t prompt = most_tokens(call);
	int64_t most = call_answer_tokens(call->model);

	call->most = (struct amount){
		.calls = 1,
		.tokens = prompt + most,
		.micros = caller->prices ? price_most(caller->prices,
						      call->model->model,
						      prompt, most, clock_now())
					 : UNPRICED,
	};
	if (!caller->budget || is_replay(call))
		return NULL;
	CLEANUP(free_str)
	char *id = xasprintf("%s.%d", call->id, ++call->reservations);
	return budget_reserve(caller->budget, id, &call->most,
			      caller->allow_unpriced);
}

static struct error *settle(struct call *call, const struct amount *used)
{
	if (!call->caller->budget || !call->reservations)
		return NULL;
	CLEANUP(free_str)
	char *id = xasprintf("%s.%d", call->id, call->reservations);
	return budget_settle(call->caller->budget, id, used);
}

struct error *call_unreserve(struct call *call)
{
	static const struct amount nothing = { 0 };

	return settle(call, &nothing);
}

static struct limiter limiter_of(const struct call *call)
{
	return (struct limiter){ .dir = is_replay(call) ? NULL
							: call->caller->limits,
				 .provider = call->model->endpoint.provider };
}

struct error *call_take_turn(struct call *call)
{
	const struct limiter limiter = limiter_of(call);

	call->turn = (struct turn){ .wait_ms = 0 };
	if (!limiter.dir || !limiter.provider)
		return NULL;
	return limit_take(&call->turn, &limiter, &call->model->limits,
			  call->most.tokens);
}

struct error *call_charge(struct call *call, const struct call_result *result)
{
	const struct limiter limiter = limiter_of(call);
	const struct usage *usage = &result->reply.usage;
	const struct amount used = {
		.calls = 1,
		.tokens = usage->input + usage->cached + usage->cache_write +
			  usage->output,
		.micros = result->micros == UNPRICED ? 0 : result->micros,
		.millis = clock_ms() - call->began,
	};

	call_measure(call, usage);
	TRY(settle(call, &used));
	if (!limiter.dir || !limiter.provider)
		return NULL;
	TRY(limit_settle(&limiter, &call->turn, used.tokens));
	return limit_report(&limiter, 0);
}

/* A fault of this machine or of its keys says nothing about the service. */
struct error *call_report(const struct call *call, enum retry_cause cause)
{
	const struct limiter limiter = limiter_of(call);

	if (!limiter.dir || !limiter.provider || cause == CAUSE_SETUP ||
	    cause == CAUSE_KEY)
		return NULL;
	return limit_report(&limiter, cause == CAUSE_OUTAGE);
}
