/* `git orch plan`: a goal becomes documents on a branch of their own. */
#include "cmd/plan.h"

#include <string.h>

void plan_order_release(struct plan_order *order)
{
	strings_release(&order->vars);
	buf_release(&order->source);
}

static struct error *need_agents(struct project *project)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;

	TRY(template_names(&names, project));
	strings_join(&list, &names, ", ");
	return error_hint(
		error_new(ERROR_USAGE,
			  "no agent is configured that could plan"),
		"give the agent 'manager' a provider in .orch/config.yaml "
		"(git-orch-plan(5) shows how), or begin from a template with "
		"--template <name>: %s",
		list.data);
}

static struct error *check_goal(const struct plan_request *request)
{
	CLEANUP(free_str) char *text = NULL;

	if (request->goal &&
	    !plan_is_text(request->goal, strlen(request->goal)))
		return error_new(ERROR_USAGE, "the goal is not UTF-8 text");
	if (!request->goal && !request->source)
		return NULL;
	text = planner_goal_text(request);
	return *text ? NULL : error_new(ERROR_USAGE, "the goal is empty");
}

static struct error *read_numbers(struct plan_request *out,
				  const struct args *args)
{
	const char *workflow = args_text(args, "workflow");
	int64_t candidates;

	TRY(args_int(&candidates, args, "candidates", 1, 1, MOST_CANDIDATES));
	out->candidates = (int)candidates;
	return workflow ? workflow_parse(&out->workflow, workflow) : NULL;
}

struct error *plan_order_read(struct plan_order *out, struct session *session)
{
	struct project_options *options = &session->project.options;
	const struct args *args = &session->args;
	const char *from = args_text(args, "from");

	buf_init(&out->source);
	FOR_EACH (struct arg_value, value, &args->values)
		if (!strcmp(value->opt->name, "var"))
			strings_add(&out->vars, value->text);
	out->request.template = args_text(args, "template");
	out->request.id = args_text(args, "id");
	out->request.goal = operand(session, 0);
	out->request.vars = &out->vars;
	out->request.dry_run = args_flag(args, "dry-run");
	out->request.replan = args_text(args, "replan");
	TRY(read_numbers(&out->request, args));
	if (from) {
		TRY(plan_source(&out->source, session, from));
		out->request.source = &out->source;
	}
	/* A flag that other commands leave to the environment stays on. */
	options->no_cache |= args_flag(args, "no-cache");
	if (args_text(args, "record"))
		options->record = args_text(args, "record");
	if (args_text(args, "replay"))
		options->replay = args_text(args, "replay");
	return check_goal(&out->request);
}

static struct error *by_template(struct draft *out, struct session *session,
				 const struct plan_request *request)
{
	TRY(planner_template(out, &session->project, request));
	if (!findings_failing(&out->findings))
		return NULL;
	return error_hint(error_new(ERROR_NO,
				    "the documents of template '%s' do not "
				    "hold together",
				    request->template),
			  "nothing was written");
}

struct error *plan_make(struct draft *out, struct session *session,
			const struct plan_request *request)
{
	int able = planner_can_ask(&session->project.config);
	int goal = request->goal || request->source;
	struct error *err;

	if (request->replan && !goal)
		return error_hint(error_new(ERROR_USAGE,
					    "--replan needs the change that "
					    "is wanted"),
				  "git orch plan --replan %s \"<change>\"",
				  request->replan);
	if (request->template && (!able || !goal) && !request->replan)
		err = by_template(out, session, request);
	else if (!able)
		return need_agents(&session->project);
	else if (!goal)
		return error_new(ERROR_USAGE, "git orch plan needs a goal");
	else
		err = planner_goal(out, &session->project, request);
	end_progress(session);
	if (out->findings.len)
		out_findings(&session->out, &out->findings);
	return err;
}

static void add_money(struct tree *tree, struct value *row, int64_t micros)
{
	if (micros == UNPRICED)
		value_add_null(tree, row, "micros");
	else
		value_add_int(tree, row, "micros", micros);
}

static void steps_json(struct tree *tree, struct value *object,
		       const struct draft *draft)
{
	struct value *steps = value_list(tree, object, "steps");

	FOR_EACH (struct plan_step, step, &draft->steps) {
		struct value *row = value_object(tree, steps, NULL);

		value_add_string(tree, row, "stage", step->stage);
		value_add_string(tree, row, "agent", step->agent);
		value_add_int(tree, row, "calls", step->calls);
		value_add_int(tree, row, "tokens", step->tokens);
		add_money(tree, row, step->micros);
	}
}

static void cost_json(struct tree *tree, struct value *object,
		      const struct draft *draft)
{
	struct value *cost = value_object(tree, object, "cost");
	struct agent_use total;

	report_total(&total, &draft->report);
	value_add_int(tree, cost, "calls", total.calls);
	value_add_int(tree, cost, "input_tokens",
		      total.usage.input + total.usage.cached +
			      total.usage.cache_write);
	value_add_int(tree, cost, "output_tokens", total.usage.output);
	add_money(tree, cost, money_sum(total.micros, total.unpriced));
	value_add_int(tree, cost, "unpriced", total.unpriced);
}

void plan_json(struct tree *tree, struct value *object,
	       const struct draft *draft)
{
	char hex[OID_HEX];

	value_add_maybe(tree, object, "plan", draft->plan);
	value_add_maybe(tree, object, "title", draft->title);
	value_add_maybe(tree, object, "branch", draft->branch);
	value_add_maybe(tree, object, "commit",
			oid_is_zero(&draft->commit)
				? NULL
				: oid_hex(hex, &draft->commit));
	value_add_bool(tree, object, "trusted", draft->pinned);
	struct value *phases = value_list(tree, object, "phases");
	FOR_EACH (char *, phase, &draft->phases)
		value_add_string(tree, phases, NULL, *phase);
	struct value *agents = value_list(tree, object, "agents");
	FOR_EACH (char *, agent, &draft->agents)
		value_add_maybe(tree, agents, NULL, **agent ? *agent : NULL);
	steps_json(tree, object, draft);
	cost_json(tree, object, draft);
}

static void print_steps(struct out *out, const struct draft *draft)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(5);
	char money[MONEY_TEXT];
	int64_t sum = 0;
	int unpriced = 0;

	FOR_EACH (struct plan_step, step, &draft->steps) {
		money_format(money, sizeof money, step->micros);
		table_cell(&table, COLOUR_BOLD, "%s", step->stage);
		table_cell(&table, COLOUR_NONE, "%s", step->agent);
		table_cell(&table, COLOUR_NONE, "%d call%s", step->calls,
			   step->calls == 1 ? "" : "s");
		table_cell(&table, COLOUR_DIM, "about %lld tokens",
			   (long long)step->tokens);
		table_cell(&table, COLOUR_NONE, "%s", money);
		unpriced |= step->micros == UNPRICED;
		sum += step->micros == UNPRICED ? 0 : step->micros;
	}
	table_print(out, &table, 0);
	sum = money_sum(sum, unpriced);
	money_format(money, sizeof money, sum);
	out_text(out,
		 "%s%s%s, without rounds of correction; nothing was asked or "
		 "written\n",
		 sum == UNPRICED ? "" : "about USD ", money,
		 unpriced && sum != UNPRICED ? " and what is unpriced" : "");
}

static void print_cost(struct out *out, const struct draft *draft)
{
	struct agent_use total;
	char money[MONEY_TEXT];

	report_total(&total, &draft->report);
	if (!total.calls)
		return;
	int64_t sum = money_sum(total.micros, total.unpriced);
	money_format(money, sizeof money, sum);
	out_text(out, "planned in %lld call%s%s%s", (long long)total.calls,
		 total.calls == 1 ? "" : "s",
		 sum == UNPRICED ? ", " : " for USD ", money);
	if (total.unpriced && sum != UNPRICED)
		out_text(out, ", %d answer%s unpriced", total.unpriced,
			 total.unpriced == 1 ? "" : "s");
	out_text(out, "\n");
}

static void print_phases(struct out *out, const struct draft *draft)
{
	for (size_t i = 0; i < draft->phases.len; i++) {
		out_text(out, "  %s", draft->phases.items[i]);
		if (*draft->agents.items[i])
			out_colour(out, COLOUR_DIM, "  %s",
				   draft->agents.items[i]);
		out_text(out, "\n");
	}
}

void plan_print(struct out *out, const struct draft *draft)
{
	char hex[OID_HEX];

	if (draft->steps.len) {
		print_steps(out, draft);
		return;
	}
	out_colour(out, COLOUR_BOLD, "%s", draft->plan);
	out_text(out, "  %s\n", draft->title);
	print_phases(out, draft);
	print_cost(out, draft);
	if (oid_is_zero(&draft->commit))
		out_text(out, "%zu phases; nothing was written\n",
			 draft->phases.len);
	else
		out_text(out, "%zu phases, a draft on %s (%.7s)\n",
			 draft->phases.len, draft->branch,
			 oid_hex(hex, &draft->commit));
}

static void print_json(struct out *out, const struct draft *draft)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	plan_json(&tree, root, draft);
	out_json(out, root);
}

static struct error *run(struct session *session)
{
	CLEANUP(plan_order_release)
	struct plan_order order = { .source = BUF_INIT };
	CLEANUP(draft_release) struct draft draft = DRAFT_INIT;

	TRY(plan_order_read(&order, session));
	TRY(plan_make(&draft, session, &order.request));
	if (session->out.json) {
		print_json(&session->out, &draft);
		return NULL;
	}
	plan_print(&session->out, &draft);
	if (!oid_is_zero(&draft.commit))
		out_text(&session->out, "next: git orch approve %s\n",
			 draft.plan);
	return NULL;
}

static const struct opt opts[] = {
	OPTS_PLAN,
	{ 0, "replan", "plan", "change this plan; what is done is kept" },
	{ 'n', "dry-run", NULL, "show steps and cost, or phases; no more" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_plan = {
	.name = "plan",
	.summary = "Write the documents of a plan on a branch of their own",
	.args = "[<goal>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_PROGRESS | MOVES_REFS,
	.run = run,
};
