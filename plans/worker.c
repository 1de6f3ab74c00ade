/* The table of workers. */
#include "plans/worker.h"

#include <string.h>

static const struct worker *const workers[] = {
	&worker_scaffold,
	&worker_tools,
	&worker_cli,
};

struct error *worker_find(const struct worker **out, const char *name)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
		if (!strcmp(workers[i]->name, name)) {
			*out = workers[i];
			return NULL;
		}
		buf_addf(&names, "%s%s", i ? ", " : "", workers[i]->name);
	}
	return error_hint(
		error_new(ERROR_INVALID, "there is no worker '%s'", name),
		"this version has: %s", names.data);
}
