/*
 * Chat Completions: how a request is put.  The dialect every compatible server
 * speaks, in its own way: fields the vendor's servers want and others refuse,
 * or the other way round, are chosen by the host.
 */
#include "core/dialect-chat.h"

#include "core/dialect-openai.h"
#include "core/json.h"

#include <string.h>

static void address(struct buf *url, struct strings *headers,
		    const struct endpoint *endpoint,
		    const struct request *request)
{
	(void)request;
	openai_address(url, headers, endpoint, "/chat/completions");
}

static struct value *add_message(struct openai_encoder *encoder,
				 struct value *list, const char *role)
{
	struct value *message = value_object(&encoder->tree, list, NULL);

	value_add_string(&encoder->tree, message, "role", role);
	return message;
}

static void add_call(struct openai_encoder *encoder, struct value *list,
		     const struct value *part)
{
	CLEANUP(buf_release) struct buf arguments = BUF_INIT;
	struct tree *tree = &encoder->tree;
	struct value *call = value_object(tree, list, NULL);
	struct value *function;

	json_print(&arguments, value_get(part, "input"));
	value_add_copy(tree, call, "id", value_get(part, "id"));
	value_add_string(tree, call, "type", "function");
	function = value_object(tree, call, "function");
	value_add_copy(tree, function, "name", value_get(part, "name"));
	value_add_strn(tree, function, "arguments", arguments.data,
		       arguments.len);
}

/* The texts of a message as one; servers differ in what lists they take. */
static void join_text(struct buf *out, const struct value *parts)
{
	VALUE_EACH(it, parts)
	{
		const char *text = value_text(value_get(it, "text"), "");

		if (openai_is(it, "text") && *text)
			buf_addf(out, "%s%s", out->len ? "\n\n" : "", text);
	}
}

static int has_calls(const struct value *parts)
{
	VALUE_EACH(it, parts)
	if (openai_is(it, "call"))
		return 1;
	return 0;
}

static void add_assistant(struct openai_encoder *encoder, struct value *list,
			  const struct value *parts)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct tree *tree = &encoder->tree;
	struct value *message, *calls;
	int any = has_calls(parts);

	join_text(&text, parts);
	if (!text.len && !any)
		return;
	message = add_message(encoder, list, "assistant");
	if (text.len)
		value_add_strn(tree, message, "content", text.data, text.len);
	else
		value_add_null(tree, message, "content");
	if (!any)
		return;
	calls = value_list(tree, message, "tool_calls");
	VALUE_EACH(it, parts)
	if (openai_is(it, "call"))
		add_call(encoder, calls, it);
}

/* Each result is a message, directly behind the calls. */
static void add_user(struct openai_encoder *encoder, struct value *list,
		     const struct value *parts)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct tree *tree = &encoder->tree;

	VALUE_EACH(it, parts)
	{
		CLEANUP(buf_release) struct buf result = BUF_INIT;
		struct value *message;

		if (!openai_is(it, "result"))
			continue;
		openai_result(&result, it);
		message = add_message(encoder, list, "tool");
		value_add_copy(tree, message, "tool_call_id",
			       value_get(it, "id"));
		value_add_strn(tree, message, "content", result.data,
			       result.len);
	}
	join_text(&text, parts);
	if (text.len)
		value_add_strn(tree, add_message(encoder, list, "user"),
			       "content", text.data, text.len);
}

static void add_messages(struct openai_encoder *encoder)
{
	CLEANUP(buf_release) struct buf system = BUF_INIT;
	struct tree *tree = &encoder->tree;
	struct value *list = value_list(tree, tree->root, "messages");

	openai_system(&system, encoder);
	if (system.len)
		value_add_strn(tree, add_message(encoder, list, "system"),
			       "content", system.data, system.len);
	VALUE_EACH(it, value_get(encoder->from, "messages"))
	{
		const struct value *parts = value_get(it, "parts");
		const char *role = value_text(value_get(it, "role"), "");

		if (!strcmp(role, "assistant"))
			add_assistant(encoder, list, parts);
		else
			add_user(encoder, list, parts);
	}
}

static void add_tools(struct openai_encoder *encoder)
{
	const struct value *tools = value_get(encoder->from, "tools");
	struct tree *tree = &encoder->tree;
	struct value *list;

	if (!tools || !tools->count)
		return;
	list = value_list(tree, tree->root, "tools");
	VALUE_EACH(it, tools)
	{
		struct value *tool = value_object(tree, list, NULL);

		value_add_string(tree, tool, "type", "function");
		openai_function(encoder, value_object(tree, tool, "function"),
				it);
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
	format = value_object(tree, tree->root, "response_format");
	value_add_string(tree, format, "type", "json_schema");
	value_add_copy(tree, format, "json_schema", output.root);
}

/* Models that reason refuse max_tokens, other servers know nothing else. */
static void add_limit(struct openai_encoder *encoder)
{
	int64_t most = openai_max_tokens(encoder);

	if (most)
		value_add_int(&encoder->tree, encoder->tree.root,
			      encoder->host == HOST_OTHER
				      ? "max_tokens"
				      : "max_completion_tokens",
			      most);
}

static struct error *encode(struct buf *body, const struct exchange *exchange)
{
	CLEANUP(openai_encoder_release) struct openai_encoder encoder;
	struct tree *tree = &encoder.tree;
	struct value *options;
	char effort[16];

	openai_encoder_init(&encoder, exchange);
	add_messages(&encoder);
	add_tools(&encoder);
	add_format(&encoder);
	openai_effort(effort, sizeof effort, &encoder);
	if (*effort)
		value_add_string(tree, tree->root, "reasoning_effort", effort);
	add_limit(&encoder);
	openai_sampling(&encoder);
	openai_cache_key(&encoder);
	value_add_bool(tree, tree->root, "stream", 1);
	options = value_object(tree, tree->root, "stream_options");
	value_add_bool(tree, options, "include_usage", 1);
	openai_say_left_out(&encoder);
	json_print(body, tree->root);
	return NULL;
}

const struct dialect dialect_chat = {
	.name = "chat",
	.address = address,
	.encode = encode,
	.event = chat_event,
	.finish = chat_finish,
	.whole = chat_whole,
	.explain = openai_explain,
	.release = chat_release,
};
