/*
 * Schemas: parsed once, with all that could be wrong in them refused then, so
 * that the check itself has no error to return.  They come with the program;
 * a fault here is found by the test that parses each of them.
 */
#include "core/schema.h"

#include "core/json.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CHAIN 16 /* of $ref to $ref */

struct schema {
	char *name;
	struct tree tree;
	struct map patterns; /* pattern to struct regex */
	ARRAY(struct regex *) regexes;
};

/* What stands under a keyword. */
enum shape {
	ANY,
	TEXT,
	COUNT, /* an integer of at least 0 */
	NUMBER,
	TRUTH,
	NEVER, /* false */
	TEXTS,
	ITEMS, /* a list that is not empty */
	TYPES, /* a type's name, or a list of them */
	NODE,
	NODES, /* a list of schemas */
	NAMED, /* schemas by name */
};

static const struct keyword {
	const char *name;
	enum shape shape;
} keywords[] = {
	{ "$schema", TEXT },     { "$id", TEXT },
	{ "$defs", NAMED },      { "$ref", TEXT },
	{ "title", TEXT },       { "description", TEXT },
	{ "default", ANY },      { "examples", ITEMS },
	{ "type", TYPES },       { "properties", NAMED },
	{ "required", TEXTS },   { "additionalProperties", NEVER },
	{ "items", NODE },       { "minItems", COUNT },
	{ "maxItems", COUNT },   { "uniqueItems", TRUTH },
	{ "enum", ITEMS },       { "const", ANY },
	{ "pattern", TEXT },     { "minLength", COUNT },
	{ "maxLength", COUNT },  { "minimum", NUMBER },
	{ "maximum", NUMBER },   { "anyOf", NODES },
	{ "x-volatile", TRUTH },
};

static struct error *parse_node(struct schema *schema,
				const struct value *node);

static int is_type(const struct value *value)
{
	static const char *const names[] = { "null",   "boolean", "integer",
					     "number", "string",  "array",
					     "object" };

	if (value->kind != VALUE_STRING)
		return 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(value->text, names[i]))
			return 1;
	return 0;
}

static int all_of(const struct value *list, int (*fits)(const struct value *))
{
	if (list->kind != VALUE_LIST || !list->count)
		return 0;
	VALUE_EACH(it, list)
	if (!fits(it))
		return 0;
	return 1;
}

static int is_text(const struct value *value)
{
	return value->kind == VALUE_STRING;
}

static int is_node(const struct value *value)
{
	return value->kind == VALUE_OBJECT;
}

static int has_shape(const struct value *value, enum shape shape)
{
	switch (shape) {
	case ANY:
		return 1;
	case TEXT:
		return is_text(value);
	case COUNT:
		return value->kind == VALUE_INT && value->integer >= 0;
	case NUMBER:
		return value->kind == VALUE_INT || value->kind == VALUE_NUMBER;
	case TRUTH:
		return value->kind == VALUE_BOOL;
	case NEVER:
		return value->kind == VALUE_BOOL && !value->integer;
	case TEXTS:
		return all_of(value, is_text);
	case ITEMS:
		return value->kind == VALUE_LIST && value->count;
	case TYPES:
		return is_type(value) || all_of(value, is_type);
	case NODES:
		return all_of(value, is_node);
	case NODE:
	case NAMED:
		return is_node(value);
	}
	return 0;
}

static const struct keyword *find_keyword(const char *name)
{
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (!strcmp(keywords[i].name, name))
			return &keywords[i];
	return NULL;
}

static struct error *parse_pattern(struct schema *schema, const char *pattern)
{
	struct regex *regex;

	if (map_get(&schema->patterns, pattern))
		return NULL;
	TRY(regex_compile(&regex, pattern));
	*PUSH(&schema->regexes) = regex;
	map_set(&schema->patterns, pattern, regex);
	return NULL;
}

/* One step along a $ref; NULL when it leads nowhere. */
static const struct value *ref_target(const struct schema *schema,
				      const char *ref)
{
	static const char prefix[] = "#/$defs/";

	if (strncmp(ref, prefix, sizeof prefix - 1) != 0)
		return NULL;
	return value_get(value_get(schema->tree.root, "$defs"),
			 ref + sizeof prefix - 1);
}

static struct error *parse_ref(const struct schema *schema, const char *ref)
{
	const char *next = ref;

	for (int i = 0; next; i++) {
		const struct value *node = ref_target(schema, next);

		if (!node)
			return error_new(ERROR_INVALID, "no definition '%s'",
					 next);
		if (i == MAX_CHAIN)
			return error_new(ERROR_INVALID,
					 "'%s' leads back to itself", ref);
		next = value_text(value_get(node, "$ref"), NULL);
	}
	return NULL;
}

static struct error *parse_keyword(struct schema *schema,
				   const struct value *value)
{
	const struct keyword *keyword = find_keyword(value->key);

	if (!keyword)
		return error_new(ERROR_INVALID, "line %u: unknown keyword '%s'",
				 value->key_span.line, value->key);
	if (!has_shape(value, keyword->shape))
		return error_new(ERROR_INVALID,
				 "line %u: '%s' has a value of the wrong kind",
				 value->key_span.line, value->key);
	if (!strcmp(value->key, "pattern"))
		TRY(error_wrap(parse_pattern(schema, value->text), "line %u",
			       value->span.line));
	if (!strcmp(value->key, "$ref"))
		TRY(error_wrap(parse_ref(schema, value->text), "line %u",
			       value->span.line));
	if (keyword->shape == NODE)
		TRY(parse_node(schema, value));
	if (keyword->shape == NODES || keyword->shape == NAMED)
		VALUE_EACH(it, value)
	TRY(parse_node(schema, it));
	return NULL;
}

static struct error *parse_node(struct schema *schema, const struct value *node)
{
	if (!is_node(node))
		return error_new(ERROR_INVALID, "line %u: not an object",
				 node->span.line);
	VALUE_EACH(it, node)
	TRY(parse_keyword(schema, it));
	return NULL;
}

struct error *schema_parse(struct schema **out, const char *name,
			   const char *json, size_t len)
{
	CLEANUP(schema_release)
	struct schema *schema = xcalloc(1, sizeof *schema);

	schema->name = xstrdup(name);
	TRY(error_wrap(json_parse(&schema->tree, json, len), "schema '%s'",
		       name));
	TRY(error_wrap(parse_node(schema, schema->tree.root), "schema '%s'",
		       name));
	*out = schema;
	schema = NULL;
	return NULL;
}

void schema_free(struct schema *schema)
{
	if (!schema)
		return;
	FOR_EACH (struct regex *, regex, &schema->regexes)
		regex_free(*regex);
	free(schema->regexes.items);
	map_release(&schema->patterns);
	tree_release(&schema->tree);
	free(schema->name);
	free(schema);
}

void schema_release(struct schema **schema)
{
	schema_free(*schema);
	*schema = NULL;
}

const struct value *schema_root(const struct schema *schema)
{
	return schema->tree.root;
}

const struct value *schema_follow(const struct schema *schema,
				  const struct value *node)
{
	const char *ref;

	while ((ref = value_text(value_get(node, "$ref"), NULL)))
		node = ref_target(schema, ref);
	return node;
}

const struct value *schema_member(const struct schema *schema,
				  const struct value *node, const char *key)
{
	return value_get(value_get(schema_follow(schema, node), "properties"),
			 key);
}

const struct regex *schema_pattern(const struct schema *schema,
				   const char *pattern)
{
	return map_get(&schema->patterns, pattern);
}
