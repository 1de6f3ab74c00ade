/*
 * What must hold of the bytes before libyaml sees them, and where in them a
 * line begins.  Internal to yaml*.c.
 *
 * YAML 1.1, and so libyaml, breaks lines at NEL, LS and PS; YAML 1.2 and every
 * editor do not.  They are swapped for characters that the text does not
 * contain while libyaml reads, and swapped back in what it gives.
 */
#ifndef CORE_YAML_TEXT_H
#define CORE_YAML_TEXT_H

#include "core/yaml.h"

struct yaml_text {
	const char *data; /* what libyaml reads: without BOM, breaks swapped */
	size_t len;
	size_t bom; /* bytes of the BOM: 0 or 3 */
	int ascii;
	char *owned; /* data, when something had to be swapped */
	uint32_t swapped[3]; /* what stands for NEL, LS, PS; 0: none does */
};

/*
 * Refuses what libyaml would accept or say nothing clear about: other
 * encodings, invalid UTF-8, control characters, directives, over 1 MiB.
 */
struct error *yaml_text_open(struct yaml_text *out, const char *text,
			     size_t len, struct yaml_fault *fault) MUST_USE;
void yaml_text_release(struct yaml_text *text);

/* Puts NEL, LS and PS back into len bytes that came from libyaml. */
void yaml_text_restore(const struct yaml_text *text, char *s, size_t len);

/* ERROR_INVALID at a place; fills *fault unless it is NULL. */
struct error *yaml_fail(struct yaml_fault *fault, unsigned line,
			unsigned column, const char *message, const char *hint)
	MUST_USE;
/* The same at a byte of a text without BOM. */
struct error *yaml_fail_at(struct yaml_fault *fault, const char *text,
			   size_t at, const char *message, const char *hint)
	MUST_USE;

/* The end of the line that at is in, before its break; the next line. */
size_t yaml_line_end(const char *text, size_t len, size_t at);
size_t yaml_line_next(const char *text, size_t len, size_t at);
/* Behind the indicators of the block scalar at start: `|`, `>+`, `|2-`. */
size_t yaml_header_end(const char *text, size_t len, size_t start);

#endif
