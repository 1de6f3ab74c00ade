/*
 * JSON text to and from the value tree, through cJSON (included only by
 * json.c).  RFC 8259.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/value.h"

/*
 * Parses one JSON text of len bytes.  Duplicate keys, a second text, invalid
 * UTF-8, NUL (also as \u0000), a BOM, numbers beyond a double and nesting
 * beyond 64 are ERROR_INVALID with line and column.
 *
 * cJSON keeps numbers as doubles; here an integer that fits 64 bits is
 * VALUE_INT and exact, and every number keeps its text, which is what is
 * printed.  Spans are filled as for YAML.
 */
struct error *json_parse(struct tree *out, const char *text, size_t len)
	MUST_USE;

/*
 * Adds the value as JSON: one line, no blanks, keys as they stand.  Bytes that
 * are not UTF-8 become U+FFFD.  NULL is null.
 */
void json_print(struct buf *out, const struct value *value);
/* The same, indented by two, for people; ends with a newline. */
void json_print_pretty(struct buf *out, const struct value *value);
/*
 * The canonical form that is hashed: no blanks, keys sorted by bytes, strings
 * escaped only where they must be, numbers with the text they have.
 */
void json_print_canonical(struct buf *out, const struct value *value);

#endif
