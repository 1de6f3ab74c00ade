/* Configuration: what it says about providers, agents, money and replies. */
#include "tests/unit/config.h"

static const char *const full =
	"version: 1\n"
	"providers:\n"
	"  - {name: claude, driver: anthropic, key_env: KEY,\n"
	"     limits: {requests_per_minute: 50, requests_per_hour: 1000,\n"
	"     tokens_per_minute: 400000}}\n"
	"  - {name: old, driver: anthropic, api_version: 2023-06-01}\n"
	"  - {name: gpt, driver: openai, api: chat, key_command: get key,\n"
	"     base_url: 'http://127.0.0.1:1/v1',\n"
	"     headers: [{name: A, value: b}, {name: C, value: ''}]}\n"
	"  - {name: any, driver: command, command: llm}\n"
	"agents:\n"
	"  - {name: ann, role: developer, provider: claude, model: m,\n"
	"     temperature: 0.3, top_p: 1, max_tokens: 8192, effort: high,\n"
	"     timeout: 60, idle_timeout: 7, strengths: [c, d],\n"
	"     fallback: [bob], context: [src/**]}\n"
	"  - {name: bob, role: developer, worker: cli, profile: codex,\n"
	"     network: true, env: [HOME, LANG], budget: {usd: '1.25'}}\n"
	"  - {name: cec, role: validator, worker: cli, command: judge}\n"
	"policy: {coverage: {file: cov.xml, format: cobertura,\n"
	"  minimum: 82.5}}\n"
	"budget: {phase: {usd: '2'}, plan: {usd: '20.000001', calls: 9},\n"
	"  day: {tokens: 1, seconds: 0}}\n"
	"cache: {max_bytes: 5, expiry: {integration: 1}, share: true}\n"
	"secrets: {allow: [{path: 'tests/**', pattern: 'sk-[a-z]+',\n"
	"  reason: made up}, {path: a, reason: b}]}\n";

static void providers_have_all_that_is_said_of_them(void **state)
{
	const struct provider *provider;

	(void)state;
	put(&box, CONFIG, full);
	ok(load(NULL));
	assert_int_equal(project.config.providers.len, 4);
	provider = config_provider(&project.config, "claude");
	same(provider->driver, "anthropic");
	same(provider->api_version, "2026-10-21");
	same(provider->key_env, "KEY");
	assert_null(provider->base_url);
	assert_int_equal(provider->requests_per_minute, 50);
	assert_int_equal(provider->requests_per_hour, 1000);
	assert_int_equal(provider->tokens_per_minute, 400000);
	provider = config_provider(&project.config, "old");
	same(provider->api_version, "2023-06-01");
	assert_int_equal(provider->requests_per_minute, 0);
	provider = config_provider(&project.config, "gpt");
	same(provider->api, "chat");
	assert_null(provider->api_version);
	same(provider->key_command, "get key");
	assert_int_equal(provider->headers.len, 2);
	same(provider->headers.items[0].name, "A");
	same(provider->headers.items[1].value, "");
	provider = config_provider(&project.config, "any");
	same(provider->command, "llm");
	assert_null(config_provider(&project.config, "none"));
}

static void agents_have_all_that_is_said_of_them(void **state)
{
	const struct agent *agent;

	(void)state;
	put(&box, CONFIG, full);
	ok(load(NULL));
	agent = config_agent(&project.config, "ann");
	same(agent->provider, "claude");
	assert_float_equal(agent->temperature, 0.3, 0);
	assert_float_equal(agent->top_p, 1, 0);
	assert_int_equal(agent->max_tokens, 8192);
	same(agent->effort, "high");
	assert_int_equal(agent->timeout, 60);
	assert_int_equal(agent->idle_timeout, 7);
	assert_int_equal(agent->strengths.len, 2);
	same(agent->fallback.items[0], "bob");
	same(agent->context.items[0], "src/**");
	assert_int_equal(agent->budget, NO_LIMIT);
	agent = config_agent(&project.config, "bob");
	same(agent->worker, "cli");
	same(agent->profile, "codex");
	assert_true(agent->network);
	assert_int_equal(agent->env.len, 2);
	assert_int_equal(agent->budget, 1250000);
	agent = config_agent(&project.config, "cec");
	same(agent->profile, "generic");
	same(agent->command, "judge");
	assert_false(agent->network);
}

static void an_agent_of_which_nothing_is_said_has_defaults(void **state)
{
	const struct agent *agent;

	(void)state;
	ok(load(NULL));
	agent = config_agent(&project.config, "manager");
	same(agent->worker, "tools");
	assert_true(agent->temperature < 0);
	assert_true(agent->top_p < 0);
	assert_int_equal(agent->max_tokens, 0);
	assert_int_equal(agent->timeout, 600);
	assert_int_equal(agent->idle_timeout, 120);
	assert_null(agent->model);
	assert_null(agent->effort);
}

static void the_driver_of_recordings_is_not_configured(void **state)
{
	(void)state;
	put(&box, CONFIG,
	    "version: 1\nproviders:\n  - {name: old, driver: replay, base_url: 'http://x/'}\n");
	fails(ERROR_INVALID,
	      "must be one of anthropic, openai, command, "
	      "not 'replay'",
	      load(NULL));
}

static void money_is_counted_in_micro_dollars(void **state)
{
	const struct spend_limits *budget = &project.config.budget;

	(void)state;
	put(&box, CONFIG, full);
	ok(load(NULL));
	assert_int_equal(budget->phase.usd, 2000000);
	assert_int_equal(budget->phase.calls, NO_LIMIT);
	assert_int_equal(budget->plan.usd, 20000001);
	assert_int_equal(budget->plan.calls, 9);
	assert_int_equal(budget->day.usd, NO_LIMIT);
	assert_int_equal(budget->day.tokens, 1);
	assert_int_equal(budget->day.seconds, 0);
}

static void replies_are_kept_as_long_as_is_said(void **state)
{
	const struct cache_policy *cache = &project.config.cache;

	(void)state;
	ok(load(NULL));
	assert_int_equal(cache->max_bytes, (int64_t)10 << 30);
	assert_int_equal(cache->brainstorm, 168);
	assert_int_equal(cache->integration, 24);
	assert_int_equal(cache->other, 72);
	assert_false(cache->share);
	put(&box, CONFIG, full);
	setenv("ORCH_CACHE_EXPIRY_OTHER", "0", 1);
	ok(load(NULL));
	assert_int_equal(cache->max_bytes, 5);
	assert_int_equal(cache->brainstorm, 168);
	assert_int_equal(cache->integration, 1);
	assert_int_equal(cache->other, 0);
	assert_true(cache->share);
	unsetenv("ORCH_CACHE_EXPIRY_OTHER");
}

static void coverage_is_asked_for_where_a_report_is_named(void **state)
{
	const struct coverage *coverage = &project.config.policy.coverage;

	(void)state;
	ok(load(NULL));
	assert_null(coverage->file);
	same(coverage->format, "lcov");
	put(&box, CONFIG, full);
	ok(load(NULL));
	same(coverage->file, "cov.xml");
	same(coverage->format, "cobertura");
	assert_float_equal(coverage->minimum, 82.5, 0);
}

static void rows_without_a_name_are_known_by_their_place(void **state)
{
	(void)state;
	put(&box, CONFIG, full);
	ok(load(NULL));
	assert_int_equal(project.config.allowed.len, 2);
	same(project.config.allowed.items[0].pattern, "sk-[a-z]+");
	assert_null(project.config.allowed.items[1].pattern);
	has("secrets.allow.0.reason", "made up", CONFIG ":24");
	has("secrets.allow.1.path", "a", CONFIG ":24");
}

static void what_does_not_fit_is_a_finding(void **state)
{
	static const char *const rows[][2] = {
		{ "providers: [{name: a, driver: anthropik}]",
		  ":2:31: 'providers[0].driver' must be one of anthropic" },
		{ "agents: [{name: a, role: b, worker: human}]",
		  "must be one of tools, cli, scaffold" },
		{ "agents: [{name: a, role: b, worker: cli, profile: x}]",
		  "must be one of claude" },
		{ "agents: [{name: a, role: b, effort: much}]",
		  "must be one of none" },
		{ "agents: [{name: a, role: b, top_p: 2}]",
		  "must be a number from 0 to 1" },
		{ "agents: [{name: a, role: b, env: [A=b]}]", "wrong form" },
		{ "agents: [{name: a, role: b, worker: cli}]",
		  ":2:37: agents.a: worker cli has no program" },
		{ "providers: [{name: a, driver: command}]",
		  ":2:31: providers.a: driver command has no program" },
		{ "policy: {coverage: {minimum: 80}}",
		  ":2:30: policy.coverage.minimum has no report to read" },
		{ "secrets: {allow: [{path: a, reason: b, pattern: '('}]}",
		  ":2:49: " },
		{ "secrets: {allow: [{path: a}]}", "missing key 'reason'" },
		{ "budget: {day: {usd: '1.0000001'}}", "wrong form" },
		{ "cache: {expiry: {other: -1}}", "must be an integer from 0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *text = xasprintf("version: 1\n%s\n", rows[i][0]);

		put(&box, CONFIG, text);
		fails(ERROR_INVALID, rows[i][1], load(NULL));
		free(text);
	}
}

/* Only to be validated: nothing of it may be added up. */
static void what_is_far_too_large_is_read_without_harm(void **state)
{
	struct project_options options = { .any_config = 1 };

	(void)state;
	put(&box, CONFIG,
	    "version: 1\nbudget: {day: {usd: '99999999999999999999'}}\n"
	    "cache: {expiry: {other: 9223372036854775807}}\n");
	ok(load(&options));
	assert_int_equal(project.config.budget.day.usd, NO_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(providers_have_all_that_is_said_of_them),
		TEST(agents_have_all_that_is_said_of_them),
		TEST(an_agent_of_which_nothing_is_said_has_defaults),
		TEST(the_driver_of_recordings_is_not_configured),
		TEST(money_is_counted_in_micro_dollars),
		TEST(replies_are_kept_as_long_as_is_said),
		TEST(coverage_is_asked_for_where_a_report_is_named),
		TEST(rows_without_a_name_are_known_by_their_place),
		TEST(what_does_not_fit_is_a_finding),
		TEST(what_is_far_too_large_is_read_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
