/*
 * Replies that are there already: of this run, which costs what it cost then,
 * or of another, which costs nothing.
 */
#include "core/call-step.h"
#include "core/clock.h"
#include "core/record.h"

#include <string.h>

/* Reads an entry of the store; *found tells. */
static struct error *from_store(struct call_result *out, int64_t *price,
				int *found, const struct call *call, int resume)
{
	const struct caller *caller = call->caller;
	struct reply_entry entry = { 0 };
	struct error *err =
		replies_get(&out->reply, &entry, caller->replies, call->key,
			    &caller->expiry, resume ? 0 : clock_now());

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	TRY(err);
	*price = entry.micros;
	*found = !(call->spec.own && entry.shared);
	reply_entry_release(&entry);
	return NULL;
}

static void known(struct call_result *out, const struct call *call)
{
	memcpy(out->key, call->key, sizeof out->key);
	out->model = call->model;
	out->cached = 1;
}

/*
 * A reply of this run: what it cost then is what it cost, so that a resumed
 * phase comes to the same result.
 */
static struct error *known_here(struct call_result *out, int *found,
				const struct call *call)
{
	const struct value *line = call_closed_before(call);
	int64_t price;

	if (!line || value_get(line, "failed"))
		return NULL;
	TRY(from_store(out, &price, found, call, 1));
	if (!*found)
		return NULL;
	known(out, call);
	out->micros = value_int(value_get(line, "micros"), UNPRICED);
	out->tries = (int)value_int(value_get(line, "tries"), 0);
	return NULL;
}

static struct error *known_elsewhere(struct call_result *out, int *found,
				     struct call *call)
{
	int64_t price = UNPRICED;

	if (call->caller->no_cache || call->spec.no_cache)
		return NULL;
	TRY(from_store(out, &price, found, call, 0));
	if (!*found)
		return NULL;
	known(out, call);
	out->micros = 0;
	return call_closed(call, out, "cache", price);
}

struct error *call_known(struct call_result *out, int *found, struct call *call)
{
	*found = 0;
	if (!call->caller->replies)
		return NULL;
	TRY(known_here(out, found, call));
	return *found ? NULL : known_elsewhere(out, found, call);
}

/* What came is kept before anybody uses it. */
struct error *call_keep(struct call *call, const struct call_result *result)
{
	struct caller *caller = call->caller;
	const struct reply_entry entry = {
		.stage = (char *)call->spec.stage,
		.plan = (char *)call->spec.plan,
		.phase = (char *)call->spec.phase,
		.agent = call->model->agent,
		.model = call->model->model,
		.at = clock_now(),
		.micros = result->micros,
		.usage = result->reply.usage,
	};
	struct reply_entry row = entry;

	if (caller->record)
		TRY(record_write(caller->record, call->model->endpoint.driver,
				 call->spec.stage, &call->request,
				 &result->reply));
	if (!caller->replies)
		return NULL;
	memcpy(row.key, call->key, sizeof row.key);
	if (call->spec.depends)
		row.depends = *call->spec.depends;
	strings_add(&caller->unsynced_keys, row.key);
	return replies_put(caller->replies, &row, &result->reply);
}
