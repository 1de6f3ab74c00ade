/*
 * Compression in the zlib format (RFC 1950), by zlib itself, which is loaded
 * when it is first needed (included only by zlib.c): most commands compress
 * nothing.
 */
#ifndef CORE_ZLIB_H
#define CORE_ZLIB_H

#include "core/buf.h"

/* 1: out has the shorter form; 0: there is none, or no zlib. */
int zlib_deflate(struct buf *out, const void *data, size_t len) MUST_USE;
/*
 * Adds the size bytes that data was.  What does not come to exactly so many is
 * ERROR_INVALID; no zlib is ERROR_FAILURE with a hint.
 */
struct error *zlib_inflate(struct buf *out, size_t size, const void *data,
			   size_t len) MUST_USE;

#endif
