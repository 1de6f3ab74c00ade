/*
 * From a model's text to the JSON it was asked for, as far as that is safe:
 * code fences, thinking tags, prose before and behind, a byte order mark, an
 * object put into a string, trailing commas, comments, single and typographic
 * quotes, unquoted keys, Python's words, line breaks within strings, a tail
 * cut off by max_tokens.  What is not there is never made up: the result has
 * only values the text has, and is validated in full by whoever asked.
 *
 * Refused, because more than one reading makes sense: missing commas and
 * values, quotes within strings that nothing escapes, duplicate keys, elisions
 * ("..."), a bracket that closes another one, several objects that differ.
 *
 * Of a tail that is missing: a number that touches the cut is left out, since
 * digits may be missing; true, false and null that are whole are kept; a
 * member whose value had not begun, or a key that is not whole, is left out;
 * open lists and objects are closed.  A string that was open is kept as far as
 * it goes and `half` is set: it is the last scalar of the result, and whoever
 * needs it whole has to look at `half` (or refuse what was cut).
 */
#ifndef CORE_REPAIR_H
#define CORE_REPAIR_H

#include "core/json.h"

struct repair {
	int changed; /* the text was not JSON as it stood */
	int cut; /* its tail was missing */
	int half; /* the last string is only the beginning of one */
	struct strings steps; /* what was done, for the log */
};
void repair_release(struct repair *repair);

/*
 * Takes the one JSON object (or list, when list is set) of the text.  Two
 * candidates that differ, or none, are ERROR_INVALID with what was found.
 * What stands in a code fence for JSON counts before what stands elsewhere.
 * The time is linear in len.  how is set in any case; out only on success.
 */
struct error *json_repair(struct tree *out, struct repair *how,
			  const char *text, size_t len, int list) MUST_USE;

#endif
