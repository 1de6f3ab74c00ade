/*
 * Allocation that aborts when there is none: the one file that may, so that
 * every other function has one path less.
 */
#include "core/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *ptr)
{
	if (!ptr) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	return ptr;
}

void *xmalloc(size_t size)
{
	return or_die(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *ptr, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		or_die(NULL);
	return or_die(realloc(ptr, n && size ? n * size : 1));
}

char *xstrdup(const char *s)
{
	return s ? or_die(strdup(s)) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
	return or_die(strndup(s, n));
}

char *xvasprintf(const char *fmt, va_list args)
{
	char most[256]; /* what nearly all texts fit into */
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(most, sizeof most, fmt, again);
	va_end(again);
	if (len < 0)
		BUG("bad format '%s'", fmt);
	char *s = xmalloc((size_t)len + 1);
	if ((size_t)len < sizeof most)
		memcpy(s, most, (size_t)len + 1);
	else
		vsnprintf(s, (size_t)len + 1, fmt, args);
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	char *s = xvasprintf(fmt, args);
	va_end(args);
	return s;
}

void free_str(char **s)
{
	free(*s);
	*s = NULL;
}

#define ARENA_BLOCK 8000

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char data[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->head;
	size_t align = _Alignof(max_align_t);

	if (size > SIZE_MAX / 2)
		or_die(NULL);
	size = (size + align - 1) / align * align;
	if (!block || block->size - block->used < size) {
		size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;

		block = xmalloc(sizeof *block + room);
		block->used = 0;
		block->size = room;
		block->next = arena->head;
		arena->head = block;
	}
	void *ptr = block->data + block->used;
	block->used += size;
	return memset(ptr, 0, size);
}

char *arena_strndup(struct arena *arena, const char *s, size_t n)
{
	char *copy = arena_alloc(arena, n + 1);

	if (n)
		memcpy(copy, s, n);
	return copy;
}

void arena_release(struct arena *arena)
{
	while (arena->head) {
		struct arena_block *next = arena->head->next;

		free(arena->head);
		arena->head = next;
	}
}
