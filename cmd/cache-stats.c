/* `git orch cache stats`: what the store saved, and how large it is. */
#include "cmd/cache.h"
#include "core/clock.h"
#include "core/file.h"
#include "plans/cost.h"

#define DAY  86400
#define DAYS 30

/* What lies in the store. */
struct stock {
	size_t entries, shared, expired, damaged;
	int64_t bytes, oldest, newest;
};

static struct error *take_stock(struct stock *out, struct session *session)
{
	CLEANUP(reply_entries_release)
	struct reply_entries all = { NULL, 0, 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;
	CLEANUP(free_str) char *dir = NULL;
	const struct reply_expiry expiry =
		cache_expiry(&session->project.config);
	int64_t now = clock_now();

	TRY(cache_dir(&dir, &session->project));
	TRY(replies_list(&all, &damaged, dir));
	*out = (struct stock){ .entries = all.len, .damaged = damaged.len };
	FOR_EACH (const struct reply_entry, it, &all) {
		out->shared += it->shared != 0;
		out->expired += reply_expired(it, &expiry, now) != 0;
		out->bytes += it->size;
		out->oldest = it->at;
	}
	out->newest = all.len ? all.items[0].at : 0;
	return NULL;
}

static void add_sums(struct tree *tree, struct value *row,
		     const struct cost_row *sums)
{
	value_add_int(tree, row, "calls", sums->calls);
	value_add_int(tree, row, "hits", sums->hits);
	value_add_int(tree, row, "saved_micros", sums->saved);
}

static void add_time(struct tree *tree, struct value *row, const char *key,
		     const struct stock *stock, int64_t at)
{
	char text[CLOCK_TEXT];

	clock_format(text, at);
	value_add_maybe(tree, row, key, stock->entries ? text : NULL);
}

static void add_stock(struct tree *tree, struct value *root,
		      const struct stock *stock, int64_t most)
{
	struct value *row = value_object(tree, root, "store");

	value_add_int(tree, row, "entries", (int64_t)stock->entries);
	value_add_int(tree, row, "bytes", stock->bytes);
	value_add_int(tree, row, "max_bytes", most);
	value_add_int(tree, row, "shared", (int64_t)stock->shared);
	value_add_int(tree, row, "expired", (int64_t)stock->expired);
	value_add_int(tree, row, "damaged", (int64_t)stock->damaged);
	add_time(tree, row, "oldest", stock, stock->oldest);
	add_time(tree, row, "newest", stock, stock->newest);
}

static void stats_json(struct session *session, const struct cost *cost,
		       const struct stock *stock, const char *since)
{
	static const enum cost_by groups[] = { BY_DAY, BY_STAGE };
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct cost_row total;
	struct value *by;

	cost_total(&total, cost);
	value_add_int(&tree, root, "version", 1);
	value_add_stringf(&tree, root, "since", "%.10s", since);
	add_sums(&tree, root, &total);
	by = value_object(&tree, root, "by");
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		CLEANUP(cost_rows_release)
		struct cost_rows rows = { NULL, 0, 0 };
		struct value *list =
			value_list(&tree, by, cost_by_name(groups[i]));

		cost_group(&rows, cost, groups[i]);
		FOR_EACH (const struct cost_row, it, &rows) {
			struct value *row = value_object(&tree, list, NULL);

			value_add_string(&tree, row, "name", it->name);
			add_sums(&tree, row, it);
		}
	}
	add_stock(&tree, root, stock, session->project.config.cache.max_bytes);
	out_json(&session->out, root);
}

static void print_sums(struct table *table, const struct cost_row *row)
{
	int64_t asked = row->calls + row->hits;
	char money[MONEY_TEXT];

	money_format(money, sizeof money, row->saved);
	table_cell(table, COLOUR_NONE, "%s", row->name ? row->name : "total");
	table_cell(table, COLOUR_NONE, "%lld", (long long)row->hits);
	table_cell(table, COLOUR_NONE, "%lld", (long long)row->calls);
	table_cell(table, COLOUR_NONE, "%lld %%",
		   (long long)(asked ? row->hits * 100 / asked : 0));
	table_cell(table, COLOUR_NONE, "%s", money);
}

static void print_group(struct out *out, const struct cost *cost,
			enum cost_by by)
{
	CLEANUP(cost_rows_release) struct cost_rows rows = { NULL, 0, 0 };
	CLEANUP(table_release) struct table table = TABLE_INIT(5);
	struct cost_row total;

	table_cell(&table, COLOUR_BOLD, "%s", cost_by_name(by));
	table_cell(&table, COLOUR_BOLD, "hits");
	table_cell(&table, COLOUR_BOLD, "misses");
	table_cell(&table, COLOUR_BOLD, "share");
	table_cell(&table, COLOUR_BOLD, "saved USD");
	cost_group(&rows, cost, by);
	FOR_EACH (const struct cost_row, row, &rows)
		print_sums(&table, row);
	cost_total(&total, cost);
	print_sums(&table, &total);
	table_print(out, &table, 0);
	out_text(out, "\n");
}

static void print_stock(struct out *out, const struct stock *stock,
			int64_t most)
{
	char size[32], limit[32], age[32];

	size_format(size, sizeof size, stock->bytes);
	size_format(limit, sizeof limit, most);
	clock_span(age, sizeof age, clock_now() - stock->oldest);
	out_text(out, "%zu kept, %s of %s", stock->entries, size, limit);
	if (stock->entries)
		out_text(out, ", the oldest %s old", age);
	if (stock->shared)
		out_text(out, ", %zu from others", stock->shared);
	if (stock->expired)
		out_text(out, ", %zu expired", stock->expired);
	if (stock->damaged)
		out_text(out, ", %zu damaged", stock->damaged);
	out_text(out, "\n");
}

struct error *cache_run_stats(struct session *session)
{
	CLEANUP(cost_release) struct cost cost = COST_INIT;
	struct project *project = &session->project;
	struct stock stock;
	int64_t days;
	char since[CLOCK_TEXT];
	const char *orch;

	TRY(args_int(&days, &session->args, "days", DAYS, 1, 36500));
	clock_format(since, clock_now() - (days - 1) * DAY);
	TRY(repo_orch_dir(&orch, project->repo));
	CLEANUP(free_str) char *dir = path_join(orch, "journal");
	TRY(cost_read(&cost, dir, &project->config,
		      global_text(session, "plan"), since));
	TRY(take_stock(&stock, session));
	if (session->out.json) {
		stats_json(session, &cost, &stock, since);
		return NULL;
	}
	if (cost.calls.len) {
		print_group(&session->out, &cost, BY_DAY);
		print_group(&session->out, &cost, BY_STAGE);
	} else {
		out_text(&session->out, "no model was asked since %.10s\n",
			 since);
	}
	print_stock(&session->out, &stock, project->config.cache.max_bytes);
	return NULL;
}
