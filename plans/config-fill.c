/* The structures the rest of the program reads, from the merged tree. */
#include "plans/config-layers.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT 600 /* seconds, of a check or a setup step */

static char *text_of(const struct value *row, const char *key)
{
	return xstrdup(value_text(value_get(row, key), NULL));
}

void check_list_read(struct check_list *out, const struct value *rows,
		     const char *origin)
{
	VALUE_EACH(row, rows)
	{
		const char *name = value_text(value_get(row, "name"), NULL);
		const char *run = value_text(value_get(row, "run"), NULL);
		struct check *check;

		if (!name || !run)
			continue;
		check = PUSH(out);
		check->name = xstrdup(name);
		check->run = xstrdup(run);
		check->timeout = value_int(value_get(row, "timeout"), TIMEOUT);
		check->network = value_bool(value_get(row, "network"), 0);
		check->origin = origin;
	}
}

void check_list_release(struct check_list *list)
{
	FOR_EACH (struct check, it, list) {
		free(it->name);
		free(it->run);
	}
	free(list->items);
	memset(list, 0, sizeof *list);
}

void setup_list_read(struct setup_list *out, const struct value *rows)
{
	VALUE_EACH(row, rows)
	{
		const char *name = value_text(value_get(row, "name"), NULL);
		const char *run = value_text(value_get(row, "run"), NULL);
		struct setup *setup;

		if (!name || !run)
			continue;
		setup = PUSH(out);
		setup->name = xstrdup(name);
		setup->run = xstrdup(run);
		value_strings(&setup->key, value_get(row, "key"));
		value_strings(&setup->keep, value_get(row, "keep"));
		setup->network = value_bool(value_get(row, "network"), 0);
		setup->timeout = value_int(value_get(row, "timeout"), TIMEOUT);
	}
}

void setup_list_release(struct setup_list *list)
{
	FOR_EACH (struct setup, it, list) {
		free(it->name);
		free(it->run);
		strings_release(&it->key);
		strings_release(&it->keep);
	}
	free(list->items);
	memset(list, 0, sizeof *list);
}

/* The position of a text in a list of words, or 0: the default comes first. */
static int word(const struct value *value, const char *const *words)
{
	const char *text = value_text(value, "");

	for (int i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	return 0;
}

/* "512M" in bytes; 0 when absent. */
static uint64_t size_of(const struct value *value)
{
	static const char units[] = "KMGT";
	char *end;
	uint64_t n = strtoull(value_text(value, "0"), &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	return unit ? n << (10 * (unit - units + 1)) : n;
}

/* Paths outside the repository; ~/ is HOME. */
static void fill_readable(struct strings *out, const struct value *list)
{
	const char *home = getenv("HOME");

	VALUE_EACH(it, list)
	{
		if (!it->text)
			continue;
		if (strncmp(it->text, "~/", 2))
			strings_add(out, it->text);
		else if (home)
			strings_take(out, path_join(home, it->text + 2));
	}
}

static void fill_coverage(struct coverage *coverage, const struct value *from)
{
	coverage->file = text_of(from, "file");
	coverage->format =
		xstrdup(value_text(value_get(from, "format"), "lcov"));
	coverage->minimum = value_number(value_get(from, "minimum"), 0);
}

static void fill_policy(struct policy *policy, const struct value *from)
{
	static const char *const files[] = { "extend", "strict", NULL };
	static const char *const sandbox[] = { "auto", "required", "off",
					       NULL };
	static const char *const change[] = { "refuse", "run", NULL };

	value_strings(&policy->paths, value_get(from, "paths"));
	value_strings(&policy->always, value_get(from, "always"));
	value_strings(&policy->protect_ok, value_get(from, "protected"));
	fill_readable(&policy->readable, value_get(from, "readable"));
	policy->files =
		(enum files_policy)word(value_get(from, "files"), files);
	policy->attempts = (int)value_int(value_get(from, "attempts"), 3);
	policy->sandbox =
		(enum sandbox_policy)word(value_get(from, "sandbox"), sandbox);
	policy->run_hooks = value_bool(value_get(from, "run_hooks"), 0);
	policy->setup_refuse =
		!word(value_get(from, "setup_on_change"), change);
	policy->max_file_bytes =
		value_int(value_get(from, "max_file_bytes"), 1 << 20);
	policy->max_files = value_int(value_get(from, "max_files"), 200);
	policy->memory = size_of(value_get(from, "memory"));
	policy->processes =
		(uint64_t)value_int(value_get(from, "processes"), 0);
	fill_coverage(&policy->coverage, value_get(from, "coverage"));
}

/* There is nobody to ask on local. */
static enum land_by land_by(const char *forge, const struct value *from)
{
	const char *land = value_text(value_get(from, "land"), "api");
	int push = !strcmp(forge, "local") || !strcmp(land, "push");

	return push ? LAND_PUSH : LAND_API;
}

static void fill_delivery(struct delivery *delivery, const struct value *from)
{
	static const char *const methods[] = { "squash", "merge", "rebase",
					       NULL };

	delivery->forge =
		xstrdup(value_text(value_get(from, "forge"), "local"));
	delivery->api = text_of(from, "api");
	delivery->land = land_by(delivery->forge, from);
	delivery->method =
		(enum land_method)word(value_get(from, "method"), methods);
	delivery->stacking = value_bool(value_get(from, "stacking"), 0);
	delivery->report = value_bool(value_get(from, "report"), 1);
	delivery->branch_prefix =
		xstrdup(value_text(value_get(from, "branch_prefix"), "orch"));
	delivery->lease = value_int(value_get(from, "lease"), 600);
	delivery->deadline = value_int(value_get(from, "deadline"), 3600);
	delivery->mutation_gap = value_int(value_get(from, "mutation_gap"), 1);
	value_strings(&delivery->labels, value_get(from, "labels"));
	value_strings(&delivery->reviewers, value_get(from, "reviewers"));
	value_strings(&delivery->assignees, value_get(from, "assignees"));
}

void config_fill(struct config *config)
{
	const struct value *root = config->merged.root;

	check_list_read(&config->checks, value_get(root, "checks"), "config");
	setup_list_read(&config->setup, value_get(root, "setup"));
	config_fill_models(config);
	fill_policy(&config->policy, value_get(root, "policy"));
	fill_delivery(&config->delivery, value_get(root, "delivery"));
}

void config_release(struct config *config)
{
	struct policy *policy = &config->policy;

	check_list_release(&config->checks);
	setup_list_release(&config->setup);
	config_release_models(config);
	strings_release(&policy->paths);
	strings_release(&policy->always);
	strings_release(&policy->protect_ok);
	strings_release(&policy->readable);
	free(policy->coverage.file);
	free(policy->coverage.format);
	free(config->delivery.forge);
	free(config->delivery.api);
	free(config->delivery.branch_prefix);
	strings_release(&config->delivery.labels);
	strings_release(&config->delivery.reviewers);
	strings_release(&config->delivery.assignees);
	free(config->environment);
	tree_release(&config->merged);
	map_release(&config->origins);
	map_release(&config->expanded);
	map_release(&config->secret);
	map_release(&config->unset);
	arena_release(&config->arena);
	memset(config, 0, sizeof *config);
}

const struct check *config_check(const struct config *config, const char *name)
{
	FOR_EACH (const struct check, it, &config->checks)
		if (!strcmp(it->name, name))
			return it;
	return NULL;
}
