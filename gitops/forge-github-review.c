/*
 * What reviewers want answered, and answering it.  A thread whose last word is
 * ours is answered; a review that asks for changes is, when a comment of ours
 * bears its number: a review has no thread of its own.
 */
#include "gitops/forge-review.h"

#include "gitops/forge-github-thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a thread, its end in bytes: what is read beside other work. */
#define MAX_REMARK 32768
/* Of an answer: GitHub takes 65,536, and a quote and the mark come with it. */
#define MAX_ANSWER 60000
#define ANSWER_END "\n\n(The rest is left out.)"
#define MAX_QUOTE  300

static void add_word(struct buf *out, const struct word *word)
{
	buf_addf(out, "%s%s: %s\n", *word->login ? word->login : "?",
		 word->voice == VOICE_OURS ? " (our answer)" : "", word->text);
}

/* Where those at the end begin that fit beside the first; the last one does. */
static size_t newest_that_fit(const struct words *words, size_t first)
{
	size_t at = words->len, used = 0;

	while (at > first + 1 && used < MAX_REMARK) {
		const struct word *word = &words->items[--at];

		if (word->voice != VOICE_NONE)
			used += strlen(word->login) + strlen(word->text) + 16;
	}
	return at;
}

/*
 * All that counts, oldest first; of a long thread the first word and the
 * newest.  What strangers said is no part of what is wanted.
 */
static char *text_of(const struct words *words)
{
	struct buf out = BUF_INIT;
	size_t first = 0, rest, cut = 0, others = 0;

	while (first < words->len && words->items[first].voice == VOICE_NONE)
		first++;
	rest = newest_that_fit(words, first);
	for (size_t i = 0; i < words->len; i++) {
		const struct word *word = &words->items[i];

		if (i == rest && cut)
			buf_addf(&out, "(%zu comments left out)\n", cut);
		if (word->voice == VOICE_NONE)
			others++;
		else if (i > first && i < rest)
			cut++;
		else
			add_word(&out, word);
	}
	if (others)
		buf_addf(&out,
			 "(%zu comments of others, who may not write, left "
			 "out)\n",
			 others);
	return buf_steal(&out);
}

/* Whoever waits for an answer the longest; NULL: nobody does. */
static const struct word *waiting(const struct words *words)
{
	const struct word *found = NULL;

	FOR_EACH (struct word, it, words)
		if (it->voice == VOICE_OURS)
			found = NULL;
		else if (it->voice == VOICE_PERSON && !found)
			found = it;
	return found;
}

static struct error *add_threads(struct remarks *out, struct people *people,
				 struct forge_client *client, int64_t number)
{
	CLEANUP(threads_release) struct threads threads = { 0 };

	TRY(github_read_threads(&threads, client, number));
	FOR_EACH (struct thread, it, &threads) {
		const struct word *word;
		struct remark *remark;

		TRY(words_judge(&it->words, people, client));
		word = waiting(&it->words);
		if (!word)
			continue;
		remark = PUSH(out);
		remark->id = it->id;
		remark->thread = xstrdup(it->node);
		remark->author = xstrdup(word->login);
		remark->path = xstrdup(it->path);
		remark->line = it->line;
		remark->text = text_of(&it->words);
		remark->url = xstrdup(word->url);
	}
	return NULL;
}

/* A review that asks for changes; its words stand at the same place. */
struct want {
	int64_t id;
	int over; /* approved since, dismissed, answered, or never counted */
};
struct wants {
	struct want *items;
	size_t len, cap;
	struct words words;
};

static void wants_release(struct wants *wants)
{
	words_release(&wants->words);
	free(wants->items);
}

static void end_wants(struct wants *wants, const char *login)
{
	for (size_t i = 0; i < wants->len; i++)
		if (!strcasecmp(wants->words.items[i].login, login))
			wants->items[i].over = 1;
}

/* They come oldest first. */
static struct error *add_review(const struct value *item, void *data)
{
	struct wants *wants = data;
	const struct value *user = value_get(item, "user");
	const char *state = "", *login = "";
	int64_t id = 0;

	/* The account is gone. */
	if (!user || user->kind == VALUE_NULL)
		return NULL;
	TRY(read_text(&login, user, "login"));
	TRY(read_text(&state, item, "state"));
	TRY(read_id(&id, item, "id"));
	if (!strcmp(state, "APPROVED") || !strcmp(state, "DISMISSED"))
		end_wants(wants, login);
	if (strcmp(state, "CHANGES_REQUESTED"))
		return NULL;
	TRY(words_add(&wants->words, item, OUR_MARK));
	PUSH(wants)->id = id;
	return NULL;
}

struct search {
	struct wants *wants;
	struct people *people;
	struct forge_client *client;
};

/* A comment on the whole ends a review when it is ours and bears its number. */
static struct error *compare(const struct search *search, struct want *want,
			     const struct value *item)
{
	CLEANUP(words_release) struct words words = { 0 };
	char mark[64];

	snprintf(mark, sizeof mark, OUR_REVIEW_MARK, (long long)want->id);
	TRY(words_add(&words, item, mark));
	if (!words.items[0].marked)
		return NULL;
	TRY(words_judge(&words, search->people, search->client));
	want->over |= words.items[0].voice == VOICE_OURS;
	return NULL;
}

static struct error *compare_all(const struct value *item, void *data)
{
	const struct search *search = data;

	FOR_EACH (struct want, it, search->wants)
		if (!it->over)
			TRY(compare(search, it, item));
	return NULL;
}

/* Those without a text of their own say it all in threads. */
static int drop_silent(struct wants *wants)
{
	int left = 0;

	for (size_t i = 0; i < wants->len; i++) {
		const struct word *word = &wants->words.items[i];

		if (word->voice != VOICE_PERSON ||
		    !word->text[strspn(word->text, " \t\n")])
			wants->items[i].over = 1;
		left += !wants->items[i].over;
	}
	return left;
}

static struct error *read_wants(struct wants *wants, struct people *people,
				struct forge_client *client, int64_t number)
{
	struct search search = { wants, people, client };
	CLEANUP(free_str)
	char *reviews = github_path(client, "/pulls/%lld/reviews?per_page=100",
				    (long long)number);
	CLEANUP(free_str)
	char *comments =
		github_path(client, "/issues/%lld/comments?per_page=100",
			    (long long)number);

	TRY(github_pages(client, reviews, add_review, wants));
	TRY(words_judge(&wants->words, people, client));
	if (!drop_silent(wants))
		return NULL;
	return github_pages(client, comments, compare_all, &search);
}

static struct error *add_reviews(struct remarks *out, struct people *people,
				 struct forge_client *client, int64_t number)
{
	CLEANUP(wants_release) struct wants wants = { 0 };

	TRY(read_wants(&wants, people, client, number));
	for (size_t i = 0; i < wants.len; i++) {
		const struct word *word = &wants.words.items[i];
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		struct remark *remark;

		if (wants.items[i].over)
			continue;
		add_word(&text, word);
		remark = PUSH(out);
		remark->id = wants.items[i].id;
		remark->author = xstrdup(word->login);
		remark->text = buf_steal(&text);
		remark->url = xstrdup(word->url);
	}
	return NULL;
}

static struct error *remarks(struct remarks *out, struct forge_client *client,
			     int64_t number)
{
	CLEANUP(people_release) struct people people = { 0 };
	CLEANUP(remarks_release) struct remarks found = { 0 };
	struct error *err = add_threads(&found, &people, client, number);

	if (!err)
		err = add_reviews(&found, &people, client, number);
	if (err)
		return error_wrap(err, "cannot read the reviews of #%lld",
				  (long long)number);
	*out = found;
	found = (struct remarks){ 0 };
	return NULL;
}

struct said {
	int64_t id; /* of the comment that began the thread */
	const char *text;
	int found;
};

static struct error *compare_reply(const struct value *item, void *data)
{
	struct said *said = data;
	const char *body = value_text(value_get(item, "body"), "");

	said->found |=
		value_int(value_get(item, "in_reply_to_id"), 0) == said->id &&
		same_text(body, said->text);
	return NULL;
}

/* An answer whose answer was lost may stand there: it is not sent twice. */
static struct error *reply_to(struct forge_client *client, int64_t number,
			      int64_t id, const char *text)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str)
	char *list = github_path(client, "/pulls/%lld/comments?per_page=100",
				 (long long)number);
	CLEANUP(free_str)
	char *path = github_path(client, "/pulls/%lld/comments/%lld/replies",
				 (long long)number, (long long)id);
	struct said said = { .id = id, .text = text };
	struct ask ask = { .method = "POST", .path = path, .once = 1 };

	TRY(github_pages(client, list, compare_reply, &said));
	if (said.found)
		return NULL;
	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "body", text);
	TRY(github_ask(&reply, client, &ask));
	return reply_error(&reply);
}

/* What it will not resolve is a line in the log: the answer stands there. */
static struct error *resolve_thread(struct forge_client *client,
				    const char *thread)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;

	value_add_string(&tree, value_object(&tree, NULL, NULL), "id", thread);
	TRY(github_graphql(&reply, client,
			   "mutation($id:ID!){resolveReviewThread("
			   "input:{threadId:$id}){thread{isResolved}}}",
			   tree.root));
	if (reply.error)
		log_write(client->log, LOG_WARN, "the thread stays open", "why",
			  reply.words, NULL);
	return NULL;
}

/* The first line of what is answered, for those who read from above. */
static void add_quote(struct buf *out, const struct remark *remark)
{
	buf_str(out, "> ");
	add_line(out, remark->text ? remark->text : "", MAX_QUOTE);
	buf_str(out, "\n\n");
}

static char *answer_of(const struct remark *remark, const char *text)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT;
	CLEANUP(free_str) char *cut = NULL;
	struct buf out = BUF_INIT;

	add_clean(&clean, text, strlen(text));
	while (clean.len && strchr(" \t\n", clean.data[clean.len - 1]))
		buf_setlen(&clean, clean.len - 1);
	cut = cut_text(clean.data, MAX_ANSWER, ANSWER_END);
	if (!remark->path)
		add_quote(&out, remark);
	buf_addf(&out, "%s\n\n", cut);
	if (remark->path)
		buf_str(&out, OUR_MARK);
	else
		buf_addf(&out, OUR_REVIEW_MARK, (long long)remark->id);
	return buf_steal(&out);
}

static struct error *answer(struct forge_client *client, int64_t number,
			    const struct remark *remark, const char *text,
			    int resolve)
{
	CLEANUP(free_str) char *body = answer_of(remark, text);

	if (!remark->path)
		return forge_github.comment(client, number, body);
	TRY(error_wrap(reply_to(client, number, remark->id, body),
		       "cannot answer %s on #%lld",
		       remark->author ? remark->author : "a comment",
		       (long long)number));
	return resolve && remark->thread
		       ? resolve_thread(client, remark->thread)
		       : NULL;
}

const struct forge_review github_review = {
	.remarks = remarks,
	.answer = answer,
	.checks = github_checks,
	.annotate = github_annotate,
};
