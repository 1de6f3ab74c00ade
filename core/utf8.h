/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of the character at s, of which left are there, with its code point
 * in *point (may be NULL); 0 where none begins.
 */
size_t utf8_next(uint32_t *point, const char *s, size_t left);

/* Writes a code point (no surrogate) to out and returns its bytes, 1 to 4. */
size_t utf8_put(char out[4], uint32_t point);

#endif
