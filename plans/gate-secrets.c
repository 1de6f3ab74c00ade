/*
 * The gate on secrets in what was written.
 *
 * What stood in the file before is not the phase's: a secret that the old
 * content has as well is passed over, wherever it stands now.  Comparing lines
 * instead would blame a phase for indenting one.
 */
#include "plans/cli-profile.h"
#include "plans/gate.h"

#include <stdlib.h>
#include <string.h>

int names_secret(const char *name)
{
	static const char *const parts[] = { "KEY", "TOKEN", "SECRET", "PASS" };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcasestr(name, parts[i]))
			return 1;
	return 0;
}

static void know_variable(struct secrets *secrets, const char *name)
{
	if (names_secret(name))
		secrets_know(secrets, getenv(name));
}

/* The variables in a value, "A, B", where they sound like secrets. */
static void know_variables(struct secrets *secrets, const char *names)
{
	while (*names) {
		size_t len = strcspn(names, ", ");
		CLEANUP(free_str) char *name = xstrndup(names, len);

		know_variable(secrets, name);
		names += len + strspn(names + len, ", ");
	}
}

/* What is not written out: "Bearer ${NAME}" is as secret as NAME alone. */
static void know_headers(struct secrets *secrets, const struct config *config,
			 const struct provider *provider)
{
	FOR_EACH (struct header, it, &provider->headers) {
		CLEANUP(free_str)
		char *key = xasprintf("providers.%s.headers.%s.value",
				      provider->name, it->name);
		const char *names = map_get(&config->expanded, key);
		const char *blank = strrchr(it->value, ' ');

		if (!names)
			continue;
		know_variables(secrets, names);
		secrets_know(secrets, it->value);
		if (blank)
			secrets_know(secrets, blank + 1);
	}
}

/* In https://name:password@host, or https://token@host. */
static void know_password(struct secrets *secrets, const char *url)
{
	const char *from = strstr(url, "://");
	const char *at, *colon;

	if (!from)
		return;
	from += 3;
	at = memrchr(from, '@', strcspn(from, "/?#"));
	if (!at)
		return;
	colon = memchr(from, ':', (size_t)(at - from));
	if (colon)
		from = colon + 1;
	CLEANUP(free_str) char *password = xstrndup(from, (size_t)(at - from));
	secrets_know(secrets, password);
}

static void know_provider(struct secrets *secrets, const struct config *config,
			  const struct provider *provider)
{
	CLEANUP(free_str)
	char *key = xasprintf("providers.%s.base_url", provider->name);
	const char *names = map_get(&config->expanded, key);

	if (provider->key_env)
		secrets_know(secrets, getenv(provider->key_env));
	know_headers(secrets, config, provider);
	if (names)
		know_variables(secrets, names);
	if (provider->base_url)
		know_password(secrets, provider->base_url);
}

/* What a coding agent is handed. */
static void know_agent(struct secrets *secrets, const struct agent *agent)
{
	const struct cli_profile *profile = NULL;

	FOR_EACH (char *, name, &agent->env)
		know_variable(secrets, *name);
	if (!agent->worker || strcmp(agent->worker, "cli") != 0)
		return;
	error_free(cli_profile_find(&profile, agent->profile));
	for (const char *const *it = profile ? profile->env : NULL; it && *it;
	     it++)
		know_variable(secrets, *it);
}

/* Keys that are at hand: nothing runs and nobody is asked for one. */
static void know_keys(struct secrets *secrets, const struct project *project)
{
	const struct config *config = &project->config;

	FOR_EACH (struct provider, provider, &config->providers)
		know_provider(secrets, config, provider);
	FOR_EACH (struct agent, agent, &config->agents)
		know_agent(secrets, agent);
	FOR_EACH (char *, key, &project->keys)
		secrets_know(secrets, *key);
}

struct error *gate_rules(struct secrets **out, const struct project *project)
{
	const struct config *config = &project->config;
	struct secret_allows allows = { NULL, 0, 0 };
	struct error *err;

	/* Borrowed from the configuration; compiled by the scan. */
	FOR_EACH (struct allowed, allowed, &config->allowed) {
		struct secret_allow *row = PUSH(&allows);

		row->path = allowed->path;
		row->pattern = allowed->pattern;
		row->reason = allowed->reason;
	}
	err = secrets_load(out, &allows);
	free(allows.items);
	TRY(err);
	know_keys(*out, project);
	return NULL;
}

static void report(struct findings *findings, const struct change *change,
		   const struct secret *secret)
{
	struct finding *finding =
		finding_add(findings, "secret", NULL,
			    "'%s' has what looks like %s in line %u",
			    change->path, secret->title, secret->line);

	finding->path = xstrdup(change->path);
	finding->line = secret->line;
	finding->column = secret->column;
	/* That one cannot be allowed. */
	if (!strcmp(secret->rule, "known")) {
		finding_hint(finding, "take it out, and read the key from the "
				      "environment where it is needed");
		return;
	}
	finding_hint(finding, "take it out; if it is none, a person can name "
			      "the file and the reason in secrets.allow in "
			      ".orch/config.yaml");
}

/* A file's name is written by whoever makes the file. */
static struct error *judge_name(const struct change *change,
				const struct secrets *secrets,
				struct findings *findings)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	const char *path = change->path;

	if (change->old_mode != MODE_NONE)
		return NULL;
	TRY(secrets_scan(&hits, secrets, path, path, strlen(path)));
	if (!hits.len)
		return NULL;
	struct finding *finding =
		finding_add(findings, "secret", NULL,
			    "the name '%s' has what looks like %s", path,
			    hits.items[0].title);
	finding->path = xstrdup(path);
	finding_hint(finding, "give the file another name");
	/* Other gates have found something about the same path, and say it. */
	return findings_redact(findings, secrets);
}

struct error *gate_names(const struct candidate *candidate,
			 struct findings *findings)
{
	CLEANUP(secrets_free) struct secrets *secrets = NULL;

	TRY(gate_rules(&secrets, candidate->project));
	FOR_EACH (struct change, change, &candidate->changes)
		TRY(judge_name(change, secrets, findings));
	return NULL;
}

static struct error *judge(const struct candidate *candidate,
			   const struct change *change,
			   const struct secrets *secrets,
			   struct findings *findings)
{
	struct repo *repo = candidate->project->repo;
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf before = BUF_INIT;

	TRY(blob_read(&text, repo, &change->new_oid, SIZE_MAX));
	TRY(error_wrap(
		secrets_scan(&hits, secrets, change->path, text.data, text.len),
		"'%s'", change->path));
	if (hits.len && !oid_is_zero(&change->old_oid) &&
	    change->old_mode != MODE_GITLINK)
		TRY(blob_read(&before, repo, &change->old_oid, SIZE_MAX));
	FOR_EACH (struct secret, hit, &hits)
		if (!memmem(before.data, before.len, text.data + hit->start,
			    hit->end - hit->start))
			report(findings, change, hit);
	return NULL;
}

struct error *gate_secrets(const struct candidate *candidate,
			   struct findings *findings)
{
	const struct config *config = &candidate->project->config;
	CLEANUP(secrets_free) struct secrets *secrets = NULL;

	FOR_EACH (struct change, change, &candidate->changes) {
		size_t size = 0;

		if (change->kind == CHANGE_DELETE ||
		    change->new_mode == MODE_GITLINK)
			continue;
		if (!secrets)
			TRY(gate_rules(&secrets, candidate->project));
		TRY(judge_name(change, secrets, findings));
		TRY(blob_size(&size, candidate->project->repo,
			      &change->new_oid));
		/* gate_size() refuses it: it is not read. */
		if ((int64_t)size > config->policy.max_file_bytes)
			continue;
		TRY(judge(candidate, change, secrets, findings));
	}
	return NULL;
}
