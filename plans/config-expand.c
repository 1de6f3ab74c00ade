/*
 * ${NAME} in the values that are meant for it.  Commands are not among them:
 * sh expands its own, and what it runs is what was pinned by trust.
 *
 * The form of a value is checked again once it is expanded, and what it became
 * is in no message: a header's value may be a key.
 */
#include "plans/config-layers.h"

#include "core/regex.h"
#include "plans/gate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* '*' is each row of a list. */
static const struct expandable {
	const char *path;
	int secret;
} expandables[] = {
	{ "providers.*.base_url", 0 },
	{ "providers.*.headers.*.value", 1 },
	{ "agents.*.model", 0 },
};

struct expansion {
	struct config *config;
	struct findings *findings;
	const struct schema *schema;
	const struct expandable *row;
};

/* A variable between "${" and "}". */
struct variable {
	char *name;
	char *fallback; /* what follows ":-", or NULL */
	const char *end; /* behind the "}" */
};

static void variable_release(struct variable *variable)
{
	free(variable->name);
	free(variable->fallback);
}

/* Reads what begins at "${"; 0 where it has no name or no end. */
static int read_variable(struct variable *out, const char *text)
{
	const char *name = text + 2;
	const char *close = strchr(name, '}');
	size_t len = 0;

	while (isalnum((unsigned char)name[len]) || name[len] == '_')
		len++;
	if (!close || !len || isdigit((unsigned char)*name))
		return 0;
	if (name[len] != '}' && strncmp(name + len, ":-", 2))
		return 0;
	out->name = xstrndup(name, len);
	if (name[len] != '}')
		out->fallback = xstrndup(name + len + 2,
					 (size_t)(close - name) - len - 2);
	out->end = close + 1;
	return 1;
}

/* Empty counts as not set where there is a fallback, as in sh. */
static const char *variable_value(const struct variable *variable)
{
	const char *value = getenv(variable->name);

	if (variable->fallback && (!value || !*value))
		return variable->fallback;
	return value;
}

static void not_a_variable(const struct expansion *e, const char *key,
			   const struct value *at)
{
	finding_hint(layer_finding(e->config, e->findings, "variable", key, at,
				   "%s has '${' without a name and '}'", key),
		     "write ${NAME} or ${NAME:-default}; '$$' is a '$' itself");
}

/*
 * A note and no fault of the document: it is the environment that lacks
 * something, and only what uses the value cannot do without.
 */
static void not_set(const struct expansion *e, const char *key,
		    const struct value *at, const char *name)
{
	struct finding *finding =
		layer_finding(e->config, e->findings, "variable", key, at,
			      "%s needs %s, which is not set", key, name);

	finding_hint(finding, "export %s, or write ${%s:-default}", name, name);
	finding->note = 1;
	map_set(&e->config->unset, key,
		arena_strndup(&e->config->arena, name, strlen(name)));
}

/*
 * Adds the text of a value to out, expanded, and the names in it to names; 0
 * after a finding.
 */
static int expand_text(struct buf *out, struct strings *names,
		       const struct expansion *e, const char *key,
		       const struct value *at)
{
	for (const char *text = at->text; *text;) {
		CLEANUP(variable_release) struct variable variable = { 0 };
		const char *value;

		if (text[0] != '$' || text[1] != '{') {
			text += text[0] == '$' && text[1] == '$';
			buf_ch(out, *text++);
			continue;
		}
		if (!read_variable(&variable, text)) {
			not_a_variable(e, key, at);
			return 0;
		}
		value = variable_value(&variable);
		if (!value) {
			not_set(e, key, at, variable.name);
			return 0;
		}
		buf_str(out, value);
		if (!strings_has(names, variable.name))
			strings_add(names, variable.name);
		text = variable.end;
	}
	return 1;
}

static struct error *fits(int *out, const struct expansion *e,
			  const struct value *node, const struct buf *text)
{
	const char *pattern = value_text(value_get(node, "pattern"), NULL);

	*out = 1;
	if (!pattern)
		return NULL;
	return regex_search(out, NULL, NULL, schema_pattern(e->schema, pattern),
			    text->data, text->len, 0);
}

/* A header's value always is, an address with a key in it as well. */
static int is_secret(const struct expansion *e, const struct strings *names,
		     const char *text)
{
	FOR_EACH (char *, name, names)
		if (names_secret(*name))
			return 1;
	return e->row->secret || strchr(text, '@');
}

static void remember(const struct expansion *e, const char *key,
		     const struct strings *names, const char *text)
{
	struct arena *arena = &e->config->arena;
	CLEANUP(buf_release) struct buf list = BUF_INIT;

	strings_join(&list, names, ", ");
	map_set(&e->config->expanded, key,
		arena_strndup(arena, list.data, list.len));
	if (is_secret(e, names, text))
		map_set(&e->config->secret, key, e->config);
}

static struct error *expand_value(const struct expansion *e,
				  const struct value *node, struct value *at,
				  const char *key)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	int fit;

	if (!at->text || !strchr(at->text, '$') ||
	    !expand_text(&text, &names, e, key, at))
		return NULL;
	TRY(fits(&fit, e, schema_follow(e->schema, node), &text));
	if (!fit)
		layer_finding(e->config, e->findings, "pattern", key, at,
			      "%s has the wrong form once it is expanded", key);
	at->text = arena_strndup(&e->config->merged.arena, text.data, text.len);
	at->len = text.len;
	if (names.len)
		remember(e, key, &names, text.data);
	return NULL;
}

static struct error *expand_path(const struct expansion *e, const char *path,
				 const struct value *node, struct value *at,
				 const char *key);

static struct error *expand_rows(const struct expansion *e, const char *path,
				 const struct value *node, struct value *list,
				 const char *key)
{
	const struct value *items =
		value_get(schema_follow(e->schema, node), "items");

	VALUE_EACH(row, list)
	{
		const char *name = value_text(value_get(row, "name"), "");
		CLEANUP(free_str) char *below = xasprintf("%s.%s", key, name);

		TRY(expand_path(e, path, items, row, below));
	}
	return NULL;
}

/* Follows a path through the tree and the schema side by side. */
static struct error *expand_path(const struct expansion *e, const char *path,
				 const struct value *node, struct value *at,
				 const char *key)
{
	size_t len = strcspn(path, ".");
	const char *rest = path[len] ? path + len + 1 : path + len;
	CLEANUP(free_str) char *part = xstrndup(path, len);
	CLEANUP(free_str) char *below = NULL;

	if (!at || !node)
		return NULL;
	if (!len)
		return expand_value(e, node, at, key);
	if (!strcmp(part, "*"))
		return expand_rows(e, rest, node, at, key);
	below = *key ? xasprintf("%s.%s", key, part) : xstrdup(part);
	return expand_path(e, rest, schema_member(e->schema, node, part),
			   value_get(at, part), below);
}

struct error *config_require(const struct config *config, const char *row)
{
	CLEANUP(strings_release) struct strings keys = STRINGS_INIT;
	size_t len = strlen(row);

	map_keys(&keys, &config->unset);
	FOR_EACH (char *, key, &keys) {
		const char *name = map_get(&config->unset, *key);
		const char *origin = config_origin(config, *key);

		if (strncmp(*key, row, len) || (*key)[len] != '.')
			continue;
		return error_hint(
			error_new(ERROR_INVALID,
				  "%s: %s needs %s, which is not set",
				  origin ? origin : "default", *key, name),
			"export %s, or write ${%s:-default}", name, name);
	}
	return NULL;
}

struct error *layer_expand(struct config *config, struct findings *findings)
{
	struct expansion e = { .config = config, .findings = findings };

	TRY(document_schema(&e.schema, DOCUMENT_CONFIG));
	for (size_t i = 0; i < sizeof expandables / sizeof *expandables; i++) {
		e.row = &expandables[i];
		TRY(expand_path(&e, e.row->path, schema_root(e.schema),
				config->merged.root, ""));
	}
	return NULL;
}
