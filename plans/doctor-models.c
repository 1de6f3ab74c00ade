/*
 * What the doctor finds about models: libcurl, variables that are not set,
 * keys, servers, programs, prices.  What an agent needs and does not have is
 * wrong; what nobody uses is said as a warning.
 */
#include "plans/doctor-look.h"

#include "core/clock.h"
#include "plans/agents.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_MS 10000

/* Does an agent, or a fallback of one, ask this provider? */
static int is_used(const struct config *config, const struct provider *provider)
{
	FOR_EACH (const struct agent, agent, &config->agents)
		if (agent->provider && !strcmp(agent->provider, provider->name))
			return 1;
	return 0;
}

static enum diagnosis_level severity(const struct config *config,
				     const struct provider *provider)
{
	return is_used(config, provider) ? DIAGNOSIS_BAD : DIAGNOSIS_WARNING;
}

static int asks_http(const struct config *config)
{
	FOR_EACH (const struct provider, it, &config->providers)
		if (provider_url(it))
			return 1;
	return 0;
}

static void look_at_curl(struct patient *patient, struct http **http,
			 struct loop *loop)
{
	struct error *err = http_new(http, loop, NULL);

	if (!err)
		found(patient, "libcurl", DIAGNOSIS_OK, "it is there");
	else
		found_error(patient, "libcurl", err);
}

static void look_at_variables(struct patient *patient)
{
	const struct config *config = &patient->project.config;
	CLEANUP(strings_release) struct strings keys = STRINGS_INIT;

	map_keys(&keys, &config->unset);
	FOR_EACH (char *, key, &keys) {
		const char *name = map_get(&config->unset, *key);

		found(patient, "variable", DIAGNOSIS_WARNING,
		      "%s needs %s, which is not set", *key, name)
			->fix = xasprintf("export %s, or write ${%s:-default}",
					  name, name);
	}
}

static void missing_key(struct patient *patient,
			const struct provider *provider)
{
	const struct config *config = &patient->project.config;
	const char *name = provider->key_env;

	found(patient, "provider", severity(config, provider),
	      "'%s' has no key%s%s%s", provider->name, name ? ": " : "",
	      name ? name : "", name ? " is not set" : "")
		->fix = xasprintf("%s%s, or give it a key_command, or let git "
				  "credential know it",
				  name ? "set " : "give it a key_env",
				  name ? name : "");
}

static void look_at_key(struct patient *patient,
			const struct provider *provider)
{
	switch (provider_key_state(provider)) {
	case KEY_SET:
		found(patient, "provider", DIAGNOSIS_OK,
		      "'%s' has its key from %s", provider->name,
		      provider->key_env);
		break;
	case KEY_COMMAND:
		found(patient, "provider", DIAGNOSIS_OK,
		      "'%s' has its key from a key_command", provider->name);
		break;
	case KEY_NONE_NEEDED:
		found(patient, "provider", DIAGNOSIS_OK, "'%s' needs no key",
		      provider->name);
		break;
	case KEY_MISSING:
		missing_key(patient, provider);
		break;
	}
}

/* Any answer will do, a refusal too: no key is sent. */
static void probe(struct patient *patient, struct http *http,
		  const struct provider *provider)
{
	const struct config *config = &patient->project.config;
	const char *base = provider_url(provider);
	const char *slash = base[strlen(base) - 1] == '/' ? "" : "/";
	const char *path =
		!strcmp(provider->driver, "anthropic") ? "v1/models" : "models";
	CLEANUP(free_str) char *url = xasprintf("%s%s%s", base, slash, path);
	CLEANUP(http_response_release) struct http_response response = { 0 };
	const struct http_request request = { .url = url,
					      .connect_ms = PROBE_MS,
					      .idle_ms = PROBE_MS,
					      .total_ms = PROBE_MS };
	struct error *err = http_get(&response, http, &request);

	if (err)
		found_error(patient, "endpoint", err);
	else if (response.end == HTTP_OK)
		found(patient, "endpoint", DIAGNOSIS_OK,
		      "'%s' answers (%d, %lld ms)", provider->name,
		      response.status, (long long)response.millis);
	else
		found(patient, "endpoint", severity(config, provider),
		      "'%s' does not answer: %s", provider->name,
		      response.detail)
			->fix = xstrdup("check base_url, the network and "
					"https_proxy");
}

static int is_ready(const struct config *config,
		    const struct provider *provider)
{
	CLEANUP(free_str) char *row = xasprintf("providers.%s", provider->name);
	CLEANUP(error_release) struct error *err = config_require(config, row);

	return !err;
}

static void look_at_providers(struct patient *patient, struct http *http,
			      int trusted)
{
	const struct config *config = &patient->project.config;

	FOR_EACH (const struct provider, it, &config->providers) {
		look_at_key(patient, it);
		if (http && trusted && provider_url(it) && is_ready(config, it))
			probe(patient, http, it);
	}
}

static void look_at_program(struct patient *patient, const struct agent *agent,
			    int trusted)
{
	CLEANUP(free_str) char *program = agent_program(agent);
	CLEANUP(free_str) char *path = program ? program_path(program) : NULL;
	CLEANUP(free_str) char *version = NULL;
	struct error *err;

	if (!path) {
		found(patient, "program", DIAGNOSIS_BAD,
		      "agent '%s' has no program '%s'", agent->name,
		      program ? program : "")
			->fix = xstrdup("install it, or say where it is: "
					"command: of the agent");
		return;
	}
	if (!trusted) {
		found(patient, "program", DIAGNOSIS_OK, "'%s' is %s", program,
		      path);
		return;
	}
	err = program_version(&version, path);
	if (err)
		found_error(patient, "program", err);
	else
		found(patient, "program", DIAGNOSIS_OK, "'%s' is %s, %s",
		      program, path, version);
}

static struct error *look_at_prices(struct patient *patient)
{
	struct project *project = &patient->project;
	CLEANUP(prices_free) struct prices *prices = NULL;
	CLEANUP(strings_release) struct strings seen = STRINGS_INIT;
	struct error *err = project_prices(&prices, project);
	int asked = 0;

	if (err) {
		found_error(patient, "prices", err);
		return NULL;
	}
	FOR_EACH (const struct agent, it, &project->config.agents) {
		if (!it->model || strings_has(&seen, it->model))
			continue;
		asked = 1;
		if (price_row(prices, it->model, clock_now()))
			continue;
		strings_add(&seen, it->model);
		found(patient, "prices", DIAGNOSIS_WARNING,
		      "'%s' has no price: a budget of money refuses it",
		      it->model)
			->fix = xstrdup("give it one in .orch/prices.yaml");
	}
	if (asked && !seen.len)
		found(patient, "prices", DIAGNOSIS_OK,
		      "every model has its price");
	return NULL;
}

struct error *look_at_models(struct patient *patient)
{
	const struct config *config = &patient->project.config;
	struct http *http = NULL;
	struct loop *loop;

	if (!patient->opened)
		return NULL;
	struct error *err = trust_require(&patient->project);
	int trusted = !err;
	error_free(err);
	loop = loop_new();
	if (asks_http(config))
		look_at_curl(patient, &http, loop);
	look_at_variables(patient);
	look_at_providers(patient, patient->online ? http : NULL, trusted);
	FOR_EACH (const struct agent, it, &config->agents)
		if (agent_is_cli(it))
			look_at_program(patient, it, trusted);
	err = look_at_prices(patient);
	http_free(&http);
	loop_free(loop);
	return err;
}
