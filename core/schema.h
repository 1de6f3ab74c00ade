/*
 * A written subset of JSON Schema 2020-12, applied to value trees: the single
 * source for the validator, the editors, and the field reference in the man
 * pages.  Keywords: $schema $id $defs $ref (local) title description default
 * examples type properties required additionalProperties(false) items
 * minItems maxItems uniqueItems enum const pattern minLength maxLength
 * minimum maximum anyOf, and x-volatile.  schema_parse() refuses any other,
 * and a test parses every schema there is: another keyword fails the build.
 *
 * Scalars of YAML are typed here: text under type integer must read as one.
 */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include "core/value.h"

struct finding {
	char *rule; /* stable id: "unknown-key", "missing-key", "type", ... */
	char *path; /* file, or NULL until the caller says which */
	unsigned line; /* 0: the file as a whole */
	unsigned column;
	char *message;
	char *hint; /* may be NULL */
	int note; /* worth knowing, fails nothing */
};

struct findings {
	struct finding *items;
	size_t len;
	size_t cap;
};
#define FINDINGS_INIT                                                          \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* Adds a finding at a value (NULL: line 0) and returns it. */
struct finding *finding_add(struct findings *list, const char *rule,
			    const struct value *at, const char *fmt, ...)
	PRINTF(4, 5);
void finding_hint(struct finding *finding, const char *fmt, ...) PRINTF(2, 3);
/* By path, line, column, then message. */
void findings_sort(struct findings *list);
void findings_release(struct findings *list);

struct schema; /* parsed, with its compiled patterns */

struct error *schema_parse(struct schema **out, const char *name,
			   const char *json, size_t len) MUST_USE;
void schema_free(struct schema *schema);

/*
 * Adds every finding, not only the first: unknown key (with "did you mean"),
 * missing key, wrong type, value not allowed, pattern, length, range, count.
 */
void schema_check(const struct schema *schema, const struct value *value,
		  struct findings *out);

/* The schema's own tree, for printers of references and for maskers. */
const struct value *schema_root(const struct schema *schema);
/* Follows $ref; NULL for a name the schema does not have. */
const struct value *schema_member(const struct schema *schema,
				  const struct value *node, const char *key);

#endif
