/*
 * The settings with names of their own, found by walking the schema: a new
 * scalar in templates/schema/config.json has its git config key and its
 * environment variable at once.
 */
#include "plans/config-layers.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const sections[] = { "policy", "budget", "cache",
					"delivery" };

static char *git_name(const char *key)
{
	struct buf name = BUF_INIT;

	buf_str(&name, "orch.");
	for (; *key; key++)
		if (*key != '_')
			buf_ch(&name, *key);
	return buf_steal(&name);
}

static char *env_name(const char *key)
{
	struct buf name = BUF_INIT;

	buf_str(&name, "ORCH_");
	for (; *key; key++)
		buf_ch(&name,
		       (char)(*key == '.' ? '_'
					  : toupper((unsigned char)*key)));
	return buf_steal(&name);
}

static void add_key(struct setting_keys *out, const char *key, int boolean)
{
	struct setting_key *made = PUSH(out);

	made->key = xstrdup(key);
	made->git = git_name(key);
	made->env = env_name(key);
	made->boolean = boolean;
}

static void walk(struct setting_keys *out, const struct schema *schema,
		 const struct value *node, const char *key)
{
	const struct value *at = schema_follow(schema, node);
	const char *type = value_text(value_get(at, "type"), "string");
	const struct value *properties = value_get(at, "properties");

	if (!properties && strcmp(type, "array") && strcmp(type, "object"))
		add_key(out, key, !strcmp(type, "boolean"));
	VALUE_EACH(it, properties)
	{
		CLEANUP(free_str)
		char *below = xasprintf("%s.%s", key, it->key);

		walk(out, schema, it, below);
	}
}

struct error *setting_keys(struct setting_keys *out)
{
	const struct schema *schema;

	TRY(document_schema(&schema, DOCUMENT_CONFIG));
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		const struct value *node =
			schema_member(schema, schema_root(schema), sections[i]);

		if (node)
			walk(out, schema, node, sections[i]);
	}
	return NULL;
}

void setting_keys_release(struct setting_keys *keys)
{
	FOR_EACH (struct setting_key, it, keys) {
		free(it->key);
		free(it->git);
		free(it->env);
	}
	free(keys->items);
	memset(keys, 0, sizeof *keys);
}
