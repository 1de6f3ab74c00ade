/*
 * Chat Completions: how an answer is read, from deltas or as a whole.
 *
 * Compatible servers leave out ids and indexes of calls, send a call in one
 * piece, arguments as an object, no usage, no [DONE], or repeat an index; all
 * that is made good here, and an estimated usage is said.
 */
#include "core/dialect-chat.h"

#include "core/dialect-openai.h"
#include "core/json.h"

#include <stdlib.h>
#include <string.h>

/* A call as it comes. */
struct call {
	int64_t index;
	char *id; /* the service's; NULL: none was sent */
	char *name;
	struct buf arguments;
};

struct answer {
	struct buf text;
	struct buf refusal;
	ARRAY(struct call) calls;
	char *reason;
};

static struct answer *answer_of(struct decoder *decoder)
{
	struct answer *answer = decoder->own;

	if (!answer) {
		answer = xcalloc(1, sizeof *answer);
		buf_init(&answer->text);
		buf_init(&answer->refusal);
		decoder->own = answer;
	}
	return answer;
}

void chat_release(struct decoder *decoder)
{
	struct answer *answer = decoder->own;

	if (!answer)
		return;
	FOR_EACH (struct call, call, &answer->calls) {
		free(call->id);
		free(call->name);
		buf_release(&call->arguments);
	}
	free(answer->calls.items);
	buf_release(&answer->text);
	buf_release(&answer->refusal);
	free(answer->reason);
	free(answer);
	decoder->own = NULL;
}

static struct call *add_call(struct answer *answer, int64_t index)
{
	struct call *call = PUSH(&answer->calls);

	call->index = index;
	buf_init(&call->arguments);
	return call;
}

/*
 * The call a delta belongs to: by its index, unless that index already has
 * another id; without an index by its id, and without both to the last one.
 */
static struct call *find_call(struct answer *answer, const struct value *delta,
			      int64_t nth)
{
	const char *id = value_text(value_get(delta, "id"), "");
	const char *name = value_text(value_path(delta, "function.name"), NULL);
	int64_t index = value_int(value_get(delta, "index"), -1);
	struct call *found = NULL;

	FOR_EACH (struct call, call, &answer->calls) {
		int other = *id && call->id && strcmp(id, call->id);

		if (!other &&
		    (index >= 0 ? call->index == index : *id && call->id))
			found = call;
	}
	if (!found && index < 0 && !*id && !name && answer->calls.len)
		found = &answer->calls.items[answer->calls.len - 1];
	return found ? found : add_call(answer, index >= 0 ? index : -2 - nth);
}

static void set_once(char **field, const struct value *value)
{
	const char *text = value_text(value, "");

	if (!*field && *text)
		*field = xstrdup(text);
}

static void read_function(struct call *call, const struct value *function)
{
	const struct value *arguments = value_get(function, "arguments");

	set_once(&call->name, value_get(function, "name"));
	if (arguments && arguments->kind == VALUE_OBJECT)
		json_print(&call->arguments, arguments);
	else if (arguments && arguments->kind == VALUE_STRING)
		buf_add(&call->arguments, arguments->text, arguments->len);
}

static void read_calls(struct answer *answer, const struct value *delta)
{
	const struct value *legacy = value_get(delta, "function_call");
	int64_t nth = (int64_t)answer->calls.len;

	VALUE_EACH(it, value_get(delta, "tool_calls"))
	{
		struct call *call = find_call(answer, it, nth++);

		set_once(&call->id, value_get(it, "id"));
		read_function(call, value_get(it, "function"));
	}
	if (legacy && legacy->kind == VALUE_OBJECT)
		read_function(answer->calls.len ? answer->calls.items
						: add_call(answer, 0),
			      legacy);
}

/* Text, or a list of its pieces; adds it and shows it. */
static void read_text(struct decoder *decoder, struct buf *out,
		      const struct value *content)
{
	if (!content)
		return;
	if (content->kind == VALUE_STRING) {
		buf_add(out, content->text, content->len);
		decoder_text(decoder, content->text, content->len);
	}
	if (content->kind != VALUE_LIST)
		return;
	VALUE_EACH(it, content)
	if (openai_is(it, "text"))
		read_text(decoder, out, value_get(it, "text"));
}

static int64_t count(const struct value *usage, const char *path)
{
	return usage_count(value_path(usage, path));
}

/* prompt_tokens has what was read from the cache, too. */
static void read_usage(struct decoder *decoder, const struct value *usage)
{
	struct usage *out = &decoder->reply->usage;
	int64_t prompt = count(usage, "prompt_tokens");

	if (!usage || usage->kind != VALUE_OBJECT)
		return;
	out->cached = count(usage, "prompt_tokens_details.cached_tokens");
	if (!out->cached)
		out->cached = count(usage, "prompt_cache_hit_tokens");
	out->cache_write =
		count(usage, "prompt_tokens_details.cache_write_tokens");
	out->input = prompt - out->cached - out->cache_write;
	if (out->input < 0)
		out->input = 0;
	out->output = count(usage, "completion_tokens");
	out->reasoning =
		count(usage, "completion_tokens_details.reasoning_tokens");
}

static int is_error(const struct value *error)
{
	return error && error->kind != VALUE_NULL;
}

/* One choice: a stream's with "delta", a whole one with "message". */
static void read_choice(struct decoder *decoder, const struct value *choice)
{
	struct answer *answer = answer_of(decoder);
	const struct value *said = value_get(choice, "delta");

	if (!said)
		said = value_get(choice, "message");
	if (value_int(value_get(choice, "index"), 0))
		return;
	read_text(decoder, &answer->text, value_get(said, "content"));
	read_text(decoder, &answer->refusal, value_get(said, "refusal"));
	read_calls(answer, said);
	set_once(&answer->reason, value_get(choice, "finish_reason"));
	if (is_error(value_get(choice, "error")))
		openai_fail(decoder, value_get(choice, "error"));
}

static void read_chunk(struct decoder *decoder, const struct value *root)
{
	const struct value *error = value_get(root, "error");
	const char *object = value_text(value_get(root, "object"), "");

	if (is_error(error)) {
		openai_fail(decoder, error);
		return;
	}
	if (!strcmp(object, "error")) {
		openai_fail(decoder, root);
		return;
	}
	reply_set(decoder->reply, value_text(value_get(root, "model"), NULL),
		  value_text(value_get(root, "id"), NULL));
	VALUE_EACH(it, value_get(root, "choices"))
	read_choice(decoder, it);
	read_usage(decoder, value_get(root, "usage"));
}

struct error *chat_event(struct decoder *decoder, const char *event,
			 const char *data, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	(void)event;
	if (!strcmp(data, "[DONE]")) {
		decoder->finished = 1;
		return NULL;
	}
	if (!len)
		return NULL;
	TRY(error_wrap(json_parse(&tree, data, len), "an event of the stream"));
	read_chunk(decoder, tree.root);
	return NULL;
}

struct error *chat_whole(struct decoder *decoder, const char *json, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	TRY(error_wrap(json_parse(&tree, json, len), "the answer"));
	read_chunk(decoder, tree.root);
	if (!decoder->failed && !value_get(tree.root, "choices"))
		return error_new(ERROR_INVALID, "the answer has no choices");
	decoder->finished = 1;
	return NULL;
}

static enum stop stop_of(const struct answer *answer)
{
	static const struct {
		const char *name;
		enum stop stop;
	} stops[] = {
		{ "length", STOP_LENGTH },
		{ "content_filter", STOP_FILTER },
	};

	for (size_t i = 0; answer->reason && i < sizeof stops / sizeof *stops;
	     i++)
		if (!strcmp(stops[i].name, answer->reason))
			return stops[i].stop;
	if (answer->refusal.len)
		return STOP_REFUSAL;
	return answer->calls.len ? STOP_TOOL : STOP_END;
}

/* Without a reason and without [DONE] the answer was cut. */
struct error *chat_finish(struct decoder *decoder)
{
	struct answer *answer = answer_of(decoder);
	size_t said =
		answer->text.len + answer->refusal.len + answer->calls.len;

	if (!answer->reason && !(decoder->finished && said)) {
		decoder_cut(decoder);
		return NULL;
	}
	reply_add_text(decoder->reply, answer->text.data, answer->text.len);
	reply_add_text(decoder->reply, answer->refusal.data,
		       answer->refusal.len);
	if (answer->refusal.len)
		exchange_notice(decoder->exchange, "the model refused: %s",
				answer->refusal.data);
	FOR_EACH (struct call, call, &answer->calls)
		openai_add_call(decoder, call->name ? call->name : "",
				call->arguments.data, call->arguments.len);
	openai_estimate(decoder);
	decoder->reply->stop = stop_of(answer);
	return NULL;
}
