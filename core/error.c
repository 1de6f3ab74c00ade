/*
 * Errors as owned values.  BUG() is the one place outside cmd/ that writes to
 * stderr and ends the process: after a broken invariant nothing else is safe.
 */
#include "core/error.h"

#include "core/alloc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct error *error_make(enum error_code code, char *message)
{
	struct error *err = xmalloc(sizeof *err);

	err->code = code;
	err->message = message;
	err->hint = NULL;
	return err;
}

struct error *error_new(enum error_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	char *message = xvasprintf(fmt, args);
	va_end(args);
	return error_make(code, message);
}

struct error *error_errno(const char *fmt, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, fmt);
	char *text = xvasprintf(fmt, args);
	va_end(args);
	char *message = xasprintf("%s: %s", text, strerror(saved));
	free(text);
	return error_explain(error_make(ERROR_FAILURE, message));
}

static int ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

struct error *error_explain(struct error *err)
{
	if (ends_with(err->message, strerror(ENOSPC)) ||
	    ends_with(err->message, strerror(EDQUOT)))
		return error_hint(err, "free some space, then run the same "
				       "command again");
	return err;
}

struct error *error_hint(struct error *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return NULL;
	va_start(args, fmt);
	free(err->hint);
	err->hint = xvasprintf(fmt, args);
	va_end(args);
	return err;
}

struct error *error_wrap(struct error *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return NULL;
	va_start(args, fmt);
	char *text = xvasprintf(fmt, args);
	va_end(args);
	char *message = xasprintf("%s: %s", text, err->message);
	free(text);
	free(err->message);
	err->message = message;
	return err;
}

void error_free(struct error *err)
{
	if (!err)
		return;
	free(err->message);
	free(err->hint);
	free(err);
}

void error_release(struct error **err)
{
	error_free(*err);
	*err = NULL;
}

int error_is(const struct error *err, enum error_code code)
{
	return err && err->code == code;
}

int error_status(enum error_code code)
{
	static const int status[] = {
		[ERROR_FAILURE] = 128,   [ERROR_USAGE] = 129,
		[ERROR_NOT_FOUND] = 128, [ERROR_INVALID] = 128,
		[ERROR_NO] = 1,          [ERROR_NOTHING] = 3,
		[ERROR_REFUSED] = 4,     [ERROR_CLAIMED] = 5,
		[ERROR_STALE] = 75,      [ERROR_CONFLICT] = 6,
		[ERROR_AGAIN] = 75,      [ERROR_INTERRUPT] = 130,
	};
	return status[code];
}

void bug(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "BUG: %s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
