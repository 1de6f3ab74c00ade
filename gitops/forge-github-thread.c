/*
 * Threads on lines of a pull request.  Only GraphQL knows which are resolved;
 * a server that has none tells the comments alone, and a thread is then ended
 * by our answer or never.
 */
#include "gitops/forge-github-thread.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Of 50 threads, or 100 comments, each: more than anyone works through. */
#define MAX_PAGES 100
/* Of one comment: a page of text; more is a document, to be read elsewhere. */
#define MAX_WORD 8192
#define WORD_END "\n(the rest is left out)"

/* clang-format off */
#define COMMENTS                                                               \
	"pageInfo{hasNextPage endCursor}"                                      \
	"nodes{fullDatabaseId author{__typename login}authorAssociation "      \
	"viewerDidAuthor isMinimized state body url}"
static const char threads_query[] =
	"query($owner:String!,$name:String!,$number:Int!,$after:String){"
	"repository(owner:$owner,name:$name){pullRequest(number:$number){"
	"reviewThreads(first:50,after:$after){"
	"pageInfo{hasNextPage endCursor}"
	"nodes{id isResolved path line comments(first:100){" COMMENTS "}}}}}}";
static const char comments_query[] =
	"query($id:ID!,$after:String){node(id:$id){"
	"...on PullRequestReviewThread{"
	"comments(first:100,after:$after){" COMMENTS "}}}}";
/* clang-format on */

void words_release(struct words *words)
{
	FOR_EACH (struct word, it, words) {
		free(it->login);
		free(it->text);
		free(it->url);
	}
	free(words->items);
	*words = (struct words){ 0 };
}

void threads_release(struct threads *threads)
{
	FOR_EACH (struct thread, it, threads) {
		free(it->node);
		free(it->path);
		words_release(&it->words);
	}
	free(threads->items);
	*threads = (struct threads){ 0 };
}

static void trim_end(struct buf *text)
{
	while (text->len && strchr(" \t\r\n", text->data[text->len - 1]))
		buf_setlen(text, text->len - 1);
}

/* Cuts the mark off its end and tells whether it stood there. */
static int take_mark(struct buf *text, const char *mark)
{
	size_t len = strlen(mark);

	trim_end(text);
	if (text->len < len || strcmp(text->data + text->len - len, mark))
		return 0;
	buf_setlen(text, text->len - len);
	trim_end(text);
	return 1;
}

static void set_text(struct word *word, const char *body, const char *mark)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	add_clean(&text, body, strlen(body));
	word->marked = take_mark(&text, mark);
	word->text = cut_text(text.data, MAX_WORD, WORD_END);
}

static void set_login(struct word *word, const char *login)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT;

	add_line(&clean, login, 100);
	word->login = buf_steal(&clean);
}

static int is_absent(const struct value *value)
{
	return !value || value->kind == VALUE_NULL;
}

struct error *words_add(struct words *words, const struct value *item,
			const char *mark)
{
	const struct value *user = value_get(item, "user");
	const char *body = "", *login = "";
	struct word *word;

	if (!is_absent(value_get(item, "body")))
		TRY(read_text(&body, item, "body"));
	if (!is_absent(user))
		TRY(read_text(&login, user, "login"));
	word = PUSH(words);
	set_text(word, body, mark);
	set_login(word, login);
	word->url = xstrdup(read_link(item, "html_url"));
	word->member = looks_like_member(
		value_text(value_get(item, "author_association"), ""));
	word->program = !strcmp(value_text(value_get(user, "type"), ""), "Bot");
	return NULL;
}

/* BigInt is a text: it may not fit what JSON's readers have for numbers. */
static struct error *read_big(int64_t *out, const struct value *node)
{
	const char *text = value_text(value_get(node, "fullDatabaseId"), "");
	size_t len = strlen(text);

	if (!len || len > 18 || strspn(text, "0123456789") != len)
		return read_wrong("fullDatabaseId", "no number");
	*out = strtoll(text, NULL, 10);
	return NULL;
}

/* Not sent off yet, or hidden by someone who may. */
static int is_hidden(const struct value *node)
{
	return !strcmp(value_text(value_get(node, "state"), ""), "PENDING") ||
	       value_bool(value_get(node, "isMinimized"), 0);
}

static struct error *add_node(struct thread *thread, const struct value *node)
{
	const struct value *author = value_get(node, "author");
	const char *body = "", *login = "";
	struct word *word;
	int64_t id = 0;

	TRY(read_big(&id, node));
	if (!thread->id)
		thread->id = id;
	if (is_hidden(node))
		return NULL;
	TRY(read_text(&body, node, "body"));
	if (!is_absent(author))
		TRY(read_text(&login, author, "login"));
	word = PUSH(&thread->words);
	set_text(word, body, OUR_MARK);
	set_login(word, login);
	word->url = xstrdup(read_link(node, "url"));
	word->member = looks_like_member(
		value_text(value_get(node, "authorAssociation"), ""));
	word->program =
		!strcmp(value_text(value_get(author, "__typename"), ""), "Bot");
	word->mine = value_bool(value_get(node, "viewerDidAuthor"), 0);
	return NULL;
}

/* *after becomes where the next page begins; NULL: this was the last. */
static struct error *next_page(char **after, const struct value *connection)
{
	const char *cursor = NULL;

	if (value_bool(value_path(connection, "pageInfo.hasNextPage"), 0))
		TRY(read_text(&cursor, connection, "pageInfo.endCursor"));
	free(*after);
	*after = xstrdup(cursor);
	return NULL;
}

static struct error *add_nodes(struct thread *thread, char **after,
			       const struct value *comments)
{
	if (is_absent(value_get(comments, "nodes")))
		return read_wrong("comments.nodes", "no list");
	VALUE_EACH(it, value_get(comments, "nodes"))
	TRY(add_node(thread, it));
	return next_page(after, comments);
}

static struct error *too_many(const struct forge_client *client,
			      const char *what)
{
	return error_new(ERROR_FAILURE, "'%s' has more than %d pages of %s",
			 client->host, MAX_PAGES, what);
}

/* The comments behind the first hundred. */
static struct error *read_on(struct thread *thread, struct forge_client *client,
			     char **after)
{
	for (int page = 1; *after; page++) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		CLEANUP(forge_reply_release)
		struct forge_reply reply = FORGE_REPLY_INIT;

		if (page == MAX_PAGES)
			return too_many(client, "comments");
		value_object(&tree, NULL, NULL);
		value_add_string(&tree, tree.root, "id", thread->node);
		value_add_string(&tree, tree.root, "after", *after);
		TRY(github_graphql(&reply, client, comments_query, tree.root));
		TRY(reply_error(&reply));
		TRY(add_nodes(
			thread, after,
			value_path(reply.tree.root, "data.node.comments")));
	}
	return NULL;
}

static int line_of(const struct value *object)
{
	int64_t line = value_int(value_get(object, "line"), 0);

	return line > 0 && line < INT_MAX ? (int)line : 0;
}

static char *path_of(const char *text)
{
	struct buf out = BUF_INIT;

	add_line(&out, text, 4096);
	return buf_steal(&out);
}

static struct error *add_thread(struct threads *out,
				struct forge_client *client,
				const struct value *node)
{
	CLEANUP(free_str) char *after = NULL;
	const struct value *resolved = value_get(node, "isResolved");
	const char *id = "", *path = "";
	struct thread *thread;

	if (!resolved || resolved->kind != VALUE_BOOL)
		return read_wrong("isResolved", "neither true nor false");
	if (resolved->integer)
		return NULL;
	TRY(read_text(&id, node, "id"));
	TRY(read_text(&path, node, "path"));
	thread = PUSH(out);
	thread->node = xstrdup(id);
	thread->path = path_of(path);
	thread->line = line_of(node);
	TRY(add_nodes(thread, &after, value_get(node, "comments")));
	return read_on(thread, client, &after);
}

static struct error *ask_threads(struct forge_reply *reply,
				 struct forge_client *client, int64_t number,
				 const char *after)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "owner", client->site->owner);
	value_add_string(&tree, tree.root, "name", client->site->name);
	value_add_int(&tree, tree.root, "number", number);
	value_add_maybe(&tree, tree.root, "after", after);
	return github_graphql(reply, client, threads_query, tree.root);
}

/* *none: there is no such API. */
static struct error *read_page(struct threads *out, int *none, char **after,
			       struct forge_client *client, int64_t number)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	const struct value *list;

	TRY(ask_threads(&reply, client, number, *after));
	*none = reply.status == 404;
	if (*none)
		return NULL;
	TRY(reply_error(&reply));
	list = value_path(reply.tree.root,
			  "data.repository.pullRequest.reviewThreads");
	if (is_absent(value_get(list, "nodes")))
		return read_wrong("reviewThreads.nodes", "no list");
	VALUE_EACH(it, value_get(list, "nodes"))
	TRY(add_thread(out, client, it));
	return next_page(after, list);
}

static struct thread *thread_of(struct threads *threads, int64_t id)
{
	struct thread *thread;

	FOR_EACH (struct thread, it, threads)
		if (it->id == id)
			return it;
	thread = PUSH(threads);
	thread->id = id;
	return thread;
}

static struct error *add_comment(const struct value *item, void *data)
{
	struct thread *thread;
	const char *path = "";
	int64_t id = 0;

	TRY(read_text(&path, item, "path"));
	if (is_absent(value_get(item, "in_reply_to_id")))
		TRY(read_id(&id, item, "id"));
	else
		TRY(read_id(&id, item, "in_reply_to_id"));
	thread = thread_of(data, id);
	if (!thread->path) {
		thread->path = path_of(path);
		thread->line = line_of(item);
	}
	return words_add(&thread->words, item, OUR_MARK);
}

static struct error *read_rest(struct threads *out, struct forge_client *client,
			       int64_t number)
{
	CLEANUP(free_str)
	char *path = github_path(client, "/pulls/%lld/comments?per_page=100",
				 (long long)number);

	return github_pages(client, path, add_comment, out);
}

struct error *github_read_threads(struct threads *out,
				  struct forge_client *client, int64_t number)
{
	CLEANUP(free_str) char *after = NULL;
	int none = 0;

	for (int page = 0; page < MAX_PAGES; page++) {
		TRY(read_page(out, &none, &after, client, number));
		if (none)
			return read_rest(out, client, number);
		if (!after)
			return NULL;
	}
	return too_many(client, "threads");
}
