/*
 * Regular expressions and path globs, through PCRE2 (included only by
 * regex.c).  Matching has a step limit: a hostile pattern or text ends in
 * ERROR_INVALID, not in a hang.
 */
#ifndef CORE_REGEX_H
#define CORE_REGEX_H

#include "core/array.h"

struct regex;

/* PCRE2 syntax, UTF-8.  A bad pattern is ERROR_INVALID with its offset. */
struct error *regex_compile(struct regex **out, const char *pattern) MUST_USE;
void regex_free(struct regex *regex);
void regex_release(struct regex **regex); /* for CLEANUP */

/*
 * Searches text from offset from.  *found tells; start and end (may be NULL)
 * receive the byte range of the match.
 */
struct error *regex_search(int *found, size_t *start, size_t *end,
			   const struct regex *regex, const char *text,
			   size_t len, size_t from) MUST_USE;

/*
 * Globs over paths with '/' between parts: `*` and `?` within a part, `**`
 * over any number of parts, [a-z], {a,b}; a leading `./` is dropped; a glob
 * that ends in `/` means everything below.
 */
struct globs; /* a compiled list */

struct error *globs_compile(struct globs **out, const struct strings *globs)
	MUST_USE;
void globs_free(struct globs *globs);
void globs_release(struct globs **globs); /* for CLEANUP */
int globs_match(const struct globs *globs, const char *path);

#endif
