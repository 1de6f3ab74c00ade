/*
 * The forge github: github.com and GitHub Enterprise, by REST.  What is said
 * of a commit or a pull request that is known by its number; the rest is in
 * forge-github-pull.c.
 */
#include "gitops/forge-github-admin.h"
#include "gitops/forge-github-step.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_DESCRIPTION 140
#define MAX_COMMENT     65536
#define COMMENT_END                                                            \
	"\n\n(The rest is left out: a comment has at most 65,536 "             \
	"characters.)\n"

/* "api.github.com" of "https://api.github.com/…", for messages. */
static char *host_of(const char *api)
{
	const char *host = strstr(api, "://");
	const char *at;
	size_t len;

	host = host ? host + 3 : api;
	len = strcspn(host, "/");
	at = memrchr(host, '@', len);
	if (at) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	return xstrndup(host, len);
}

static void close_client(struct forge_client **client)
{
	if (!*client)
		return;
	http_free(&(*client)->http);
	kept_release(*client);
	free((*client)->host);
	free(*client);
	*client = NULL;
}

static struct error *open_client(struct forge_client **out, struct loop *loop,
				 const struct forge_site *site, struct log *log)
{
	static const struct http_options options = { .max_connections = 2 };
	struct http *http;
	struct forge_client *client;

	TRY(http_new(&http, loop, &options));
	client = xcalloc(1, sizeof *client);
	client->loop = loop;
	client->http = http;
	client->site = site;
	client->log = log;
	client->host = host_of(site->api);
	*out = client;
	return NULL;
}

static struct error *mark(struct forge_client *client, const char *oid,
			  const char *context, enum mark mark,
			  const char *description, const char *url)
{
	static const char *const states[] = { "pending", "success", "failure",
					      "error" };
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(free_str) char *path = github_path(client, "/statuses/%s", oid);
	CLEANUP(free_str)
	char *text = cut_text(description, MAX_DESCRIPTION, "...");
	struct value *body = value_object(&tree, NULL, NULL);

	value_add_string(&tree, body, "state", states[mark]);
	value_add_string(&tree, body, "context", context);
	value_add_string(&tree, body, "description", text);
	if (url)
		value_add_string(&tree, body, "target_url", url);
	return error_wrap(github_do(NULL, client, "POST", path, body),
			  "cannot mark %.12s", oid);
}

/* What a refused merge means is asked of the pull request itself. */
static struct error *explain_merge(struct forge_client *client,
				   struct forge_reply *refusal,
				   const char *path, const char *head_oid)
{
	CLEANUP(forge_reply_release) struct forge_reply now = FORGE_REPLY_INIT;
	CLEANUP(pull_release) struct pull pull = { 0 };

	TRY(github_do(&now, client, "GET", path, NULL));
	TRY(read_pull(&pull, now.tree.root));
	if (refusal->status == 409 || strcmp(pull.head_oid, head_oid))
		refusal->error->code = ERROR_STALE;
	else if (pull.state == PULL_MERGED)
		return NULL;
	else if (strcasestr(refusal->words, "base branch was modified"))
		refusal->error->code = ERROR_AGAIN;
	return reply_error(refusal);
}

static struct error *merge_pull(struct forge_client *client, const char *path,
				const struct value *body, const char *head_oid)
{
	CLEANUP(free_str) char *merge_path = xasprintf("%s/merge", path);
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	struct ask ask = { .method = "PUT", .path = merge_path, .body = body };

	TRY(github_ask(&reply, client, &ask));
	if (reply.status == 405 || reply.status == 409 || reply.status == 422)
		return explain_merge(client, &reply, path, head_oid);
	TRY(reply_error(&reply));
	if (!value_bool(value_get(reply.tree.root, "merged"), 0))
		return error_new(ERROR_FAILURE, "the forge's answer: field "
						"'merged' is not true");
	return NULL;
}

static struct error *merge(struct forge_client *client, int64_t number,
			   const char *head_oid, const char *method,
			   const char *title, const char *message)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(free_str)
	char *path = github_path(client, "/pulls/%lld", (long long)number);
	struct value *body = value_object(&tree, NULL, NULL);

	if (title)
		value_add_string(&tree, body, "commit_title", title);
	if (message)
		value_add_string(&tree, body, "commit_message", message);
	value_add_string(&tree, body, "sha", head_oid);
	value_add_string(&tree, body, "merge_method", method);
	return error_wrap(merge_pull(client, path, body, head_oid),
			  "cannot merge #%lld", (long long)number);
}

static struct error *patch(struct forge_client *client, int64_t number,
			   const char *key, const char *text)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(free_str)
	char *path = github_path(client, "/pulls/%lld", (long long)number);

	value_add_string(&tree, value_object(&tree, NULL, NULL), key, text);
	return github_do(NULL, client, "PATCH", path, tree.root);
}

static struct error *retarget(struct forge_client *client, int64_t number,
			      const char *base)
{
	return error_wrap(patch(client, number, "base", base),
			  "cannot retarget #%lld to '%s'", (long long)number,
			  base);
}

static struct error *close_pull(struct forge_client *client, int64_t number)
{
	return error_wrap(patch(client, number, "state", "closed"),
			  "cannot close #%lld", (long long)number);
}

struct said {
	const char *text;
	int found;
};

static struct error *compare_comment(const struct value *item, void *data)
{
	struct said *said = data;
	const char *body;

	TRY(read_text(&body, item, "body"));
	said->found |= same_text(body, said->text);
	return NULL;
}

/* A comment whose answer was lost may stand there: it is not sent twice. */
static struct error *add_comment(struct forge_client *client, const char *path,
				 const char *text)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str) char *list = xasprintf("%s?per_page=100", path);
	struct said said = { .text = text };
	struct ask ask = { .method = "POST", .path = path, .once = 1 };

	TRY(github_pages(client, list, compare_comment, &said));
	if (said.found)
		return NULL;
	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "body", text);
	TRY(github_ask(&reply, client, &ask));
	return reply_error(&reply);
}

static struct error *comment(struct forge_client *client, int64_t number,
			     const char *text)
{
	CLEANUP(free_str)
	char *path =
		github_path(client, "/issues/%lld/comments", (long long)number);
	CLEANUP(free_str) char *cut = cut_text(text, MAX_COMMENT, COMMENT_END);

	return error_wrap(add_comment(client, path, cut),
			  "cannot comment on #%lld", (long long)number);
}

const struct forge forge_github = {
	.name = "github",
	.open = open_client,
	.close = close_client,
	.find = github_find,
	.propose = github_propose,
	.list = github_list,
	.mark = mark,
	.merge = merge,
	.retarget = retarget,
	.comment = comment,
	.close_pull = close_pull,
	.admin = &github_admin,
	.review = &github_review,
};
