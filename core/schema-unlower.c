/*
 * What lowering did to a schema is undone in the reply: absent members came as
 * null where every property is required.
 */
#include "core/schema-lower.h"

#include "core/schema-node.h"

/* Takes the member out; its memory stays with the tree. */
static void drop(struct value *object, struct value *before, struct value *it)
{
	if (before)
		before->next = it->next;
	else
		object->child = it->next;
	if (object->last == it)
		object->last = before;
	object->count--;
}

static void unlower(struct value *value, const struct value *root,
		    const struct value *node);

static void unlower_object(struct value *value, const struct value *root,
			   const struct value *node)
{
	struct value *before = NULL, *next;

	for (struct value *it = value->child; it; it = next) {
		const struct value *property =
			value_get(value_get(node, "properties"), it->key);

		next = it->next;
		if (property && it->kind == VALUE_NULL &&
		    !node_requires(node, it->key) &&
		    !node_admits_null(root, property)) {
			drop(value, before, it);
			continue;
		}
		if (property)
			unlower(it, root, property);
		before = it;
	}
}

/* Tells whether the node could be meant: it knows every key there is. */
static int knows(const struct value *root, const struct value *node,
		 const struct value *value)
{
	const struct value *properties;

	node = node_follow(root, node);
	properties = value_get(node, "properties");
	if (!node_has_type(value_get(node, "type"), node_type_of(value)))
		return 0;
	VALUE_EACH(it, value->kind == VALUE_OBJECT ? value : NULL)
	if (!value_get(properties, it->key))
		return 0;
	return 1;
}

static void unlower(struct value *value, const struct value *root,
		    const struct value *node)
{
	node = node_follow(root, node);
	VALUE_EACH(it, value_get(node, "anyOf"))
	if (knows(root, it, value)) {
		unlower(value, root, it);
		return;
	}
	if (value->kind == VALUE_OBJECT)
		unlower_object(value, root, node);
	if (value->kind != VALUE_LIST || !value_get(node, "items"))
		return;
	VALUE_EACH(it, value)
	unlower(it, root, value_get(node, "items"));
}

void schema_unlower(struct tree *reply, const struct value *schema)
{
	if (reply->root)
		unlower(reply->root, schema, schema);
}
