/*
 * Protecting a branch.  GitHub's PUT replaces everything that it is not told,
 * so what is there is read, and said again in the form in which it is taken;
 * where it cannot be read nothing is put.
 * https://docs.github.com/en/rest/branches/branch-protection
 */
#include "gitops/forge-github-admin.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ANY_APP (-1)

/* A token that may not administer gets 404 or 403 where there are rules. */
static struct error *ask_branch(struct forge_reply *out, int *seen,
				int *guarded, struct forge_client *client,
				const char *branch)
{
	CLEANUP(free_str) char *path = github_branch_path(client, branch, "");
	struct ask ask = { .method = "GET", .path = path };
	const struct value *is;

	forge_reply_release(out);
	*out = (struct forge_reply)FORGE_REPLY_INIT;
	TRY(github_ask(out, client, &ask));
	TRY(reply_error(out));
	is = value_get(out->tree.root, "protected");
	if (!is || is->kind != VALUE_BOOL)
		return read_wrong("protected", "neither true nor false");
	*guarded = value_bool(is, 0);
	*seen = !*guarded;
	if (*seen)
		tree_release(&out->tree);
	if (*seen)
		out->tree = (struct tree)TREE_INIT;
	return NULL;
}

struct error *github_protection(struct forge_reply *out, int *seen,
				int *guarded, struct forge_client *client,
				const char *branch)
{
	CLEANUP(free_str)
	char *path = github_branch_path(client, branch, "/protection");
	struct ask ask = { .method = "GET", .path = path };

	TRY(github_ask(out, client, &ask));
	*seen = 1;
	*guarded = reply_good(out);
	if (reply_good(out) || strcasestr(out->words, "branch not protected"))
		return NULL;
	if (out->status == 404 || out->status == 403)
		return ask_branch(out, seen, guarded, client, branch);
	return reply_error(out);
}

static void add_check(struct strings *out, const char *name)
{
	if (name && !strings_has(out, name))
		strings_add(out, name);
}

void github_add_checks(struct strings *out, const struct value *status_checks)
{
	VALUE_EACH(it, value_get(status_checks, "contexts"))
	add_check(out, value_text(it, NULL));
	VALUE_EACH(it, value_get(status_checks, "checks"))
	add_check(out, value_text(value_get(it, "context"), NULL));
}

/* Which App has to report it, where only one may. */
static int64_t app_of(const struct value *status_checks, const char *name)
{
	VALUE_EACH(it, value_get(status_checks, "checks"))
	if (!strcmp(value_text(value_get(it, "context"), ""), name))
		return value_int(value_get(it, "app_id"), ANY_APP);
	return ANY_APP;
}

/* "contexts" is the older form, which some servers take alone. */
static void put_checks(struct tree *tree, const struct value *now,
		       const struct strings *names)
{
	struct value *to, *contexts, *checks;

	if (!now && !names->len) {
		value_add_null(tree, tree->root, "required_status_checks");
		return;
	}
	to = value_object(tree, tree->root, "required_status_checks");
	value_add_bool(tree, to, "strict",
		       value_bool(value_get(now, "strict"), 0));
	contexts = value_list(tree, to, "contexts");
	FOR_EACH (char *, it, names)
		value_add_string(tree, contexts, NULL, *it);
	checks = value_list(tree, to, "checks");
	FOR_EACH (char *, it, names) {
		struct value *check = value_object(tree, checks, NULL);

		value_add_string(tree, check, "context", *it);
		value_add_int(tree, check, "app_id", app_of(now, *it));
	}
}

/* Users, teams and apps are answered as objects and taken by name. */
static void put_people(struct tree *tree, struct value *to, const char *key,
		       const struct value *now)
{
	static const char *const lists[][2] = { { "users", "login" },
						{ "teams", "slug" },
						{ "apps", "slug" } };
	struct value *people;

	if (!now || now->kind != VALUE_OBJECT)
		return;
	people = value_object(tree, to, key);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct value *list = value_list(tree, people, lists[i][0]);

		VALUE_EACH(it, value_get(now, lists[i][0]))
		value_add_string(tree, list, NULL,
				 value_text(value_get(it, lists[i][1]), ""));
	}
}

static void put_reviews(struct tree *tree, const struct value *now,
			int approvals)
{
	static const char *const same[] = { "dismiss_stale_reviews",
					    "require_code_owner_reviews",
					    "require_last_push_approval" };
	const char *count = "required_approving_review_count";
	struct value *to;

	if (!now && !approvals) {
		value_add_null(tree, tree->root,
			       "required_pull_request_reviews");
		return;
	}
	to = value_object(tree, tree->root, "required_pull_request_reviews");
	put_people(tree, to, "dismissal_restrictions",
		   value_get(now, "dismissal_restrictions"));
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (value_get(now, same[i]))
			value_add_bool(tree, to, same[i],
				       value_bool(value_get(now, same[i]), 0));
	if (value_int(value_get(now, count), 0) > approvals)
		approvals = (int)value_int(value_get(now, count), 0);
	value_add_int(tree, to, count, approvals);
	put_people(tree, to, "bypass_pull_request_allowances",
		   value_get(now, "bypass_pull_request_allowances"));
}

/* What has to do with neither checks nor reviews, and is on or off. */
static void put_switches(struct tree *tree, const struct value *now)
{
	static const char *const names[] = {
		"required_linear_history",
		"allow_force_pushes",
		"allow_deletions",
		"block_creations",
		"required_conversation_resolution",
		"lock_branch",
		"allow_fork_syncing",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct value *is = value_get(now, names[i]);

		if (is)
			value_add_bool(tree, tree->root, names[i],
				       value_bool(value_get(is, "enabled"), 0));
	}
}

static const struct value *object_at(const struct value *root, const char *key)
{
	const struct value *value = value_get(root, key);

	return value && value->kind == VALUE_OBJECT ? value : NULL;
}

/* All that is to hold: what is there, and what is asked for. */
static void fill_body(struct tree *tree, const struct value *now,
		      const struct strings *names, int approvals)
{
	value_object(tree, NULL, NULL);
	put_checks(tree, object_at(now, "required_status_checks"), names);
	value_add_bool(
		tree, tree->root, "enforce_admins",
		value_bool(value_path(now, "enforce_admins.enabled"), 0));
	put_reviews(tree, object_at(now, "required_pull_request_reviews"),
		    approvals);
	if (object_at(now, "restrictions"))
		put_people(tree, tree->root, "restrictions",
			   object_at(now, "restrictions"));
	else
		value_add_null(tree, tree->root, "restrictions");
	put_switches(tree, now);
}

/* Adds what is asked for to names; tells whether anything is missing now. */
static int is_missing(struct strings *names, const struct value *now,
		      const struct strings *checks, int approvals)
{
	const struct value *count =
		value_path(now, "required_pull_request_reviews."
				"required_approving_review_count");
	size_t before;

	github_add_checks(names, value_get(now, "required_status_checks"));
	before = names->len;
	FOR_EACH (char *, it, checks)
		add_check(names, *it);
	return !now || names->len > before || value_int(count, 0) < approvals;
}

static struct error *protect(struct forge_client *client, const char *branch,
			     const struct strings *checks, int approvals)
{
	CLEANUP(forge_reply_release) struct forge_reply now = FORGE_REPLY_INIT;
	CLEANUP(tree_release) struct tree body = TREE_INIT;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(free_str)
	char *path = github_branch_path(client, branch, "/protection");
	const struct value *root;
	int seen, guarded;

	TRY(github_protection(&now, &seen, &guarded, client, branch));
	if (!seen)
		return error_hint(error_new(ERROR_REFUSED,
					    "the token may not see the rules "
					    "there are"),
				  "use a token that may administer the "
				  "repository");
	root = guarded ? now.tree.root : NULL;
	if (!is_missing(&names, root, checks, approvals))
		return NULL;
	fill_body(&body, root, &names, approvals);
	return github_do(NULL, client, "PUT", path, body.root);
}

struct error *github_protect(struct forge_client *client, const char *branch,
			     const struct strings *checks, int approvals)
{
	return error_wrap(protect(client, branch, checks, approvals),
			  "cannot protect '%s'", branch);
}
