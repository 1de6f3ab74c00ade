/*
 * A call, from key to reply, as a small state machine on the loop:
 *
 *   begin -> known? -> reserve -> limit -> send -> keep -> done
 *                                  ^         |
 *                                  +- wait --+--> the next model: begin
 *
 * Every arrow that costs money lies behind an `open` line that is synced, and
 * no reply is handed on before its `closed` line is.
 */
#include "core/call-step.h"
#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

#define LONG_WAIT    5000 /* ms; worth telling a person */
#define LONGEST_LOOK 60000 /* ms */

static void forget(struct caller *caller, const struct call *call)
{
	size_t n = 0;

	FOR_EACH (struct call *, it, &caller->calls)
		if (*it != call)
			caller->calls.items[n++] = *it;
	caller->calls.len = n;
}

static void call_free(struct call *call)
{
	forget(call->caller, call);
	call_leave_sync(call);
	call_result_release(&call->result);
	if (call->asking)
		call->driver->cancel(&call->exchange);
	if (call->timer)
		loop_cancel(call->caller->loop, call->timer);
	exchange_release(&call->exchange);
	request_release(&call->request);
	free(call->id);
	free(call->why);
	if (call->handle)
		*call->handle = NULL;
	free(call);
}

void call_cancel(struct call *call)
{
	if (call)
		call_free(call);
}

/* Ends it: what was made belongs to the callee from here. */
static struct error *finish(struct call *call, struct error *err,
			    struct call_result *result)
{
	call_fn done = call->done;
	void *data = call->data;

	call_free(call);
	return done(err, err ? NULL : result, data);
}

void caller_cancel(struct caller *caller)
{
	int reap = 0;

	while (caller->calls.len) {
		struct call *call = caller->calls.items[0];

		reap |= call->asking && !call->driver->speaks_http;
		error_free(finish(
			call, error_new(ERROR_INTERRUPT, "interrupted"), NULL));
	}
	if (reap)
		error_free(loop_drain(caller->loop));
}

/* The end of a callback: goes on, unless there was an error. */
static struct error *unless(struct call *call, struct error *err)
{
	return err ? finish(call, err, NULL) : NULL;
}

static void wait_for(struct call *call, int64_t ms, loop_timer_fn fn)
{
	call->timer = loop_timer(call->caller->loop, ms, fn, call);
}

/* A recording answers: nobody is paid, and nobody's limits are used up. */
static int is_replay(const struct call *call)
{
	return !strcmp(call->driver->name, "replay");
}

static struct error *reserve(struct call *call)
{
	struct caller *caller = call->caller;
	int64_t prompt = request_tokens(&call->request);
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

static int64_t tokens_of(const struct usage *usage)
{
	return usage->input + usage->cached + usage->cache_write +
	       usage->output;
}

static struct limiter limiter_of(const struct call *call)
{
	return (struct limiter){ .dir = is_replay(call) ? NULL
							: call->caller->limits,
				 .provider = call->model->endpoint.provider };
}

static struct error *count(struct call *call, const struct usage *usage)
{
	const struct limiter limiter = limiter_of(call);

	if (!limiter.dir || !limiter.provider)
		return NULL;
	TRY(limit_settle(&limiter, &call->turn, tokens_of(usage)));
	return limit_report(&limiter, 0);
}

static struct error *answered(struct call *call, struct call_result *result)
{
	struct caller *caller = call->caller;
	struct reply *reply = &call->exchange.reply;

	TRY(call_redact_reply(call));
	reply_release(&result->reply);
	result->reply = *reply;
	reply_init(reply);
	memcpy(result->key, call->key, sizeof result->key);
	result->model = call->model;
	result->tries = call->tries;
	result->micros = caller->prices
				 ? price_of(caller->prices, call->model->model,
					    &result->reply.usage, clock_now())
				 : UNPRICED;
	const struct amount used = {
		.calls = 1,
		.tokens = tokens_of(&result->reply.usage),
		.micros = result->micros == UNPRICED ? 0 : result->micros,
		.millis = clock_ms() - call->began,
	};
	TRY(call_keep(call, result));
	TRY(call_closed(call, result, NULL, UNPRICED));
	TRY(settle(call, &used));
	return count(call, &result->reply.usage);
}

/* What was paid for is on the disk: it may be used. */
static struct error *hand_over(struct call *call)
{
	CLEANUP(call_result_release)
	struct call_result result = call->result;

	call_result_init(&call->result);
	return finish(call, NULL, &result);
}

/* The error of a call that is given up, and of the models before. */
static struct error *given_up(const struct call *call,
			      const struct decision *decision)
{
	struct error *err = retry_error(&call->exchange.failure, decision,
					call->model->endpoint.provider,
					call->model->endpoint.key_origin);

	if (call->tries > 1)
		err = error_wrap(err, "asked %d times", call->tries);
	err = error_wrap(err, "agent '%s'", call->model->agent);
	return call->why ? error_wrap(err, "%s; then", call->why) : err;
}

static void on_notice(void *data, const char *sentence)
{
	const struct call *call = data;

	caller_notice(call->caller, "%s", sentence);
}

static struct error *on_exchange(struct exchange *exchange, void *data);

static struct error *ask(struct call *call)
{
	struct caller *caller = call->caller;
	struct exchange *exchange = &call->exchange;

	if (call->driver->speaks_http && !caller->http)
		TRY(http_new(&caller->http, caller->loop, NULL));
	exchange_release(exchange);
	exchange_init(exchange);
	exchange->endpoint = &call->model->endpoint;
	exchange->request = &call->request;
	exchange->loop = caller->loop;
	exchange->http = caller->http;
	exchange->idle_ms = call->model->idle_ms;
	exchange->total_ms = call->model->timeout_ms;
	exchange->on_notice = on_notice;
	exchange->done = on_exchange;
	exchange->data = call;
	TRY(call->driver->start(exchange));
	call->asking = 1;
	return NULL;
}

static struct error *on_opened(struct call *call)
{
	return unless(call, ask(call));
}

/* The first time behind a line in the journal that says so. */
static struct error *send(struct call *call)
{
	if (call->tries++)
		return ask(call);
	TRY(call_opened(call));
	call_after_sync(call, on_opened);
	return NULL;
}

static struct error *on_begin(struct loop *loop, void *data);

/* The models after this one; what this one said is told at the end. */
static void next_model(struct call *call, const struct decision *decision)
{
	CLEANUP(error_release) struct error *why = given_up(call, decision);

	caller_notice(call->caller, "%s; asking agent '%s' instead",
		      why->message, call->model->fallback->agent);
	free(call->why);
	call->why = xstrdup(why->message);
	call->model = call->model->fallback;
	call->tries = 0;
	call->maybe_paid = 0;
	wait_for(call, 0, on_begin);
}

static struct error *give_up(struct call *call, const struct decision *decision)
{
	static const struct amount nothing = { 0 };

	if (call->spec.cause)
		*call->spec.cause = decision->cause;
	if (call->spec.last)
		*call->spec.last = call->model;
	TRY(call_failed(call, decision));
	if (!call->exchange.failure.answering)
		TRY(settle(call, &nothing));
	if (decision->action != RETRY_SWITCH || !call->model->fallback)
		return given_up(call, decision);
	next_model(call, decision);
	return NULL;
}

/* Nobody else can be asked, and it is not for too long. */
static int waits_for_breaker(const struct call *call)
{
	int64_t longest = call->caller->retry.longest_ms;

	return !call->model->fallback &&
	       call->turn.wait_ms <= (longest ? longest : RETRY_LONGEST_MS);
}

/* It is not asked (again): what was reserved for that is free. */
static struct error *breaker_open(struct call *call)
{
	struct failure *failure = &call->exchange.failure;
	const struct decision decision = { .action = RETRY_SWITCH,
					   .rule = "breaker-open",
					   .cause = CAUSE_OUTAGE,
					   .code = ERROR_AGAIN };

	failure_release(failure);
	*failure = (struct failure)FAILURE_INIT;
	failure->message = xasprintf(
		"it failed several times in a row, and is asked again in "
		"%lld s",
		(long long)(call->turn.wait_ms + 999) / 1000);
	return give_up(call, &decision);
}

static struct error *on_limit(struct loop *loop, void *data);

/* Sends it when our own limits let it through, and waits for them. */
static struct error *limited(struct call *call)
{
	const struct limiter limiter = limiter_of(call);
	int64_t wait = 0;

	if (limiter.dir && limiter.provider) {
		TRY(limit_take(&call->turn, &limiter, &call->model->limits,
			       call->most.tokens));
		wait = call->turn.wait_ms;
	}
	if (!wait)
		return send(call);
	if (call->turn.open && !waits_for_breaker(call))
		return breaker_open(call);
	if (wait >= LONG_WAIT)
		caller_notice(call->caller, "provider '%s': waiting %lld s, %s",
			      limiter.provider, (long long)wait / 1000,
			      call->turn.open
				      ? "it failed several times in a row"
				      : "to stay within its limits");
	/* Others wait as well: look again in time, whatever they do. */
	wait_for(call, wait > LONGEST_LOOK ? LONGEST_LOOK : wait, on_limit);
	return NULL;
}

static struct error *on_limit(struct loop *loop, void *data)
{
	struct call *call = data;

	(void)loop;
	call->timer = 0;
	return unless(call, limited(call));
}

/* In a resumed run this model had been given up already. */
static int given_up_before(const struct call *call)
{
	const struct value *line = call_closed_before(call);

	return line && call->model->fallback &&
	       value_bool(value_get(line, "switched"), 0);
}

/* *found: the reply is in result, nothing is sent. */
static struct error *begin(struct call_result *result, int *found,
			   struct call *call)
{
	TRY(driver_find(&call->driver, call->model->endpoint.driver));
	TRY(call_complete(call));
	while (given_up_before(call)) {
		call->model = call->model->fallback;
		TRY(driver_find(&call->driver, call->model->endpoint.driver));
		TRY(call_complete(call));
	}
	TRY(call_known(result, found, call));
	if (*found)
		return NULL;
	TRY(reserve(call));
	return limited(call);
}

static struct error *on_begin(struct loop *loop, void *data)
{
	CLEANUP(call_result_release) struct call_result result;
	struct call *call = data;
	int found = 0;

	(void)loop;
	call->timer = 0;
	call_result_init(&result);
	struct error *err = begin(&result, &found, call);
	return err || found ? finish(call, err, &result) : NULL;
}

static struct error *on_retry(struct loop *loop, void *data)
{
	struct call *call = data;
	struct error *err = NULL;

	(void)loop;
	call->timer = 0;
	/* What broke off inside its answer may have been charged for. */
	if (call->exchange.failure.answering)
		err = reserve(call);
	return unless(call, err ? err : limited(call));
}

/* A fault of this machine or of its keys says nothing about the service. */
static struct error *report(const struct call *call, enum retry_cause cause)
{
	const struct limiter limiter = limiter_of(call);

	if (!limiter.dir || !limiter.provider || cause == CAUSE_SETUP ||
	    cause == CAUSE_KEY)
		return NULL;
	return limit_report(&limiter, cause == CAUSE_OUTAGE);
}

static struct error *failed(struct call *call)
{
	const struct failure *failure = &call->exchange.failure;
	const struct caller *caller = call->caller;
	struct decision decision;

	retry_decide(&decision, failure, call->tries, &caller->retry,
		     retry_chance());
	call->maybe_paid += failure->answering;
	TRY(report(call, decision.cause));
	if (decision.action != RETRY_WAIT)
		return give_up(call, &decision);
	log_write(caller->log, LOG_INFO, "a call is tried again", "agent",
		  call->model->agent, "rule", decision.rule, NULL);
	if (decision.wait_ms >= LONG_WAIT)
		caller_notice(call->caller, "agent '%s': %s, waiting %lld s",
			      call->model->agent, decision.rule,
			      (long long)decision.wait_ms / 1000);
	wait_for(call, decision.wait_ms, on_retry);
	return NULL;
}

static struct error *on_exchange(struct exchange *exchange, void *data)
{
	struct call *call = data;
	struct error *err;

	call->asking = 0;
	call_redact_failure(call);
	if (!exchange->answered)
		return unless(call, failed(call));
	err = answered(call, &call->result);
	if (err)
		return finish(call, err, NULL);
	call_after_sync(call, hand_over);
	return NULL;
}

struct error *call_start(struct call **out, struct caller *caller,
			 const struct call_spec *spec, call_fn done, void *data)
{
	struct call *call = xcalloc(1, sizeof *call);
	unsigned char random[6];

	call->caller = caller;
	call->spec = *spec;
	call->done = done;
	call->data = data;
	call->model = spec->model;
	call->began = clock_ms();
	random_bytes(random, sizeof random);
	call->id = xasprintf("%02x%02x%02x%02x%02x%02x", random[0], random[1],
			     random[2], random[3], random[4], random[5]);
	request_init(&call->request);
	exchange_init(&call->exchange);
	call_result_init(&call->result);
	call->timer = loop_timer(caller->loop, 0, on_begin, call);
	*PUSH(&caller->calls) = call;
	if (out) {
		call->handle = out;
		*out = call;
	}
	return NULL;
}

/* A call that is waited for. */
struct waiting {
	struct caller *caller;
	struct call_result *out;
	struct error *err;
	int done;
};

static struct error *on_waited(struct error *err, struct call_result *result,
			       void *data)
{
	struct waiting *waiting = data;

	waiting->err = err;
	waiting->done = 1;
	if (result) {
		call_result_release(waiting->out);
		*waiting->out = *result;
		call_result_init(result);
	}
	loop_stop(waiting->caller->loop);
	return NULL;
}

struct error *call_run(struct call_result *out, struct caller *caller,
		       const struct call_spec *spec)
{
	struct waiting waiting = { .caller = caller, .out = out };
	struct error *err = NULL;

	TRY(call_start(NULL, caller, spec, on_waited, &waiting));
	while (!waiting.done && !err)
		err = loop_run(caller->loop);
	if (!err)
		return waiting.err;
	caller_cancel(caller);
	error_free(waiting.err);
	return err;
}
