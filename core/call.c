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
	TRY(call_keep(call, result));
	TRY(call_closed(call, result, NULL, UNPRICED));
	return call_charge(call, result);
}

/* What was paid for is on the disk: it may be used. */
static struct error *hand_over(struct call *call)
{
	CLEANUP(call_result_release)
	struct call_result result = call->result;

	call_result_init(&call->result);
	return finish(call, NULL, &result);
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

/* What a person would otherwise take for a hang, once for each wait. */
static void tell_wait(struct call *call, int64_t ms, const char *why)
{
	int64_t now = clock_ms(), seconds = (ms + 999) / 1000;
	char until[CLOCK_TEXT];

	if (ms < LONG_WAIT || now < call->told)
		return;
	call->told = now + ms;
	clock_format(until, clock_now() + seconds);
	caller_notice(call->caller, "agent '%s': waiting %lld s, until %s: %s",
		      call->model->agent, (long long)seconds, until, why);
}

static void tell_turn(struct call *call)
{
	const struct turn *turn = &call->turn;
	const char *provider = call->model->endpoint.provider;
	CLEANUP(free_str)
	char *why = turn->open
			    ? xasprintf("provider '%s' failed several times in "
					"a row",
					provider)
			    : xasprintf("%s of provider '%s' are used up",
					turn->limit, provider);

	tell_wait(call, turn->wait_ms, why);
}

static struct error *on_begin(struct loop *loop, void *data);

/* It is not asked any more; if there is another, that one is. */
static struct error *or_next(struct call *call, struct error *err)
{
	if (!err)
		wait_for(call, 0, on_begin);
	return err;
}

static struct error *on_limit(struct loop *loop, void *data);

/* Sends it when our own limits let it through, and waits for them. */
static struct error *limited(struct call *call)
{
	TRY(call_take_turn(call));
	int64_t wait = call->turn.wait_ms;
	if (!wait)
		return send(call);
	if (!call_can_wait(call))
		return or_next(call, call_put_off(call));
	tell_turn(call);
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
	if (*found) {
		call_measure(call, &result->reply.usage);
		return NULL;
	}
	TRY(call_reserve(call));
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
		err = call_reserve(call);
	return unless(call, err ? err : limited(call));
}

static struct error *failed(struct call *call)
{
	const struct failure *failure = &call->exchange.failure;
	const struct caller *caller = call->caller;
	struct decision decision;

	retry_decide(&decision, failure, call->tries, &caller->retry,
		     retry_chance());
	call->maybe_paid += failure->answering;
	TRY(call_report(call, decision.cause));
	if (decision.action != RETRY_WAIT)
		return or_next(call, call_give_up(call, &decision));
	log_write(caller->log, LOG_INFO, "a call is tried again", "agent",
		  call->model->agent, "rule", decision.rule, NULL);
	tell_wait(call, decision.wait_ms, decision.rule);
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

struct error *caller_wait(struct caller *caller, const int *done,
			  struct error **left)
{
	struct error *err = NULL;

	while (!*done && !err)
		err = loop_run(caller->loop);
	if (!err)
		return *left;
	caller_cancel(caller);
	error_free(*left);
	return err;
}

/* A call that is waited for. */
struct waiting {
	struct loop *loop;
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
	loop_stop(waiting->loop);
	return NULL;
}

struct error *call_run(struct call_result *out, struct caller *caller,
		       const struct call_spec *spec)
{
	struct waiting waiting = { .loop = caller->loop, .out = out };

	TRY(call_start(NULL, caller, spec, on_waited, &waiting));
	return caller_wait(caller, &waiting.done, &waiting.err);
}
