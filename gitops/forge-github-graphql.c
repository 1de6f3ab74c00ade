/*
 * GitHub's other API: one address, and answers whose status is 200 when they
 * refuse.  It is asked only for what REST does not have: which threads are
 * resolved, and resolving them.  https://docs.github.com/en/graphql
 */
#include "gitops/forge-github-step.h"

#include <string.h>

/* The first error's type: the others follow from it, mostly. */
static const char *type_of(const struct value *root)
{
	const struct value *errors = value_get(root, "errors");

	return value_text(value_get(errors ? errors->child : NULL, "type"), "");
}

static int is_refusal(const struct forge_reply *reply)
{
	const struct value *errors = value_get(reply->tree.root, "errors");

	return reply_good(reply) && errors && errors->kind != VALUE_NULL;
}

static enum error_code code_of(const char *type)
{
	return !strcmp(type, "RATE_LIMITED") ? ERROR_AGAIN
	       : !strcmp(type, "NOT_FOUND")  ? ERROR_NOT_FOUND
					     : ERROR_FAILURE;
}

static void refuse(struct forge_reply *reply, const struct forge_client *client)
{
	const char *words;

	reply->words = github_words(client, reply->tree.root);
	words = reply->words + strspn(reply->words, "; ");
	reply->error = error_new(code_of(type_of(reply->tree.root)),
				 "'%s' answered: %s", client->host,
				 *words ? words : "errors without a message");
}

struct error *github_graphql(struct forge_reply *out,
			     struct forge_client *client, const char *query,
			     const struct value *variables)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct ask ask = { .method = "POST", .path = GRAPHQL };

	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "query", query);
	if (variables)
		value_add_copy(&tree, tree.root, "variables", variables);
	TRY(github_ask(out, client, &ask));
	if (is_refusal(out) && client->closed_ms &&
	    code_of(type_of(out->tree.root)) == ERROR_AGAIN) {
		/* A used-up limit is waited for by the next request. */
		forge_reply_release(out);
		*out = (struct forge_reply)FORGE_REPLY_INIT;
		TRY(github_ask(out, client, &ask));
	}
	if (is_refusal(out))
		refuse(out, client);
	return NULL;
}
