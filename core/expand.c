/*
 * Template expansion in one pass: what a variable's text contains is never
 * looked at again.
 */
#include "core/expand.h"

#include "core/nearest.h"

#include <stdlib.h>
#include <string.h>

static unsigned line_of(const char *text, const char *at)
{
	unsigned line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static struct error *unknown(const char *name, unsigned line,
			     const struct map *vars)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;
	struct error *err = error_new(
		ERROR_INVALID, "line %u: unknown variable '%s'", line, name);

	map_keys(&names, vars);
	strings_join(&list, &names, ", ");
	const char *near =
		nearest(name, (const char *const *)names.items, names.len);
	if (near)
		return error_hint(err, "did you mean '%s'? there are: %s", near,
				  list.data);
	return error_hint(err, "there are: %s; '{{{{' writes '{{'",
			  list.len ? list.data : "none");
}

/* Expands the variable whose name begins at *at; moves *at behind its `}}`. */
static struct error *variable(struct buf *out, const char **at, const char *end,
			      unsigned line, const struct map *vars)
{
	const char *name = *at;
	const char *close = memmem(name, (size_t)(end - name), "}}", 2);

	if (!close || memchr(name, '\n', (size_t)(close - name)))
		return error_hint(error_new(ERROR_INVALID,
					    "line %u: unclosed '{{'", line),
				  "close it by '}}', or write '{{{{'");
	size_t len = (size_t)(close - name);
	const char *text = map_getn(vars, name, len);
	if (!text) {
		CLEANUP(free_str) char *copy = xstrndup(name, len);

		return unknown(copy, line, vars);
	}
	buf_str(out, text);
	*at = close + 2;
	return NULL;
}

/* Nothing is added to out unless all of it could be expanded. */
struct error *expand(struct buf *out, const char *text, size_t len,
		     const struct map *vars)
{
	CLEANUP(buf_release) struct buf made = BUF_INIT;
	const char *at = text;
	const char *end = text + len;

	while (at < end) {
		const char *open = memmem(at, (size_t)(end - at), "{{", 2);

		buf_add(&made, at, (size_t)((open ? open : end) - at));
		if (!open)
			break;
		at = open + 2;
		if (end - at >= 2 && at[0] == '{' && at[1] == '{') {
			buf_str(&made, "{{");
			at += 2;
			continue;
		}
		TRY(variable(&made, &at, end, line_of(text, open), vars));
	}
	buf_add(out, made.data, made.len);
	return NULL;
}
