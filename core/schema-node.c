/* The nodes of a schema, read where it is lowered and where that is undone. */
#include "core/schema-node.h"

#include <string.h>

const struct value *node_target(const struct value *root, const char *ref)
{
	static const char prefix[] = "#/$defs/";

	if (strncmp(ref, prefix, sizeof prefix - 1) != 0)
		return NULL;
	return value_get(value_get(root, "$defs"), ref + sizeof prefix - 1);
}

const struct value *node_follow(const struct value *root,
				const struct value *node)
{
	const char *ref;
	int steps = 0;

	while (node && (ref = value_text(value_get(node, "$ref"), NULL)))
		node = ++steps > 16 ? NULL : node_target(root, ref);
	return node;
}

static int is_text(const struct value *value, const char *text)
{
	return value && value->kind == VALUE_STRING &&
	       !strcmp(value->text, text);
}

int node_has_type(const struct value *type, const char *name)
{
	if (type && type->kind == VALUE_LIST) {
		VALUE_EACH(it, type)
		if (is_text(it, name))
			return 1;
		return 0;
	}
	return is_text(type, name);
}

int node_has_null(const struct value *list)
{
	VALUE_EACH(it, list)
	if (it->kind == VALUE_NULL)
		return 1;
	return 0;
}

int node_admits_null(const struct value *root, const struct value *node)
{
	const struct value *type, *values, *same, *any;

	node = node_follow(root, node);
	type = value_get(node, "type");
	values = value_get(node, "enum");
	same = value_get(node, "const");
	any = value_get(node, "anyOf");
	if ((type && !node_has_type(type, "null")) ||
	    (values && !node_has_null(values)) ||
	    (same && same->kind != VALUE_NULL))
		return 0;
	if (!any)
		return 1;
	VALUE_EACH(it, any)
	if (node_admits_null(root, it))
		return 1;
	return 0;
}

int node_requires(const struct value *node, const char *key)
{
	VALUE_EACH(it, value_get(node, "required"))
	if (is_text(it, key))
		return 1;
	return 0;
}

const char *node_type_of(const struct value *value)
{
	static const char *const names[] = {
		[VALUE_NULL] = "null",     [VALUE_BOOL] = "boolean",
		[VALUE_INT] = "integer",   [VALUE_NUMBER] = "number",
		[VALUE_STRING] = "string", [VALUE_LIST] = "array",
		[VALUE_OBJECT] = "object",
	};

	return names[value->kind];
}
