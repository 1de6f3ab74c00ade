/*
 * Rules between the rows of all layers, which no schema can tell: what is
 * referred to exists, and what needs something else has it.
 */
#include "plans/config-layers.h"

#include "core/nearest.h"
#include "core/regex.h"
#include "core/secret.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_KEY 20 /* no service has shorter ones */

struct finding *layer_finding(const struct config *config,
			      struct findings *findings, const char *rule,
			      const char *key, const struct value *at,
			      const char *fmt, ...)
{
	const char *origin = config_origin(config, key);
	const char *colon = origin ? strrchr(origin, ':') : NULL;
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf message = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&message, fmt, ap);
	va_end(ap);
	if (colon)
		path = xstrndup(origin, (size_t)(colon - origin));
	else
		path = xstrdup(origin ? origin : "default");
	return finding_put(findings, rule, path, place_of(colon ? at : NULL),
			   "%s", message.data);
}

/* A row, with the start of the keys of what is in it. */
struct row {
	const struct config *config;
	struct findings *findings;
	const struct value *value;
	const char *list; /* "agents" */
	const char *name;
};

static const char *text_of(const struct row *row, const char *key)
{
	return value_text(value_get(row->value, key), "");
}

static struct finding *put(const struct row *row, const char *rule,
			   const char *member, const char *message)
{
	const struct value *at = value_get(row->value, member);
	CLEANUP(free_str)
	char *key = xasprintf("%s.%s.%s", row->list, row->name, member);

	return layer_finding(row->config, row->findings, rule, key, at,
			     "%s.%s: %s", row->list, row->name, message);
}

static int has_row(const struct value *rows, const char *name)
{
	VALUE_EACH(row, rows)
	if (!strcmp(value_text(value_get(row, "name"), ""), name))
		return 1;
	return 0;
}

static void suggest(struct finding *finding, const struct value *rows,
		    const char *name)
{
	const char **names =
		xcalloc((rows ? rows->count : 0) + 1, sizeof *names);
	const char *near;
	size_t n = 0;

	VALUE_EACH(row, rows)
	names[n++] = value_text(value_get(row, "name"), "");
	near = nearest(name, names, n);
	if (near)
		finding_hint(finding, "did you mean '%s'?", near);
	free(names);
}

/* What stands at a member of a row, or within it, names a row of a list. */
static void check_reference(const struct row *row, const char *member,
			    const char *list, const struct value *at)
{
	const struct value *rows = value_get(row->config->merged.root, list);
	const char *rule =
		strcmp(list, "agents") ? "unknown-provider" : "unknown-agent";
	CLEANUP(free_str) char *key = NULL;
	struct finding *finding;

	if (!at || !at->text || has_row(rows, at->text))
		return;
	key = xasprintf("%s.%s.%s", row->list, row->name, member);
	finding = layer_finding(row->config, row->findings, rule, key, at,
				"there is no '%s' in %s", at->text, list);
	suggest(finding, rows, at->text);
}

static void check_agent(const struct row *row)
{
	check_reference(row, "provider", "providers",
			value_get(row->value, "provider"));
	VALUE_EACH(it, value_get(row->value, "fallback"))
	check_reference(row, "fallback", "agents", it);
	if (strcmp(text_of(row, "worker"), "cli") || *text_of(row, "command"))
		return;
	if (!*text_of(row, "profile") ||
	    !strcmp(text_of(row, "profile"), "generic"))
		finding_hint(put(row, "missing-key", "worker",
				 "worker cli has no program to run"),
			     "give it a command, or a profile such as claude");
}

/* A key may look like a name; as one, it would be told to whoever asks. */
static int is_key(const char *name)
{
	CLEANUP(secrets_free) struct secrets *secrets = NULL;
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	size_t len = strlen(name);
	struct error *err = NULL;

	if (len < LEAST_KEY)
		return 0;
	err = secrets_load(&secrets, NULL);
	if (!err)
		err = secrets_scan(&hits, secrets, NULL, name, len);
	error_free(err);
	return hits.len > 0;
}

static void check_provider(const struct row *row)
{
	if (is_key(text_of(row, "key_env")))
		finding_hint(put(row, "secret", "key_env",
				 "key_env looks like a key, and not like the "
				 "name of one"),
			     "name the variable that holds it, and make a new "
			     "key: this one is known");
	if (!strcmp(text_of(row, "driver"), "command") &&
	    !*text_of(row, "command"))
		finding_hint(put(row, "missing-key", "driver",
				 "driver command has no program to ask"),
			     "give it a command");
}

static void each_row(const struct config *config, struct findings *findings,
		     const char *list, void (*check)(const struct row *row))
{
	VALUE_EACH(it, value_get(config->merged.root, list))
	{
		const struct row row = {
			config,
			findings,
			it,
			list,
			value_text(value_get(it, "name"), ""),
		};

		check(&row);
	}
}

static void check_coverage(const struct config *config,
			   struct findings *findings)
{
	const struct value *coverage =
		value_path(config->merged.root, "policy.coverage");
	const struct value *minimum = value_get(coverage, "minimum");

	if (minimum && !value_get(coverage, "file"))
		finding_hint(layer_finding(config, findings, "missing-key",
					   "policy.coverage.minimum", minimum,
					   "policy.coverage.minimum has no "
					   "report to read"),
			     "name it in policy.coverage.file");
}

static void check_allowed(const struct config *config,
			  struct findings *findings)
{
	VALUE_EACH(row, value_path(config->merged.root, "secrets.allow"))
	{
		const struct value *pattern = value_get(row, "pattern");
		CLEANUP(regex_release) struct regex *regex = NULL;
		CLEANUP(error_release) struct error *err = NULL;

		if (pattern && pattern->text)
			err = regex_compile(&regex, pattern->text);
		if (err)
			layer_finding(config, findings, "pattern",
				      "secrets.allow", pattern, "%s",
				      err->message);
	}
}

void layer_check(const struct config *config, struct findings *findings)
{
	each_row(config, findings, "providers", check_provider);
	each_row(config, findings, "agents", check_agent);
	check_coverage(config, findings);
	check_allowed(config, findings);
}
