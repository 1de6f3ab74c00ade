/*
 * The files of templates/, compiled into the binary by the Makefile.
 * Paths are relative to templates/ and sorted.
 */
#ifndef CORE_EMBED_H
#define CORE_EMBED_H

#include <stddef.h>

struct embed {
	const char *path;
	const char *data; /* len bytes, and a NUL behind them */
	size_t len;
};

/* What the generated table holds; use the functions below. */
struct embed_row {
	const char *path;
	const char *data;
	const char *end;
};
extern const struct embed_row embed_rows[];
extern const size_t embed_rows_len;

/* Fills *out and returns 1, or 0 when there is no such file. */
int embed_find(struct embed *out, const char *path);
/* The i-th file whose path begins with prefix, the same way. */
int embed_at(struct embed *out, const char *prefix, size_t i);

#endif
