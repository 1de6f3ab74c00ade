/*
 * The Responses API of OpenAI.  Nothing is stored there (store false): what
 * the model thought comes encrypted and is given back with the conversation.
 *
 * The reply is built from whole items, as output_item.done and the last event
 * have them; deltas are only shown as they come.  So an event that is lost or
 * not known costs nothing.
 */
#include "core/dialect-openai.h"

#include "core/json.h"

#include <stdlib.h>
#include <string.h>

static void address(struct buf *url, struct strings *headers,
		    const struct endpoint *endpoint,
		    const struct request *request)
{
	(void)request;
	openai_address(url, headers, endpoint, "/responses");
}

static struct value *add_item(struct openai_encoder *encoder,
			      struct value *input, const char *type)
{
	struct value *item = value_object(&encoder->tree, input, NULL);

	value_add_string(&encoder->tree, item, "type", type);
	return item;
}

static void add_call(struct openai_encoder *encoder, struct value *input,
		     const struct value *part)
{
	CLEANUP(buf_release) struct buf arguments = BUF_INIT;
	struct value *item = add_item(encoder, input, "function_call");

	json_print(&arguments, value_get(part, "input"));
	value_add_copy(&encoder->tree, item, "call_id", value_get(part, "id"));
	value_add_copy(&encoder->tree, item, "name", value_get(part, "name"));
	value_add_strn(&encoder->tree, item, "arguments", arguments.data,
		       arguments.len);
}

static void add_result(struct openai_encoder *encoder, struct value *input,
		       const struct value *part)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct value *item = add_item(encoder, input, "function_call_output");

	openai_result(&text, part);
	value_add_copy(&encoder->tree, item, "call_id", value_get(part, "id"));
	value_add_strn(&encoder->tree, item, "output", text.data, text.len);
}

/*
 * phase is what the model called its text, commentary or final answer; it
 * wants to be told again.
 */
static void add_text(struct openai_encoder *encoder, struct value *input,
		     const struct value *message, const struct value *part,
		     const char *phase)
{
	const char *text = value_text(value_get(part, "text"), "");
	struct value *item;

	if (!*text)
		return;
	item = add_item(encoder, input, "message");
	value_add_copy(&encoder->tree, item, "role",
		       value_get(message, "role"));
	value_add_string(&encoder->tree, item, "content", text);
	if (phase)
		value_add_string(&encoder->tree, item, "phase", phase);
}

/* Results come first: they belong to the calls just before. */
static void add_message(struct openai_encoder *encoder, struct value *input,
			const struct value *message)
{
	const struct request *request = encoder->exchange->request;
	const struct value *parts = value_get(message, "parts");
	const char *phase = NULL;

	VALUE_EACH(it, parts)
	if (openai_is(it, "result"))
		add_result(encoder, input, it);
	VALUE_EACH(it, parts)
	{
		const struct value *value = value_get(it, "value");

		if (!request_sends(request, OPENAI, it))
			continue;
		if (openai_is(it, "call"))
			add_call(encoder, input, it);
		else if (openai_is(it, "text"))
			add_text(encoder, input, message, it, phase);
		else if (openai_is(it, "opaque") && !openai_is(value, "phase"))
			value_add_copy(&encoder->tree, input, NULL, value);
		phase = value_text(value_get(value, "phase"), NULL);
	}
}

static void add_tools(struct openai_encoder *encoder)
{
	const struct value *tools = value_get(encoder->from, "tools");
	struct value *list;

	if (!tools || !tools->count)
		return;
	list = value_list(&encoder->tree, encoder->tree.root, "tools");
	VALUE_EACH(it, tools)
	{
		struct value *tool = add_item(encoder, list, "function");

		openai_function(encoder, tool, it);
		/* The type has it as required here. */
		if (!value_get(tool, "strict"))
			value_add_bool(&encoder->tree, tool, "strict", 0);
	}
	openai_choice(encoder);
}

static void add_format(struct openai_encoder *encoder)
{
	CLEANUP(tree_release) struct tree output = TREE_INIT;
	struct tree *tree = &encoder->tree;
	struct value *format;

	if (!openai_format(encoder, &output))
		return;
	format = value_object(tree, value_object(tree, tree->root, "text"),
			      "format");
	value_add_string(tree, format, "type", "json_schema");
	VALUE_EACH(it, output.root)
	value_add_copy(tree, format, it->key, it);
}

static void add_reasoning(struct openai_encoder *encoder)
{
	struct tree *tree = &encoder->tree;
	char effort[16];

	openai_effort(effort, sizeof effort, encoder);
	if (*effort)
		value_add_string(tree,
				 value_object(tree, tree->root, "reasoning"),
				 "effort", effort);
	if (encoder->can->effort)
		value_add_string(tree, value_list(tree, tree->root, "include"),
				 NULL, "reasoning.encrypted_content");
}

static struct error *encode(struct buf *body, const struct exchange *exchange)
{
	CLEANUP(openai_encoder_release) struct openai_encoder encoder;
	CLEANUP(buf_release) struct buf system = BUF_INIT;
	struct tree *tree = &encoder.tree;
	struct value *input;
	int64_t most;

	openai_encoder_init(&encoder, exchange);
	openai_system(&system, &encoder);
	if (system.len)
		value_add_strn(tree, tree->root, "instructions", system.data,
			       system.len);
	input = value_list(tree, tree->root, "input");
	VALUE_EACH(it, value_get(encoder.from, "messages"))
	add_message(&encoder, input, it);
	add_tools(&encoder);
	add_format(&encoder);
	add_reasoning(&encoder);
	most = openai_max_tokens(&encoder);
	if (most)
		value_add_int(tree, tree->root, "max_output_tokens", most);
	openai_sampling(&encoder);
	openai_cache_key(&encoder);
	value_add_bool(tree, tree->root, "store", 0);
	value_add_bool(tree, tree->root, "stream", 1);
	openai_say_left_out(&encoder);
	json_print(body, tree->root);
	return NULL;
}

/* What a stream says beside its items. */
struct stream {
	struct tree items; /* as output_item.done gave them */
	enum stop stop;
	int stopped;
};

static struct stream *stream_of(struct decoder *decoder)
{
	struct stream *stream = decoder->own;

	if (!stream) {
		stream = xcalloc(1, sizeof *stream);
		value_list(&stream->items, NULL, NULL);
		decoder->own = stream;
	}
	return stream;
}

static void release(struct decoder *decoder)
{
	struct stream *stream = decoder->own;

	if (!stream)
		return;
	tree_release(&stream->items);
	free(stream);
	decoder->own = NULL;
}

static int64_t count(const struct value *usage, const char *path)
{
	return usage_count(value_path(usage, path));
}

/* input_tokens has what was read from and written to the cache, too. */
static void read_usage(struct usage *out, const struct value *usage)
{
	int64_t input = count(usage, "input_tokens");

	if (!usage || usage->kind != VALUE_OBJECT)
		return;
	out->cached = count(usage, "input_tokens_details.cached_tokens");
	out->cache_write =
		count(usage, "input_tokens_details.cache_write_tokens");
	out->input = input - out->cached - out->cache_write;
	if (out->input < 0)
		out->input = 0;
	out->output = count(usage, "output_tokens");
	out->reasoning = count(usage, "output_tokens_details.reasoning_tokens");
}

static void opaque(struct decoder *decoder, const struct value *value)
{
	reply_add_opaque(decoder->reply, decoder->exchange->request, OPENAI,
			 value);
}

static void take_message(struct decoder *decoder, const struct value *item)
{
	const char *phase = value_text(value_get(item, "phase"), NULL);
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *mark = value_object(&tree, NULL, NULL);

	value_add_string(&tree, mark, "type", "phase");
	VALUE_EACH(it, value_get(item, "content"))
	{
		const struct value *text = value_get(it, "text");
		const char *no = value_text(value_get(it, "refusal"), NULL);

		if (openai_is(it, "refusal") && no) {
			stream_of(decoder)->stop = STOP_REFUSAL;
			stream_of(decoder)->stopped = 1;
			exchange_notice(decoder->exchange,
					"the model refused: %s", no);
			reply_add_text(decoder->reply, no, strlen(no));
		}
		if (!openai_is(it, "output_text") || !text || !text->len)
			continue;
		if (phase && !value_get(mark, "phase"))
			value_add_string(&tree, mark, "phase", phase);
		if (phase)
			opaque(decoder, mark);
		reply_add_text(decoder->reply, text->text, text->len);
	}
}

/* Only what can be given back is kept of what the model thought. */
static void take_reasoning(struct decoder *decoder, const struct value *item)
{
	static const char *const keys[] = { "type", "id", "summary",
					    "encrypted_content" };
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	if (!value_text(value_get(item, "encrypted_content"), NULL))
		return;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct value *member = value_get(item, keys[i]);

		if (member)
			value_add_copy(&tree, root, keys[i], member);
		else if (!strcmp(keys[i], "summary"))
			value_list(&tree, root, keys[i]);
	}
	opaque(decoder, root);
}

static void take_item(struct decoder *decoder, const struct value *item)
{
	const struct value *arguments = value_get(item, "arguments");

	if (openai_is(item, "message"))
		take_message(decoder, item);
	else if (openai_is(item, "reasoning"))
		take_reasoning(decoder, item);
	else if (openai_is(item, "function_call"))
		openai_add_call(
			decoder, value_text(value_get(item, "name"), ""),
			value_text(arguments, ""),
			arguments && arguments->text ? arguments->len : 0);
}

static void read_reason(struct stream *stream, const struct value *response)
{
	const struct value *why =
		value_path(response, "incomplete_details.reason");
	const char *reason = value_text(why, "");

	if (strcmp(value_text(value_get(response, "status"), ""), "incomplete"))
		return;
	stream->stopped = 1;
	stream->stop =
		!strcmp(reason, "content_filter") ? STOP_FILTER : STOP_LENGTH;
}

/*
 * The response as a whole, at its end.  Some servers leave its output empty
 * and rely on the items that came before.
 */
static void take_response(struct decoder *decoder, const struct value *response)
{
	struct stream *stream = stream_of(decoder);
	const struct value *output = value_get(response, "output");

	reply_set(decoder->reply,
		  value_text(value_get(response, "model"), NULL),
		  value_text(value_get(response, "id"), NULL));
	read_usage(&decoder->reply->usage, value_get(response, "usage"));
	if (!output || !output->count)
		output = stream->items.root;
	VALUE_EACH(it, output)
	take_item(decoder, it);
	read_reason(stream, response);
	openai_estimate(decoder);
	decoder->finished = 1;
}

static int is_error(const struct value *root)
{
	const struct value *error = value_get(root, "error");

	return openai_is(root, "error") ||
	       (error && error->kind != VALUE_NULL &&
		!value_get(root, "output"));
}

/* Of an error event, of a failed response, or of the object itself. */
static void take_error(struct decoder *decoder, const struct value *root)
{
	const struct value *error = value_get(root, "error");

	openai_fail(decoder, error && error->kind != VALUE_NULL ? error : root);
}

static void take_failed(struct decoder *decoder, const struct value *response)
{
	read_usage(&decoder->reply->usage, value_get(response, "usage"));
	take_error(decoder, response);
	/* Its codes are words of their own: "server_error" is one. */
	if (!decoder->failure->type && !decoder->failure->code)
		decoder_fail(decoder, "server_error", NULL, NULL);
}

static void show(struct decoder *decoder, const struct value *delta)
{
	if (delta && delta->kind == VALUE_STRING)
		decoder_text(decoder, delta->text, delta->len);
}

static struct error *event(struct decoder *decoder, const char *name,
			   const char *data, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const struct value *root, *response;
	struct stream *stream = stream_of(decoder);

	(void)name;
	if (!len || !strcmp(data, "[DONE]"))
		return NULL;
	TRY(error_wrap(json_parse(&tree, data, len), "an event of the stream"));
	root = tree.root;
	response = value_get(root, "response");
	if (openai_is(root, "response.output_text.delta") ||
	    openai_is(root, "response.refusal.delta"))
		show(decoder, value_get(root, "delta"));
	else if (openai_is(root, "response.output_item.done") &&
		 value_get(root, "item"))
		value_add_copy(&stream->items, stream->items.root, NULL,
			       value_get(root, "item"));
	else if (openai_is(root, "response.completed") ||
		 openai_is(root, "response.incomplete") ||
		 openai_is(root, "response.done"))
		take_response(decoder, response);
	else if (openai_is(root, "response.failed"))
		take_failed(decoder, response);
	else if (is_error(root))
		take_error(decoder, root);
	return NULL;
}

static struct error *whole(struct decoder *decoder, const char *json,
			   size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const char *status;

	TRY(error_wrap(json_parse(&tree, json, len), "the answer"));
	status = value_text(value_get(tree.root, "status"), "");
	if (is_error(tree.root)) {
		take_error(decoder, tree.root);
		return NULL;
	}
	if (!strcmp(status, "failed")) {
		take_failed(decoder, tree.root);
		return NULL;
	}
	if (!value_get(tree.root, "output"))
		return error_new(ERROR_INVALID, "the answer has no output");
	take_response(decoder, tree.root);
	return NULL;
}

static struct error *finish(struct decoder *decoder)
{
	const struct stream *stream = stream_of(decoder);

	if (!decoder->finished)
		decoder_cut(decoder);
	else if (stream->stopped)
		decoder->reply->stop = stream->stop;
	else
		decoder->reply->stop =
			reply_call(decoder->reply) ? STOP_TOOL : STOP_END;
	return NULL;
}

const struct dialect dialect_responses = {
	.name = "responses",
	.address = address,
	.encode = encode,
	.event = event,
	.finish = finish,
	.whole = whole,
	.explain = openai_explain,
	.release = release,
};
