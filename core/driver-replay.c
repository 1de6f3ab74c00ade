/*
 * The driver `replay`: answers from a recording, asks nobody.  A request that
 * was not recorded ends the run, with the difference.
 */
#include "core/driver.h"
#include "core/record.h"

#include <stdlib.h>

struct replaying {
	int timer;
};

static struct error *answer(struct loop *loop, void *data)
{
	struct exchange *exchange = data;

	(void)loop;
	free(exchange->state);
	exchange->state = NULL;
	exchange->answered = 1;
	return exchange->done(exchange, exchange->data);
}

static struct error *start(struct exchange *exchange)
{
	struct replaying *state;

	if (!exchange->endpoint->folder)
		return error_hint(error_new(ERROR_INVALID,
					    "provider '%s' has no recording "
					    "to answer from",
					    exchange->endpoint->provider),
				  "give the command --replay=<dir>");
	TRY(record_read(&exchange->reply, exchange->endpoint->folder,
			exchange->request));
	state = xcalloc(1, sizeof *state);
	state->timer = loop_timer(exchange->loop, 0, answer, exchange);
	exchange->state = state;
	return NULL;
}

static void cancel(struct exchange *exchange)
{
	struct replaying *state = exchange->state;

	loop_cancel(exchange->loop, state->timer);
	free(state);
	exchange->state = NULL;
}

const struct driver driver_replay = {
	.name = "replay",
	.start = start,
	.cancel = cancel,
};
