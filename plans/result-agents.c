/*
 * Who worked on a phase and what it cost, added up: a revision goes on where
 * the result stood.
 */
#include "plans/step.h"

#include <string.h>

/* A row of result.agents. */
struct row {
	const char *role;
	const char *model;
	int64_t calls, input, cached, output;
	int64_t micros; /* UNPRICED: not known */
};

static int is_worker(const struct transaction *t, const struct agent_use *use)
{
	return !strcmp(use->role, t->agent->role);
}

static const char *worker_model(const struct transaction *t)
{
	return t->agent->model ? t->agent->model : t->worker->name;
}

void step_workers(struct strings *out, const struct transaction *t)
{
	FOR_EACH (struct agent_use, use, &t->report.uses)
		if (is_worker(t, use))
			strings_addf(out, "%s:%s", use->agent, use->model);
	if (!out->len)
		strings_addf(out, "%s:%s", t->agent->name, worker_model(t));
}

static int is_of(const struct value *item, const struct row *row)
{
	return !strcmp(value_text(value_get(item, "role"), ""), row->role) &&
	       !strcmp(value_text(value_get(item, "model"), ""), row->model);
}

static void add_cost(struct row *row, const char *text)
{
	int64_t micros = 0;
	struct error *err = *text ? money_parse(&micros, text) : NULL;

	row->micros = err || row->micros == UNPRICED ? UNPRICED
						     : row->micros + micros;
	error_free(err);
}

static void add_before(struct row *row, const struct transaction *t)
{
	VALUE_EACH(it, value_get(t->revision.before.root, "agents"))
	{
		if (!is_of(it, row))
			continue;
		row->calls += value_int(value_get(it, "calls"), 0);
		row->input += value_int(value_get(it, "input_tokens"), 0);
		row->cached += value_int(value_get(it, "cached_tokens"), 0);
		row->output += value_int(value_get(it, "output_tokens"), 0);
		add_cost(row, value_text(value_get(it, "cost_usd"), ""));
	}
}

static void print_cost(struct tree *tree, struct value *item, int64_t micros)
{
	char text[MONEY_TEXT];

	money_format(text, sizeof text, micros);
	value_add_string(tree, item, "cost_usd", text);
}

static void print(struct tree *tree, struct value *list, struct row *row,
		  const struct transaction *t)
{
	struct value *item = value_object(tree, list, NULL);

	add_before(row, t);
	value_add_string(tree, item, "role", row->role);
	value_add_string(tree, item, "model", row->model);
	value_add_int(tree, item, "calls", row->calls);
	if (row->calls) {
		value_add_int(tree, item, "input_tokens", row->input);
		value_add_int(tree, item, "cached_tokens", row->cached);
		value_add_int(tree, item, "output_tokens", row->output);
	}
	print_cost(tree, item, row->micros);
}

/* A worker that asked nobody is in the list all the same. */
static void add_silent(struct tree *tree, struct value *list,
		       const struct transaction *t)
{
	FOR_EACH (struct agent_use, use, &t->report.uses)
		if (is_worker(t, use))
			return;
	struct row row = { .role = t->agent->role, .model = worker_model(t) };
	print(tree, list, &row, t);
}

/* Those that had no part in it this time. */
static void add_others(struct tree *tree, struct value *list,
		       const struct transaction *t)
{
	VALUE_EACH(it, value_get(t->revision.before.root, "agents"))
	{
		const struct row row = {
			.role = value_text(value_get(it, "role"), ""),
			.model = value_text(value_get(it, "model"), ""),
		};
		int there = 0;

		VALUE_EACH(item, list)
		there |= is_of(item, &row);
		if (!there)
			value_add_copy(tree, list, NULL, it);
	}
}

void step_result_agents(struct tree *tree, struct value *result,
			const struct transaction *t)
{
	struct value *list = value_list(tree, result, "agents");

	add_silent(tree, list, t);
	FOR_EACH (struct agent_use, use, &t->report.uses) {
		const struct usage *usage = &use->usage;
		struct row row = {
			.role = use->role,
			.model = use->model,
			.calls = use->calls,
			.input = usage->input + usage->cached +
				 usage->cache_write,
			.cached = usage->cached,
			.output = usage->output,
			.micros = use->unpriced ? UNPRICED : use->micros,
		};

		print(tree, list, &row, t);
	}
	add_others(tree, list, t);
}
