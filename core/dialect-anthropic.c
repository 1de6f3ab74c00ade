/*
 * The Messages API of Anthropic, as @anthropic-ai/sdk 1.11.0 describes it: how
 * a request is put.
 *
 * What a model or API version refuses is left out here and said once, in one
 * sentence; nothing is left to the service that the tables know it refuses.
 */
#include "core/dialect-anthropic.h"

#include "core/json.h"
#include "core/schema-lower.h"

#include <string.h>

#define HOME "https://api.anthropic.com"
/* What a reply may have when nothing was said. */
#define MAX_TOKENS 16384

/* The newest first: it counts for versions that are not known. */
static const struct version {
	const char *name;
	int bearer; /* "Authorization: Bearer", else "x-api-key" */
	int sampling; /* temperature and top_p exist */
} versions[] = {
	{ "2026-10-21", 1, 0 },
	{ "2023-06-01", 0, 1 },
};
#define VERSIONS (sizeof versions / sizeof *versions)

static const struct version *version_of(const struct endpoint *endpoint)
{
	const char *name = endpoint->api_version;

	for (size_t i = 0; name && i < VERSIONS; i++)
		if (!strcmp(versions[i].name, name))
			return &versions[i];
	return versions;
}

static int ends_in(const struct buf *text, const char *tail)
{
	size_t len = strlen(tail);

	return text->len >= len && !strcmp(text->data + text->len - len, tail);
}

/* base_url may be the host, or go as far as /v1 or /v1/messages. */
static void address(struct buf *url, struct strings *headers,
		    const struct endpoint *endpoint,
		    const struct request *request)
{
	const struct version *version = version_of(endpoint);
	const char *name = endpoint->api_version;

	(void)request;
	buf_str(url, endpoint->base_url ? endpoint->base_url : HOME);
	while (url->len && url->data[url->len - 1] == '/')
		buf_setlen(url, url->len - 1);
	if (ends_in(url, "/v1"))
		buf_str(url, "/messages");
	else if (!ends_in(url, "/v1/messages"))
		buf_str(url, "/v1/messages");

	strings_addf(headers, "anthropic-version: %s",
		     name ? name : version->name);
	if (endpoint->key)
		strings_addf(headers, "%s%s",
			     version->bearer ? "Authorization: Bearer "
					     : "x-api-key: ",
			     endpoint->key);
}

/* A request on its way into the service's form. */
struct encoder {
	struct tree tree;
	const struct exchange *exchange;
	const struct value *from; /* the request's root */
	const char *model;
	const struct capability *can;
	const struct version *version;
	struct strings left_out;
	int thinks; /* thinking is asked for */
};

static void encoder_release(struct encoder *encoder)
{
	tree_release(&encoder->tree);
	strings_release(&encoder->left_out);
}

/* A breakpoint: everything up to here is kept in the service's cache. */
static void cache_here(struct encoder *encoder, struct value *block)
{
	struct value *control;

	if (!block)
		return;
	control = value_object(&encoder->tree, block, "cache_control");
	value_add_string(&encoder->tree, control, "type", "ephemeral");
}

static struct value *add_block(struct encoder *encoder, struct value *list,
			       const char *type)
{
	struct value *block = value_object(&encoder->tree, list, NULL);

	value_add_string(&encoder->tree, block, "type", type);
	return block;
}

/* A text of nothing but blanks is refused. */
static int is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

static void add_system(struct encoder *encoder)
{
	const struct value *system = value_get(encoder->from, "system");
	struct value *list, *stable = NULL;

	if (!system || !system->count)
		return;
	list = value_list(&encoder->tree, encoder->tree.root, "system");
	VALUE_EACH(it, system)
	{
		const char *text = value_text(value_get(it, "text"), "");
		struct value *block;

		if (is_blank(text))
			continue;
		block = add_block(encoder, list, "text");
		value_add_string(&encoder->tree, block, "text", text);
		if (value_bool(value_get(it, "stable"), 0))
			stable = block;
	}
	cache_here(encoder, stable);
}

static void add_call(struct encoder *encoder, struct value *content,
		     const struct value *part)
{
	struct value *block = add_block(encoder, content, "tool_use");

	value_add_copy(&encoder->tree, block, "id", value_get(part, "id"));
	value_add_copy(&encoder->tree, block, "name", value_get(part, "name"));
	value_add_copy(&encoder->tree, block, "input",
		       value_get(part, "input"));
}

static void add_result(struct encoder *encoder, struct value *content,
		       const struct value *part)
{
	struct tree *tree = &encoder->tree;
	struct value *block = add_block(encoder, content, "tool_result");
	const char *text = value_text(value_get(part, "text"), "");

	value_add_copy(tree, block, "tool_use_id", value_get(part, "id"));
	if (*text)
		value_add_string(tree, block, "content", text);
	if (value_bool(value_get(part, "error"), 0))
		value_add_bool(tree, block, "is_error", 1);
}

static int is_type(const struct value *part, const char *type)
{
	return !strcmp(value_text(value_get(part, "type"), ""), type);
}

/* Tells whether anything of a part is sent. */
static int says(const struct encoder *encoder, const struct value *part)
{
	if (is_type(part, "text"))
		return !is_blank(value_text(value_get(part, "text"), ""));
	return request_sends(encoder->exchange->request, ANTHROPIC, part);
}

static void add_part(struct encoder *encoder, struct value *content,
		     const struct value *part)
{
	if (is_type(part, "call"))
		add_call(encoder, content, part);
	else if (is_type(part, "opaque"))
		value_add_copy(&encoder->tree, content, NULL,
			       value_get(part, "value"));
	else if (is_type(part, "text"))
		value_add_copy(&encoder->tree,
			       add_block(encoder, content, "text"), "text",
			       value_get(part, "text"));
}

/*
 * Results come first in a message: the service refuses them behind text.
 * Gives the content, or NULL for a message that says nothing.
 */
static struct value *add_message(struct encoder *encoder, struct value *list,
				 const struct value *message)
{
	const struct value *parts = value_get(message, "parts");
	struct value *copy, *content;
	int any = 0;

	VALUE_EACH(it, parts)
	any |= says(encoder, it);
	if (!any)
		return NULL;
	copy = value_object(&encoder->tree, list, NULL);
	value_add_copy(&encoder->tree, copy, "role",
		       value_get(message, "role"));
	content = value_list(&encoder->tree, copy, "content");
	VALUE_EACH(it, parts)
	if (is_type(it, "result"))
		add_result(encoder, content, it);
	VALUE_EACH(it, parts)
	if (says(encoder, it))
		add_part(encoder, content, it);
	return content;
}

/*
 * In a conversation that goes on the last two of the user's messages are
 * breakpoints: what the one wrote to the cache is what the next call reads.
 * The service looks back by 20 blocks only, so the older one is named.
 */
static void add_messages(struct encoder *encoder)
{
	struct value *last = NULL, *before = NULL;
	struct value *list =
		value_list(&encoder->tree, encoder->tree.root, "messages");

	VALUE_EACH(it, value_get(encoder->from, "messages"))
	{
		struct value *content = add_message(encoder, list, it);
		const char *role = value_text(value_get(it, "role"), "");

		if (!content || strcmp(role, "user"))
			continue;
		before = last;
		last = content->last;
	}
	if (before) {
		cache_here(encoder, before);
		cache_here(encoder, last);
	}
}

static void add_choice(struct encoder *encoder)
{
	const char *choice =
		value_text(value_get(encoder->from, "choice"), "auto");
	struct value *object;

	if (!strcmp(choice, "required") && !encoder->can->forced) {
		strings_add(&encoder->left_out, "a forced choice of tool");
		return;
	}
	if (!strcmp(choice, "auto"))
		return;
	object =
		value_object(&encoder->tree, encoder->tree.root, "tool_choice");
	value_add_string(&encoder->tree, object, "type",
			 !strcmp(choice, "required") ? "any" : "none");
}

static void add_tools(struct encoder *encoder)
{
	const struct value *tools = value_get(encoder->from, "tools");
	struct value *list;

	if (!tools || !tools->count)
		return;
	list = value_list(&encoder->tree, encoder->tree.root, "tools");
	VALUE_EACH(it, tools)
	{
		struct value *tool = value_object(&encoder->tree, list, NULL);
		const struct value *about = value_get(it, "description");

		value_add_copy(&encoder->tree, tool, "name",
			       value_get(it, "name"));
		if (*value_text(about, ""))
			value_add_copy(&encoder->tree, tool, "description",
				       about);
		value_add_copy(&encoder->tree, tool, "input_schema",
			       value_get(it, "schema"));
	}
	cache_here(encoder, list->last);
	add_choice(encoder);
}

static struct value *output_config(struct encoder *encoder)
{
	struct value *root = encoder->tree.root;
	struct value *config = value_get(root, "output_config");

	return config ? config
		      : value_object(&encoder->tree, root, "output_config");
}

/*
 * An effort asks for thinking where that goes without a budget.  Not together
 * with a forced choice of tool, which thinking excludes.
 */
static void add_effort(struct encoder *encoder)
{
	const char *wanted =
		value_text(value_get(encoder->from, "effort"), NULL);
	struct value *choice = value_get(encoder->tree.root, "tool_choice");
	const char *tool = value_text(value_get(choice, "type"), "");
	struct value *thinking;
	char effort[16];

	if (!wanted)
		return;
	if (!capability_effort(effort, sizeof effort, encoder->can, wanted)) {
		strings_add(&encoder->left_out, "effort");
		return;
	}
	if (strcmp(effort, wanted))
		exchange_notice(encoder->exchange,
				"%s is asked with effort %s, not %s, which it "
				"does not take",
				encoder->model, effort, wanted);
	value_add_string(&encoder->tree, output_config(encoder), "effort",
			 effort);
	if (!encoder->can->adaptive || !strcmp(tool, "any") ||
	    !strcmp(wanted, "none"))
		return;
	thinking = value_object(&encoder->tree, encoder->tree.root, "thinking");
	value_add_string(&encoder->tree, thinking, "type", "adaptive");
	encoder->thinks = 1;
}

/* Where the model has none of its own the prompt asks for the form. */
static struct error *add_output(struct encoder *encoder)
{
	const struct value *output = value_get(encoder->from, "output");
	CLEANUP(tree_release) struct tree schema = TREE_INIT;
	struct value *format;

	if (!output || !encoder->can->output_schema)
		return NULL;
	struct error *err =
		schema_lower(&schema, value_get(output, "schema"), ANTHROPIC);
	if (err) {
		exchange_notice(encoder->exchange,
				"%s: asked for without the service's strict "
				"mode: %s",
				value_text(value_get(output, "name"), "answer"),
				err->message);
		error_free(err);
		return NULL;
	}
	format = value_object(&encoder->tree, output_config(encoder), "format");
	value_add_string(&encoder->tree, format, "type", "json_schema");
	value_add_copy(&encoder->tree, format, "schema", schema.root);
	return NULL;
}

/* Models that take both take only one of them at a time. */
static void add_sampling(struct encoder *encoder)
{
	const struct value *heat = value_get(encoder->from, "temperature");
	const struct value *top_p = value_get(encoder->from, "top_p");
	int takes = encoder->can->sampling && encoder->version->sampling &&
		    !encoder->thinks;

	if (heat && takes)
		value_add_copy(&encoder->tree, encoder->tree.root,
			       "temperature", heat);
	else if (heat)
		strings_add(&encoder->left_out, "temperature");
	if (top_p && takes && !heat)
		value_add_copy(&encoder->tree, encoder->tree.root, "top_p",
			       top_p);
	else if (top_p)
		strings_add(&encoder->left_out, "top_p");
}

static void say_left_out(const struct encoder *encoder)
{
	const char *version = encoder->exchange->endpoint->api_version;
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	if (!encoder->left_out.len)
		return;
	strings_join(&names, &encoder->left_out, ", ");
	exchange_notice(encoder->exchange,
			"left out, because %s does not take it on API version "
			"%s: %s",
			encoder->model,
			version ? version : encoder->version->name, names.data);
}

/* A limit beyond the model's own is refused, so it is lowered. */
static void add_head(struct encoder *encoder)
{
	struct tree *tree = &encoder->tree;
	int64_t most = encoder->can->max_output;
	int64_t asked =
		value_int(value_get(encoder->from, "max_tokens"), MAX_TOKENS);
	int is_known = strcmp(encoder->can->model, "*") != 0;

	value_add_string(tree, tree->root, "model", encoder->model);
	value_add_int(tree, tree->root, "max_tokens",
		      is_known && asked > most ? most : asked);
	value_add_bool(tree, tree->root, "stream", 1);
}

static struct error *encode(struct buf *body, const struct exchange *exchange)
{
	const struct value *from = exchange->request->tree.root;
	CLEANUP(encoder_release)
	struct encoder encoder = {
		.tree = TREE_INIT,
		.exchange = exchange,
		.from = from,
		.model = value_text(value_get(from, "model"), ""),
		.version = version_of(exchange->endpoint),
	};

	encoder.can = capability_find(ANTHROPIC, encoder.model);
	value_object(&encoder.tree, NULL, NULL);
	add_head(&encoder);
	add_system(&encoder);
	add_messages(&encoder);
	add_tools(&encoder);
	add_effort(&encoder);
	TRY(add_output(&encoder));
	add_sampling(&encoder);
	say_left_out(&encoder);
	json_print(body, encoder.tree.root);
	return NULL;
}

const struct dialect dialect_anthropic = {
	.name = ANTHROPIC,
	.address = address,
	.encode = encode,
	.event = anthropic_event,
	.finish = anthropic_finish,
	.whole = anthropic_whole,
	.explain = anthropic_explain,
	.release = anthropic_release,
};
