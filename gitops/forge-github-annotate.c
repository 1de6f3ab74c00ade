/*
 * A gate's word as a check run with annotations, which only an App may make;
 * for any other token it is a status.  Annotations are added by each request
 * and never taken away: the run bears a digest of what it says, one that says
 * the same is gone on with where it broke off, any other is left behind.
 */
#include "gitops/forge-github-step.h"
#include "gitops/forge-review.h"

#include "core/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PER_REQUEST 50 /* GitHub's limit */
/* Ten requests, a second apart: nobody reads more on one commit. */
#define MAX_ANNOTATIONS 500
#define OURS            "git-orch " /* begins external_id */
#define MAX_TITLE       140
#define MAX_SUMMARY     65535
#define MAX_MESSAGE     8192 /* bytes; GitHub takes 64 KB */
#define SUMMARY_END     "\n\n(The rest is left out.)"

struct word {
	const char *oid;
	const char *context;
	enum mark mark;
	char *title;
	char *summary;
	const struct annotation *items;
	size_t n;
	char id[SHA256_HEX + 16]; /* external_id */
};

static void word_release(struct word *word)
{
	free(word->title);
	free(word->summary);
}

static char *summary_of(const char *summary, size_t n)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	add_clean(&text, summary, strlen(summary));
	if (n > MAX_ANNOTATIONS)
		buf_addf(&text, "\n\n(%d of %zu places are marked.)",
			 MAX_ANNOTATIONS, n);
	return cut_text(text.data, MAX_SUMMARY, SUMMARY_END);
}

static void digest(struct word *word)
{
	struct sha256 hash;
	char hex[SHA256_HEX], head[64];

	sha256_init(&hash);
	snprintf(head, sizeof head, "%d %zu", (int)word->mark, word->n);
	sha256_add(&hash, head, strlen(head) + 1);
	sha256_add(&hash, word->summary, strlen(word->summary) + 1);
	for (size_t i = 0; i < word->n; i++) {
		const struct annotation *it = &word->items[i];

		snprintf(head, sizeof head, "%d %d", it->line, (int)it->mark);
		sha256_add(&hash, head, strlen(head) + 1);
		sha256_add(&hash, it->path, strlen(it->path) + 1);
		sha256_add(&hash, it->text, strlen(it->text) + 1);
	}
	sha256_hex(&hash, hex);
	snprintf(word->id, sizeof word->id, OURS "%s", hex);
}

static void add_annotation(struct tree *tree, struct value *list,
			   const struct annotation *it)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *message = NULL;
	struct value *item = value_object(tree, list, NULL);
	int line = it->line > 0 ? it->line : 1;

	add_clean(&text, it->text, strlen(it->text));
	message = cut_text(text.data, MAX_MESSAGE / 4, "...");
	value_add_string(tree, item, "path", it->path);
	value_add_int(tree, item, "start_line", line);
	value_add_int(tree, item, "end_line", line);
	value_add_string(tree, item, "annotation_level",
			 it->mark == MARK_FAILURE ? "failure" : "warning");
	value_add_string(tree, item, "message", *message ? message : "-");
}

/* Says how it is, and the annotations from first on, as many as fit. */
static void fill(struct tree *tree, const struct word *word, size_t first)
{
	struct value *root = tree->root, *output, *list;
	size_t end =
		first + PER_REQUEST < word->n ? first + PER_REQUEST : word->n;

	if (word->mark == MARK_PENDING) {
		value_add_string(tree, root, "status", "in_progress");
	} else {
		value_add_string(tree, root, "status", "completed");
		value_add_string(tree, root, "conclusion",
				 word->mark == MARK_SUCCESS ? "success"
							    : "failure");
	}
	output = value_object(tree, root, "output");
	value_add_string(tree, output, "title", word->title);
	value_add_string(tree, output, "summary", word->summary);
	if (first >= end)
		return;
	list = value_list(tree, output, "annotations");
	for (size_t i = first; i < end; i++)
		add_annotation(tree, list, &word->items[i]);
}

/* Runs of this name that are ours; 0: none. */
struct there {
	const char *id;
	int64_t same; /* says the same already */
	int64_t annotations; /* that one has */
	int64_t pending; /* has said nothing yet */
};

static struct error *compare(const struct value *item, void *data)
{
	struct there *there = data;
	const char *id = value_text(value_get(item, "external_id"), "");
	int64_t n = value_int(value_path(item, "output.annotations_count"), 0);

	if (!strcmp(id, there->id)) {
		there->annotations = n;
		return read_id(&there->same, item, "id");
	}
	if (!strncmp(id, OURS, strlen(OURS)) && !n &&
	    strcmp(value_text(value_get(item, "status"), ""), "completed") != 0)
		return read_id(&there->pending, item, "id");
	return NULL;
}

static struct error *find_run(struct there *out, struct forge_client *client,
			      const struct word *word)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT;
	CLEANUP(free_str) char *path = NULL;

	github_escape(&name, word->context);
	path = github_path(client,
			   "/commits/%s/check-runs?check_name=%s&filter=latest"
			   "&per_page=100",
			   word->oid, name.data);
	out->id = word->id;
	return github_pages_in(client, path, "check_runs", compare, out);
}

/* Makes one, or says it with one that is there. */
static struct error *begin_run(int64_t *run, struct forge_reply *reply,
			       struct forge_client *client,
			       const struct word *word)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(free_str)
	char *path =
		*run ? github_path(client, "/check-runs/%lld", (long long)*run)
		     : github_path(client, "/check-runs");
	struct ask ask = { .method = *run ? "PATCH" : "POST",
			   .path = path,
			   .once = 1 };

	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "name", word->context);
	if (!*run)
		value_add_string(&tree, tree.root, "head_sha", word->oid);
	value_add_string(&tree, tree.root, "external_id", word->id);
	fill(&tree, word, 0);
	TRY(github_ask(reply, client, &ask));
	return reply_good(reply) ? read_id(run, reply->tree.root, "id") : NULL;
}

static struct error *add_rest(struct forge_client *client,
			      const struct word *word, int64_t run,
			      size_t first)
{
	CLEANUP(free_str)
	char *path = github_path(client, "/check-runs/%lld", (long long)run);

	for (; first < word->n; first += PER_REQUEST) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		CLEANUP(forge_reply_release)
		struct forge_reply reply = FORGE_REPLY_INIT;
		struct ask ask = { .method = "PATCH", .path = path, .once = 1 };

		ask.body = value_object(&tree, NULL, NULL);
		fill(&tree, word, first);
		TRY(github_ask(&reply, client, &ask));
		TRY(reply_error(&reply));
	}
	return NULL;
}

static struct error *say(struct forge_client *client, const struct word *word)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	struct there there = { 0 };

	TRY(find_run(&there, client, word));
	if (there.same)
		return add_rest(client, word, there.same,
				(size_t)there.annotations);
	TRY(begin_run(&there.pending, &reply, client, word));
	client->no_check_runs = reply.status == 403;
	if (client->no_check_runs) {
		log_write(client->log, LOG_INFO, "no check runs: a status",
			  "why", reply.words, NULL);
		return NULL;
	}
	TRY(reply_error(&reply));
	return add_rest(client, word, there.pending, PER_REQUEST);
}

struct error *github_annotate(struct forge_client *client, const char *oid,
			      const char *context, enum mark mark,
			      const char *summary,
			      const struct annotation *items, size_t n)
{
	CLEANUP(word_release)
	struct word word = { .oid = oid,
			     .context = context,
			     .mark = mark,
			     .items = items,
			     .n = n < MAX_ANNOTATIONS ? n : MAX_ANNOTATIONS };
	struct buf title = BUF_INIT;

	add_line(&title, *summary ? summary : context, MAX_TITLE);
	word.title = buf_steal(&title);
	word.summary = summary_of(summary, n);
	digest(&word);
	if (!client->no_check_runs)
		TRY(error_wrap(say(client, &word), "cannot annotate %.12s",
			       oid));
	if (client->no_check_runs)
		return forge_github.mark(client, oid, context, mark, word.title,
					 NULL);
	return NULL;
}
