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

#endif
