/*
 * Who a token is and what it may do, as far as asking tells without changing
 * anything.  A classic token has its scopes in a header of each answer; of a
 * fine-grained one, and of an App's, nothing but the effect is told.
 * https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
 */
#include "gitops/forge-github-admin.h"

#include <stdlib.h>
#include <string.h>

void token_facts_release(struct token_facts *facts)
{
	free_str(&facts->login);
	free_str(&facts->plan);
	free_str(&facts->scopes);
}

struct error *github_as_finding(struct forge_findings *out, const char *name,
				struct error *err, int status)
{
	struct forge_finding *finding;

	if (!err || err->code == ERROR_AGAIN || status < 300 || status >= 500)
		return err;
	finding = forge_found(out, name, 2, "%s", err->message);
	finding->fix = xstrdup(err->hint);
	error_free(err);
	return NULL;
}

/* One word of a server's, fit to be shown. */
static char *word_of(const struct value *value)
{
	struct buf out = BUF_INIT;
	const char *text = value_text(value, NULL);

	if (!text)
		return NULL;
	add_line(&out, text, 100);
	return buf_steal(&out);
}

/* Other kinds may have the header as well, empty, and it says nothing then. */
static int is_classic(const char *token)
{
	static const char *const others[] = { "github_pat_", "ghu_", "ghs_" };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strncmp(token, others[i], strlen(others[i])))
			return 0;
	return 1;
}

static int has_scope(const char *scopes, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = scopes; *at; at += strcspn(at, ", ")) {
		at += strspn(at, ", ");
		if (!strncmp(at, name, len) && strchr(", ", at[len]))
			return 1;
	}
	return 0;
}

/*
 * Apps have no user, and only GraphQL names them.  The one that a workflow
 * gets is of "github-actions"; a server without that API leaves a guess.
 */
static struct error *name_app(struct token_facts *facts,
			      struct forge_client *client)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	const char *actions = getenv("GITHUB_ACTIONS");
	const char *origin = client->site->token_origin;

	facts->app = 1;
	TRY(github_graphql(&reply, client, "query{viewer{login}}", NULL));
	if (!reply.error)
		facts->login = word_of(
			value_path(reply.tree.root, "data.viewer.login"));
	facts->workflow =
		facts->login ? !strncmp(facts->login, "github-actions",
					strlen("github-actions"))
			     : actions && !strcmp(actions, "true") && origin &&
				       !strcmp(origin, "GITHUB_TOKEN");
	return NULL;
}

static void say_who(const struct token_facts *facts, struct forge_findings *out,
		    const struct forge_client *client)
{
	forge_found(out, "token", 0, "%s%s, from %s",
		    facts->app ? "the App " : "",
		    facts->login ? facts->login : "somebody",
		    client->site->token_origin ? client->site->token_origin
					       : "the caller");
}

static struct error *ask_who(struct token_facts *facts,
			     struct forge_findings *out,
			     struct forge_client *client)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	struct ask ask = { .method = "GET", .path = "/user" };
	struct error *err = github_ask(&reply, client, &ask);

	facts->left = reply.left;
	facts->limit = reply.limit;
	if (err) {
		facts->refused = 1;
		return github_as_finding(out, "token", err, reply.status);
	}
	if (reply_good(&reply)) {
		if (is_classic(client->site->token))
			facts->scopes = xstrdup(reply.scopes);
		facts->login = word_of(value_get(reply.tree.root, "login"));
		facts->plan = word_of(value_path(reply.tree.root, "plan.name"));
	} else if (reply.status == 403) {
		TRY(name_app(facts, client));
	} else {
		facts->refused = 1;
		return github_as_finding(out, "token", reply_error(&reply),
					 reply.status);
	}
	say_who(facts, out, client);
	return NULL;
}

struct error *github_probe_token(struct token_facts *facts,
				 struct forge_findings *out,
				 struct forge_client *client)
{
	if (client->site->token)
		return ask_who(facts, out, client);
	facts->refused = 1;
	forge_found(out, "token", 2, "there is none")->fix =
		xstrdup("set GH_TOKEN, or let git credential know one");
	return NULL;
}

static void judge_scopes(const struct token_facts *facts,
			 struct forge_findings *out, int private_)
{
	int may = has_scope(facts->scopes, "repo") ||
		  (!private_ && has_scope(facts->scopes, "public_repo"));

	if (may)
		forge_found(out, "pull-requests", 0,
			    "the token has the scope for them");
	else
		forge_found(out, "pull-requests", 2,
			    "the token has the scopes '%s', and without 'repo' "
			    "it opens none",
			    facts->scopes)
			->fix = xstrdup("gh auth refresh -s repo, or make a "
					"token with that scope");
	if (has_scope(facts->scopes, "workflow"))
		forge_found(out, "workflows", 0,
			    "the token may push workflow files");
	else
		forge_found(out, "workflows", 1,
			    "without the scope 'workflow' no file below "
			    ".github/workflows can be pushed with the token")
			->fix = xstrdup("gh auth refresh -s workflow, or make "
					"a token with that scope");
}

/* Reading them is asked for; whether it may also write is told by nobody. */
static struct error *try_pulls(struct forge_findings *out,
			       struct forge_client *client)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str) char *path = github_path(client, "/pulls?per_page=1");
	struct ask ask = { .method = "GET", .path = path };

	TRY(github_ask(&reply, client, &ask));
	if (!reply_good(&reply)) {
		forge_found(out, "pull-requests", 2,
			    "the token may not read them: %s", reply.words)
			->fix = xstrdup("give it the permission \"Pull "
					"requests: read and write\"");
		return NULL;
	}
	forge_found(out, "pull-requests", 0,
		    "the token may read them; whether it may open one shows "
		    "when it does");
	return NULL;
}

/* The setting is told to administrators alone. */
static struct error *try_setting(struct forge_findings *out,
				 struct forge_client *client)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str)
	char *path = github_path(client, "/actions/permissions/workflow");
	const char *fix = "Settings, Actions, General: switch on \"Allow "
			  "GitHub Actions to create and approve pull "
			  "requests\"";
	struct ask ask = { .method = "GET", .path = path };
	const struct value *may;

	TRY(github_ask(&reply, client, &ask));
	may = value_get(reply.tree.root, "can_approve_pull_request_reviews");
	if (value_bool(may, 0))
		forge_found(out, "pull-requests", 0,
			    "workflows may open pull requests here");
	else if (may)
		forge_found(out, "pull-requests", 2,
			    "workflows may not open pull requests here")
			->fix = xstrdup(fix);
	else
		forge_found(out, "pull-requests", 1,
			    "a workflow's token may open one only where the "
			    "settings allow it, and it may not see them")
			->fix = xstrdup(fix);
	return NULL;
}

static struct error *judge_workflow(struct forge_findings *out,
				    struct forge_client *client)
{
	TRY(try_setting(out, client));
	forge_found(out, "ci", 1,
		    "pull requests opened with a workflow's own token start no "
		    "workflows: their checks never run")
		->fix = xstrdup("give the job ORCH_GITHUB_TOKEN: a personal "
				"token, or one of an App");
	forge_found(out, "workflows", 1,
		    "a workflow's own token cannot push files below "
		    ".github/workflows")
		->fix = xstrdup("the same token mends it");
	return NULL;
}

/* What the user's role allows, which no token goes beyond. */
static void judge_role(struct forge_findings *out, const struct value *rights)
{
	const struct value *push = value_get(rights, "push");

	if (push && !value_bool(push, 0))
		forge_found(out, "push", 2, "the token may not push here")
			->fix = xstrdup("ask for the role \"Write\", or give "
					"the token \"Contents: read and "
					"write\"");
	else if (push)
		forge_found(out, "push", 0,
			    value_bool(value_get(rights, "admin"), 0)
				    ? "the token may push, and administer"
				    : "the token may push; protecting branches "
				      "takes an administrator");
}

struct error *github_probe_rights(const struct token_facts *facts,
				  struct forge_findings *out,
				  struct forge_client *client,
				  const struct value *repository)
{
	judge_role(out, value_get(repository, "permissions"));
	if (facts->workflow)
		return judge_workflow(out, client);
	if (!facts->scopes)
		return try_pulls(out, client);
	judge_scopes(facts, out,
		     value_bool(value_get(repository, "private"), 0));
	return NULL;
}
