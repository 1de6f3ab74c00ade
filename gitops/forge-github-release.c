/*
 * What happens once: a release, and a place in the merge queue.  Both are
 * found again rather than made twice.
 */
#include "gitops/forge-github-admin.h"

#include <string.h>

#define MAX_TITLE 255
#define MAX_NOTES 125000
#define NOTES_END                                                              \
	"\n\n(The rest is left out: notes have at most 125,000 characters.)\n"

struct search {
	const char *tag;
	char *url; /* NULL: not found */
};

static struct error *compare_tag(const struct value *item, void *data)
{
	struct search *search = data;
	const char *tag = "", *url = "";

	TRY(read_text(&tag, item, "tag_name"));
	if (search->url || strcmp(tag, search->tag))
		return NULL;
	TRY(read_url(&url, item, "html_url"));
	search->url = xstrdup(url);
	return NULL;
}

/* Drafts are in the list alone; *url stays NULL when there is none. */
static struct error *look(char **url, struct forge_client *client,
			  const char *tag)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(buf_release) struct buf name = BUF_INIT;
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(free_str)
	char *list = github_path(client, "/releases?per_page=100");
	struct search search = { .tag = tag };
	struct ask ask = { .method = "GET" };
	struct error *err;

	github_escape(&name, tag);
	ask.path = path = github_path(client, "/releases/tags/%s", name.data);
	TRY(github_ask(&reply, client, &ask));
	if (reply_good(&reply))
		err = compare_tag(reply.tree.root, &search);
	else if (reply.status == 404)
		err = github_pages(client, list, compare_tag, &search);
	else
		err = reply_error(&reply);
	if (err)
		free_str(&search.url);
	*url = search.url;
	return err;
}

/* Where the tag is missing GitHub would make one, of the default branch. */
static struct error *need_tag(struct forge_client *client, const char *tag)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str) char *path = github_ref_path(client, "tags", tag);
	struct ask ask = { .method = "GET", .path = path };

	TRY(github_ask(&reply, client, &ask));
	if (reply.status != 404)
		return reply_error(&reply);
	return error_hint(error_new(ERROR_NOT_FOUND, "'%s' has no tag '%s'",
				    client->host, tag),
			  "push it first: git push <remote> %s", tag);
}

static struct error *post(struct forge_reply *reply,
			  struct forge_client *client,
			  const struct forge_release_spec *spec)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(free_str) char *path = github_path(client, "/releases");
	CLEANUP(free_str) char *title = cut_text(spec->title, MAX_TITLE, "...");
	CLEANUP(free_str)
	char *notes =
		cut_text(spec->notes ? spec->notes : "", MAX_NOTES, NOTES_END);
	struct ask ask = { .method = "POST", .path = path };

	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "tag_name", spec->tag);
	value_add_string(&tree, tree.root, "name", title);
	value_add_string(&tree, tree.root, "body", notes);
	value_add_bool(&tree, tree.root, "draft", spec->draft);
	value_add_bool(&tree, tree.root, "prerelease", spec->prerelease);
	return github_ask(reply, client, &ask);
}

static struct error *make(char **url, struct forge_client *client,
			  const struct forge_release_spec *spec)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	const char *made = "";

	TRY(need_tag(client, spec->tag));
	TRY(post(&reply, client, spec));
	if (reply.status == 422 && strstr(reply.words, "already_exists")) {
		TRY(look(url, client, spec->tag));
		if (*url)
			return NULL;
		reply.error->code = ERROR_AGAIN;
	}
	TRY(reply_error(&reply));
	TRY(read_url(&made, reply.tree.root, "html_url"));
	*url = xstrdup(made);
	return NULL;
}

struct error *github_release(char **url, struct forge_client *client,
			     const struct forge_release_spec *spec)
{
	CLEANUP(free_str) char *found = NULL;

	TRY(error_wrap(look(&found, client, spec->tag),
		       "cannot find the release of '%s'", spec->tag));
	if (!found)
		TRY(error_wrap(make(&found, client, spec),
			       "cannot release '%s'", spec->tag));
	*url = found;
	found = NULL;
	return NULL;
}

static const char enqueue_mutation[] =
	"mutation($id:ID!,$oid:GitObjectID!){enqueuePullRequest("
	"input:{pullRequestId:$id,expectedHeadOid:$oid}){"
	"mergeQueueEntry{id}}}";
static const char queued_query[] =
	"query($id:ID!){node(id:$id){...on PullRequest{"
	"headRefOid isInMergeQueue merged}}}";

/* What a refusal means is asked of the pull request itself. */
static struct error *explain(struct forge_client *client,
			     struct forge_reply *refusal, const char *id,
			     const char *head_oid)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release) struct forge_reply now = FORGE_REPLY_INIT;
	const struct value *node;
	const char *head = "";

	if (!reply_good(refusal) || refusal->error->code == ERROR_AGAIN)
		return reply_error(refusal);
	value_add_string(&tree, value_object(&tree, NULL, NULL), "id", id);
	TRY(github_graphql(&now, client, queued_query, tree.root));
	TRY(reply_error(&now));
	node = value_path(now.tree.root, "data.node");
	TRY(read_text(&head, node, "headRefOid"));
	if (strcmp(head, head_oid))
		refusal->error->code = ERROR_STALE;
	else if (value_bool(value_get(node, "isInMergeQueue"), 0) ||
		 value_bool(value_get(node, "merged"), 0))
		return NULL;
	else
		refusal->error->code = ERROR_REFUSED;
	return reply_error(refusal);
}

static struct error *enqueue_node(struct forge_client *client, const char *id,
				  const char *head_oid)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;

	value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "id", id);
	value_add_string(&tree, tree.root, "oid", head_oid);
	TRY(github_graphql(&reply, client, enqueue_mutation, tree.root));
	return reply.error ? explain(client, &reply, id, head_oid) : NULL;
}

static struct error *enqueue(struct forge_client *client, const char *path,
			     const char *head_oid)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(pull_release) struct pull pull = { 0 };
	const char *id = "";

	TRY(github_do(&reply, client, "GET", path, NULL));
	TRY(read_pull(&pull, reply.tree.root));
	TRY(read_text(&id, reply.tree.root, "node_id"));
	if (strcmp(pull.head_oid, head_oid))
		return error_new(ERROR_STALE, "its head is %.12s by now",
				 pull.head_oid);
	if (pull.state == PULL_MERGED)
		return NULL;
	return enqueue_node(client, id, head_oid);
}

struct error *github_enqueue(struct forge_client *client, int64_t number,
			     const char *head_oid)
{
	CLEANUP(free_str)
	char *path = github_path(client, "/pulls/%lld", (long long)number);

	return error_wrap(enqueue(client, path, head_oid), "cannot queue #%lld",
			  (long long)number);
}
