/*
 * From a model's text to the JSON it was asked for, as far as that is safe:
 * code fences, prose before and behind, a byte order mark, trailing commas,
 * comments, single quotes around keys, a tail cut off by max_tokens (open
 * strings, lists and objects closed; a member whose value had not begun is
 * left out).  What is not there is never made up: the result has only values
 * the text has, and is validated in full by whoever asked.
 */
#ifndef CORE_REPAIR_H
#define CORE_REPAIR_H

#include "core/json.h"

struct repair {
	int changed; /* the text was not JSON as it stood */
	int cut; /* its tail was missing */
	struct strings steps; /* what was done, for the log */
};
void repair_release(struct repair *repair);

/*
 * Takes the one JSON object (or list, when list is set) of the text.  Two
 * candidates that differ, or none, are ERROR_INVALID with what was found.
 */
struct error *json_repair(struct tree *out, struct repair *how,
			  const char *text, size_t len, int list) MUST_USE;

#endif
