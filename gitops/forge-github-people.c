/*
 * Labels, assignees and reviewers: what is missing is added, and what GitHub
 * will not have is a line in the log: a proposal without a label is better
 * than none.
 */
#include "gitops/forge-github-step.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int has_name(const struct strings *list, const char *name)
{
	FOR_EACH (char *, it, list)
		if (!strcasecmp(*it, name))
			return 1;
	return 0;
}

/* The names in a list of objects; an absent list is empty. */
static struct error *read_names(struct strings *out, const struct value *pull,
				const char *list, const char *field)
{
	VALUE_EACH(it, value_get(pull, list))
	{
		const char *name;

		TRY(error_wrap(read_text(&name, it, field), "'%s'", list));
		strings_add(out, name);
	}
	return NULL;
}

static struct error *add_names(struct forge_client *client, const char *path,
			       const char *key, const char *const *names,
			       size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	struct ask ask = { .method = "POST", .path = path };
	struct value *list;

	ask.body = value_object(&tree, NULL, NULL);
	list = value_list(&tree, tree.root, key);
	for (size_t i = 0; i < len; i++)
		value_add_string(&tree, list, NULL, names[i]);
	TRY(github_ask(&reply, client, &ask));
	if (reply_good(&reply))
		return NULL;
	/* One unknown name fails them all: then each for itself. */
	for (size_t i = 0; len > 1 && i < len; i++)
		TRY(add_names(client, path, key, names + i, 1));
	if (len == 1)
		log_write(client->log, LOG_WARN, "the forge will not have it",
			  key, names[0], "why", reply.words, NULL);
	return NULL;
}

static struct error *add_missing(struct forge_client *client, const char *path,
				 const char *key, const struct strings *wanted,
				 const struct strings *there)
{
	struct strings missing = STRINGS_INIT;
	struct error *err = NULL;

	FOR_EACH (char *, it, wanted)
		if (!has_name(there, *it) && !has_name(&missing, *it))
			strings_add(&missing, *it);
	if (missing.len)
		err = add_names(client, path, key,
				(const char *const *)missing.items,
				missing.len);
	strings_release(&missing);
	return err;
}

struct review {
	char *login;
	enum { REVIEW_NONE, REVIEW_APPROVED, REVIEW_CHANGES } word;
	int member; /* so it looks */
};
struct reviews {
	struct review *items;
	size_t len, cap;
};

static void reviews_release(struct reviews *reviews)
{
	FOR_EACH (struct review, it, reviews)
		free(it->login);
	free(reviews->items);
}

static struct review *review_of(struct reviews *reviews, const char *login)
{
	struct review *review;

	FOR_EACH (struct review, it, reviews)
		if (!strcasecmp(it->login, login))
			return it;
	review = PUSH(reviews);
	review->login = xstrdup(login);
	return review;
}

int looks_like_member(const char *association)
{
	return !strcmp(association, "OWNER") ||
	       !strcmp(association, "MEMBER") ||
	       !strcmp(association, "COLLABORATOR");
}

/* They come oldest first: the last word of each counts. */
static struct error *add_review(const struct value *item, void *data)
{
	const char *state, *login;
	const struct value *user = value_get(item, "user");
	struct review *review;

	/* The account is gone. */
	if (!user || user->kind == VALUE_NULL)
		return NULL;
	TRY(read_text(&login, item, "user.login"));
	TRY(read_text(&state, item, "state"));
	review = review_of(data, login);
	review->member = looks_like_member(
		value_text(value_get(item, "author_association"), ""));
	if (!strcmp(state, "APPROVED"))
		review->word = REVIEW_APPROVED;
	else if (!strcmp(state, "CHANGES_REQUESTED"))
		review->word = REVIEW_CHANGES;
	else if (!strcmp(state, "DISMISSED"))
		review->word = REVIEW_NONE;
	return NULL;
}

static struct error *read_reviews(struct reviews *out,
				  struct forge_client *client, int64_t number)
{
	CLEANUP(free_str)
	char *path = github_path(client, "/pulls/%lld/reviews?per_page=100",
				 (long long)number);

	return github_pages(client, path, add_review, out);
}

/*
 * Whether someone's word counts is asked, not guessed from how they belong to
 * the project: members may only read, and whose membership is private looks
 * like a stranger.  A token that may not ask has to guess.
 */
struct error *github_may_write(int *out, struct forge_client *client,
			       const char *login, int member)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT;
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	struct ask ask = { .method = "GET" };
	const char *permission = "";

	github_escape(&name, login);
	ask.path = path =
		github_path(client, "/collaborators/%s/permission", name.data);
	*out = member;
	TRY(github_ask(&reply, client, &ask));
	if (!reply_good(&reply))
		return NULL;
	TRY(read_text(&permission, reply.tree.root, "permission"));
	*out = !strcmp(permission, "admin") || !strcmp(permission, "write");
	return NULL;
}

struct error *github_count_reviews(struct pull *pull,
				   struct forge_client *client)
{
	CLEANUP(reviews_release) struct reviews reviews = { 0 };

	TRY(read_reviews(&reviews, client, pull->number));
	pull->approvals = pull->changes_wanted = 0;
	FOR_EACH (struct review, it, &reviews) {
		int counts = 0;

		if (it->word != REVIEW_NONE)
			TRY(github_may_write(&counts, client, it->login,
					     it->member));
		pull->approvals += counts && it->word == REVIEW_APPROVED;
		pull->changes_wanted += counts && it->word == REVIEW_CHANGES;
	}
	return NULL;
}

/* "org/team" is a team of the organisation, known by its own name. */
static void split_reviewers(struct strings *people, struct strings *teams,
			    const struct strings *reviewers)
{
	FOR_EACH (char *, it, reviewers) {
		const char *slash = strchr(*it, '/');

		strings_add(slash ? teams : people, slash ? slash + 1 : *it);
	}
}

/*
 * Who has reviewed stands no longer among the requested, and asking again
 * would bother them.
 */
static struct error *add_reviewers(struct forge_client *client,
				   const struct value *pull, int64_t number,
				   const struct strings *reviewers)
{
	CLEANUP(strings_release) struct strings people = STRINGS_INIT;
	CLEANUP(strings_release) struct strings teams = STRINGS_INIT;
	CLEANUP(strings_release) struct strings asked = STRINGS_INIT;
	CLEANUP(strings_release) struct strings asked_teams = STRINGS_INIT;
	CLEANUP(reviews_release) struct reviews reviews = { 0 };
	CLEANUP(free_str)
	char *path = github_path(client, "/pulls/%lld/requested_reviewers",
				 (long long)number);

	split_reviewers(&people, &teams, reviewers);
	TRY(read_names(&asked, pull, "requested_reviewers", "login"));
	TRY(read_names(&asked_teams, pull, "requested_teams", "slug"));
	TRY(read_reviews(&reviews, client, number));
	FOR_EACH (struct review, it, &reviews)
		strings_add(&asked, it->login);
	TRY(add_missing(client, path, "reviewers", &people, &asked));
	return add_missing(client, path, "team_reviewers", &teams,
			   &asked_teams);
}

static struct error *add_to_issue(struct forge_client *client,
				  const struct value *pull, int64_t number,
				  const char *list, const char *field,
				  const struct strings *wanted)
{
	CLEANUP(strings_release) struct strings there = STRINGS_INIT;
	CLEANUP(free_str)
	char *path =
		github_path(client, "/issues/%lld/%s", (long long)number, list);

	TRY(read_names(&there, pull, list, field));
	return add_missing(client, path, list, wanted, &there);
}

struct error *github_add_people(struct forge_client *client,
				const struct value *pull,
				const struct pull_spec *spec)
{
	int64_t number = value_int(value_get(pull, "number"), 0);

	if (spec->labels && spec->labels->len)
		TRY(add_to_issue(client, pull, number, "labels", "name",
				 spec->labels));
	if (spec->assignees && spec->assignees->len)
		TRY(add_to_issue(client, pull, number, "assignees", "login",
				 spec->assignees));
	if (spec->reviewers && spec->reviewers->len)
		TRY(add_reviewers(client, pull, number, spec->reviewers));
	return NULL;
}
