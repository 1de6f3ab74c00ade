/* Messages, memory, numbers. */
#include "util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void warn(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", PROGRAM);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static void *checked(void *memory)
{
	if (memory)
		return memory;
	warn("out of memory");
	exit(EXIT_FAILURE);
}

void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xrealloc(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return checked(NULL);
	size *= count;
	return checked(realloc(old, size ? size : 1));
}

char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

bool parse_long(long *out, const char *text, long min, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (end == text || *end || errno || value < min || value > max)
		return false;
	*out = value;
	return true;
}
