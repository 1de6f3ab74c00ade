/*
 * JSON text to and from the value tree, through cJSON (included only by
 * json.c).  RFC 8259.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/value.h"

/*
 * Parses one JSON text of len bytes.  Duplicate keys, a second text, invalid
 * UTF-8, NUL and nesting beyond 64 are ERROR_INVALID with line and column.
 */
struct error *json_parse(struct tree *out, const char *text, size_t len)
	MUST_USE;

/* Adds the value as JSON: one line, no blanks, keys as they stand. */
void json_print(struct buf *out, const struct value *value);
/* The same, indented by two, for people; ends with a newline. */
void json_print_pretty(struct buf *out, const struct value *value);
/* The canonical form that is hashed: no blanks, keys sorted by bytes. */
void json_print_canonical(struct buf *out, const struct value *value);

#endif
