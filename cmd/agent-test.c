/* `git orch agent test`: one short question, and what came of it. */
#include "cmd/agent.h"

void agent_money(struct tree *tree, struct value *to, const char *key,
		 int64_t micros)
{
	if (micros == UNPRICED)
		value_add_null(tree, to, key);
	else
		value_add_int(tree, to, key, micros);
}

static void test_json(struct tree *tree, struct value *rows,
		      const struct agent_test *test)
{
	const struct error *failed = test->failed;
	struct value *to = value_object(tree, rows, NULL);

	value_add_string(tree, to, "agent", test->agent->name);
	value_add_bool(tree, to, "answered", !failed);
	value_add_maybe(tree, to, "model", test->model);
	value_add_maybe(tree, to, "stop",
			test->model ? stop_name(test->stop) : NULL);
	value_add_int(tree, to, "millis", test->millis);
	value_add_int(tree, to, "input_tokens",
		      test->usage.input + test->usage.cached +
			      test->usage.cache_write);
	value_add_int(tree, to, "output_tokens", test->usage.output);
	agent_money(tree, to, "micros", test->micros);
	value_add_maybe(tree, to, "detail", test->detail);
	value_add_maybe(tree, to, "error", failed ? failed->message : NULL);
	value_add_maybe(tree, to, "hint", failed ? failed->hint : NULL);
}

static void test_text(struct out *out, const struct agent_test *test)
{
	const struct usage *usage = &test->usage;
	char money[MONEY_TEXT];

	money_format(money, sizeof money, test->micros);
	out_colour(out, test->failed ? COLOUR_RED : COLOUR_GREEN, "%s",
		   test->failed ? "failed  " : "ok      ");
	out_colour(out, COLOUR_BOLD, "%s", test->agent->name);
	if (test->failed)
		out_text(out, "  %s\n", test->failed->message);
	else if (test->detail)
		out_text(out, "  %s\n", test->detail);
	else
		out_text(out, "  %s, %lld ms, %lld + %lld tokens, %s%s, %s\n",
			 test->model, (long long)test->millis,
			 (long long)usage->input + usage->cached +
				 usage->cache_write,
			 (long long)usage->output, money,
			 test->micros == UNPRICED ? "" : " USD",
			 stop_name(test->stop));
	if (test->failed && test->failed->hint)
		hint(out, "%s", test->failed->hint);
}

static struct error *test_one(struct session *session, struct tree *tree,
			      struct value *rows, const struct agent *agent)
{
	CLEANUP(agent_test_release) struct agent_test test;

	TRY(agent_try(&test, &session->project, agent));
	test_json(tree, rows, &test);
	if (!session->out.json)
		test_text(&session->out, &test);
	if (test.failed)
		session->status = 1;
	return NULL;
}

static struct error *unknown(const char *name)
{
	return error_hint(
		error_new(ERROR_NOT_FOUND, "there is no agent '%s'", name),
		"git orch agent list names them");
}

static struct error *test_all(struct session *session, struct tree *tree,
			      struct value *rows)
{
	const struct config *config = &session->project.config;

	FOR_EACH (const struct agent, agent, &config->agents)
		if (agent_is_cli(agent) || agent_asks(config, agent))
			TRY(test_one(session, tree, rows, agent));
	if (!rows->count)
		say(&session->out, "no agent is configured that could answer");
	return NULL;
}

struct error *agent_run_test(struct session *session)
{
	const char *name = operand(session, 0);
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *rows;

	value_add_int(&tree, root, "version", 1);
	rows = value_list(&tree, root, "tests");
	if (!name == !args_flag(&session->args, "all"))
		return error_new(ERROR_USAGE, "name one agent, or give --all");
	if (name) {
		const struct agent *agent =
			config_agent(&session->project.config, name);

		if (!agent)
			return unknown(name);
		TRY(test_one(session, &tree, rows, agent));
	} else {
		TRY(test_all(session, &tree, rows));
	}
	if (session->out.json)
		out_json(&session->out, root);
	return NULL;
}
