/*
 * Layers.  Objects are merged by key, lists of named rows by name, every
 * other list is replaced as a whole: half of somebody's globs with half of
 * somebody else's is what nobody wrote.
 */
#include "plans/config-layers.h"

#include <stdlib.h>
#include <string.h>

struct layer {
	struct config *config;
	const char *origin;
	int lines;
};

static void remember(const struct layer *layer, const char *key,
		     const struct value *at)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct arena *arena = &layer->config->arena;

	buf_str(&text, layer->origin);
	if (layer->lines && at->span.line)
		buf_addf(&text, ":%u", at->span.line);
	map_set(&layer->config->origins, key,
		arena_strndup(arena, text.data, text.len));
}

static void overwrite(struct tree *tree, struct value *to,
		      const struct value *from)
{
	to->kind = from->kind;
	to->style = from->style;
	to->span = from->span;
	to->integer = from->integer;
	to->number = from->number;
	to->text = NULL;
	to->len = from->len;
	if (from->text)
		to->text = arena_strndup(&tree->arena, from->text, from->len);
	to->child = to->last = NULL;
	to->count = 0;
	VALUE_EACH(it, from)
	value_add_copy(tree, to, it->key, it);
}

static const char *row_name(const struct value *row)
{
	return value_text(value_get(row, "name"), NULL);
}

static int is_rows(const struct value *value)
{
	return value->kind == VALUE_LIST && value->child &&
	       row_name(value->child);
}

static struct value *find_row(const struct value *list, const char *name)
{
	VALUE_EACH(row, list)
	{
		const char *has = row_name(row);

		if (has && !strcmp(has, name))
			return row;
	}
	return NULL;
}

static void put_members(const struct layer *layer, struct value *to,
			const struct value *from, const char *prefix);

static void put_rows(const struct layer *layer, struct value *to,
		     const struct value *from, const char *prefix)
{
	VALUE_EACH(row, from)
	{
		const char *name = row_name(row);
		CLEANUP(free_str) char *key = NULL;
		struct value *mine;

		if (!name)
			continue;
		key = xasprintf("%s.%s", prefix, name);
		mine = find_row(to, name);
		if (!mine)
			mine = value_object(&layer->config->merged, to, NULL);
		put_members(layer, mine, row, key);
	}
}

static void put_member(const struct layer *layer, struct value *to,
		       const struct value *from, const char *key)
{
	struct tree *tree = &layer->config->merged;
	struct value *mine = value_get(to, from->key);

	if (!mine)
		mine = value_add(tree, to, from->key, from->kind);
	if (from->kind == VALUE_OBJECT && mine->kind == VALUE_OBJECT) {
		put_members(layer, mine, from, key);
	} else if (is_rows(from) && mine->kind == VALUE_LIST) {
		put_rows(layer, mine, from, key);
	} else {
		overwrite(tree, mine, from);
		remember(layer, key, from);
	}
}

static void put_members(const struct layer *layer, struct value *to,
			const struct value *from, const char *prefix)
{
	VALUE_EACH(it, from)
	{
		CLEANUP(free_str) char *key = NULL;

		if (!it->key)
			continue;
		key = *prefix ? xasprintf("%s.%s", prefix, it->key)
			      : xstrdup(it->key);
		put_member(layer, to, it, key);
	}
}

void layer_put(struct config *config, const struct value *root,
	       const char *origin, int lines)
{
	struct layer layer = { config, origin, lines };

	if (!config->merged.root)
		value_object(&config->merged, NULL, NULL);
	if (root && root->kind == VALUE_OBJECT)
		put_members(&layer, config->merged.root, root, "");
}

/*
 * Copies every `default` below a schema node into an object; the empty lists
 * of rows at the root say nothing.
 */
static void add_defaults(struct tree *tree, struct value *to,
			 const struct schema *schema, const struct value *node)
{
	const struct value *properties =
		value_get(schema_follow(schema, node), "properties");

	VALUE_EACH(it, properties)
	{
		const struct value *at = schema_follow(schema, it);
		const struct value *fallback = value_get(it, "default");

		if (!fallback)
			fallback = value_get(at, "default");
		if (fallback && (to->parent || fallback->count))
			value_add_copy(tree, to, it->key, fallback);
		else if (!fallback && value_get(at, "properties"))
			add_defaults(tree, value_object(tree, to, it->key),
				     schema, at);
	}
}

static void add_agent(struct tree *tree, struct value *agents, const char *name,
		      const char *role, const char *worker)
{
	struct value *row = value_object(tree, agents, NULL);

	value_add_string(tree, row, "name", name);
	value_add_string(tree, row, "role", role);
	value_add_string(tree, row, "worker", worker);
}

struct error *layer_defaults(struct config *config)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	const struct schema *schema;
	const char *origin = "default";
	struct value *root = value_object(&tree, NULL, NULL);
	const char *ci = getenv("CI");

	TRY(document_schema(&schema, DOCUMENT_CONFIG));
	add_defaults(&tree, root, schema, schema_root(schema));
	add_agent(&tree, value_list(&tree, root, "agents"), "scaffold",
		  "developer", "scaffold");
	layer_put(config, root, origin, 0);
	if (ci && *ci && strcmp(ci, "false"))
		return layer_text(config, "policy.sandbox", "required",
				  "default (CI is set)", NULL);
	return NULL;
}

static int has_role(const struct value *agents, const char *role)
{
	VALUE_EACH(row, agents)
	{
		const char *name = value_text(value_get(row, "name"), "");
		const char *has = value_text(value_get(row, "role"), "");

		if (!strcmp(name, role) ||
		    (!strcmp(has, role) && strcmp(name, "scaffold")))
			return 1;
	}
	return 0;
}

void layer_roles(struct config *config)
{
	static const char *const roles[] = { "manager", "developer",
					     "validator", "git", "integrator" };
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *rows = value_list(&tree, root, "agents");
	const struct value *agents = value_get(config->merged.root, "agents");

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (!has_role(agents, roles[i]))
			add_agent(&tree, rows, roles[i], roles[i], "tools");
	if (rows->count)
		layer_put(config, root, "default", 0);
}

/* {version: 1, a: {b: text}} for the key a.b. */
static void make_document(struct tree *tree, const char *key, const char *text)
{
	struct value *at = value_object(tree, NULL, NULL);

	value_add_string(tree, at, "version", "1")->style = STYLE_PLAIN;
	for (const char *dot; (dot = strchr(key, '.')); key = dot + 1) {
		CLEANUP(free_str)
		char *part = xstrndup(key, (size_t)(dot - key));

		at = value_object(tree, at, part);
	}
	value_add_string(tree, at, key, text)->style = STYLE_PLAIN;
}

struct error *layer_text(struct config *config, const char *key,
			 const char *text, const char *origin,
			 struct findings *findings)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(findings_release) struct findings own = FINDINGS_INIT;
	struct findings *list = findings ? findings : &own;
	const struct schema *schema;
	size_t before = list->len;

	TRY(document_schema(&schema, DOCUMENT_CONFIG));
	make_document(&tree, key, text);
	schema_check(schema, tree.root, list);
	for (size_t i = before; i < list->len; i++)
		finding_at(&list->items[i], origin, place_of(NULL));
	if (list->len > before)
		return findings ? NULL : findings_error(list);
	layer_put(config, tree.root, origin, 0);
	return NULL;
}
