/*
 * The table of coding agents.  A row says only what was seen to be needed: that
 * it works without asking, says what it does as JSON, updates nothing and
 * tells nobody.
 */
#include "plans/cli-profile.h"

#include "core/json.h"

#include <string.h>

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A TOML basic string is spelled like a JSON one. */
static void add_quoted(struct buf *out, const char *text)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	json_print(out, value_add_string(&tree, NULL, NULL, text));
}

/* Tries again are ours to count; a dead server must end it. */
static void codex_settings(struct buf *out, const struct cli_endpoint *endpoint)
{
	if (endpoint->url) {
		buf_str(out, "model_provider = \"orch\"\n"
			     "[model_providers.orch]\n"
			     "name = \"orch\"\nbase_url = ");
		add_quoted(out, endpoint->url);
		buf_str(out, "\nenv_key = \"ORCH_AGENT_KEY\"\n"
			     "wire_api = \"responses\"\n"
			     "request_max_retries = 4\n"
			     "stream_max_retries = 4\n"
			     "supports_websockets = false\n");
	}
	buf_str(out, "[analytics]\nenabled = false\n");
}

static void gemini_settings(struct buf *out,
			    const struct cli_endpoint *endpoint)
{
	(void)endpoint;
	buf_str(out, "{\"security\":{\"auth\":{\"selectedType\":"
		     "\"gemini-api-key\"}},"
		     "\"general\":{\"disableAutoUpdate\":true},"
		     "\"privacy\":{\"usageStatisticsEnabled\":false}}\n");
}

/* {"provider":{"orch":{…,"models":{"<model>":{…}}}}} */
static void add_opencode_provider(struct tree *tree,
				  const struct cli_endpoint *endpoint)
{
	struct value *all = value_object(tree, tree->root, "provider");
	struct value *row = value_object(tree, all, "orch");
	struct value *options, *models;

	value_add_string(tree, row, "npm", "@ai-sdk/openai-compatible");
	value_add_string(tree, row, "name", "orch");
	options = value_object(tree, row, "options");
	value_add_string(tree, options, "baseURL", endpoint->url);
	value_add_string(tree, options, "apiKey", "{env:ORCH_AGENT_KEY}");
	models = value_object(tree, row, "models");
	if (!endpoint->model)
		return;
	value_add_string(tree, value_object(tree, models, endpoint->model),
			 "name", endpoint->model);
}

static void opencode_settings(struct buf *out,
			      const struct cli_endpoint *endpoint)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_bool(&tree, root, "autoupdate", 0);
	value_add_string(&tree, root, "share", "disabled");
	if (endpoint->url)
		add_opencode_provider(&tree, endpoint);
	json_print_pretty(out, root);
}

const struct cli_profile cli_profiles[] = {
	{
		.name = "claude",
		.program = "claude",
		/* A project's own hooks and servers nobody has trusted. */
		.args = WORDS("-p", "--output-format", "stream-json",
			      "--verbose", "--setting-sources", "user",
			      "--strict-mcp-config"),
		.inside = WORDS("--dangerously-skip-permissions"),
		.outside = WORDS("--permission-mode", "acceptEdits"),
		.model_flag = "--model",
		.budget_flag = "--max-budget-usd",
		.effort_flag = "--effort",
		.effort_prefix = "",
		.efforts = " low medium high xhigh max ",
		.env = WORDS("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN",
			     "ANTHROPIC_BASE_URL", "CLAUDE_CODE_OAUTH_TOKEN"),
		.set = WORDS("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
			     "CLAUDE_CODE_MAX_RETRIES=4",
			     "DISABLE_AUTOUPDATER=1",
			     /* As root it asks for this. */
			     "IS_SANDBOX=1"),
		.url_env = "ANTHROPIC_BASE_URL",
		.key_env = "ANTHROPIC_API_KEY",
		.network = 1,
		.take = cli_take_claude,
	},
	{
		.name = "codex",
		.program = "codex",
		.args = WORDS("exec", "--json", "--skip-git-repo-check"),
		.inside = WORDS("--dangerously-bypass-approvals-and-sandbox"),
		.outside = WORDS("--sandbox", "workspace-write"),
		.model_flag = "--model",
		.effort_flag = "--config",
		.effort_prefix = "model_reasoning_effort=",
		.efforts = " minimal low medium high xhigh ",
		.env = WORDS("OPENAI_API_KEY", "CODEX_API_KEY"),
		.key_env = "ORCH_AGENT_KEY",
		.settings_path = ".codex/config.toml",
		.settings = codex_settings,
		.network = 1,
		.take = cli_take_codex,
	},
	{
		.name = "gemini",
		.program = "gemini",
		.args = WORDS("--output-format", "stream-json",
			      "--approval-mode", "yolo"),
		.model_flag = "--model",
		.env = WORDS("GEMINI_API_KEY", "GOOGLE_API_KEY",
			     "GOOGLE_GEMINI_BASE_URL"),
		.set = WORDS("GEMINI_CLI_TRUST_WORKSPACE=true"),
		.url_env = "GOOGLE_GEMINI_BASE_URL",
		.key_env = "GEMINI_API_KEY",
		.settings_path = ".gemini/settings.json",
		.settings = gemini_settings,
		.network = 1,
		.take = cli_take_gemini,
	},
	{
		.name = "opencode",
		.program = "opencode",
		.args = WORDS("run", "--format", "json"),
		.model_flag = "--model",
		.model_prefix = "orch/",
		.env = WORDS("OPENAI_API_KEY", "ANTHROPIC_API_KEY",
			     "OPENROUTER_API_KEY"),
		.set = WORDS("OPENCODE_DISABLE_AUTOUPDATE=1",
			     "OPENCODE_DISABLE_MODELS_FETCH=1"),
		.key_env = "ORCH_AGENT_KEY",
		.settings_path = ".config/opencode/opencode.json",
		.settings = opencode_settings,
		.network = 1,
		.take = cli_take_opencode,
	},
	{
		.name = "generic",
	},
	{ 0 },
};

struct error *cli_profile_find(const struct cli_profile **out, const char *name)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	for (const struct cli_profile *it = cli_profiles; it->name; it++) {
		if (!strcmp(it->name, name)) {
			*out = it;
			return NULL;
		}
		buf_addf(&names, "%s%s", names.len ? ", " : "", it->name);
	}
	return error_hint(
		error_new(ERROR_INVALID, "there is no profile '%s'", name),
		"this version has: %s", names.data);
}

static void add_words(struct strings *out, const char *const *words)
{
	for (; words && *words; words++)
		strings_add(out, *words);
}

static void add_effort(struct strings *out, const struct cli_profile *profile,
		       const struct agent *agent)
{
	if (!agent->effort || !profile->effort_flag)
		return;
	CLEANUP(free_str) char *level = xasprintf(" %s ", agent->effort);
	if (!strstr(profile->efforts, level))
		return;
	strings_add(out, profile->effort_flag);
	strings_addf(out, "%s%s", profile->effort_prefix, agent->effort);
}

void cli_profile_args(struct strings *out, const struct cli_profile *profile,
		      const struct agent *agent, int own_provider, int inside)
{
	char usd[MONEY_TEXT];

	add_words(out, profile->args);
	add_words(out, inside ? profile->inside : profile->outside);
	if (agent->model && profile->model_flag) {
		strings_add(out, profile->model_flag);
		strings_addf(out, "%s%s",
			     own_provider && profile->model_prefix
				     ? profile->model_prefix
				     : "",
			     agent->model);
	}
	if (agent->budget != NO_LIMIT && profile->budget_flag) {
		money_format(usd, sizeof usd, agent->budget);
		strings_addv(out, profile->budget_flag, usd, NULL);
	}
	add_effort(out, profile, agent);
}
