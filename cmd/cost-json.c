/* `git orch cost --json`: every grouping, whatever --by says. */
#include "cmd/cost.h"

#include <string.h>

static void add_row(struct tree *tree, struct value *parent, const char *key,
		    const struct cost_row *row)
{
	struct value *to = value_object(tree, parent, key);
	const struct {
		const char *name;
		int64_t n;
	} counts[] = {
		{ "calls", row->calls },
		{ "failed", row->failed },
		{ "running", row->running },
		{ "input_tokens", row->usage.input },
		{ "cached_tokens", row->usage.cached },
		{ "cache_write_tokens", row->usage.cache_write },
		{ "output_tokens", row->usage.output },
		{ "micros", money_sum(row->micros, row->unpriced) },
		{ "unpriced_calls", row->unpriced },
		{ "cache_hits", row->hits },
		{ "saved_micros", row->saved },
		{ "maybe_paid_twice", row->twice },
		{ "maybe_paid_micros",
		  money_sum(row->twice_micros, row->twice_unpriced) },
	};

	if (row->name)
		value_add_string(tree, to, "name", row->name);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (counts[i].n == UNPRICED)
			value_add_null(tree, to, counts[i].name);
		else
			value_add_int(tree, to, counts[i].name, counts[i].n);
}

static void add_groups(struct tree *tree, struct value *root,
		       const struct cost *cost)
{
	struct value *by = value_object(tree, root, "by");

	for (int i = 0; i < BY_COUNT; i++) {
		CLEANUP(cost_rows_release)
		struct cost_rows rows = { NULL, 0, 0 };
		struct value *list =
			value_list(tree, by, cost_by_name((enum cost_by)i));

		cost_group(&rows, cost, (enum cost_by)i);
		FOR_EACH (const struct cost_row, row, &rows)
			add_row(tree, list, NULL, row);
	}
}

/* Which calls they are, so that they can be found on a bill. */
static void add_twice(struct tree *tree, struct value *root,
		      const struct cost *cost)
{
	struct value *list = value_list(tree, root, "maybe_paid");

	FOR_EACH (const struct cost_call, call, &cost->calls) {
		if (call->kind != COST_LOST && !call->maybe_paid)
			continue;
		struct value *row = value_object(tree, list, NULL);

		value_add_string(tree, row, "run", call->run);
		value_add_maybe(tree, row, "plan", call->plan);
		value_add_maybe(tree, row, "phase", call->phase);
		value_add_string(tree, row, "stage", call->stage);
		value_add_string(tree, row, "agent", call->agent);
		value_add_string(tree, row, "model", call->model);
		if (call->reserved == UNPRICED)
			value_add_null(tree, row, "micros");
		else
			value_add_int(tree, row, "micros", call->reserved);
	}
}

static void add_rest(struct tree *tree, struct value *root,
		     const struct projection *rest)
{
	struct value *row;

	if (!rest->finished) {
		value_add_null(tree, root, "projection");
		return;
	}
	row = value_object(tree, root, "projection");
	value_add_int(tree, row, "finished", (int64_t)rest->finished);
	value_add_int(tree, row, "phases", (int64_t)rest->rest);
	value_add_int(tree, row, "micros", rest->micros);
	value_add_int(tree, row, "low_micros", rest->low);
	value_add_int(tree, row, "high_micros", rest->high);
}

static void add_budget(struct tree *tree, struct value *root,
		       const struct budget_rows *budget)
{
	struct value *list = value_list(tree, root, "budget");

	FOR_EACH (const struct budget_row, it, budget) {
		struct value *row = value_object(tree, list, NULL);

		value_add_string(tree, row, "scope", it->scope);
		value_add_string(tree, row, "unit",
				 strcmp(it->unit, "usd") ? it->unit : "micros");
		value_add_int(tree, row, "used", it->used);
		value_add_int(tree, row, "limit", it->limit);
	}
}

static void add_texts(struct tree *tree, struct value *root, const char *key,
		      const struct strings *texts)
{
	struct value *list = value_list(tree, root, key);

	FOR_EACH (char *, text, texts)
		value_add_string(tree, list, NULL, *text);
}

void cost_json(struct tree *out, const struct cost_view *view)
{
	struct value *root = value_object(out, NULL, NULL);

	value_add_int(out, root, "version", 1);
	value_add_maybe(out, root, "plan", view->plan);
	add_row(out, root, "total", &view->total);
	add_groups(out, root, &view->cost);
	add_twice(out, root, &view->cost);
	add_rest(out, root, &view->rest);
	add_budget(out, root, &view->budget);
	add_texts(out, root, "advice", &view->advice);
	add_texts(out, root, "damaged", &view->cost.damaged);
}
