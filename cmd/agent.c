/* `git orch agent`: who is configured, and whether they answer. */
#include "cmd/agent.h"
#include "core/clock.h"
#include "plans/agents.h"

#include <string.h>

/* Tokens a price is shown by; below every tier. */
#define SAMPLE 100000

static const char *const states[] = {
	[KEY_NONE_NEEDED] = "none-needed",
	[KEY_SET] = "set",
	[KEY_COMMAND] = "command",
	[KEY_MISSING] = "missing",
};

/* What is said of one agent. */
struct row {
	const struct agent *agent;
	const struct provider *provider; /* NULL: none */
	enum key_state key;
	char *program; /* of the worker cli */
	const char *price; /* the row of the table that applies, or NULL */
	int64_t input, output; /* micro-dollars per million tokens */
	char *fault; /* a variable that is not set, a program not there */
};

static void row_release(struct row *row)
{
	free_str(&row->program);
	free_str(&row->fault);
}

static void set_price(struct row *row, const struct prices *prices)
{
	const struct usage in = { .input = SAMPLE }, out = { .output = SAMPLE };
	const char *model = row->agent->model;
	int64_t now = clock_now();

	row->price = price_row(prices, model, now);
	if (!row->price)
		return;
	row->input = price_of(prices, model, &in, now) * (1000000 / SAMPLE);
	row->output = price_of(prices, model, &out, now) * (1000000 / SAMPLE);
}

static void set_fault(struct row *row, const struct config *config)
{
	const struct agent *agent = row->agent;
	CLEANUP(free_str) char *name = xasprintf("agents.%s", agent->name);
	CLEANUP(free_str)
	char *provider = xasprintf("providers.%s",
				   row->provider ? row->provider->name : "");
	CLEANUP(free_str)
	char *path = row->program ? program_path(row->program) : NULL;
	CLEANUP(error_release) struct error *err = config_require(config, name);

	if (!err)
		err = config_require(config, provider);
	if (err)
		row->fault = xstrdup(err->message);
	else if (agent_is_cli(agent) && !path)
		row->fault = xasprintf("there is no program '%s'",
				       row->program ? row->program : "");
}

static void row_fill(struct row *row, const struct agent *agent,
		     const struct config *config, const struct prices *prices)
{
	*row = (struct row){ .agent = agent,
			     .input = UNPRICED,
			     .output = UNPRICED };
	if (agent->provider)
		row->provider = config_provider(config, agent->provider);
	if (row->provider)
		row->key = provider_key_state(row->provider);
	if (agent_is_cli(agent))
		row->program = agent_program(agent);
	set_price(row, prices);
	set_fault(row, config);
}

static const char *key_origin(const struct row *row)
{
	if (!row->provider || row->key == KEY_NONE_NEEDED)
		return NULL;
	return row->key == KEY_COMMAND ? "key_command" : row->provider->key_env;
}

static void row_json(struct tree *tree, struct value *rows,
		     const struct row *row)
{
	const struct agent *agent = row->agent;
	struct value *to = value_object(tree, rows, NULL);
	struct value *key, *fallback;

	value_add_string(tree, to, "name", agent->name);
	value_add_string(tree, to, "role", agent->role);
	value_add_string(tree, to, "worker", agent->worker);
	value_add_maybe(tree, to, "provider", agent->provider);
	value_add_maybe(tree, to, "model", agent->model);
	value_add_maybe(tree, to, "program", row->program);
	key = value_object(tree, to, "key");
	value_add_string(tree, key, "state", states[row->key]);
	value_add_maybe(tree, key, "from", key_origin(row));
	fallback = value_list(tree, to, "fallback");
	FOR_EACH (char *, it, &agent->fallback)
		value_add_string(tree, fallback, NULL, *it);
	value_add_maybe(tree, to, "price", row->price);
	agent_money(tree, to, "input_micros", row->input);
	agent_money(tree, to, "output_micros", row->output);
	value_add_maybe(tree, to, "fault", row->fault);
}

/* "ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY is not set", "-" */
static void key_cell(struct table *table, const struct row *row)
{
	const char *from = key_origin(row);
	int missing = row->key == KEY_MISSING && row->provider;

	if (missing)
		table_cell(table, COLOUR_RED, "%s is not set",
			   from ? from : "key_env");
	else
		table_cell(table, COLOUR_NONE, "%s", from ? from : "-");
}

static void price_cell(struct table *table, const struct row *row)
{
	char input[MONEY_TEXT], output[MONEY_TEXT];

	money_format(input, sizeof input, row->input);
	money_format(output, sizeof output, row->output);
	if (row->price)
		table_cell(table, COLOUR_NONE, "%.*s/%.*s",
			   (int)strlen(input) - 3, input,
			   (int)strlen(output) - 3, output);
	else
		table_cell(table, COLOUR_NONE, "%s",
			   row->agent->model ? "unpriced" : "-");
}

static void row_text(struct table *table, const struct row *row)
{
	const struct agent *agent = row->agent;
	const char *where = row->program ? row->program : agent->provider;
	CLEANUP(buf_release) struct buf fallback = BUF_INIT;

	strings_join(&fallback, &agent->fallback, ", ");
	table_cell(table, COLOUR_BOLD, "%s", agent->name);
	table_cell(table, COLOUR_NONE, "%s", agent->role);
	table_cell(table, COLOUR_NONE, "%s", agent->worker);
	table_cell(table, COLOUR_NONE, "%s", where ? where : "-");
	table_cell(table, COLOUR_NONE, "%s", agent->model ? agent->model : "-");
	key_cell(table, row);
	price_cell(table, row);
	table_cell(table, COLOUR_NONE, "%s",
		   fallback.len ? fallback.data : "-");
	table_cell(table, COLOUR_RED, "%s", row->fault ? row->fault : "");
}

static void list_head(struct table *table)
{
	static const char *const heads[] = { "agent",    "role",     "worker",
					     "provider", "model",    "key",
					     "USD/M",    "fallback", "" };

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		table_cell(table, COLOUR_BOLD, "%s", heads[i]);
}

static struct error *run_list(struct session *session)
{
	const struct config *config = &session->project.config;
	CLEANUP(prices_free) struct prices *prices = NULL;
	CLEANUP(table_release) struct table table = TABLE_INIT(9);
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *rows;

	TRY(project_prices(&prices, &session->project));
	value_add_int(&tree, root, "version", 1);
	rows = value_list(&tree, root, "agents");
	list_head(&table);
	FOR_EACH (const struct agent, agent, &config->agents) {
		CLEANUP(row_release) struct row row;

		row_fill(&row, agent, config, prices);
		row_json(&tree, rows, &row);
		row_text(&table, &row);
	}
	if (session->out.json)
		out_json(&session->out, root);
	else
		table_print(&session->out, &table, 0);
	return NULL;
}

static const struct opt list_opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };
static const struct opt test_opts[] = {
	{ 'a', "all", NULL, "every agent that asks somebody" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

static const struct cmd list = {
	.name = "list",
	.summary = "List the agents, their models, keys and prices",
	.opts = list_opts,
	.needs = NEED_REPO,
	.run = run_list,
};
static const struct cmd test = {
	.name = "test",
	.summary = "Ask an agent one short question",
	.args = "[<agent>]",
	.max = 1,
	.opts = test_opts,
	.needs = NEED_REPO | NEED_TRUST,
	.complete = "agents",
	.run = agent_run_test,
};
static const struct cmd *const subs[] = { &list, &test, NULL };

const struct cmd cmd_agent = {
	.name = "agent",
	.summary = "List the agents, and try whether they answer",
	.args = "list|test",
	.subs = subs,
};
