/* The lines a call writes into the run's journal. */
#include "core/call-step.h"
#include "core/clock.h"

static void line_begin(struct tree *line, const struct call *call)
{
	struct value *root = value_object(line, NULL, NULL);

	value_add_string(line, root, "call", call->id);
	value_add_string(line, root, "key", call->key);
	value_add_string(line, root, "stage", call->spec.stage);
	value_add_maybe(line, root, "plan", call->spec.plan);
	value_add_maybe(line, root, "phase", call->spec.phase);
	value_add_int(line, root, "attempt", call->spec.attempt);
	value_add_string(line, root, "agent", call->model->agent);
	value_add_maybe(line, root, "provider", call->model->endpoint.provider);
	value_add_string(line, root, "model", call->model->model);
}

struct error *call_opened(struct call *call)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;

	if (!call->caller->journal)
		return NULL;
	line_begin(&line, call);
	value_add_int(&line, line.root, "micros", call->most.micros);
	value_add_int(&line, line.root, "tokens", call->most.tokens);
	return journal_write(call->caller->journal, "open", line.root);
}

/* saved: what the reply would have cost, of one from the store. */
struct error *call_closed(struct call *call, const struct call_result *result,
			  const char *cached, int64_t saved)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root;

	if (!call->caller->journal)
		return NULL;
	line_begin(&line, call);
	root = line.root;
	value_add_string(&line, root, "stop", stop_name(result->reply.stop));
	usage_print(&line, root, &result->reply.usage);
	if (result->micros == UNPRICED)
		value_add_bool(&line, root, "unpriced", 1);
	else
		value_add_int(&line, root, "micros", result->micros);
	if (cached && saved != UNPRICED)
		value_add_int(&line, root, "saved", saved);
	if (call->caller->prices && !cached)
		value_add_maybe(&line, root, "price",
				price_row(call->caller->prices,
					  call->model->model, clock_now()));
	value_add_int(&line, root, "millis", clock_ms() - call->began);
	value_add_int(&line, root, "tries", call->tries);
	if (call->maybe_paid)
		value_add_int(&line, root, "maybe_paid", call->maybe_paid);
	value_add_maybe(&line, root, "cached", cached);
	return journal_write(call->caller->journal, "closed", root);
}

struct error *call_failed(struct call *call, const struct decision *decision)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;

	if (!call->caller->journal)
		return NULL;
	line_begin(&line, call);
	value_add_string(&line, line.root, "failed", decision->rule);
	value_add_bool(&line, line.root, "switched",
		       decision->action == RETRY_SWITCH &&
			       call->model->fallback != NULL);
	value_add_int(&line, line.root, "tries", call->tries);
	if (call->maybe_paid)
		value_add_int(&line, line.root, "maybe_paid", call->maybe_paid);
	return journal_write(call->caller->journal, "closed", line.root);
}

/* What this run has closed for the key, or NULL. */
const struct value *call_closed_before(const struct call *call)
{
	CLEANUP(free_str) char *key = xasprintf("key=%s", call->key);

	return call->caller->journal ? journal_last(call->caller->journal,
						    "closed", key, NULL)
				     : NULL;
}
