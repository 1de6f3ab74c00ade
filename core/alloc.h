/*
 * Allocation that does not fail: out of memory is reported and aborts here,
 * in one place, so that no caller has a path it could never test.
 */
#ifndef CORE_ALLOC_H
#define CORE_ALLOC_H

#include "core/error.h"

#include <stdarg.h>

void *xmalloc(size_t size) MUST_USE;
void *xcalloc(size_t n, size_t size) MUST_USE; /* zeroed, overflow checked */
void *xrealloc(void *ptr, size_t n, size_t size) MUST_USE;
char *xstrdup(const char *s) MUST_USE; /* NULL gives NULL */
char *xstrndup(const char *s, size_t n) MUST_USE;
char *xasprintf(const char *fmt, ...) PRINTF(1, 2) MUST_USE;
char *xvasprintf(const char *fmt, va_list args) PRINTF(1, 0) MUST_USE;

/* For CLEANUP(free_str) on a char pointer. */
void free_str(char **s);

/*
 * An arena: many small pieces with one lifetime, freed together.  Documents
 * are built in one; ten thousand of them are ten thousand frees, not millions.
 */
struct arena {
	struct arena_block *head;
};

#define ARENA_INIT                                                             \
	{                                                                      \
		NULL                                                           \
	}

void *arena_alloc(struct arena *arena, size_t size) MUST_USE; /* zeroed */
char *arena_strndup(struct arena *arena, const char *s, size_t n) MUST_USE;
void arena_release(struct arena *arena);

#endif
