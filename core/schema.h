/*
 * A written subset of JSON Schema 2020-12, applied to value trees: the single
 * source for the validator, the editors, and the field reference in the man
 * pages.  Keywords: $schema $id $defs $ref (local) title description default
 * examples type properties required additionalProperties(false) items
 * minItems maxItems uniqueItems enum const pattern minLength maxLength
 * minimum maximum anyOf, and x-volatile.  schema_parse() refuses any other,
 * and a test parses every schema there is: another keyword fails the build.
 *
 * Scalars of YAML are typed here.  Under type string any scalar is text, but
 * an empty plain one is null; integers, numbers and truth values must be
 * plain and read as one (value_int(), value_bool()).
 */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include "core/regex.h"
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

/*
 * Adds a finding at a value (NULL: line 0) and returns it; the address holds
 * until the next one is added.
 */
struct finding *finding_add(struct findings *list, const char *rule,
			    const struct value *at, const char *fmt, ...)
	PRINTF(4, 5);
/* Moves it to the value's key, when it has one. */
void finding_at_key(struct finding *finding, const struct value *value);
void finding_hint(struct finding *finding, const char *fmt, ...) PRINTF(2, 3);
/* By path, line, column, then message. */
void findings_sort(struct findings *list);
/* What nobody would read to the end, and a hostile document runs up. */
#define FINDINGS_MOST 1000
/*
 * Of a sorted list, leaves the first FINDINGS_MOST of each path; where there
 * were more, one of the rule "too-many" says so.
 */
void findings_limit(struct findings *list);
/* How many are more than notes. */
size_t findings_failing(const struct findings *list);
void findings_release(struct findings *list);

struct schema; /* parsed, with its compiled patterns */

/* What is wrong with the schema is ERROR_INVALID, with name and place. */
struct error *schema_parse(struct schema **out, const char *name,
			   const char *json, size_t len) MUST_USE;
void schema_free(struct schema *schema);
void schema_release(struct schema **schema); /* for CLEANUP */

/*
 * Adds every finding, not only the first, until there are more than
 * FINDINGS_MOST.  The rules: unknown-key (at the key, with "did you mean"),
 * missing-key (at the start of its mapping), type, enum, const, range, length,
 * pattern, count, duplicate.  Under anyOf the findings are those of the
 * alternative that fits best.  value NULL, the empty document, is null.
 */
void schema_check(const struct schema *schema, const struct value *value,
		  struct findings *out);

/*
 * Types the scalars of a YAML tree that schema_check() had no findings in:
 * kind, integer and number are set, so that it prints as JSON as it is meant.
 * Readers need not: value_int() and value_bool() convert by themselves.
 */
void schema_apply(const struct schema *schema, struct value *value);

/* The schema's own tree, for printers of references and for maskers. */
const struct value *schema_root(const struct schema *schema);
/* What a node's $ref points to, at the end of the chain; else the node. */
const struct value *schema_follow(const struct schema *schema,
				  const struct value *node);
/* Follows $ref; NULL for a name the schema does not have. */
const struct value *schema_member(const struct schema *schema,
				  const struct value *node, const char *key);
/* The compiled form of a pattern that stands in the schema. */
const struct regex *schema_pattern(const struct schema *schema,
				   const char *pattern);

#endif
