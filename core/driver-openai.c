/* The driver of OpenAI and those who speak like it: one of two dialects. */
#include "core/dialect.h"

#include <string.h>

/* Azure's deployments know Chat Completions only. */
static const char *api_of(const struct endpoint *endpoint)
{
	const char *url = endpoint->base_url ? endpoint->base_url : "";

	if (endpoint->api)
		return endpoint->api;
	return strstr(url, "/openai/deployments/") ? "chat" : "responses";
}

static struct error *start(struct exchange *exchange)
{
	const char *api = api_of(exchange->endpoint);

	if (!strcmp(api, "responses"))
		return dialect_start(exchange, &dialect_responses);
	if (!strcmp(api, "chat"))
		return dialect_start(exchange, &dialect_chat);
	return error_hint(error_new(ERROR_INVALID,
				    "no api of openai is called '%s'", api),
			  "there are: responses, chat");
}

const struct driver driver_openai = {
	.name = "openai",
	.speaks_http = 1,
	.start = start,
	.cancel = dialect_cancel,
};
