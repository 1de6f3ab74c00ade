/*
 * From the configuration to models that can be asked.
 *
 * A key is looked up when its model is first opened, told to the secret scan,
 * and lives in the process alone: it is no part of a request that is hashed,
 * stored or logged.
 */
#include "plans/models.h"

#include "core/driver.h"
#include "gitops/git.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

static int can_answer(const struct config *config, const struct agent *agent)
{
	return (agent->provider && config_provider(config, agent->provider)) ||
	       !strcmp(agent->worker ? agent->worker : "", "cli");
}

const struct agent *agent_of_role(const struct config *config, const char *role)
{
	FOR_EACH (struct agent, agent, &config->agents)
		if (!strcmp(agent->role, role) && can_answer(config, agent))
			return agent;
	return NULL;
}

static void set_key(struct endpoint *endpoint, const char *origin,
		    const char *key, size_t len)
{
	while (len && strchr("\r\n\t ", key[len - 1]))
		len--;
	endpoint->key = xstrndup(key, len);
	free(endpoint->key_origin);
	endpoint->key_origin = xstrdup(origin);
}

static struct error *key_from_command(struct endpoint *out,
				      const struct provider *provider)
{
	CLEANUP(proc_result_release) struct proc_result result;
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };

	strings_addv(&spec.argv, "sh", "-c", provider->key_command, NULL);
	proc_env(&spec.env, NULL);
	spec.wall_ms = 60000;
	proc_result_init(&result);
	TRY(proc_run(&result, &spec));
	if (result.end == PROC_EXITED && !result.exit && result.out.len) {
		set_key(out, "key_command", result.out.data, result.out.len);
		return NULL;
	}
	CLEANUP(buf_release) struct buf why = BUF_INIT;
	proc_describe(&why, &result);
	return error_hint(error_new(ERROR_FAILURE,
				    "key_command of provider '%s' gave no key "
				    "(%s)",
				    provider->name, why.data),
			  "run it by hand: %s", provider->key_command);
}

/* Between "//" and what follows the host. */
static char *host_of(const char *url)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	return xstrndup(host, strcspn(host, "/?#"));
}

/* None is no error: the server may want no key. */
static struct error *key_from_git(struct endpoint *out, struct repo *repo)
{
	CLEANUP(proc_result_release) struct proc_result result;
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(free_str) char *host = host_of(out->base_url);
	CLEANUP(free_str)
	char *input = xasprintf("protocol=https\nhost=%s\n\n", host);

	strings_addv(&call.args, "credential", "fill", NULL);
	call.input = input;
	call.input_len = strlen(input);
	proc_result_init(&result);
	TRY(git_call(&result, repo, &call));
	if (result.end != PROC_EXITED || result.exit)
		return NULL;
	const char *line = strstr(result.out.data, "\npassword=");
	if (line)
		set_key(out, "git credential", line + 10,
			strcspn(line + 10, "\n"));
	return NULL;
}

/* https://token@host: the address is the key, unless one is named as well. */
static int brings_key(const struct provider *provider, const char *url)
{
	const char *host = strstr(url, "://");

	return !provider->key_env && host &&
	       memchr(host + 3, '@', strcspn(host + 3, "/?#"));
}

static struct error *find_key(struct endpoint *out, struct project *project,
			      const struct provider *provider)
{
	const char *key = provider->key_env ? getenv(provider->key_env) : NULL;

	if (provider->key_env)
		out->key_origin = xstrdup(provider->key_env);
	if (key && *key) {
		set_key(out, provider->key_env, key, strlen(key));
		return NULL;
	}
	if (provider->key_command)
		return key_from_command(out, provider);
	if (http_is_loopback(out->base_url) ||
	    brings_key(provider, out->base_url))
		return NULL;
	TRY(key_from_git(out, project->repo));
	if (out->key)
		return NULL;
	return error_hint(error_new(ERROR_FAILURE,
				    "there is no key for provider '%s'",
				    provider->name),
			  "%s%s, or give the provider a key_command",
			  provider->key_env ? "set " : "give it a key_env",
			  provider->key_env ? provider->key_env : "");
}

/* The words of a command line; quotes keep blanks together. */
static void split_words(struct strings *out, const char *text)
{
	CLEANUP(buf_release) struct buf word = BUF_INIT;
	char quote = 0;
	int any = 0;

	for (; *text; text++) {
		if (quote ? *text == quote : *text == '\'' || *text == '"') {
			quote = (char)(quote ? 0 : *text);
			any = 1;
		} else if (!quote && strchr(" \t\n", *text)) {
			if (any)
				strings_add(out, word.data);
			buf_clear(&word);
			any = 0;
		} else {
			buf_ch(&word, *text);
			any = 1;
		}
	}
	if (any)
		strings_add(out, word.data);
}

static const char *default_url(const char *driver)
{
	if (!strcmp(driver, "anthropic"))
		return "https://api.anthropic.com";
	if (!strcmp(driver, "openai"))
		return "https://api.openai.com/v1";
	return NULL;
}

const char *provider_url(const struct provider *provider)
{
	return provider->base_url ? provider->base_url
				  : default_url(provider->driver);
}

enum key_state provider_key_state(const struct provider *provider)
{
	const char *url = provider_url(provider);
	const char *key = provider->key_env ? getenv(provider->key_env) : NULL;

	if (key && *key)
		return KEY_SET;
	if (!url)
		return KEY_NONE_NEEDED;
	if (provider->key_command)
		return KEY_COMMAND;
	return http_is_loopback(url) || brings_key(provider, url)
		       ? KEY_NONE_NEEDED
		       : KEY_MISSING;
}

static struct error *fill_endpoint(struct endpoint *out,
				   struct project *project,
				   const struct provider *provider)
{
	const char *url = provider_url(provider);
	const struct driver *driver;

	TRY(driver_find(&driver, provider->driver));
	out->provider = xstrdup(provider->name);
	out->driver = xstrdup(provider->driver);
	out->api = xstrdup(provider->api);
	out->api_version = xstrdup(provider->api_version);
	out->base_url = xstrdup(url);
	FOR_EACH (struct header, header, &provider->headers)
		strings_addf(&out->headers, "%s: %s", header->name,
			     header->value);
	if (provider->command)
		split_words(&out->command, provider->command);
	return driver->speaks_http ? find_key(out, project, provider) : NULL;
}

static void fill_parameters(struct model *out, const struct agent *agent,
			    const struct provider *provider)
{
	out->agent = xstrdup(agent->name);
	out->model = xstrdup(agent->model ? agent->model : provider->name);
	out->temperature = agent->temperature;
	out->top_p = agent->top_p;
	out->max_tokens = agent->max_tokens;
	out->effort = xstrdup(agent->effort);
	out->timeout_ms = agent->timeout * 1000;
	out->idle_ms = agent->idle_timeout * 1000;
	out->limits.requests_per_minute = provider->requests_per_minute;
	out->limits.requests_per_hour = provider->requests_per_hour;
	out->limits.tokens_per_minute = provider->tokens_per_minute;
}

/* Answers from a recording need no key and no provider that is there. */
static void replace_by_replay(struct model *model, const char *folder)
{
	struct endpoint *endpoint = &model->endpoint;

	free(endpoint->driver);
	free(endpoint->folder);
	endpoint->driver = xstrdup("replay");
	endpoint->folder = xstrdup(folder);
}

/* Variables in what it uses have to be set. */
static struct error *require_row(const struct config *config, const char *list,
				 const char *name)
{
	CLEANUP(free_str) char *row = xasprintf("%s.%s", list, name);

	return config_require(config, row);
}

static struct error *open_one(struct model *out, struct project *project,
			      const struct agent *agent)
{
	const char *name = agent->provider ? agent->provider : "";
	const struct provider *provider =
		config_provider(&project->config, name);

	if (!provider)
		return error_hint(error_new(ERROR_INVALID,
					    "agent '%s' has no provider to ask",
					    agent->name),
				  "give it one: provider: <name of a row of "
				  "providers>");
	TRY(require_row(&project->config, "agents", agent->name));
	if (!project->options.replay)
		TRY(require_row(&project->config, "providers", name));
	fill_parameters(out, agent, provider);
	if (project->options.replay) {
		out->endpoint.provider = xstrdup(provider->name);
		replace_by_replay(out, project->options.replay);
		return NULL;
	}
	return fill_endpoint(&out->endpoint, project, provider);
}

/* To those who scan now, and to the gates that come later. */
static void tell_key(struct project *project, struct secrets *secrets,
		     const char *key)
{
	if (!key)
		return;
	if (secrets)
		secrets_know(secrets, key);
	if (!strings_has(&project->keys, key))
		strings_add(&project->keys, key);
}

struct error *model_open(struct model **out, struct project *project,
			 const struct agent *agent, struct secrets *secrets)
{
	CLEANUP(model_free) struct model *first = xcalloc(1, sizeof *first);
	struct model *last = first;

	TRY(trust_require(project));
	TRY(open_one(first, project, agent));
	FOR_EACH (char *, name, &agent->fallback) {
		const struct agent *other =
			config_agent(&project->config, *name);

		if (!other)
			continue; /* a finding of the configuration */
		last->fallback = xcalloc(1, sizeof *last);
		last = last->fallback;
		TRY(open_one(last, project, other));
	}
	for (const struct model *it = first; it; it = it->fallback)
		tell_key(project, secrets, it->endpoint.key);
	*out = first;
	first = NULL;
	return NULL;
}
