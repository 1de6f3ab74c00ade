/*
 * Finding, making and bringing in line a pull request.  It is always looked
 * for before it is made, and once more when GitHub says that it exists: two
 * runners, or one that was killed, end with one.
 */
#include "gitops/forge-github-step.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_TITLE 256
#define MAX_BODY  65536
#define BODY_END                                                               \
	"\n\n(The rest is left out: a body has at most 65,536 characters.)\n"

/* The best of a branch so far, as it was answered. */
struct search {
	const struct forge_client *client;
	const char *head;
	struct tree tree; /* root NULL: none */
	int64_t number;
	int open;
};
#define SEARCH_INIT(c, h)                                                      \
	{                                                                      \
		.client = (c), .head = (h), .tree = TREE_INIT                  \
	}

static void search_release(struct search *search)
{
	tree_release(&search->tree);
}

static void keep(struct search *search, const struct value *item)
{
	tree_release(&search->tree);
	search->tree = (struct tree)TREE_INIT;
	value_add_copy(&search->tree, NULL, NULL, item);
}

/* The answer to a change is the pull request as it is now. */
static struct error *accept_answer(struct search *search,
				   struct forge_reply *reply)
{
	struct pull pull;

	TRY(reply_error(reply));
	TRY(read_pull(&pull, reply->tree.root));
	pull_release(&pull);
	keep(search, reply->tree.root);
	return NULL;
}

/* GitHub passes over a filter it does not understand: look again. */
static struct error *look_at(const struct value *item, void *data)
{
	struct search *search = data;
	CLEANUP(pull_release) struct pull pull = { 0 };
	int open;

	TRY(read_pull(&pull, item));
	open = pull.state == PULL_OPEN;
	if (strcmp(pull.head, search->head) || !is_ours(search->client, item))
		return NULL;
	if (search->tree.root &&
	    (search->open > open ||
	     (search->open == open && search->number > pull.number)))
		return NULL;
	search->open = open;
	search->number = pull.number;
	keep(search, item);
	return NULL;
}

static struct error *look(struct search *search, struct forge_client *client,
			  const char *state)
{
	CLEANUP(buf_release) struct buf head = BUF_INIT;
	CLEANUP(free_str) char *path = NULL;

	github_escape(&head, client->site->owner);
	buf_str(&head, "%3A");
	github_escape(&head, search->head);
	path = github_path(client, "/pulls?head=%s&state=%s&per_page=100",
			   head.data, state);
	return github_pages(client, path, look_at, search);
}

struct error *github_find(struct pull *out, struct forge_client *client,
			  const char *head)
{
	CLEANUP(search_release)
	struct search search = SEARCH_INIT(client, head);
	struct pull pull = { 0 };
	struct error *err;

	TRY(error_wrap(look(&search, client, "all"),
		       "cannot find the pull "
		       "request of '%s'",
		       head));
	if (search.tree.root) {
		TRY(read_pull(&pull, search.tree.root));
		err = github_count_reviews(&pull, client);
		if (err) {
			pull_release(&pull);
			return err;
		}
	}
	*out = pull;
	return NULL;
}

struct listing {
	const struct forge_client *client;
	const char *prefix;
	struct pulls *out;
};

/* An item may come twice when one is closed between two pages. */
static struct error *list_item(const struct value *item, void *data)
{
	struct listing *listing = data;
	struct pull pull;
	int known = 0;

	TRY(read_pull(&pull, item));
	FOR_EACH (struct pull, it, listing->out)
		known |= it->number == pull.number;
	if (known ||
	    strncmp(pull.head, listing->prefix, strlen(listing->prefix)) ||
	    !is_ours(listing->client, item))
		pull_release(&pull);
	else
		*PUSH(listing->out) = pull;
	return NULL;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = ((const struct pull *)a)->number;
	int64_t y = ((const struct pull *)b)->number;

	return (x > y) - (x < y);
}

struct error *github_list(struct pulls *out, struct forge_client *client,
			  const char *prefix)
{
	struct listing listing = { client, prefix, out };
	CLEANUP(free_str)
	char *path = github_path(client,
				 "/pulls?state=open&sort=created&per_page=100");

	TRY(error_wrap(github_pages(client, path, list_item, &listing),
		       "cannot list the pull requests"));
	if (out->len)
		qsort(out->items, out->len, sizeof *out->items, by_number);
	return NULL;
}

static char *title_of(const struct pull_spec *spec)
{
	char *title = cut_text(spec->title, MAX_TITLE, "...");

	for (char *c = title; *c; c++)
		if (*c == '\n' || *c == '\r' || *c == '\t')
			*c = ' ';
	return title;
}

static struct error *create(struct forge_reply *reply,
			    struct forge_client *client,
			    const struct pull_spec *spec)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(free_str) char *path = github_path(client, "/pulls");
	CLEANUP(free_str) char *title = title_of(spec);
	CLEANUP(free_str)
	char *body = cut_text(spec->body ? spec->body : "", MAX_BODY, BODY_END);
	struct ask ask = { .method = "POST", .path = path };

	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "title", title);
	value_add_string(&tree, tree.root, "head", spec->head);
	value_add_string(&tree, tree.root, "base", spec->base);
	value_add_string(&tree, tree.root, "body", body);
	if (spec->draft && !client->no_drafts)
		value_add_bool(&tree, tree.root, "draft", 1);
	return github_ask(reply, client, &ask);
}

/* Private repositories on a free plan have no drafts. */
static int is_about_drafts(const struct forge_client *client,
			   const struct pull_spec *spec,
			   const struct forge_reply *reply)
{
	return spec->draft && !client->no_drafts &&
	       (reply->status == 422 || reply->status == 403) &&
	       strcasestr(reply->words, "draft");
}

static struct error *make(struct search *search, struct forge_client *client,
			  const struct pull_spec *spec)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;

	TRY(create(&reply, client, spec));
	if (!reply_good(&reply) && is_about_drafts(client, spec, &reply)) {
		client->no_drafts = 1;
		return make(search, client, spec);
	}
	if (reply.status == 422 && strcasestr(reply.words, "already exists")) {
		TRY(look(search, client, "open"));
		if (search->tree.root)
			return NULL;
		/* It is there, but not yet in what is read from. */
		reply.error->code = ERROR_AGAIN;
	}
	return accept_answer(search, &reply);
}

/* What differs, to be sent; no members where nothing does. */
static void differences(struct tree *out, const struct pull *pull,
			const struct pull_spec *spec)
{
	CLEANUP(free_str) char *title = title_of(spec);
	CLEANUP(free_str)
	char *body =
		spec->body ? cut_text(spec->body, MAX_BODY, BODY_END) : NULL;
	struct value *root = value_object(out, NULL, NULL);

	if (strcmp(pull->title, title))
		value_add_string(out, root, "title", title);
	if (body && !same_text(pull->body, body))
		value_add_string(out, root, "body", body);
	if (strcmp(pull->base, spec->base))
		value_add_string(out, root, "base", spec->base);
}

static struct error *bring_in_line(struct search *search,
				   struct forge_client *client,
				   const struct pull_spec *spec)
{
	CLEANUP(pull_release) struct pull pull = { 0 };
	CLEANUP(tree_release) struct tree body = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str) char *path = NULL;

	TRY(read_pull(&pull, search->tree.root));
	differences(&body, &pull, spec);
	if (!body.root->count)
		return NULL;
	path = github_path(client, "/pulls/%lld", (long long)pull.number);
	TRY(github_do(&reply, client, "PATCH", path, body.root));
	return accept_answer(search, &reply);
}

/* REST cannot end a draft; the mutation's id is the pull's node_id. */
static struct error *end_draft(struct pull *pull, struct forge_client *client,
			       const struct value *value)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	struct ask ask = { .method = "POST", .path = GRAPHQL };
	const char *id;

	TRY(read_text(&id, value, "node_id"));
	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "query",
			 "mutation($id:ID!){markPullRequestReadyForReview("
			 "input:{pullRequestId:$id}){pullRequest{isDraft}}}");
	value_add_string(&tree, value_object(&tree, tree.root, "variables"),
			 "id", id);
	TRY(github_ask(&reply, client, &ask));
	if (reply_good(&reply) && !value_get(reply.tree.root, "errors"))
		pull->draft = 0;
	else
		log_write(client->log, LOG_WARN, "the draft stays one", "why",
			  reply.words, NULL);
	return NULL;
}

static struct error *propose(struct pull *out, struct forge_client *client,
			     const struct pull_spec *spec)
{
	CLEANUP(search_release)
	struct search search = SEARCH_INIT(client, spec->head);
	struct pull pull;
	struct error *err;

	TRY(look(&search, client, "open"));
	if (!search.tree.root)
		TRY(make(&search, client, spec));
	TRY(bring_in_line(&search, client, spec));
	TRY(read_pull(&pull, search.tree.root));
	err = github_add_people(client, search.tree.root, spec);
	if (!err && pull.draft && !spec->draft)
		err = end_draft(&pull, client, search.tree.root);
	if (err) {
		pull_release(&pull);
		return err;
	}
	*out = pull;
	return NULL;
}

struct error *github_propose(struct pull *out, struct forge_client *client,
			     const struct pull_spec *spec)
{
	return error_wrap(propose(out, client, spec), "cannot propose '%s'",
			  spec->head);
}
