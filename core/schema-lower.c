/*
 * Lowering is a copy that knows every keyword it writes; all others are left
 * out, so a keyword added to our schemas cannot reach a provider by accident.
 */
#include "core/schema-lower.h"

#include "core/json.h"
#include "core/schema-node.h"

#include <string.h>

static const char *const openai_keywords[] = {
	"$defs",
	"$ref",
	"type",
	"description",
	"properties",
	"required",
	"additionalProperties",
	"items",
	"enum",
	"anyOf",
	"pattern",
	"minimum",
	"maximum",
	"minItems",
	"maxItems",
	NULL,
};

static const char *const anthropic_keywords[] = {
	"$defs",
	"$ref",
	"type",
	"description",
	"properties",
	"required",
	"additionalProperties",
	"items",
	"enum",
	"anyOf",
	"minItems",
	NULL,
};

static const struct schema_dialect dialects[] = {
	{
		.driver = "openai",
		.keywords = openai_keywords,
		.all_required = 1,
		.recursion = 1,
		.many_items = 1,
		.max_depth = 10,
		.max_properties = 5000,
		.max_enum = 1000,
		.max_text = 120000,
	},
	{
		.driver = "anthropic",
		.keywords = anthropic_keywords,
		.max_optional = 24,
		.max_unions = 16,
	},
};

const struct schema_dialect *schema_dialect(const char *driver)
{
	for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
		if (!strcmp(dialects[i].driver, driver))
			return &dialects[i];
	return NULL;
}

static int lets(const struct schema_dialect *dialect, const char *keyword)
{
	for (const char *const *it = dialect->keywords; *it; it++)
		if (!strcmp(*it, keyword))
			return 1;
	return 0;
}

struct lowering {
	const struct schema_dialect *dialect;
	const struct value *root; /* of the full schema, for $ref */
	struct tree *out;
	struct buf path; /* of the node, for messages */
};

static struct error *cannot(const struct lowering *in, const char *what)
{
	return error_new(ERROR_INVALID, "%s: the strict mode of %s has no %s",
			 in->path.len ? in->path.data : "the schema",
			 in->dialect->driver, what);
}

static struct error *lower(struct lowering *in, struct value *parent,
			   const char *key, const struct value *node,
			   int nullable);

/* The same one level deeper, so that a message says where. */
static struct error *lower_at(struct lowering *in, struct value *parent,
			      const char *key, const struct value *node,
			      int nullable, const char *name)
{
	size_t len = in->path.len;

	buf_addf(&in->path, "%s%s", len ? "." : "", name);
	TRY(lower(in, parent, key, node, nullable));
	buf_setlen(&in->path, len);
	return NULL;
}

/* A limit that the dialect does not take, for the description. */
static void say_limits(struct buf *out, const struct lowering *in,
		       const struct value *node)
{
	static const char *const limits[] = {
		"pattern", "minLength",  "maxLength",        "minimum",
		"maximum", "minItems",   "maxItems",         "uniqueItems",
		"format",  "multipleOf", "exclusiveMinimum", "exclusiveMaximum",
		NULL,
	};
	const char *sep = out->len ? " (" : "(";

	for (const char *const *it = limits; *it; it++) {
		const struct value *limit = value_get(node, *it);

		if (!limit || lets(in->dialect, *it))
			continue;
		buf_addf(out, "%s%s: ", sep, *it);
		json_print(out, limit);
		sep = ", ";
	}
	if (*sep == ',')
		buf_ch(out, ')');
}

static void lower_text(struct lowering *in, struct value *out,
		       const struct value *node)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&text, value_text(value_get(node, "description"), ""));
	say_limits(&text, in, node);
	if (text.len)
		value_add_strn(in->out, out, "description", text.data,
			       text.len);
}

static void lower_limits(struct lowering *in, struct value *out,
			 const struct value *node)
{
	static const char *const limits[] = { "pattern",  "minimum",  "maximum",
					      "minItems", "maxItems", NULL };

	for (const char *const *it = limits; *it; it++) {
		const struct value *limit = value_get(node, *it);

		if (!limit || !lets(in->dialect, *it))
			continue;
		if (!strcmp(*it, "minItems") && !in->dialect->many_items &&
		    value_int(limit, 0) > 1)
			value_add_int(in->out, out, *it, 1);
		else
			value_add_copy(in->out, out, *it, limit);
	}
}

static struct error *lower_object(struct lowering *in, struct value *out,
				  const struct value *node)
{
	const struct value *from = value_get(node, "properties");
	const struct value *more = value_get(node, "additionalProperties");
	struct value *properties, *required;
	int all = in->dialect->all_required;

	if ((!from || !from->count) && value_bool(more, 1))
		return cannot(in, "objects with free keys");
	if (more && more->kind == VALUE_OBJECT)
		return cannot(in, "objects with free keys");
	properties = value_object(in->out, out, "properties");
	VALUE_EACH(it, from)
	TRY(lower_at(in, properties, it->key, it,
		     all && !node_requires(node, it->key), it->key));
	required = value_list(in->out, out, "required");
	VALUE_EACH(it, from)
	if (all || node_requires(node, it->key))
		value_add_string(in->out, required, NULL, it->key);
	value_add_bool(in->out, out, "additionalProperties", 0);
	return NULL;
}

static void add_type(struct strings *types, const char *name)
{
	if (!strings_has(types, name))
		strings_add(types, name);
}

/* As declared, or what the values of enum and const are. */
static void collect_types(struct strings *types, const struct value *node,
			  int nullable)
{
	const struct value *type = value_get(node, "type");
	const struct value *same = value_get(node, "const");

	if (type && type->kind == VALUE_LIST)
		VALUE_EACH(it, type)
	add_type(types, value_text(it, ""));
	else if (type) add_type(types, value_text(type, ""));
	else if (same) add_type(types, node_type_of(same));
	else VALUE_EACH(it, value_get(node, "enum"))
		add_type(types, node_type_of(it));
	if (nullable)
		add_type(types, "null");
}

static struct error *lower_enum(struct lowering *in, struct value *out,
				const struct value *node, int nullable)
{
	const struct value *same = value_get(node, "const");
	const struct value *from = value_get(node, "enum");
	struct value *values;

	if (!same && !from)
		return NULL;
	values = value_list(in->out, out, "enum");
	VALUE_EACH(it, same ? NULL : from)
	value_add_copy(in->out, values, NULL, it);
	if (same)
		value_add_copy(in->out, values, NULL, same);
	VALUE_EACH(it, values)
	if (it->kind == VALUE_OBJECT || it->kind == VALUE_LIST)
		return cannot(in, "lists or objects as constants");
	if (nullable && !node_has_null(values))
		value_add_null(in->out, values, NULL);
	return NULL;
}

static struct error *lower_typed(struct lowering *in, struct value *out,
				 const struct value *node, int nullable)
{
	CLEANUP(strings_release) struct strings types = STRINGS_INIT;
	const struct value *items = value_get(node, "items");

	collect_types(&types, node, nullable);
	if (types.len <= (size_t)nullable)
		return cannot(in, "values of any kind");
	if (types.len == 1) {
		value_add_string(in->out, out, "type", types.items[0]);
	} else {
		struct value *list = value_list(in->out, out, "type");

		for (size_t i = 0; i < types.len; i++)
			value_add_string(in->out, list, NULL, types.items[i]);
	}
	lower_text(in, out, node);
	TRY(lower_enum(in, out, node, nullable));
	lower_limits(in, out, node);
	if (strings_has(&types, "object"))
		TRY(lower_object(in, out, node));
	if (!strings_has(&types, "array"))
		return NULL;
	if (!items)
		return cannot(in, "lists of anything");
	return lower_at(in, out, "items", items, 0, "[]");
}

static void add_null(struct lowering *in, struct value *list)
{
	struct value *null = value_object(in->out, list, NULL);

	value_add_string(in->out, null, "type", "null");
}

static struct error *lower_any(struct lowering *in, struct value *out,
			       const struct value *node, int nullable)
{
	const struct value *any = value_get(node, "anyOf");
	struct value *list;
	int n = 0;

	lower_text(in, out, node);
	list = value_list(in->out, out, "anyOf");
	VALUE_EACH(it, any)
	{
		CLEANUP(buf_release) struct buf name = BUF_INIT;

		buf_addf(&name, "anyOf[%d]", n++);
		TRY(lower_at(in, list, NULL, it, 0, name.data));
	}
	if (nullable)
		add_null(in, list);
	return NULL;
}

static struct error *lower_ref(struct lowering *in, struct value *parent,
			       const char *key, const char *ref, int nullable)
{
	struct value *out = value_object(in->out, parent, key);
	struct value *list;

	if (!node_target(in->root, ref))
		return cannot(in, "references beyond $defs");
	if (!nullable) {
		value_add_string(in->out, out, "$ref", ref);
		return NULL;
	}
	list = value_list(in->out, out, "anyOf");
	value_add_string(in->out, value_object(in->out, list, NULL), "$ref",
			 ref);
	add_null(in, list);
	return NULL;
}

static struct error *lower(struct lowering *in, struct value *parent,
			   const char *key, const struct value *node,
			   int nullable)
{
	const char *ref = value_text(value_get(node, "$ref"), NULL);
	struct value *out;

	if (node->kind != VALUE_OBJECT)
		return cannot(in, "values of any kind");
	if (nullable && node_admits_null(in->root, node))
		nullable = 0;
	if (ref && parent)
		return lower_ref(in, parent, key, ref, nullable);
	if (ref && !(node = node_follow(in->root, node)))
		return cannot(in, "references beyond $defs");
	out = value_object(in->out, parent, key);
	if (value_get(node, "anyOf"))
		return lower_any(in, out, node, nullable);
	return lower_typed(in, out, node, nullable);
}

static void lowering_release(struct lowering *in)
{
	buf_release(&in->path);
}

static struct error *lower_all(struct tree *out, const struct value *schema,
			       const struct schema_dialect *dialect)
{
	CLEANUP(lowering_release)
	struct lowering in = { dialect, schema, out, BUF_INIT };
	const struct value *from = value_get(schema, "$defs");
	struct value *defs;

	TRY(lower(&in, NULL, NULL, schema, 0));
	if (!from)
		return NULL;
	defs = value_object(out, out->root, "$defs");
	VALUE_EACH(it, from)
	TRY(lower_at(&in, defs, it->key, it, 0, it->key));
	return NULL;
}

struct error *schema_lower(struct tree *out, const struct value *schema,
			   const char *driver)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const struct schema_dialect *dialect = schema_dialect(driver);

	if (!dialect)
		return error_new(ERROR_INVALID,
				 "%s: this driver has no strict mode", driver);
	TRY(lower_all(&tree, schema, dialect));
	TRY(schema_lowered(tree.root, driver));
	*out = tree;
	tree = (struct tree)TREE_INIT;
	return NULL;
}
