/* The configuration as people ask for it: settings, origins, ${NAME}. */
#include "plans/config-layers.h"

#include "core/nearest.h"

#include <ctype.h>
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

static void collect(struct settings *out, const struct config *config,
		    const struct value *value, const char *prefix)
{
	VALUE_EACH(it, value)
	{
		const char *name =
			it->key ? it->key
				: value_text(value_get(it, "name"), "");
		CLEANUP(free_str)
		char *key = *prefix ? xasprintf("%s.%s", prefix, name)
				    : xstrdup(name);
		struct setting *setting;

		if (!is_leaf(it)) {
			collect(out, config, it, key);
			continue;
		}
		/* The document's version is no setting; a row's name is its
		 * key. */
		if (!strcmp(key, "version") ||
		    (!value->key && value->parent && !strcmp(name, "name")))
			continue;
		setting = PUSH(out);
		setting->key = xstrdup(key);
		setting->value = value_as_text(it);
		setting->origin = xstrdup(config_origin(config, key));
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

const char *config_origin(const struct config *config, const char *key)
{
	return map_get(&config->origins, key);
}

int config_from_repository(const struct config *config, const char *key)
{
	const char *origin = config_origin(config, key);

	return origin && !strncmp(origin, ".orch/", 6);
}

static struct error *unset(const char *key, const char *name)
{
	return error_hint(error_new(ERROR_INVALID,
				    "%s needs %s, which is not set", key, name),
			  "export %s, or change %s", name, key);
}

/* Expands what begins at "${"; *at moves behind the "}". */
static struct error *expand_one(struct buf *out, const char *key,
				const char **at)
{
	const char *name = *at + 2;
	size_t len = 0;
	CLEANUP(free_str) char *copy = NULL;
	const char *value;

	while (isalnum((unsigned char)name[len]) || name[len] == '_')
		len++;
	if (!len || name[len] != '}' || isdigit((unsigned char)*name))
		return error_hint(error_new(ERROR_INVALID,
					    "%s: '${' without a name and '}'",
					    key),
				  "write ${NAME}; '$$' is a '$' itself");
	copy = xstrndup(name, len);
	value = getenv(copy);
	if (!value)
		return unset(key, copy);
	buf_str(out, value);
	*at = name + len + 1;
	return NULL;
}

struct error *config_expand(struct buf *out, const char *key, const char *text)
{
	CLEANUP(buf_release) struct buf made = BUF_INIT;

	while (*text) {
		if (text[0] == '$' && text[1] == '{') {
			TRY(expand_one(&made, key, &text));
			continue;
		}
		if (text[0] == '$' && text[1] == '$')
			text++;
		buf_ch(&made, *text++);
	}
	buf_add(out, made.data, made.len);
	return NULL;
}
