/*
 * The linter of lowered schemas.  It shares only the table with the code that
 * lowers, so that an error there is seen here.
 */
#include "core/schema-lower.h"

#include <string.h>

struct lint {
	const struct schema_dialect *dialect;
	const struct value *root;
	int properties, optional, unions, values;
	size_t text;
	int visits; /* of the walk along references */
};

/* References that fan out over and over make a small schema endless. */
#define MAX_VISITS 100000

static struct error *wrong(const struct lint *lint, const char *what,
			   const char *name)
{
	return error_new(ERROR_INVALID, "%s: %s '%s'", lint->dialect->driver,
			 what, name);
}

static int lets(const struct schema_dialect *dialect, const char *keyword)
{
	for (const char *const *it = dialect->keywords; *it; it++)
		if (!strcmp(*it, keyword))
			return 1;
	return 0;
}

static int in_list(const struct value *list, const char *text)
{
	VALUE_EACH(it, list)
	if (it->kind == VALUE_STRING && !strcmp(it->text, text))
		return 1;
	return 0;
}

static int is_type(const struct value *node, const char *name)
{
	const struct value *type = value_get(node, "type");

	if (type && type->kind == VALUE_LIST)
		return in_list(type, name);
	return type && !strcmp(value_text(type, ""), name);
}

static struct error *lint_type(const struct lint *lint,
			       const struct value *node)
{
	static const char *const known[] = { "string",  "number", "integer",
					     "boolean", "object", "array",
					     "null" };
	const struct value *type = value_get(node, "type");
	size_t found = 0;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		found += is_type(node, known[i]) != 0;
	if (!type || !found ||
	    (type->kind == VALUE_LIST && type->count != found))
		return wrong(lint, "no type, or an unknown one, of",
			     node->key ? node->key : "");
	return NULL;
}

static struct error *lint_object(struct lint *lint, const struct value *node)
{
	const struct value *more = value_get(node, "additionalProperties");
	const struct value *required = value_get(node, "required");
	const struct value *properties = value_get(node, "properties");
	const char *name = node->key ? node->key : "";

	if (!more || more->kind != VALUE_BOOL || more->integer)
		return wrong(lint, "additionalProperties is not false in",
			     name);
	if (!properties || properties->kind != VALUE_OBJECT || !required)
		return wrong(lint, "no properties or required in", name);
	VALUE_EACH(it, properties)
	{
		int optional = !in_list(required, it->key);

		lint->properties++;
		lint->optional += optional;
		lint->text += strlen(it->key);
		if (optional && lint->dialect->all_required)
			return wrong(lint, "not required:", it->key);
	}
	VALUE_EACH(it, required)
	if (!value_get(properties, value_text(it, "")))
		return wrong(lint,
			     "required but no property:", value_text(it, ""));
	return NULL;
}

static struct error *lint_enum(struct lint *lint, const struct value *node)
{
	const struct value *values = value_get(node, "enum");
	size_t text = 0;

	if (!values)
		return NULL;
	if (values->kind != VALUE_LIST || !values->count)
		return wrong(lint, "an empty enum in",
			     node->key ? node->key : "");
	VALUE_EACH(it, values)
	{
		if (it->kind == VALUE_OBJECT || it->kind == VALUE_LIST)
			return wrong(lint, "no scalar in the enum of",
				     node->key ? node->key : "");
		text += it->len;
	}
	lint->values += (int)values->count;
	lint->text += text;
	if (lint->dialect->max_enum && values->count > 250 && text > 15000)
		return wrong(lint, "too long an enum in",
			     node->key ? node->key : "");
	return NULL;
}

static struct error *lint_ref(const struct lint *lint, const struct value *node)
{
	const char *ref = value_text(value_get(node, "$ref"), "");
	const struct value *defs = value_get(lint->root, "$defs");

	if (strncmp(ref, "#/$defs/", 8) != 0 || !value_get(defs, ref + 8))
		return wrong(lint, "a reference to nothing:", ref);
	if (node->count != 1)
		return wrong(lint, "keywords beside", ref);
	return NULL;
}

static struct error *lint_node(struct lint *lint, const struct value *node);

static struct error *lint_children(struct lint *lint, const struct value *of)
{
	VALUE_EACH(it, of)
	TRY(lint_node(lint, it));
	return NULL;
}

static struct error *lint_limits(const struct lint *lint,
				 const struct value *node)
{
	const struct value *least = value_get(node, "minItems");

	if (least && !lint->dialect->many_items && value_int(least, 2) > 1)
		return wrong(lint, "minItems beyond 1 in",
			     node->key ? node->key : "");
	return NULL;
}

static struct error *lint_node(struct lint *lint, const struct value *node)
{
	const struct value *any = value_get(node, "anyOf");
	const struct value *type = value_get(node, "type");

	if (node->kind != VALUE_OBJECT)
		return wrong(lint, "no schema:", node->key ? node->key : "");
	VALUE_EACH(it, node)
	{
		if (!lets(lint->dialect, it->key))
			return wrong(lint,
				     "a keyword it does not take:", it->key);
		if (!strcmp(it->key, "$defs") && node != lint->root)
			return wrong(lint, "not at the root:", it->key);
	}
	if (value_get(node, "$ref"))
		return lint_ref(lint, node);
	lint->unions += any || (type && type->kind == VALUE_LIST);
	if (any && (type || any->kind != VALUE_LIST || !any->count))
		return wrong(lint, "anyOf is empty or beside a type in",
			     node->key ? node->key : "");
	if (any)
		return lint_children(lint, any);
	TRY(lint_type(lint, node));
	TRY(lint_enum(lint, node));
	TRY(lint_limits(lint, node));
	if (is_type(node, "object")) {
		TRY(lint_object(lint, node));
		TRY(lint_children(lint, value_get(node, "properties")));
	}
	if (!is_type(node, "array"))
		return NULL;
	if (!value_get(node, "items"))
		return wrong(lint, "no items in", node->key ? node->key : "");
	return lint_node(lint, value_get(node, "items"));
}

/* Where a walk is, to see that it comes by again. */
struct trail {
	const struct trail *up;
	const struct value *node;
	int depth; /* of objects */
};

static struct error *lint_depth(struct lint *lint, const struct value *node,
				const struct trail *up);

static struct error *depth_below(struct lint *lint, const struct value *of,
				 const struct trail *up)
{
	VALUE_EACH(it, of)
	TRY(lint_depth(lint, it, up));
	return NULL;
}

static struct error *lint_depth(struct lint *lint, const struct value *node,
				const struct trail *up)
{
	const char *ref = value_text(value_get(node, "$ref"), NULL);
	const struct value *properties = value_get(node, "properties");
	const struct value *items = value_get(node, "items");
	struct trail here = { up, node, up ? up->depth : 0 };

	if (++lint->visits > MAX_VISITS)
		return wrong(lint, "too many references at",
			     node->key ? node->key : "");
	here.depth += properties != NULL;
	if (lint->dialect->max_depth && here.depth > lint->dialect->max_depth)
		return wrong(lint, "too many levels at",
			     node->key ? node->key : "");
	if (ref) {
		for (const struct trail *it = up; it; it = it->up)
			if (it->node == node)
				return lint->dialect->recursion
					       ? NULL
					       : wrong(lint, "recursion by",
						       ref);
		return lint_depth(
			lint,
			value_get(value_get(lint->root, "$defs"), ref + 8),
			&here);
	}
	TRY(depth_below(lint, properties, &here));
	TRY(depth_below(lint, value_get(node, "anyOf"), &here));
	return items ? lint_depth(lint, items, &here) : NULL;
}

static struct error *lint_sums(const struct lint *lint)
{
	const struct schema_dialect *limit = lint->dialect;
	const struct {
		const char *what;
		size_t most, have;
	} rows[] = {
		{ "properties", (size_t)limit->max_properties,
		  (size_t)lint->properties },
		{ "optional properties", (size_t)limit->max_optional,
		  (size_t)lint->optional },
		{ "unions", (size_t)limit->max_unions, (size_t)lint->unions },
		{ "values of enum", (size_t)limit->max_enum,
		  (size_t)lint->values },
		{ "bytes of names and values", (size_t)limit->max_text,
		  lint->text },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].most && rows[i].have > rows[i].most)
			return error_new(ERROR_INVALID,
					 "%s: %zu %s, at most %zu are taken",
					 limit->driver, rows[i].have,
					 rows[i].what, rows[i].most);
	return NULL;
}

struct error *schema_lowered(const struct value *schema, const char *driver)
{
	struct lint lint = { .dialect = schema_dialect(driver),
			     .root = schema };

	if (!lint.dialect)
		return error_new(ERROR_INVALID,
				 "%s: this driver has no strict mode", driver);
	if (!is_type(schema, "object") || value_get(schema, "anyOf") ||
	    value_get(schema, "type")->kind != VALUE_STRING)
		return wrong(&lint, "the root is no object in", driver);
	TRY(lint_node(&lint, schema));
	VALUE_EACH(it, value_get(schema, "$defs"))
	{
		lint.text += strlen(it->key);
		TRY(lint_node(&lint, it));
	}
	TRY(lint_depth(&lint, schema, NULL));
	return lint_sums(&lint);
}
