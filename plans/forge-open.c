/*
 * Opening the forge.  What is decided here is where a token goes, so each part
 * of the address is asked who said it.
 */
#include "plans/forge-open.h"

#include "gitops/git.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const token_names[] = { "ORCH_GITHUB_TOKEN", "GH_TOKEN",
					   "GITHUB_TOKEN" };

void forge_session_close(struct forge_session *session)
{
	if (session->forge)
		session->forge->close(&session->client);
	forge_site_release(&session->site);
	*session = (struct forge_session)FORGE_SESSION_INIT;
}

/* With its port; of "https://host:8443/api/v3". */
static char *host_of(const char *api)
{
	const char *host = strstr(api, "://");

	host = host ? host + 3 : api;
	return xstrndup(host, strcspn(host, "/"));
}

static int ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcasecmp(text + len - end_len, end);
}

static int is_githubs(const char *host)
{
	return !strcasecmp(host, "api.github.com") ||
	       ends_with(host, ".ghe.com");
}

/* The host that passwords are kept for: "github.com" for "api.github.com". */
static const char *login_host(const char *host)
{
	return is_githubs(host) && !strncasecmp(host, "api.", 4) ? host + 4
								 : host;
}

/* Who runs a workflow, or `gh`, has named it in the environment. */
static int is_named(const char *api, const char *host)
{
	const char *url = getenv("GITHUB_API_URL");
	const char *name = getenv("GH_HOST");

	return is_githubs(host) || (url && !strcasecmp(url, api)) ||
	       (name && !strcasecmp(name, host));
}

static struct error *check_origin(const struct project *project)
{
	const char *origin = config_origin(&project->config, "delivery.api");

	if (!origin || (!ends_with(origin, " (local)") &&
			!ends_with(origin, " (worktree)")))
		return NULL;
	return error_hint(error_new(ERROR_REFUSED,
				    "%s may not choose where a token goes",
				    origin),
			  "set it with git config --global, in your own "
			  "config.yaml or as ORCH_DELIVERY_API");
}

/* Takes the configured address, without '/' at its end. */
static struct error *set_api(struct forge_site *site,
			     const struct project *project)
{
	const char *api = project->config.delivery.api;
	size_t len = api ? strlen(api) : 0;

	if (!api)
		return NULL;
	TRY(check_origin(project));
	while (len && api[len - 1] == '/')
		len--;
	free(site->api);
	site->api = xstrndup(api, len);
	return NULL;
}

static const char *token_variable(void)
{
	for (size_t i = 0; i < sizeof token_names / sizeof *token_names; i++) {
		const char *token = getenv(token_names[i]);

		if (token && *token)
			return token_names[i];
	}
	return NULL;
}

/* A token becomes part of a header. */
static int is_token(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
			return 0;
	return 1;
}

static struct error *set_token(struct forge_site *site, const char *origin,
			       const char *token, size_t len)
{
	CLEANUP(free_str) char *text = xstrndup(token, len);

	if (!is_token(text))
		return error_hint(error_new(ERROR_INVALID,
					    "the token in %s is none: it has "
					    "blanks or control characters",
					    origin),
				  "set it again, without a line's end");
	site->token = text;
	text = NULL;
	site->token_origin = xstrdup(origin);
	return NULL;
}

/* Asks the user's helpers, none of the clone's, and nobody at a terminal. */
static struct error *ask_git(struct buf *out, const struct project *project,
			     const char *api, const char *host)
{
	CLEANUP(proc_result_release) struct proc_result result;
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(free_str)
	char *input = xasprintf("protocol=%.*s\nhost=%s\n\n",
				(int)strcspn(api, ":"), api, login_host(host));

	strings_addv(&call.args, "credential", "fill", NULL);
	strings_addv(&call.env, "GIT_ASKPASS=", "SSH_ASKPASS=", NULL);
	call.input = input;
	call.input_len = strlen(input);
	proc_result_init(&result);
	TRY(git_call(&result, project->repo, &call));
	if (result.end == PROC_EXITED && !result.exit)
		buf_add(out, result.out.data, result.out.len);
	return NULL;
}

static struct error *token_from_git(struct forge_site *site,
				    const struct project *project,
				    const char *host)
{
	CLEANUP(buf_release) struct buf answer = BUF_INIT;
	const char *line;

	TRY(ask_git(&answer, project, site->api, host));
	line = strstr(answer.data, "\npassword=");
	if (!line)
		return NULL;
	line += strlen("\npassword=");
	return set_token(site, "git credential", line, strcspn(line, "\n"));
}

static struct error *not_sent(const char *variable, const char *host)
{
	return error_hint(error_new(ERROR_REFUSED,
				    "the token in %s is not sent to '%s', "
				    "which only the remote's address names",
				    variable, host),
			  "if that is your forge: export GH_HOST=%s", host);
}

static struct error *find_token(struct forge_site *site,
				const struct project *project)
{
	CLEANUP(free_str) char *host = host_of(site->api);
	const char *variable = token_variable();
	const char *token = variable ? getenv(variable) : NULL;
	int named = project->config.delivery.api || is_named(site->api, host);

	if (token && named)
		return set_token(site, variable, token, strlen(token));
	TRY(token_from_git(site, project, host));
	return variable && !site->token ? not_sent(variable, host) : NULL;
}

/* No phase may write it down. */
static void know_token(struct project *project, const char *token)
{
	if (token && !strings_has(&project->keys, token))
		strings_add(&project->keys, token);
}

struct error *forge_open_at(struct forge_session *out, struct project *project,
			    struct loop *loop, const char *forge,
			    const char *url)
{
	CLEANUP(forge_session_close)
	struct forge_session session = FORGE_SESSION_INIT;
	const struct forge *row;
	struct error *err;

	TRY(forge_find(&row, forge));
	TRY(trust_require(project));
	TRY(forge_site_from_url(&session.site, url));
	TRY(set_api(&session.site, project));
	session.site.gap_ms = project->config.delivery.mutation_gap * 1000;
	TRY(find_token(&session.site, project));
	know_token(project, session.site.token);
	*out = (struct forge_session){ .site = session.site };
	session.site = (struct forge_site){ 0 };
	err = row->open(&out->client, loop, &out->site, project->log);
	if (err)
		forge_session_close(out);
	else
		out->forge = row;
	return err;
}

/* As git itself reads it, with url.<base>.insteadOf. */
static struct error *remote_url(struct buf *out, const struct project *project)
{
	const char *remote = project->base.remote;

	if (!remote)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no remote, so no forge"),
				  "git remote add origin <url>, or name one "
				  "with --remote");
	return error_wrap(git_run(out, project->repo, NULL, "remote", "get-url",
				  "--", remote, NULL),
			  "remote '%s'", remote);
}

struct error *forge_open(struct forge_session *out, struct project *project,
			 struct loop *loop)
{
	const char *forge = project->config.delivery.forge;
	CLEANUP(buf_release) struct buf url = BUF_INIT;

	if (!strcmp(forge, "local")) {
		*out = (struct forge_session)FORGE_SESSION_INIT;
		return NULL;
	}
	TRY(remote_url(&url, project));
	return forge_open_at(out, project, loop, forge, url.data);
}

struct error *forge_desk_open(struct forge_desk *out, struct project *project)
{
	*out = (struct forge_desk)FORGE_DESK_INIT;
	out->loop = loop_new();
	loop_every(out->loop, project->tick);
	return forge_open(&out->session, project, out->loop);
}

void forge_desk_close(struct forge_desk *desk)
{
	forge_session_close(&desk->session);
	loop_release(&desk->loop);
}
