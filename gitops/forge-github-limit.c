/*
 * When the next request may be sent.  A limit that is used up is known from
 * the answer before: the refusal that would follow is not provoked, as GitHub
 * counts those against a client.
 */
#include "gitops/forge-github-step.h"

#include "core/clock.h"

#include <string.h>

struct alarm {
	int id;
	int rang;
};

static struct error *ring(struct loop *loop, void *data)
{
	struct alarm *alarm = data;

	alarm->rang = 1;
	loop_stop(loop);
	return NULL;
}

struct error *github_wait(struct forge_client *client, int64_t ms)
{
	struct alarm alarm = { 0 };
	struct error *err = NULL;

	alarm.id = loop_timer(client->loop, ms, ring, &alarm);
	while (!err && !alarm.rang)
		err = loop_run(client->loop);
	if (!alarm.rang)
		loop_cancel(client->loop, alarm.id);
	return err;
}

static int64_t longest(const struct forge_client *client)
{
	int64_t ms = client->site->retry.longest_ms;

	return ms ? ms : 120000;
}

struct error *github_turn(struct forge_client *client, int change)
{
	int64_t gap, left = client->closed_ms - clock_ms();
	char span[32];

	if (client->closed_ms && left > longest(client)) {
		clock_span(span, sizeof span, left / 1000);
		return error_hint(error_new(ERROR_AGAIN,
					    "'%s' takes no more requests for "
					    "%s",
					    client->host, span),
				  "try again later");
	}
	if (client->closed_ms && left > 0) {
		log_write(client->log, LOG_INFO, "waiting for the limit",
			  "host", client->host, NULL);
		TRY(github_wait(client, left));
	}
	client->closed_ms = 0;
	gap = client->changed_ms + client->site->gap_ms - clock_ms();
	if (change && client->changed_ms && gap > 0)
		return github_wait(client, gap);
	return NULL;
}

void github_note_limit(struct forge_client *client,
		       const struct http_response *response)
{
	struct failure failure = FAILURE_INIT;

	failure_from_response(&failure, response, clock_now());
	if (failure.reset_ms > 0)
		client->closed_ms = clock_ms() + failure.reset_ms;
	failure_release(&failure);
}
