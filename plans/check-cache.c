/*
 * Check outcomes as they are kept.
 *
 * Green ones by (source, definition, sandbox level), one small file each
 * below <orch>/checks/: the same source is never checked twice.  Red ones are
 * not kept: a person who runs again wants to see it run.
 */
#include "core/file.h"
#include "core/json.h"
#include "plans/check.h"

#include <stdio.h>
#include <string.h>

void check_outcome_write(struct tree *tree, struct value *object,
			 const struct check_outcome *outcome)
{
	value_add_string(tree, object, "name", outcome->name);
	value_add_int(tree, object, "exit", outcome->exit);
	value_add_int(tree, object, "millis", outcome->millis);
	value_add_int(tree, object, "level", (int64_t)outcome->sandbox);
	value_add_string(tree, object, "output", outcome->output);
	value_add_maybe(tree, object, "tail", outcome->tail);
	value_add_maybe(tree, object, "ended", outcome->ended);
	if (outcome->coverage != COVERAGE_NONE)
		value_add_int(tree, object, "coverage", outcome->coverage);
}

void check_outcome_read(struct check_outcome *out, const struct value *object)
{
	out->exit = (int)value_int(value_get(object, "exit"), 0);
	out->millis = value_int(value_get(object, "millis"), 0);
	out->sandbox =
		(enum sandbox_level)value_int(value_get(object, "level"), 0);
	snprintf(out->output, sizeof out->output, "%s",
		 value_text(value_get(object, "output"), ""));
	out->tail = xstrdup(value_text(value_get(object, "tail"), NULL));
	out->ended = xstrdup(value_text(value_get(object, "ended"), NULL));
	out->coverage =
		(int)value_int(value_get(object, "coverage"), COVERAGE_NONE);
}

/* Which report is read is part of what was found; the least share is not. */
static void add_coverage(struct sha256 *hash, const struct coverage *asked)
{
	if (!asked->file)
		return;
	sha256_add(hash, asked->file, strlen(asked->file) + 1);
	sha256_add(hash, asked->format, strlen(asked->format));
}

static struct error *path_of(char **out, struct project *project,
			     const struct check *check,
			     const struct oid *source, enum sandbox_level level)
{
	char hex[SHA256_HEX], source_hex[OID_HEX];
	const char *orch = NULL;
	struct sha256 hash;

	sha256_init(&hash);
	sha256_add(&hash, oid_hex(source_hex, source), OID_HEX);
	sha256_add(&hash, check->name, strlen(check->name) + 1);
	sha256_add(&hash, check->run, strlen(check->run) + 1);
	sha256_add(&hash, check->network ? "+" : "-", 1);
	sha256_add(&hash, sandbox_name(level), strlen(sandbox_name(level)));
	add_coverage(&hash, &project->config.policy.coverage);
	sha256_hex(&hash, hex);
	TRY(repo_orch_dir(&orch, project->repo));
	*out = xasprintf("%s/checks/%.2s/%s", orch, hex, hex + 2);
	return NULL;
}

struct error *check_cache_get(int *found, struct check_outcome *out,
			      struct project *project,
			      const struct check *check,
			      const struct oid *source,
			      enum sandbox_level level)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	*found = 0;
	TRY(path_of(&path, project, check, source, level));
	struct error *err = file_read(&text, path, 1 << 16);
	if (!err)
		err = json_parse(&tree, text.data, text.len);
	if (err) {
		/* Absent or damaged: the check runs again. */
		error_free(err);
		return NULL;
	}
	check_outcome_read(out, tree.root);
	out->sandbox = level; /* it is part of the key */
	*found = 1;
	return NULL;
}

struct error *check_cache_put(struct project *project,
			      const struct check *check,
			      const struct oid *source,
			      const struct check_outcome *outcome)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	check_outcome_write(&tree, value_object(&tree, NULL, NULL), outcome);
	json_print(&text, tree.root);
	TRY(path_of(&path, project, check, source, outcome->sandbox));
	return file_write(path, text.data, text.len, FILE_PLAIN);
}
