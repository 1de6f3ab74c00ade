/*
 * Findings for machines: our own JSON, and SARIF 2.1.0 (OASIS Standard,
 * "Static Analysis Results Interchange Format") for code scanning.
 */
#include "plans/validate.h"

#include "core/hash.h"

#include <string.h>

void findings_json(struct tree *out, size_t checked,
		   const struct findings *findings)
{
	struct value *root = value_object(out, NULL, NULL);
	struct value *list;

	value_add_int(out, root, "version", 1);
	value_add_int(out, root, "checked", (int64_t)checked);
	list = value_list(out, root, "findings");
	FOR_EACH (const struct finding, it, findings) {
		struct value *row = value_object(out, list, NULL);

		value_add_string(out, row, "rule", it->rule);
		value_add_maybe(out, row, "path", it->path);
		value_add_int(out, row, "line", it->line);
		value_add_int(out, row, "column", it->column);
		value_add_string(out, row, "message", it->message);
		value_add_maybe(out, row, "hint", it->hint);
		value_add_bool(out, row, "note", it->note);
	}
}

/* A relative reference (RFC 3986): what may not stand there is encoded. */
static void add_uri(struct buf *out, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/";

	for (; *path; path++) {
		if (strchr(plain, *path))
			buf_ch(out, *path);
		else
			buf_addf(out, "%%%02X", (unsigned char)*path);
	}
}

/*
 * What stays the same when lines above move: rule, file and message, and
 * which of several equal ones it is.
 */
static void add_fingerprint(struct tree *out, struct value *result,
			    const struct finding *finding, struct map *seen)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	char hex[SHA256_HEX];
	struct value *prints;
	uintptr_t nth;

	buf_addf(&text, "%s\n%s\n%s", finding->rule,
		 finding->path ? finding->path : "", finding->message);
	nth = (uintptr_t)map_get(seen, text.data) + 1;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the map counts */
	map_set(seen, text.data, (void *)nth);
	sha256_of(text.data, text.len, hex);
	prints = value_object(out, result, "partialFingerprints");
	value_add_stringf(out, prints, "gitOrch/v1", "%.32s:%lu", hex,
			  (unsigned long)nth);
}

static void add_location(struct tree *out, struct value *result,
			 const struct finding *finding)
{
	CLEANUP(buf_release) struct buf uri = BUF_INIT;
	struct value *list = value_list(out, result, "locations");
	struct value *place, *file, *region;

	if (!finding->path)
		return;
	add_uri(&uri, finding->path);
	place = value_object(out, value_object(out, list, NULL),
			     "physicalLocation");
	file = value_object(out, place, "artifactLocation");
	value_add_string(out, file, "uri", uri.data);
	if (*finding->path != '/')
		value_add_string(out, file, "uriBaseId", "%SRCROOT%");
	if (!finding->line)
		return;
	region = value_object(out, place, "region");
	value_add_int(out, region, "startLine", finding->line);
	if (finding->column)
		value_add_int(out, region, "startColumn", finding->column);
}

static void add_result(struct tree *out, struct value *results,
		       const struct finding *finding, struct map *seen)
{
	struct value *result = value_object(out, results, NULL);
	struct value *message;

	value_add_string(out, result, "ruleId", finding->rule);
	value_add_string(out, result, "level",
			 finding->note ? "note" : "error");
	message = value_object(out, result, "message");
	if (finding->hint)
		value_add_stringf(out, message, "text", "%s (%s)",
				  finding->message, finding->hint);
	else
		value_add_string(out, message, "text", finding->message);
	add_location(out, result, finding);
	add_fingerprint(out, result, finding, seen);
}

static void add_driver(struct tree *out, struct value *run,
		       const struct findings *findings)
{
	CLEANUP(map_release) struct map rules = MAP_INIT;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	struct value *tool = value_object(out, run, "tool");
	struct value *driver = value_object(out, tool, "driver");
	struct value *list;

	value_add_string(out, driver, "name", "git-orch");
	value_add_string(out, driver, "version", GIT_ORCH_VERSION);
	FOR_EACH (const struct finding, it, findings)
		map_set(&rules, it->rule, &rules);
	map_keys(&names, &rules);
	list = value_list(out, driver, "rules");
	FOR_EACH (char *, name, &names)
		value_add_string(out, value_object(out, list, NULL), "id",
				 *name);
}

void findings_sarif(struct tree *out, const struct findings *findings)
{
	CLEANUP(map_release) struct map seen = MAP_INIT;
	struct value *root = value_object(out, NULL, NULL);
	struct value *run, *results;

	value_add_string(out, root, "$schema",
			 "https://json.schemastore.org/sarif-2.1.0.json");
	value_add_string(out, root, "version", "2.1.0");
	run = value_object(out, value_list(out, root, "runs"), NULL);
	add_driver(out, run, findings);
	value_add_string(out, run, "columnKind", "unicodeCodePoints");
	results = value_list(out, run, "results");
	FOR_EACH (const struct finding, it, findings)
		add_result(out, results, it, &seen);
}
