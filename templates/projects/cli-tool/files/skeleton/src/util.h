/*
 * What every other file needs: messages, memory, numbers.
 */
#ifndef UTIL_H
#define UTIL_H

#include <stdbool.h>
#include <stddef.h>

#define PROGRAM "{{name}}"
#define VERSION "0.1.0"

#if defined(__GNUC__)
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define PRINTF(f, a)
#endif

/* Print "{{name}}: <message>" on stderr. */
void warn(const char *fmt, ...) PRINTF(1, 2);

/* These end the program when there is no memory left. */
void *xmalloc(size_t size);
void *xrealloc(void *old, size_t count, size_t size);
char *xstrdup(const char *text);

/* The whole of text as a decimal within [min, max]; false: it is not. */
bool parse_long(long *out, const char *text, long min, long max);

#endif
