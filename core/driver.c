/* The table of drivers, and what one try is made of. */
#include "core/driver.h"

#include <stdlib.h>
#include <string.h>

static const struct driver *const drivers[] = {
	&driver_anthropic,
	&driver_openai,
	&driver_command,
	&driver_replay,
};
#define DRIVERS (sizeof drivers / sizeof *drivers)

struct error *driver_find(const struct driver **out, const char *name)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;

	for (size_t i = 0; i < DRIVERS; i++) {
		if (!strcmp(drivers[i]->name, name)) {
			*out = drivers[i];
			return NULL;
		}
		strings_add(&names, drivers[i]->name);
	}
	strings_join(&list, &names, ", ");
	return error_hint(
		error_new(ERROR_INVALID, "no driver is called '%s'", name),
		"there are: %s", list.data);
}

void endpoint_release(struct endpoint *endpoint)
{
	free(endpoint->provider);
	free(endpoint->driver);
	free(endpoint->base_url);
	free(endpoint->api);
	free(endpoint->api_version);
	free(endpoint->key);
	free(endpoint->key_origin);
	free(endpoint->folder);
	strings_release(&endpoint->headers);
	strings_release(&endpoint->command);
	*endpoint = (struct endpoint){ .provider = NULL };
}

void exchange_init(struct exchange *exchange)
{
	*exchange = (struct exchange){ .failure = FAILURE_INIT };
	reply_init(&exchange->reply);
}

void exchange_release(struct exchange *exchange)
{
	reply_release(&exchange->reply);
	failure_release(&exchange->failure);
}

void exchange_clear(struct exchange *exchange)
{
	exchange_release(exchange);
	exchange->answered = 0;
	exchange->failure = (struct failure)FAILURE_INIT;
	reply_init(&exchange->reply);
}
