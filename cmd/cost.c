/* `git orch cost`: what the models cost, and what the rest will. */
#include "cmd/cost.h"
#include "cmd/cmd.h"
#include "core/file.h"
#include "plans/board.h"

#include <stdlib.h>
#include <string.h>

static void view_release(struct cost_view *view)
{
	cost_release(&view->cost);
	free(view->budget.items);
	strings_release(&view->advice);
}

static void money_cell(struct table *table, int64_t micros)
{
	char text[MONEY_TEXT];

	money_format(text, sizeof text, micros);
	table_cell(table, COLOUR_NONE, "%s", text);
}

static void head(struct table *table, const char *first)
{
	static const char *const heads[] = { "calls",  "input", "cached",
					     "output", "USD",   "hits",
					     "saved",  "" };

	table_cell(table, COLOUR_BOLD, "%s", first);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		table_cell(table, COLOUR_BOLD, "%s", heads[i]);
}

/* What has no column of its own since it is rare. */
static void remark(struct table *table, const struct cost_row *row)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (row->unpriced)
		buf_addf(&text, ", %lld unpriced", (long long)row->unpriced);
	if (row->failed)
		buf_addf(&text, ", %lld failed", (long long)row->failed);
	if (row->running)
		buf_addf(&text, ", %lld running", (long long)row->running);
	if (row->twice)
		buf_addf(&text, ", %lld maybe twice", (long long)row->twice);
	table_cell(table, COLOUR_YELLOW, "%s", text.len ? text.data + 2 : "");
}

static void add_row(struct table *table, const struct cost_row *row)
{
	const struct usage *usage = &row->usage;
	const int64_t counts[] = { row->calls,
				   usage->input + usage->cache_write,
				   usage->cached, usage->output };

	table_cell(table, COLOUR_NONE, "%s", row->name ? row->name : "total");
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		table_cell(table, COLOUR_NONE, "%lld", (long long)counts[i]);
	money_cell(table, money_sum(row->micros, row->unpriced));
	table_cell(table, COLOUR_NONE, "%lld", (long long)row->hits);
	money_cell(table, row->saved);
	remark(table, row);
}

void cost_table(struct out *out, const struct cost *cost, enum cost_by by)
{
	CLEANUP(cost_rows_release) struct cost_rows rows = { NULL, 0, 0 };
	CLEANUP(table_release) struct table table = TABLE_INIT(9);
	struct cost_row total;

	cost_group(&rows, cost, by);
	cost_total(&total, cost);
	head(&table, cost_by_name(by));
	FOR_EACH (const struct cost_row, row, &rows)
		add_row(&table, row);
	add_row(&table, &total);
	table_print(out, &table, 0);
}

static void print_rest(struct out *out, const struct projection *rest)
{
	char mean[MONEY_TEXT], low[MONEY_TEXT], high[MONEY_TEXT];

	if (!rest->finished || !rest->rest)
		return;
	money_format(mean, sizeof mean, rest->micros);
	money_format(low, sizeof low, rest->low);
	money_format(high, sizeof high, rest->high);
	out_text(out,
		 "\nthe rest: %zu %s, about %s USD (%s to %s), as %zu finished "
		 "%s cost\n",
		 rest->rest, rest->rest == 1 ? "phase" : "phases", mean, low,
		 high, rest->finished, rest->finished == 1 ? "one" : "ones");
}

static void print_budget(struct out *out, const struct budget_rows *budget)
{
	if (budget->len)
		out_text(out, "\n");
	FOR_EACH (const struct budget_row, row, budget) {
		char used[MONEY_TEXT], limit[MONEY_TEXT];

		money_format(used, sizeof used, row->used);
		money_format(limit, sizeof limit, row->limit);
		if (!strcmp(row->unit, "usd"))
			out_text(out, "budget.%s.usd: %s of %s\n", row->scope,
				 used, limit);
		else
			out_text(out, "budget.%s.%s: %lld of %lld\n",
				 row->scope, row->unit, (long long)row->used,
				 (long long)row->limit);
	}
}

static struct error *print_text(struct session *session,
				const struct cost_view *view)
{
	const char *by = args_text(&session->args, "by");
	struct out *out = &session->out;
	enum cost_by chosen = BY_ROLE;

	if (by)
		TRY(cost_by_parse(&chosen, by));
	if (!view->cost.calls.len) {
		out_text(out, "no model was asked %s%s%s here yet\n",
			 view->plan ? "for plan '" : "anything",
			 view->plan ? view->plan : "", view->plan ? "'" : "");
		return NULL;
	}
	start_pager(session);
	cost_table(out, &view->cost, chosen);
	if (!by) {
		out_text(out, "\n");
		cost_table(out, &view->cost, view->plan ? BY_PHASE : BY_PLAN);
	}
	print_rest(out, &view->rest);
	print_budget(out, &view->budget);
	if (view->advice.len)
		out_text(out, "\n");
	FOR_EACH (char *, sentence, &view->advice)
		out_text(out, "* %s\n", *sentence);
	return NULL;
}

/* The plan of all calls, when they have only one. */
static const char *only_plan(const struct cost *cost)
{
	const char *plan = NULL;

	FOR_EACH (const struct cost_call, call, &cost->calls) {
		if (call->plan && plan && strcmp(plan, call->plan) != 0)
			return NULL;
		plan = call->plan ? call->plan : plan;
	}
	return plan;
}

/* On the base or as a draft; a plan of which only journals are left is fine. */
static struct error *look_ahead(struct cost_view *view, struct project *project)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	const char *plan = view->plan ? view->plan : only_plan(&view->cost);

	TRY(board_load_all(&board, project));
	const struct board_plan *row = plan ? board_plan(&board, plan) : NULL;
	if (view->plan && !row && !view->cost.calls.len)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no plan '%s'", plan),
				  "git orch status lists the plans");
	if (row && !row->broken)
		TRY(cost_project(&view->rest, &view->cost, project, plan));
	if (!view->cost.calls.len)
		return NULL;
	return cost_budget(&view->budget, project, plan);
}

static struct error *run(struct session *session)
{
	CLEANUP(view_release)
	struct cost_view view = { .plan = plan_operand(session) };
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct project *project = &session->project;
	const char *orch;

	TRY(repo_orch_dir(&orch, project->repo));
	CLEANUP(free_str) char *dir = path_join(orch, "journal");
	TRY(cost_read(&view.cost, dir, &project->config, view.plan, NULL));
	TRY(look_ahead(&view, project));
	cost_total(&view.total, &view.cost);
	cost_advice(&view.advice, &view.cost, &view.budget, &view.rest);
	FOR_EACH (char *, it, &view.cost.damaged)
		say(&session->out, "warning: %s", *it);
	if (!session->out.json)
		return print_text(session, &view);
	cost_json(&tree, &view);
	out_json(&session->out, tree.root);
	return NULL;
}

static const struct opt opts[] = {
	{ 0, "by", "what", "sums by role, stage, phase, plan, model or day" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_cost = {
	.name = "cost",
	.summary = "Show what the models cost, and what the rest will",
	.args = "[<plan>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO,
	.complete = "drafts",
	.run = run,
};
