/*
 * A lenient reader of one object or list, for core/repair.c only: it writes
 * what it reads as strict JSON, which json_parse() then judges.
 */
#ifndef CORE_REPAIR_READ_H
#define CORE_REPAIR_READ_H

#include "core/buf.h"

enum repair_step {
	REPAIR_BOM,
	REPAIR_FENCE,
	REPAIR_THOUGHT,
	REPAIR_PROSE,
	REPAIR_UNWRAP,
	REPAIR_AGAIN,
	REPAIR_COMMENT,
	REPAIR_COMMA,
	REPAIR_QUOTE,
	REPAIR_KEY,
	REPAIR_WORD,
	REPAIR_NUMBER,
	REPAIR_ESCAPE,
	REPAIR_CONTROL,
	REPAIR_BLANK,
	REPAIR_TAIL,
	REPAIR_STEPS,
};

enum lenient_end {
	LENIENT_WHOLE, /* up to its closing bracket */
	LENIENT_CUT, /* the text ended first; what is there was closed */
	LENIENT_PROSE, /* a bracket in a sentence: no JSON was meant */
	LENIENT_BROKEN, /* JSON was meant, but what it says is not clear */
};

struct lenient {
	const char *text; /* UTF-8 without NUL */
	size_t len;
	size_t at; /* in: an opening bracket; out: behind what was read */
	struct buf *out; /* for WHOLE and CUT; else to be thrown away */
	unsigned steps; /* bits: 1u << enum repair_step, added to */
	int half; /* CUT went through a string that was kept */
	const char *why; /* of BROKEN */
};
enum lenient_end lenient_read(struct lenient *in);

/* Tells whether a string begins here, in quotes of whatever kind. */
int lenient_quote(const struct lenient *in);
/*
 * Copies the string that begins here.  1: whole; 0: the text ends within, what
 * there is was closed; -1: it is not clear where it ends.
 */
int lenient_string(struct lenient *in);

/* Bytes of white space at text, of whatever kind; 0: none. */
size_t lenient_blank(const char *text, size_t len);
/* Tells whether a code fence, three backquotes or more, begins at text. */
int lenient_fence(const char *text, size_t len);

#endif
