/*
 * A growing string of bytes.  data[len] is always NUL, also in BUF_INIT, so
 * data may be passed as a C string wherever the content has no NUL itself.
 * Whatever is read from a network, a child or a file has a maximum: set max
 * and buf_read_fd() stops there.
 */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include "core/error.h"

#include <stdarg.h>

struct buf {
	char *data;
	size_t len;
	size_t cap; /* 0: data is the shared empty string */
};

extern char buf_empty[];
#define BUF_INIT                                                               \
	{                                                                      \
		buf_empty, 0, 0                                                \
	}

void buf_init(struct buf *buf);
void buf_release(struct buf *buf); /* leaves it as BUF_INIT */
void buf_clear(struct buf *buf); /* length 0, memory kept */
void buf_grow(struct buf *buf, size_t extra);
void buf_setlen(struct buf *buf, size_t len); /* only to shorten */

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_str(struct buf *buf, const char *s);
void buf_ch(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *fmt, ...) PRINTF(2, 3);
void buf_vaddf(struct buf *buf, const char *fmt, va_list args) PRINTF(2, 0);

/* Replaces len bytes at pos by the new ones. */
void buf_splice(struct buf *buf, size_t pos, size_t len, const void *data,
		size_t newlen);

/* The string, owned by the caller; the buffer is empty afterwards. */
char *buf_steal(struct buf *buf) MUST_USE;

/*
 * Reads fd to its end, appending.  More than max bytes in all is
 * ERROR_INVALID ("larger than ..."); nothing is said of a partial read.
 */
struct error *buf_read_fd(struct buf *buf, int fd, size_t max) MUST_USE;

#endif
