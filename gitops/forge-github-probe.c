/*
 * What commonly goes wrong with a repository on GitHub, asked without changing
 * anything.  A refusal is a finding; only what lies on the way to the server
 * is an error.
 */
#include "gitops/forge-github-admin.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FEW 500 /* requests: a run of some phases */

/* *good is 0 after a finding that leaves nothing more to look at. */
static struct error *ask_repository(struct forge_reply *reply, int *good,
				    struct forge_findings *out,
				    struct forge_client *client)
{
	CLEANUP(free_str) char *path = github_path(client, "%s", "");
	struct ask ask = { .method = "GET", .path = path };
	struct error *err = github_ask(reply, client, &ask);

	*good = !err && reply_good(reply);
	if (err)
		return github_as_finding(out, "repository", err, reply->status);
	if (reply->status == 404) {
		forge_found(out, "repository", 2,
			    "there is no '%s/%s', or the token may not see it",
			    client->site->owner, client->site->name)
			->fix = xstrdup("git orch init --forge github "
					"--create, or a token that may");
		return NULL;
	}
	return github_as_finding(out, "repository", reply_error(reply),
				 reply->status);
}

static int is_on(const struct value *repository, const char *key)
{
	return value_bool(value_get(repository, key), 0);
}

static void judge_state(struct forge_findings *out, const struct value *root,
			const struct forge_client *client)
{
	if (is_on(root, "archived"))
		forge_found(out, "repository", 2, "'%s/%s' is archived",
			    client->site->owner, client->site->name)
			->fix = xstrdup("Settings, General: unarchive it");
	else
		forge_found(out, "repository", 0, "'%s/%s', %s",
			    client->site->owner, client->site->name,
			    is_on(root, "private") ? "private" : "public");
}

static void judge_base(struct forge_findings *out, const struct value *root,
		       const struct forge_use *use)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT;
	const char *is = value_text(value_get(root, "default_branch"), "");

	add_line(&name, is, 255);
	if (!use->base || !strcmp(use->base, is))
		forge_found(out, "default-branch", 0, "'%s'", name.data);
	else
		forge_found(out, "default-branch", 1,
			    "it is '%s', and the base is '%s'", name.data,
			    use->base)
			->fix = xasprintf("Settings, General: make '%s' the "
					  "default, or git config orch.base",
					  use->base);
}

/*
 * A proposal whose base vanishes is closed, or moved to a base that it was not
 * replayed onto: `restack` moves it before the branch goes.
 */
static void judge_deletion(struct forge_findings *out, const struct value *root,
			   const struct forge_use *use)
{
	if (!is_on(root, "delete_branch_on_merge"))
		return;
	forge_found(out, "merged-branches", use->stacking ? 2 : 1,
		    "a merged branch is deleted at once, under what is stacked "
		    "on it")
		->fix = xstrdup("Settings, General: switch off "
				"\"Automatically delete head branches\"");
}

/* What is not told, to those who may not push, is not judged. */
static void judge_method(struct forge_findings *out, const struct value *root,
			 const struct forge_use *use)
{
	static const char *const keys[][2] = {
		{ "squash", "allow_squash_merge" },
		{ "merge", "allow_merge_commit" },
		{ "rebase", "allow_rebase_merge" },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct value *is = value_get(root, keys[i][1]);

		if (!is || !use->method || strcmp(use->method, keys[i][0]))
			continue;
		if (value_bool(is, 0))
			forge_found(out, "merge-method", 0, "%s is allowed",
				    use->method);
		else
			forge_found(out, "merge-method", 2,
				    "delivery.method is %s, which the "
				    "repository does not allow",
				    use->method)
				->fix =
				xasprintf("Settings, General: allow it, or set "
					  "another delivery.method");
	}
}

/* The plan of a user is told to the user, that of others to their owners. */
static struct error *plan_of(char **out, const struct token_facts *facts,
			     struct forge_client *client,
			     const struct value *root)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(buf_release) struct buf path = BUF_INIT;
	const char *owner = client->site->owner;
	const char *type = value_text(value_path(root, "owner.type"), "");
	struct ask ask = { .method = "GET" };

	if (facts->login && !strcasecmp(facts->login, owner))
		*out = xstrdup(facts->plan);
	if (*out || strcmp(type, "Organization"))
		return NULL;
	buf_str(&path, "/orgs/");
	github_escape(&path, owner);
	ask.path = path.data;
	TRY(github_ask(&reply, client, &ask));
	*out = xstrdup(
		value_text(value_path(reply.tree.root, "plan.name"), NULL));
	return NULL;
}

/* https://docs.github.com/en/get-started/learning-about-github/githubs-plans */
static struct error *judge_drafts(struct forge_findings *out,
				  const struct token_facts *facts,
				  struct forge_client *client,
				  const struct value *root)
{
	CLEANUP(free_str) char *plan = NULL;

	if (!is_on(root, "private"))
		return NULL;
	TRY(plan_of(&plan, facts, client, root));
	if (!plan)
		forge_found(out, "drafts", 0,
			    "a private repository has them on paid plans "
			    "only; without, proposals are opened as ready");
	else if (!strcasecmp(plan, "free"))
		forge_found(out, "drafts", 1,
			    "a private repository has none on the plan 'free': "
			    "proposals that wait are opened as ready, and "
			    "branches cannot be protected")
			->fix = xstrdup("make it public, or change the plan");
	else
		forge_found(out, "drafts", 0, "the plan has them");
	return NULL;
}

/* "a/b" is in the way of "a/b/…", and so is "a". */
static struct error *judge_prefix(struct forge_findings *out,
				  struct forge_client *client,
				  const char *prefix)
{
	for (const char *end = prefix; end; end = strchr(end + 1, '/')) {
		const char *next = strchr(end + 1, '/');
		CLEANUP(free_str)
		char *name = xstrndup(prefix, next ? (size_t)(next - prefix)
						   : strlen(prefix));
		CLEANUP(forge_reply_release)
		struct forge_reply reply = FORGE_REPLY_INIT;
		CLEANUP(free_str)
		char *path = github_ref_path(client, "heads", name);
		struct ask ask = { .method = "GET", .path = path };

		TRY(github_ask(&reply, client, &ask));
		if (!reply_good(&reply))
			continue;
		forge_found(out, "prefix", 2,
			    "the branch '%s' is in the way of '%s/...'", name,
			    prefix)
			->fix = xasprintf("rename it, or set "
					  "delivery.branch_prefix");
		return NULL;
	}
	forge_found(out, "prefix", 0, "no branch is in the way of '%s/...'",
		    prefix);
	return NULL;
}

static void judge_limit(struct forge_findings *out,
			const struct token_facts *facts)
{
	struct forge_finding *finding;
	int few = facts->left < FEW && facts->left * 10 < facts->limit;

	if (facts->left < 0 || facts->limit < 0)
		return;
	finding = forge_found(out, "rate-limit", few,
			      "%lld of %lld requests are left this hour",
			      (long long)facts->left, (long long)facts->limit);
	if (few)
		finding->fix = xstrdup("wait, or use another token");
}

struct error *github_probe(struct forge_findings *out,
			   struct forge_client *client,
			   const struct forge_use *use)
{
	CLEANUP(token_facts_release)
	struct token_facts facts = { .left = -1, .limit = -1 };
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	const struct value *root;
	int good;

	TRY(github_probe_token(&facts, out, client));
	if (facts.refused)
		return NULL;
	TRY(ask_repository(&reply, &good, out, client));
	if (!good)
		return NULL;
	root = reply.tree.root;
	judge_state(out, root, client);
	TRY(github_probe_rights(&facts, out, client, root));
	judge_base(out, root, use);
	judge_method(out, root, use);
	judge_deletion(out, root, use);
	TRY(judge_drafts(out, &facts, client, root));
	if (use->prefix)
		TRY(judge_prefix(out, client, use->prefix));
	judge_limit(out, &facts);
	return NULL;
}
