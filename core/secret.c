/* The rules of the secret scan, and what is exempt from them. */
#include "core/secret-rule.h"

#include "core/embed.h"
#include "core/yaml.h"

#include <stdlib.h>
#include <string.h>

#define REACH 256

void secret_allows_release(struct secret_allows *allows)
{
	FOR_EACH (struct secret_allow, allow, allows) {
		free(allow->path);
		free(allow->pattern);
		free(allow->reason);
	}
	free(allows->items);
	*allows = (struct secret_allows)ARRAY_INIT;
}

void secrets_free(struct secrets **secrets)
{
	struct secrets *old = *secrets;

	if (!old)
		return;
	FOR_EACH (struct secret_rule, rule, &old->rules)
		regex_free(rule->regex);
	FOR_EACH (struct secret_exempt, exempt, &old->exempt) {
		globs_free(exempt->path);
		regex_free(exempt->pattern);
	}
	free(old->rules.items);
	free(old->words.items);
	free(old->exempt.items);
	strings_release(&old->known);
	tree_release(&old->tree);
	free(old);
	*secrets = NULL;
}

void secrets_know(struct secrets *secrets, const char *value)
{
	if (value && strlen(value) >= SECRET_LEAST &&
	    !strings_has(&secrets->known, value))
		strings_add(&secrets->known, value);
}

static void add_word(struct secrets *secrets, const struct value *keyword)
{
	struct secret_word *word = PUSH(&secrets->words);
	const unsigned char *text = (const unsigned char *)keyword->text;
	size_t *head = &secrets->heads[secret_head(text[0], text[1])];

	word->text = keyword->text;
	word->len = keyword->len;
	word->rule = secrets->rules.len - 1;
	word->next = *head;
	*head = secrets->words.len;
}

static void add_rule(struct secrets *secrets, const struct value *row)
{
	struct secret_rule *rule = PUSH(&secrets->rules);

	rule->id = value_text(value_get(row, "id"), "");
	rule->title = value_text(value_get(row, "title"), "");
	rule->entropy = value_number(value_get(row, "entropy"), 0);
	rule->reach = (size_t)value_int(value_get(row, "reach"), REACH);
	rule->pattern = value_text(value_get(row, "regex"), "");
	VALUE_EACH(keyword, value_get(row, "keywords"))
	add_word(secrets, keyword);
}

static struct error *add_exempt(struct secrets *secrets, const char *path,
				const char *pattern)
{
	CLEANUP(strings_release) struct strings globs = STRINGS_INIT;
	struct secret_exempt *exempt = PUSH(&secrets->exempt);

	if (path) {
		strings_add(&globs, path);
		TRY(globs_compile(&exempt->path, &globs));
	}
	return pattern ? regex_compile(&exempt->pattern, pattern) : NULL;
}

static struct error *add_allows(struct secrets *secrets,
				const struct secret_allows *allows)
{
	FOR_EACH (struct secret_allow, allow, allows)
		if (allow->path || allow->pattern)
			TRY(error_wrap(add_exempt(secrets, allow->path,
						  allow->pattern),
				       "secrets.allow"));
	return NULL;
}

struct error *secrets_load(struct secrets **out,
			   const struct secret_allows *allows)
{
	CLEANUP(secrets_free)
	struct secrets *made = xcalloc(1, sizeof *made);
	struct embed file;

	if (!embed_find(&file, "secrets.yaml"))
		BUG("no rules for secrets");
	TRY(yaml_parse(&made->tree, file.data, file.len, NULL));
	VALUE_EACH(row, value_get(made->tree.root, "rules"))
	add_rule(made, row);
	VALUE_EACH(row, value_get(made->tree.root, "allow"))
	TRY(add_exempt(made, NULL, value_text(value_get(row, "pattern"), "")));
	if (allows)
		TRY(add_allows(made, allows));
	*out = made;
	made = NULL;
	return NULL;
}
