/*
 * Requests and replies as value trees.  A tree is its own arena and members
 * are only ever appended, so a long conversation costs what it says; the one
 * thing that is replaced, a parameter, leaves its old value behind in the
 * arena.
 */
#include "core/message.h"

#include "core/json.h"

#include <string.h>

void request_init(struct request *request)
{
	*request = (struct request){ .tree = TREE_INIT };
	value_object(&request->tree, NULL, NULL);
}

void request_release(struct request *request)
{
	tree_release(&request->tree);
	request->calls = 0;
}

void request_copy(struct request *out, const struct request *request)
{
	*out = (struct request){ .tree = TREE_INIT, .calls = request->calls };
	value_add_copy(&out->tree, NULL, NULL, request->tree.root);
}

/* The list under key of the request, made when it is not there. */
static struct value *list_of(struct request *request, const char *key)
{
	struct value *root = request->tree.root;
	struct value *list = value_get(root, key);

	return list ? list : value_list(&request->tree, root, key);
}

void request_system(struct request *request, const char *text, int stable)
{
	struct tree *tree = &request->tree;
	struct value *block =
		value_object(tree, list_of(request, "system"), NULL);

	value_add_string(tree, block, "text", text);
	if (stable)
		value_add_bool(tree, block, "stable", 1);
}

/* The parts of the last message if it is role's, else of a new one. */
static struct value *parts_of(struct request *request, const char *role)
{
	struct tree *tree = &request->tree;
	struct value *messages = list_of(request, "messages");
	struct value *last = messages->last;

	if (last && !strcmp(value_text(value_get(last, "role"), ""), role))
		return value_get(last, "parts");
	last = value_object(tree, messages, NULL);
	value_add_string(tree, last, "role", role);
	return value_list(tree, last, "parts");
}

static struct value *part_of(struct tree *tree, struct value *parts,
			     const char *type)
{
	struct value *part = value_object(tree, parts, NULL);

	value_add_string(tree, part, "type", type);
	return part;
}

void request_user(struct request *request, const char *text)
{
	struct value *parts = parts_of(request, "user");
	struct value *part = part_of(&request->tree, parts, "text");

	value_add_string(&request->tree, part, "text", text);
}

void request_result(struct request *request, const char *call_id,
		    const char *text, int is_error)
{
	struct tree *tree = &request->tree;
	struct value *parts = parts_of(request, "user");
	struct value *part = part_of(tree, parts, "result");

	value_add_string(tree, part, "id", call_id);
	value_add_string(tree, part, "text", text);
	value_add_bool(tree, part, "error", is_error);
}

void request_tool(struct request *request, const char *name,
		  const char *description, const struct value *schema)
{
	struct tree *tree = &request->tree;
	struct value *tool =
		value_object(tree, list_of(request, "tools"), NULL);

	value_add_string(tree, tool, "name", name);
	value_add_string(tree, tool, "description", description);
	value_add_copy(tree, tool, "schema", schema);
}

/* Takes the member out of the object; its memory stays with the tree. */
static void drop(struct value *object, const char *key)
{
	struct value *before = NULL;

	VALUE_EACH(it, object)
	{
		if (strcmp(it->key, key)) {
			before = it;
			continue;
		}
		if (before)
			before->next = it->next;
		else
			object->child = it->next;
		if (object->last == it)
			object->last = before;
		object->count--;
		return;
	}
}

void request_output(struct request *request, const char *name,
		    const struct value *schema)
{
	struct tree *tree = &request->tree;
	struct value *output;

	drop(tree->root, "output");
	output = value_object(tree, tree->root, "output");
	value_add_string(tree, output, "name", name);
	value_add_copy(tree, output, "schema", schema);
}

void request_choice(struct request *request, const char *choice)
{
	request_set_string(request, "choice", choice);
}

void request_set_string(struct request *request, const char *key,
			const char *text)
{
	drop(request->tree.root, key);
	value_add_string(&request->tree, request->tree.root, key, text);
}

void request_set_int(struct request *request, const char *key, int64_t n)
{
	drop(request->tree.root, key);
	value_add_int(&request->tree, request->tree.root, key, n);
}

void request_set_number(struct request *request, const char *key, double n)
{
	drop(request->tree.root, key);
	value_add_number(&request->tree, request->tree.root, key, n);
}

static int is_type(const struct value *part, const char *type)
{
	return !strcmp(value_text(value_get(part, "type"), ""), type);
}

void request_reply(struct request *request, const struct reply *reply)
{
	const struct value *parts = value_get(reply->tree.root, "parts");
	struct value *into;

	if (!parts || !parts->count)
		return;
	into = parts_of(request, "assistant");
	VALUE_EACH(it, parts)
	{
		value_add_copy(&request->tree, into, NULL, it);
		request->calls += is_type(it, "call");
	}
}

int request_sends(const struct request *request, const char *driver,
		  const struct value *part)
{
	const struct value *model = value_get(request->tree.root, "model");

	return !is_type(part, "opaque") ||
	       (!strcmp(value_text(value_get(part, "driver"), ""), driver) &&
		!strcmp(value_text(value_get(part, "model"), ""),
			value_text(model, "")));
}

/* Copies a message without what is not sent. */
static void copy_message(struct tree *tree, struct value *messages,
			 const struct value *message,
			 const struct request *request, const char *driver)
{
	struct value *copy = value_object(tree, messages, NULL);
	struct value *parts;

	value_add_copy(tree, copy, "role", value_get(message, "role"));
	parts = value_list(tree, copy, "parts");
	VALUE_EACH(it, value_get(message, "parts"))
	if (request_sends(request, driver, it))
		value_add_copy(tree, parts, NULL, it);
}

void request_key(char hex[SHA256_HEX], const struct request *request,
		 const char *driver)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *asked;

	value_add_string(&tree, root, "driver", driver);
	asked = value_object(&tree, root, "request");
	VALUE_EACH(it, request->tree.root)
	{
		if (strcmp(it->key, "messages")) {
			value_add_copy(&tree, asked, it->key, it);
			continue;
		}
		struct value *messages = value_list(&tree, asked, it->key);
		VALUE_EACH(message, it)
		copy_message(&tree, messages, message, request, driver);
	}
	json_print_canonical(&text, root);
	sha256_of(text.data, text.len, hex);
}

int64_t token_estimate(size_t bytes)
{
	return bytes ? (int64_t)((bytes + 3) / 4) : 1;
}

size_t request_bytes(const struct request *request)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	json_print(&text, request->tree.root);
	return text.len;
}

int64_t request_tokens(const struct request *request)
{
	return token_estimate(request_bytes(request));
}
