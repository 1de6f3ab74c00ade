/* The configuration as people ask for it: settings and origins. */
#include "plans/config-layers.h"

#include "core/nearest.h"

#include <stdlib.h>
#include <string.h>

static int is_leaf(const struct value *value)
{
	if (value->kind == VALUE_LIST)
		return !value->child || value->child->text;
	return value->kind != VALUE_OBJECT;
}

/* A scalar's text; the items of a list, joined. */
static char *value_as_text(const struct value *value)
{
	CLEANUP(strings_release) struct strings items = STRINGS_INIT;
	struct buf text = BUF_INIT;

	if (value->kind != VALUE_LIST)
		return xstrdup(value_text(value, ""));
	value_strings(&items, value);
	strings_join(&text, &items, ", ");
	return buf_steal(&text);
}

/* Who said it, and which variables had a part in it. */
static char *origin_of(const struct config *config, const char *key)
{
	const char *variables = map_get(&config->expanded, key);
	const char *origin = config_origin(config, key);

	if (!variables)
		return xstrdup(origin);
	return xasprintf("%s, environment %s", origin, variables);
}

static void add_setting(struct settings *out, const struct config *config,
			const struct value *value, const char *key)
{
	struct setting *setting = PUSH(out);

	setting->key = xstrdup(key);
	setting->value = map_get(&config->secret, key) ? xstrdup("…")
						       : value_as_text(value);
	setting->origin = origin_of(config, key);
}

/* The key of a member, of a row by its name, of another item by its place. */
static char *key_of(const struct value *value, const char *prefix, size_t place)
{
	const char *name = value->key;

	if (!name)
		name = value_text(value_get(value, "name"), NULL);
	if (!name)
		return xasprintf("%s.%zu", prefix, place);
	return *prefix ? xasprintf("%s.%s", prefix, name) : xstrdup(name);
}

/* The document's version is no setting; a row's name is its key. */
static int is_setting(const struct value *value, const char *key)
{
	const struct value *row = value->parent;

	return strcmp(key, "version") &&
	       (!row || row->key || !row->parent || strcmp(value->key, "name"));
}

static void collect(struct settings *out, const struct config *config,
		    const struct value *value, const char *prefix)
{
	size_t place = 0;

	VALUE_EACH(it, value)
	{
		CLEANUP(free_str) char *key = key_of(it, prefix, place++);

		if (!is_leaf(it))
			collect(out, config, it, key);
		else if (is_setting(it, key))
			add_setting(out, config, it, key);
	}
}

struct error *config_settings(struct settings *out, const struct config *config)
{
	collect(out, config, config->merged.root, "");
	return NULL;
}

void setting_release(struct setting *setting)
{
	free(setting->key);
	free(setting->value);
	free(setting->origin);
	memset(setting, 0, sizeof *setting);
}

void settings_release(struct settings *settings)
{
	FOR_EACH (struct setting, it, settings)
		setting_release(it);
	free(settings->items);
	memset(settings, 0, sizeof *settings);
}

static struct error *no_setting(const struct settings *settings,
				const char *key)
{
	const char **names = xcalloc(settings->len + 1, sizeof *names);
	struct error *err = error_new(ERROR_NOT_FOUND, "no setting '%s'", key);
	const char *near;
	size_t n = 0;

	FOR_EACH (const struct setting, it, settings)
		names[n++] = it->key;
	near = nearest(key, names, n);
	free(names);
	if (near)
		return error_hint(err, "did you mean '%s'?", near);
	return error_hint(err, "'git orch config list' shows what there is");
}

struct error *config_get(struct setting *out, const struct config *config,
			 const char *key)
{
	CLEANUP(settings_release) struct settings all = ARRAY_INIT;

	TRY(config_settings(&all, config));
	FOR_EACH (struct setting, it, &all)
		if (!strcmp(it->key, key)) {
			*out = *it;
			memset(it, 0, sizeof *it);
			return NULL;
		}
	return no_setting(&all, key);
}

/* What was taken as a whole has one origin, that of the list. */
const char *config_origin(const struct config *config, const char *key)
{
	const char *origin = map_get(&config->origins, key);
	size_t len = strlen(key);

	while (!origin && len) {
		if (key[--len] == '.')
			origin = map_getn(&config->origins, key, len);
	}
	return origin;
}
