/* The driver for the Messages API: its one dialect, carried over HTTP. */
#include "core/dialect.h"

static struct error *start(struct exchange *exchange)
{
	return dialect_start(exchange, &dialect_anthropic);
}

const struct driver driver_anthropic = {
	.name = "anthropic",
	.speaks_http = 1,
	.start = start,
	.cancel = dialect_cancel,
};
