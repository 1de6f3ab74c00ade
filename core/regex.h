/*
 * Regular expressions and path globs, through PCRE2 (included only by
 * regex.c).  Matching has a step limit for each place in the text where a
 * match may begin: a hostile pattern ends in ERROR_INVALID, not in a hang.
 */
#ifndef CORE_REGEX_H
#define CORE_REGEX_H

#include "core/array.h"

struct regex;

/*
 * PCRE2 syntax, UTF-8; `$` is the very end of the text, not the newline before
 * it.  A bad pattern is ERROR_INVALID with its offset.
 */
struct error *regex_compile(struct regex **out, const char *pattern) MUST_USE;
void regex_free(struct regex *regex);
void regex_release(struct regex **regex); /* for CLEANUP */

/*
 * Searches text from offset from.  *found tells; start and end (may be NULL)
 * receive the byte range of the match, which may be empty.  Bytes that are
 * not UTF-8 match nothing; from must not lie within a character.
 */
struct error *regex_search(int *found, size_t *start, size_t *end,
			   const struct regex *regex, const char *text,
			   size_t len, size_t from) MUST_USE;

/*
 * Globs over paths with '/' between parts: `*` and `?` within a part, `**`
 * over any number of parts, [a-z] and [!a-z] for one ASCII character, {a,b},
 * `\` before a character that is meant itself; a leading `./` is dropped; a
 * glob that ends in `/` means everything below.  A leading dot is an ordinary
 * character.  `a/` followed by `**` is what lies below a, not a itself.
 */
struct globs; /* a compiled list */

/* A glob that is empty, absolute or unclosed is ERROR_INVALID, naming it. */
struct error *globs_compile(struct globs **out, const struct strings *globs)
	MUST_USE;
void globs_free(struct globs *globs);
void globs_release(struct globs **globs); /* for CLEANUP */
/* A glob that runs into the step limit does not match: the safe side. */
int globs_match(const struct globs *globs, const char *path);

#endif
