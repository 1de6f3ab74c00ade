/*
 * The Messages API of Anthropic: how an answer is read, from the stream's
 * events or from one message.  Both go through the same block, so that they
 * cannot differ.
 *
 * The stream may have events, blocks and deltas that are not known: the
 * service's versioning says so.  They are passed over; a block of an unknown
 * kind is kept as it began, and given back.
 */
#include "core/dialect-anthropic.h"

#include "core/json.h"

#include <stdlib.h>
#include <string.h>

/* The block that is being said; decoder->partial is its text or input. */
struct block {
	struct tree began; /* as content_block_start gave it */
	struct buf signature;
	int open;
	enum stop stop;
	int stopped; /* a reason was given */
};

static const struct {
	const char *name;
	enum stop stop;
} stops[] = {
	{ "end_turn", STOP_END },
	{ "stop_sequence", STOP_END },
	{ "tool_use", STOP_TOOL },
	{ "max_tokens", STOP_LENGTH },
	{ "model_context_window_exceeded", STOP_CONTEXT },
	{ "pause_turn", STOP_PAUSE },
	{ "refusal", STOP_REFUSAL },
	{ "content_filter", STOP_FILTER }, /* of proxies: not the service's */
};

static struct block *block_of(struct decoder *decoder)
{
	struct block *block = decoder->own;

	if (!block) {
		block = xcalloc(1, sizeof *block);
		buf_init(&block->signature);
		decoder->own = block;
	}
	return block;
}

void anthropic_release(struct decoder *decoder)
{
	struct block *block = decoder->own;

	if (!block)
		return;
	tree_release(&block->began);
	buf_release(&block->signature);
	free(block);
	decoder->own = NULL;
}

static const char *text_of(const struct value *object, const char *key)
{
	return value_text(value_get(object, key), "");
}

static int is_type(const struct value *object, const char *type)
{
	return !strcmp(text_of(object, "type"), type);
}

/* Servers that are made alike write a null into whatever they answer. */
static int is_error(const struct value *root)
{
	const struct value *error = value_get(root, "error");

	return is_type(root, "error") || (error && error->kind != VALUE_NULL);
}

static void count(int64_t *out, const struct value *usage, const char *key)
{
	const struct value *n = value_get(usage, key);

	if (value_int(n, -1) >= 0)
		*out = usage_count(n);
}

/* Counts are cumulative: the later one holds, null leaves the earlier. */
static void read_usage(struct reply *reply, const struct value *usage)
{
	const struct value *details = value_get(usage, "output_tokens_details");

	count(&reply->usage.input, usage, "input_tokens");
	count(&reply->usage.cached, usage, "cache_read_input_tokens");
	count(&reply->usage.cache_write, usage, "cache_creation_input_tokens");
	count(&reply->usage.output, usage, "output_tokens");
	count(&reply->usage.reasoning, details, "thinking_tokens");
}

static void read_stop(struct decoder *decoder, const struct value *delta)
{
	const struct value *details = value_get(delta, "stop_details");
	const char *name = text_of(delta, "stop_reason");
	struct block *block = block_of(decoder);

	if (!*name)
		return;
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
		if (!strcmp(stops[i].name, name)) {
			block->stop = stops[i].stop;
			block->stopped = 1;
		}
	if (!block->stopped)
		exchange_notice(decoder->exchange,
				"the model stopped for a reason that is not "
				"known: %s",
				name);
	if (*text_of(details, "explanation"))
		exchange_notice(decoder->exchange, "the model refused: %s",
				text_of(details, "explanation"));
}

/* What a delta adds to; the block's own beginning is the first piece. */
static void begin(struct decoder *decoder, const struct value *content)
{
	struct block *block = block_of(decoder);
	const char *text = text_of(content, "text");

	if (!content)
		return;
	tree_release(&block->began);
	value_add_copy(&block->began, NULL, NULL, content);
	buf_clear(&block->signature);
	buf_str(&block->signature, text_of(content, "signature"));
	buf_clear(&decoder->partial);
	if (is_type(content, "text"))
		decoder_text(decoder, text, strlen(text));
	else
		text = text_of(content, "thinking");
	buf_str(&decoder->partial, text);
	block->open = 1;
}

static void extend(struct decoder *decoder, const struct value *delta)
{
	struct block *block = block_of(decoder);
	const struct value *piece = NULL;

	if (!block->open)
		return;
	if (is_type(delta, "text_delta"))
		piece = value_get(delta, "text");
	else if (is_type(delta, "input_json_delta"))
		piece = value_get(delta, "partial_json");
	else if (is_type(delta, "thinking_delta"))
		piece = value_get(delta, "thinking");
	else if (is_type(delta, "signature_delta"))
		buf_str(&block->signature, text_of(delta, "signature"));
	if (!piece || !piece->text)
		return;
	buf_add(&decoder->partial, piece->text, piece->len);
	if (is_type(delta, "text_delta"))
		decoder_text(decoder, piece->text, piece->len);
}

static void add_call(struct decoder *decoder, const struct value *began)
{
	CLEANUP(buf_release) struct buf input = BUF_INIT;

	/* One that comes whole has its input at the beginning. */
	if (decoder->partial.len)
		buf_add(&input, decoder->partial.data, decoder->partial.len);
	else if (value_get(began, "input"))
		json_print(&input, value_get(began, "input"));
	reply_add_call(decoder->reply, decoder->exchange->request,
		       text_of(began, "name"), input.data, input.len);
}

/* The block as it has to be given back, with what the deltas said. */
static void add_opaque(struct decoder *decoder, const struct block *block)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(tree_release) struct tree input = TREE_INIT;
	const struct value *began = block->began.root;
	const struct buf *said = &decoder->partial;
	struct value *root = value_object(&tree, NULL, NULL);
	int thinks = is_type(began, "thinking");

	CLEANUP(error_release) struct error *err = NULL;
	if (!thinks && said->len)
		err = json_parse(&input, said->data, said->len);
	VALUE_EACH(it, began)
	if (thinks &&
	    (!strcmp(it->key, "thinking") || !strcmp(it->key, "signature")))
		continue;
	else if (!strcmp(it->key, "input") && input.root)
		value_add_copy(&tree, root, it->key, input.root);
	else
		value_add_copy(&tree, root, it->key, it);
	if (thinks) {
		value_add_strn(&tree, root, "thinking", said->data, said->len);
		value_add_strn(&tree, root, "signature", block->signature.data,
			       block->signature.len);
	}
	reply_add_opaque(decoder->reply, decoder->exchange->request, ANTHROPIC,
			 root);
}

/* Thinking that is not signed cannot be given back: it is dropped. */
static void end(struct decoder *decoder)
{
	struct block *block = block_of(decoder);
	const struct value *began = block->began.root;

	if (!block->open)
		return;
	block->open = 0;
	if (is_type(began, "text"))
		reply_add_text(decoder->reply, decoder->partial.data,
			       decoder->partial.len);
	else if (is_type(began, "tool_use"))
		add_call(decoder, began);
	else if (!is_type(began, "thinking") || block->signature.len)
		add_opaque(decoder, block);
}

static void read_error(struct decoder *decoder, const struct value *root)
{
	const struct value *error = value_get(root, "error");
	const struct value *code = value_path(error, "details.error_code");
	const struct value *id = value_get(root, "request_id");
	const struct value *message = value_get(error, "message");

	if (!code)
		code = value_get(error, "code");
	decoder_fail(decoder, value_text(value_get(error, "type"), NULL),
		     value_text(code, NULL),
		     value_text(message ? message : error, NULL));
	if (value_text(id, NULL)) {
		free(decoder->failure->request_id);
		decoder->failure->request_id = xstrdup(value_text(id, NULL));
	}
}

static void read_message(struct decoder *decoder, const struct value *message)
{
	reply_set(decoder->reply, value_text(value_get(message, "model"), NULL),
		  value_text(value_get(message, "id"), NULL));
	read_usage(decoder->reply, value_get(message, "usage"));
	decoder->blocks = 1;
}

/* The type in the data counts: proxies lose the event's name. */
struct error *anthropic_event(struct decoder *decoder, const char *event,
			      const char *data, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	(void)event;
	if (!len || !strcmp(data, "[DONE]"))
		return NULL;
	TRY(error_wrap(json_parse(&tree, data, len), "an event of the stream"));
	const struct value *root = tree.root;
	if (is_error(root)) {
		read_error(decoder, root);
	} else if (is_type(root, "message_start")) {
		read_message(decoder, value_get(root, "message"));
	} else if (is_type(root, "content_block_start")) {
		end(decoder);
		begin(decoder, value_get(root, "content_block"));
	} else if (is_type(root, "content_block_delta")) {
		extend(decoder, value_get(root, "delta"));
	} else if (is_type(root, "content_block_stop")) {
		end(decoder);
	} else if (is_type(root, "message_delta")) {
		read_stop(decoder, value_get(root, "delta"));
		read_usage(decoder->reply, value_get(root, "usage"));
	} else if (is_type(root, "message_stop")) {
		decoder->finished = 1;
	}
	return NULL;
}

struct error *anthropic_whole(struct decoder *decoder, const char *json,
			      size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	TRY(error_wrap(json_parse(&tree, json, len), "the answer"));
	const struct value *root = tree.root;
	if (is_error(root)) {
		read_error(decoder, root);
		return NULL;
	}
	if (!value_get(root, "content"))
		return error_new(ERROR_INVALID, "the answer has no content");
	read_message(decoder, root);
	VALUE_EACH(it, value_get(root, "content"))
	{
		begin(decoder, it);
		end(decoder);
	}
	read_stop(decoder, root);
	decoder->finished = 1;
	return NULL;
}

/*
 * Without message_stop the answer was cut, also when a stop reason had come.
 * A reason that is missing or not known is what the parts say.
 */
struct error *anthropic_finish(struct decoder *decoder)
{
	const struct block *block = block_of(decoder);

	if (!decoder->finished || !decoder->blocks) {
		decoder_cut(decoder);
		return NULL;
	}
	end(decoder);
	if (block->stopped)
		decoder->reply->stop = block->stop;
	else
		decoder->reply->stop =
			reply_call(decoder->reply) ? STOP_TOOL : STOP_END;
	return NULL;
}

void anthropic_explain(struct failure *out, const char *body, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(error_release) struct error *err = json_parse(&tree, body, len);
	struct decoder decoder = { .failure = out };
	char *id;

	if (err || !value_get(tree.root, "error")) {
		failure_excerpt(out, body, len);
		return;
	}
	/* The header's id is the one the service asks for. */
	id = out->request_id;
	out->request_id = NULL;
	read_error(&decoder, tree.root);
	if (id) {
		free(out->request_id);
		out->request_id = id;
	}
}
