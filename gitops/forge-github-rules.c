/*
 * What guards a branch, of both kinds that GitHub has: branch protection, and
 * rule sets, which older servers do not know and whose answer holds no matter
 * where a rule comes from.
 */
#include "gitops/forge-github-admin.h"

#include <stdlib.h>
#include <string.h>

static void raise_approvals(struct branch_rules *rules,
			    const struct value *count)
{
	int64_t n = value_int(count, 0);

	if (n > rules->approvals && n < 1000)
		rules->approvals = (int)n;
}

static void read_protection(struct branch_rules *out, const struct value *root)
{
	const struct value *reviews =
		value_get(root, "required_pull_request_reviews");

	out->protected_ = 1;
	github_add_checks(&out->checks,
			  value_get(root, "required_status_checks"));
	if (reviews && reviews->kind == VALUE_OBJECT) {
		out->pulls_only = 1;
		raise_approvals(
			out,
			value_get(reviews, "required_approving_review_count"));
	}
	out->pulls_only |=
		value_bool(value_path(root, "lock_branch.enabled"), 0);
}

/* Of what is told to everybody: that it is protected, and the checks. */
static void read_branch(struct branch_rules *out, const struct value *branch)
{
	out->protected_ = 1;
	github_add_checks(
		&out->checks,
		value_path(branch, "protection.required_status_checks"));
}

static struct error *ask_protection(struct branch_rules *out,
				    struct forge_client *client,
				    const char *branch)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	int seen = 1, guarded = 0;
	struct error *err =
		github_protection(&reply, &seen, &guarded, client, branch);

	/* A branch that is not there yet has the rules of rule sets. */
	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	TRY(err);
	if (guarded && seen)
		read_protection(out, reply.tree.root);
	else if (guarded)
		read_branch(out, reply.tree.root);
	return NULL;
}

/* A merge queue of branch protection is told by GraphQL alone. */
static struct error *ask_queue(struct branch_rules *out,
			       struct forge_client *client, const char *branch)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	const struct value *queue;

	value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "owner", client->site->owner);
	value_add_string(&tree, tree.root, "name", client->site->name);
	value_add_string(&tree, tree.root, "branch", branch);
	TRY(github_graphql(&reply, client,
			   "query($owner:String!,$name:String!,"
			   "$branch:String!){repository(owner:$owner,"
			   "name:$name){mergeQueue(branch:$branch){id}}}",
			   tree.root));
	queue = reply.error ? NULL
			    : value_path(reply.tree.root,
					 "data.repository.mergeQueue");
	if (queue && queue->kind == VALUE_OBJECT)
		out->merge_queue = out->pulls_only = 1;
	return NULL;
}

static void read_checks(struct branch_rules *out, const struct value *rule)
{
	VALUE_EACH(it, value_path(rule, "parameters.required_status_checks"))
	{
		const char *name = value_text(value_get(it, "context"), NULL);

		if (name && !strings_has(&out->checks, name))
			strings_add(&out->checks, name);
	}
}

static struct error *read_rule(struct branch_rules *out,
			       const struct value *rule)
{
	const char *type = "";

	TRY(read_text(&type, rule, "type"));
	out->protected_ = 1;
	if (!strcmp(type, "pull_request")) {
		out->pulls_only = 1;
		raise_approvals(out, value_path(rule,
						"parameters.required_approving_"
						"review_count"));
	} else if (!strcmp(type, "required_status_checks")) {
		read_checks(out, rule);
	} else if (!strcmp(type, "merge_queue")) {
		out->merge_queue = out->pulls_only = 1;
	} else if (!strcmp(type, "update")) {
		out->pulls_only = 1;
	}
	return NULL;
}

/* 404: the server has none.  403: the plan has none. */
static struct error *ask_rules(struct branch_rules *out,
			       struct forge_client *client, const char *branch)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT;
	CLEANUP(free_str) char *at = NULL;

	github_escape(&name, branch);
	at = github_path(client, "/rules/branches/%s?per_page=100", name.data);
	while (at) {
		CLEANUP(forge_reply_release)
		struct forge_reply reply = FORGE_REPLY_INIT;
		struct ask ask = { .method = "GET", .path = at };

		TRY(github_ask(&reply, client, &ask));
		if (reply.status == 404 || reply.status == 403)
			return NULL;
		TRY(reply_error(&reply));
		VALUE_EACH(it, reply.tree.root)
		TRY(read_rule(out, it));
		free(at);
		at = reply.next;
		reply.next = NULL;
	}
	return NULL;
}

static struct error *read_all(struct branch_rules *out,
			      struct forge_client *client, const char *branch)
{
	int by_branch;

	TRY(ask_protection(out, client, branch));
	by_branch = out->protected_;
	TRY(ask_rules(out, client, branch));
	if (by_branch && !out->merge_queue)
		TRY(ask_queue(out, client, branch));
	return NULL;
}

struct error *github_rules(struct branch_rules *out,
			   struct forge_client *client, const char *branch)
{
	CLEANUP(branch_rules_release) struct branch_rules rules = { 0 };

	TRY(error_wrap(read_all(&rules, client, branch),
		       "cannot read the rules of '%s'", branch));
	*out = rules;
	rules = (struct branch_rules){ 0 };
	return NULL;
}
