/* What is configured about models: providers, agents, money and replies. */
#include "plans/config-layers.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT      600 /* seconds for one call */
#define IDLE_TIMEOUT 120
#define USD          1000000 /* micro-dollars */

/* The newest version of the Messages API. */
#define ANTHROPIC_VERSION "2026-10-21"

static char *text_of(const struct value *row, const char *key,
		     const char *fallback)
{
	return xstrdup(value_text(value_get(row, key), fallback));
}

static int64_t int_of(const struct value *row, const char *key,
		      int64_t fallback)
{
	return value_int(value_get(row, key), fallback);
}

/*
 * "2.5" as micro-dollars.  What is longer than the schema allows cannot be
 * added up; it is read only to be validated.
 */
static int64_t money_of(const struct value *row, const char *key)
{
	const char *text = value_text(value_get(row, key), "");
	size_t len = strspn(text, "0123456789");
	int64_t money = 0;
	int64_t unit = USD;

	if (!len || len > 9)
		return NO_LIMIT;
	while (len--)
		money = money * 10 + (*text++ - '0');
	money *= USD;
	if (*text == '.')
		while (*++text >= '0' && *text <= '9' && unit > 1)
			money += (*text - '0') * (unit /= 10);
	return money;
}

static void read_headers(struct header_list *out, const struct value *rows)
{
	VALUE_EACH(row, rows)
	{
		struct header *header = PUSH(out);

		header->name = text_of(row, "name", "");
		header->value = text_of(row, "value", "");
	}
}

static void read_provider(struct provider *provider, const struct value *row)
{
	const struct value *limits = value_get(row, "limits");
	const char *version = NULL;

	provider->name = text_of(row, "name", NULL);
	provider->driver = text_of(row, "driver", "");
	if (!strcmp(provider->driver, "anthropic"))
		version = ANTHROPIC_VERSION;
	provider->api = text_of(row, "api", "responses");
	provider->api_version = text_of(row, "api_version", version);
	provider->base_url = text_of(row, "base_url", NULL);
	provider->key_env = text_of(row, "key_env", NULL);
	provider->key_command = text_of(row, "key_command", NULL);
	provider->command = text_of(row, "command", NULL);
	read_headers(&provider->headers, value_get(row, "headers"));
	provider->requests_per_minute =
		int_of(limits, "requests_per_minute", 0);
	provider->requests_per_hour = int_of(limits, "requests_per_hour", 0);
	provider->tokens_per_minute = int_of(limits, "tokens_per_minute", 0);
}

static void provider_release(struct provider *provider)
{
	FOR_EACH (struct header, it, &provider->headers) {
		free(it->name);
		free(it->value);
	}
	free(provider->headers.items);
	free(provider->name);
	free(provider->driver);
	free(provider->api);
	free(provider->api_version);
	free(provider->base_url);
	free(provider->key_env);
	free(provider->key_command);
	free(provider->command);
}

/* What only the worker cli has. */
static void read_cli(struct agent *agent, const struct value *row)
{
	agent->profile = text_of(row, "profile", "generic");
	agent->command = text_of(row, "command", NULL);
	agent->network = value_bool(value_get(row, "network"), 0);
	value_strings(&agent->env, value_get(row, "env"));
	agent->budget = money_of(value_get(row, "budget"), "usd");
}

static void read_agent(struct agent *agent, const struct value *row)
{
	agent->name = text_of(row, "name", NULL);
	agent->role = text_of(row, "role", agent->name);
	agent->worker = text_of(row, "worker", "tools");
	agent->provider = text_of(row, "provider", NULL);
	agent->model = text_of(row, "model", NULL);
	agent->temperature = value_number(value_get(row, "temperature"), -1);
	agent->top_p = value_number(value_get(row, "top_p"), -1);
	agent->max_tokens = int_of(row, "max_tokens", 0);
	agent->effort = text_of(row, "effort", NULL);
	agent->timeout = int_of(row, "timeout", TIMEOUT);
	agent->idle_timeout = int_of(row, "idle_timeout", IDLE_TIMEOUT);
	value_strings(&agent->strengths, value_get(row, "strengths"));
	value_strings(&agent->fallback, value_get(row, "fallback"));
	value_strings(&agent->context, value_get(row, "context"));
	read_cli(agent, row);
}

static void agent_release(struct agent *agent)
{
	free(agent->name);
	free(agent->role);
	free(agent->worker);
	free(agent->provider);
	free(agent->model);
	free(agent->effort);
	strings_release(&agent->strengths);
	strings_release(&agent->fallback);
	strings_release(&agent->context);
	free(agent->profile);
	free(agent->command);
	strings_release(&agent->env);
}

static void read_spending(struct spending *out, const struct value *from)
{
	out->usd = money_of(from, "usd");
	out->calls = int_of(from, "calls", NO_LIMIT);
	out->tokens = int_of(from, "tokens", NO_LIMIT);
	out->seconds = int_of(from, "seconds", NO_LIMIT);
}

static void read_cache(struct cache_policy *out, const struct value *from)
{
	const struct value *expiry = value_get(from, "expiry");

	out->max_bytes = int_of(from, "max_bytes", (int64_t)10 << 30);
	out->brainstorm = int_of(expiry, "brainstorm", 168);
	out->integration = int_of(expiry, "integration", 24);
	out->other = int_of(expiry, "other", 72);
	out->share = value_bool(value_get(from, "share"), 0);
}

static void read_allowed(struct allowed_list *out, const struct value *rows)
{
	VALUE_EACH(row, rows)
	{
		const char *path = value_text(value_get(row, "path"), NULL);
		struct allowed *allowed;

		if (!path)
			continue;
		allowed = PUSH(out);
		allowed->path = xstrdup(path);
		allowed->pattern = text_of(row, "pattern", NULL);
		allowed->reason = text_of(row, "reason", "");
	}
}

static int has_name(const struct value *row)
{
	return value_text(value_get(row, "name"), NULL) != NULL;
}

void config_fill_models(struct config *config)
{
	const struct value *root = config->merged.root;
	const struct value *budget = value_get(root, "budget");

	VALUE_EACH(row, value_get(root, "providers"))
	if (has_name(row))
		read_provider(PUSH(&config->providers), row);
	VALUE_EACH(row, value_get(root, "agents"))
	if (has_name(row))
		read_agent(PUSH(&config->agents), row);
	read_spending(&config->budget.phase, value_get(budget, "phase"));
	read_spending(&config->budget.plan, value_get(budget, "plan"));
	read_spending(&config->budget.day, value_get(budget, "day"));
	read_cache(&config->cache, value_get(root, "cache"));
	read_allowed(&config->allowed, value_path(root, "secrets.allow"));
}

void config_release_models(struct config *config)
{
	FOR_EACH (struct provider, it, &config->providers)
		provider_release(it);
	free(config->providers.items);
	FOR_EACH (struct agent, it, &config->agents)
		agent_release(it);
	free(config->agents.items);
	FOR_EACH (struct allowed, it, &config->allowed) {
		free(it->path);
		free(it->pattern);
		free(it->reason);
	}
	free(config->allowed.items);
}

const struct provider *config_provider(const struct config *config,
				       const char *name)
{
	FOR_EACH (const struct provider, it, &config->providers)
		if (!strcmp(it->name, name))
			return it;
	return NULL;
}

const struct agent *config_agent(const struct config *config, const char *name)
{
	FOR_EACH (const struct agent, it, &config->agents)
		if (!strcmp(it->name, name))
			return it;
	return NULL;
}
