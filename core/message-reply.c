/*
 * Replies: how drivers build them, and their JSON.  Stop and usage are fields
 * and not in the tree, so that there is one place to set them; the JSON has
 * them beside the tree's members.
 */
#include "core/message.h"

#include "core/json.h"

#include <string.h>

static const char *const stop_names[] = {
	[STOP_END] = "end",         [STOP_TOOL] = "tool",
	[STOP_LENGTH] = "length",   [STOP_CONTEXT] = "context",
	[STOP_REFUSAL] = "refusal", [STOP_FILTER] = "filter",
	[STOP_PAUSE] = "pause",
};

const char *stop_name(enum stop stop)
{
	return stop_names[stop];
}

struct error *stop_parse(enum stop *out, const char *name)
{
	for (int i = STOP_END; i <= STOP_PAUSE; i++)
		if (!strcmp(stop_names[i], name)) {
			*out = (enum stop)i;
			return NULL;
		}
	return error_new(ERROR_INVALID, "no reason to stop is called '%s'",
			 name);
}

/* The members of usage, once for the printer, the parser and the sum. */
static const struct {
	const char *name;
	size_t offset;
} counts[] = {
	{ "input", offsetof(struct usage, input) },
	{ "cached", offsetof(struct usage, cached) },
	{ "cache_write", offsetof(struct usage, cache_write) },
	{ "output", offsetof(struct usage, output) },
	{ "reasoning", offsetof(struct usage, reasoning) },
};
#define COUNTS (sizeof counts / sizeof *counts)

#define MOST_COUNT ((int64_t)1 << 40)

static int64_t *count_of(struct usage *usage, size_t i)
{
	return (int64_t *)(void *)((char *)usage + counts[i].offset);
}

int64_t usage_count(const struct value *n)
{
	int64_t count = value_int(n, 0);

	return count < 0 ? 0 : count > MOST_COUNT ? MOST_COUNT : count;
}

void usage_add(struct usage *sum, const struct usage *more)
{
	struct usage from = *more;

	for (size_t i = 0; i < COUNTS; i++)
		*count_of(sum, i) += *count_of(&from, i);
}

void usage_print(struct tree *tree, struct value *object,
		 const struct usage *usage)
{
	struct value *row = value_object(tree, object, "usage");
	struct usage copy = *usage;

	for (size_t i = 0; i < COUNTS; i++)
		value_add_int(tree, row, counts[i].name, *count_of(&copy, i));
}

void usage_read(struct usage *out, const struct value *row)
{
	for (size_t i = 0; i < COUNTS; i++)
		*count_of(out, i) = usage_count(value_get(row, counts[i].name));
}

void reply_init(struct reply *reply)
{
	*reply = (struct reply){ .tree = TREE_INIT };
	struct tree *tree = &reply->tree;
	struct value *root = value_object(tree, NULL, NULL);

	value_add_null(tree, root, "model");
	value_list(tree, root, "parts");
	value_add_null(tree, root, "id");
}

void reply_release(struct reply *reply)
{
	tree_release(&reply->tree);
}

static void set_text(struct tree *tree, const char *key, const char *text)
{
	struct value *member = value_get(tree->root, key);

	if (!text)
		return;
	member->kind = VALUE_STRING;
	member->len = strlen(text);
	member->text = arena_strndup(&tree->arena, text, member->len);
}

void reply_set(struct reply *reply, const char *model, const char *id)
{
	set_text(&reply->tree, "model", model);
	set_text(&reply->tree, "id", id);
}

static struct value *add_part(struct reply *reply, const char *type)
{
	struct value *parts = value_get(reply->tree.root, "parts");
	struct value *part = value_object(&reply->tree, parts, NULL);

	value_add_string(&reply->tree, part, "type", type);
	return part;
}

void reply_add_text(struct reply *reply, const char *text, size_t len)
{
	if (len)
		value_add_strn(&reply->tree, add_part(reply, "text"), "text",
			       text, len);
}

void reply_add_opaque(struct reply *reply, const struct request *request,
		      const char *driver, const struct value *value)
{
	struct value *part = add_part(reply, "opaque");
	const struct value *model = value_get(request->tree.root, "model");

	value_add_string(&reply->tree, part, "driver", driver);
	value_add_string(&reply->tree, part, "model", value_text(model, ""));
	value_add_copy(&reply->tree, part, "value", value);
}

static int count_calls(const struct reply *reply)
{
	int n = 0;

	for (const struct value *it = reply_call(reply); it;
	     it = reply_next_call(it))
		n++;
	return n;
}

void reply_add_call(struct reply *reply, const struct request *request,
		    const char *name, const char *input, size_t len)
{
	CLEANUP(tree_release) struct tree parsed = TREE_INIT;
	struct tree *tree = &reply->tree;
	int n = request->calls + count_calls(reply) + 1;
	struct value *part = add_part(reply, "call");

	value_add_stringf(tree, part, "id", "call-%d", n);
	value_add_string(tree, part, "name", name);
	if (strspn(input, " \t\r\n") == len) {
		value_object(tree, part, "input");
		return;
	}
	CLEANUP(error_release)
	struct error *err = json_parse(&parsed, input, len);
	if (!err && parsed.root->kind == VALUE_OBJECT) {
		value_add_copy(tree, part, "input", parsed.root);
		return;
	}
	value_object(tree, part, "input");
	value_add_strn(tree, part, "broken", input, len);
}

static int is_call(const struct value *part)
{
	return !strcmp(value_text(value_get(part, "type"), ""), "call");
}

void reply_text(struct buf *out, const struct reply *reply)
{
	VALUE_EACH(it, value_get(reply->tree.root, "parts"))
	if (!strcmp(value_text(value_get(it, "type"), ""), "text")) {
		const struct value *text = value_get(it, "text");

		buf_add(out, text->text, text->len);
	}
}

const struct value *reply_call(const struct reply *reply)
{
	const struct value *parts = value_get(reply->tree.root, "parts");
	const struct value *first = parts ? parts->child : NULL;

	return !first || is_call(first) ? first : reply_next_call(first);
}

const struct value *reply_next_call(const struct value *call)
{
	VALUE_EACH(it, &(struct value){ .child = call->next })
	if (is_call(it))
		return it;
	return NULL;
}

void reply_print(struct buf *out, const struct reply *reply)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const struct value *from = reply->tree.root;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_copy(&tree, root, "model", value_get(from, "model"));
	value_add_string(&tree, root, "stop", stop_name(reply->stop));
	value_add_copy(&tree, root, "parts", value_get(from, "parts"));
	usage_print(&tree, root, &reply->usage);
	value_add_copy(&tree, root, "id", value_get(from, "id"));
	json_print(out, root);
}

/* What each type of part has to have, of which kind. */
static const struct {
	const char *type, *key;
	enum value_kind kind;
} members[] = {
	{ "text", "text", VALUE_STRING },
	{ "call", "id", VALUE_STRING },
	{ "call", "name", VALUE_STRING },
	{ "call", "input", VALUE_OBJECT },
	{ "opaque", "driver", VALUE_STRING },
	{ "opaque", "model", VALUE_STRING },
	{ "opaque", "value", VALUE_OBJECT },
};

static struct error *check_part(const struct value *part)
{
	const char *type = value_text(value_get(part, "type"), "");
	int known = 0;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const struct value *member = value_get(part, members[i].key);

		if (strcmp(members[i].type, type))
			continue;
		known = 1;
		if (!member || member->kind != members[i].kind)
			return error_new(ERROR_INVALID,
					 "a %s part of a reply needs '%s'",
					 type, members[i].key);
	}
	if (known)
		return NULL;
	return error_new(ERROR_INVALID, "a reply has no parts of type '%s'",
			 type);
}

/* A reply has all of them. */
static struct error *check_usage(const struct value *usage)
{
	for (size_t i = 0; i < COUNTS; i++)
		if (value_int(value_get(usage, counts[i].name), -1) < 0)
			return error_new(ERROR_INVALID,
					 "the reply's usage needs '%s'",
					 counts[i].name);
	return NULL;
}

/* Text or null. */
static struct error *read_name(const char **out, const struct value *root,
			       const char *key)
{
	const struct value *name = value_get(root, key);

	if (!name || (name->kind != VALUE_STRING && name->kind != VALUE_NULL))
		return error_new(ERROR_INVALID, "the reply's '%s' is no text",
				 key);
	*out = value_text(name, NULL);
	return NULL;
}

struct error *reply_parse(struct reply *out, const char *json, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const char *model = NULL, *id = NULL;
	enum stop stop = STOP_END;

	TRY(json_parse(&tree, json, len));
	const struct value *parts = value_get(tree.root, "parts");
	if (!parts || parts->kind != VALUE_LIST)
		return error_new(ERROR_INVALID, "the reply has no parts");
	VALUE_EACH(it, parts)
	TRY(check_part(it));
	TRY(read_name(&model, tree.root, "model"));
	TRY(read_name(&id, tree.root, "id"));
	TRY(stop_parse(&stop, value_text(value_get(tree.root, "stop"), "")));
	TRY(check_usage(value_get(tree.root, "usage")));

	reply_init(out);
	reply_set(out, model, id);
	struct value *into = value_get(out->tree.root, "parts");
	VALUE_EACH(it, parts)
	value_add_copy(&out->tree, into, NULL, it);
	out->stop = stop;
	usage_read(&out->usage, value_get(tree.root, "usage"));
	return NULL;
}
