/*
 * `{{name}}` expansion for project templates; nothing else is special.
 * `{{{{` writes `{{`.  An unknown name or an unclosed `{{` is ERROR_INVALID
 * with the line, naming it and the names there are.
 */
#ifndef CORE_EXPAND_H
#define CORE_EXPAND_H

#include "core/array.h"

/* vars maps name to (const char *) text. */
struct error *expand(struct buf *out, const char *text, size_t len,
		     const struct map *vars) MUST_USE;

/*
 * The same in a YAML document: every value arrives as the same text within
 * the scalar or the key it stands in, whatever it holds.  Where the template's
 * own way of writing the scalar does not do, it is quoted on one line; all
 * else is kept byte for byte.  In comments, control characters become spaces.
 * ERROR_INVALID: the template is no YAML, or a value is not UTF-8.
 */
struct error *expand_yaml(struct buf *out, const char *text, size_t len,
			  const struct map *vars) MUST_USE;

#endif
