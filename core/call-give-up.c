/*
 * The end of the line for a model: the next one is asked, or the call ends
 * with what all of them said.
 */
#include "core/call-step.h"
#include "core/clock.h"

#include <stdlib.h>

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
}

struct error *call_give_up(struct call *call, const struct decision *decision)
{
	if (call->spec.cause)
		*call->spec.cause = decision->cause;
	if (call->spec.last)
		*call->spec.last = call->model;
	TRY(call_failed(call, decision));
	if (!call->exchange.failure.answering)
		TRY(call_unreserve(call));
	if (decision->action != RETRY_SWITCH || !call->model->fallback)
		return given_up(call, decision);
	next_model(call, decision);
	return NULL;
}

int call_can_wait(const struct call *call)
{
	int64_t longest = call->caller->retry.longest_ms;

	if (call->turn.open && call->model->fallback)
		return 0;
	return call->turn.wait_ms <= (longest ? longest : RETRY_LONGEST_MS);
}

struct error *call_put_off(struct call *call)
{
	const struct turn *turn = &call->turn;
	struct failure *failure = &call->exchange.failure;
	const struct decision decision = {
		.action = RETRY_SWITCH,
		.rule = turn->open ? "breaker-open" : "own-limit",
		.cause = turn->open ? CAUSE_OUTAGE : CAUSE_LIMIT,
		.code = ERROR_AGAIN,
	};
	int64_t seconds = (turn->wait_ms + 999) / 1000;
	char until[CLOCK_TEXT];

	clock_format(until, clock_now() + seconds);
	failure_release(failure);
	*failure = (struct failure)FAILURE_INIT;
	if (turn->open)
		failure->message = xasprintf(
			"it failed several times in a row, and is asked again "
			"in %lld s, at %s",
			(long long)seconds, until);
	else
		failure->message = xasprintf(
			"its %s are used up; it is asked again in %lld s, at "
			"%s",
			turn->limit, (long long)seconds, until);
	return call_give_up(call, &decision);
}
