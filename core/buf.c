/* A growing string of bytes that is always terminated. */
#include "core/buf.h"

#include "core/alloc.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char buf_empty[1];

void buf_init(struct buf *buf)
{
	buf->data = buf_empty;
	buf->len = buf->cap = 0;
}

void buf_release(struct buf *buf)
{
	if (buf->cap)
		free(buf->data);
	buf_init(buf);
}

void buf_clear(struct buf *buf)
{
	buf_setlen(buf, 0);
}

void buf_grow(struct buf *buf, size_t extra)
{
	if (extra >= SIZE_MAX / 4 - buf->len)
		BUG("buffer of %zu bytes asked for %zu more", buf->len, extra);
	size_t need = buf->len + extra + 1;
	if (need <= buf->cap)
		return;
	size_t cap = buf->cap ? buf->cap * 2 : 64;
	while (cap < need)
		cap *= 2;
	buf->data = xrealloc(buf->cap ? buf->data : NULL, cap, 1);
	buf->cap = cap;
	buf->data[buf->len] = '\0';
}

void buf_setlen(struct buf *buf, size_t len)
{
	if (len > buf->len)
		BUG("buffer of %zu bytes cannot be cut to %zu", buf->len, len);
	buf->len = len;
	if (buf->cap)
		buf->data[len] = '\0';
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	if (!len)
		return;
	buf_grow(buf, len);
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_str(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_ch(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_vaddf(struct buf *buf, const char *fmt, va_list args)
{
	va_list again;

	/* Mostly it fits into what is there. */
	buf_grow(buf, 32);
	size_t room = buf->cap - buf->len;
	va_copy(again, args);
	int len = vsnprintf(buf->data + buf->len, room, fmt, again);
	va_end(again);
	if (len < 0)
		BUG("bad format '%s'", fmt);
	if ((size_t)len >= room) {
		buf_grow(buf, (size_t)len);
		vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	}
	buf->len += (size_t)len;
}

void buf_addf(struct buf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vaddf(buf, fmt, args);
	va_end(args);
}

void buf_splice(struct buf *buf, size_t pos, size_t len, const void *data,
		size_t newlen)
{
	if (pos > buf->len || len > buf->len - pos)
		BUG("splice of %zu bytes at %zu in %zu", len, pos, buf->len);
	if (newlen > len)
		buf_grow(buf, newlen - len);
	if (!buf->cap)
		return;
	memmove(buf->data + pos + newlen, buf->data + pos + len,
		buf->len - pos - len + 1);
	if (newlen)
		memcpy(buf->data + pos, data, newlen);
	buf->len = buf->len - len + newlen;
}

char *buf_steal(struct buf *buf)
{
	char *s = buf->cap ? buf->data : xstrdup("");

	buf_init(buf);
	return s;
}

struct error *buf_read_fd(struct buf *buf, int fd, size_t max)
{
	for (;;) {
		buf_grow(buf, 8192); /* doubles, so long files take few reads */
		ssize_t n =
			read(fd, buf->data + buf->len, buf->cap - buf->len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno("cannot read");
		if (!n)
			return NULL;
		if ((size_t)n > max - buf->len || buf->len > max) {
			buf->data[buf->len] = '\0';
			return error_new(ERROR_INVALID, "larger than %zu bytes",
					 max);
		}
		buf->len += (size_t)n;
		buf->data[buf->len] = '\0';
	}
}
