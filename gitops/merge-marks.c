/*
 * The markers of a conflict, as `git help merge` ("How conflicts are
 * presented") has them: seven of one character at the beginning of a line, then
 * a blank and a name, or the line's end.
 */
#include "gitops/merge.h"

#include <string.h>

#define MARKER 7

static const char characters[MERGE_MARKERS] = { '<', '|', '=', '>' };

static size_t line_length(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? (size_t)(newline - at) : (size_t)(end - at);
}

/* Which marker a line is; MERGE_MARKERS: none.  *name is where its name is. */
static size_t marker_of(size_t *name, const char *line, size_t len)
{
	size_t kind = 0, n = 0;

	if (len && line[len - 1] == '\r')
		len--;
	while (kind < MERGE_MARKERS && (!len || line[0] != characters[kind]))
		kind++;
	while (kind < MERGE_MARKERS && n < len && line[n] == characters[kind])
		n++;
	*name = n + 1;
	if (n < MARKER || (n < len && line[n] != ' '))
		return MERGE_MARKERS;
	/* A rule of them below a heading is longer, or another text. */
	if (characters[kind] == '=' && (n != MARKER || n < len))
		return MERGE_MARKERS;
	return kind;
}

void merge_count_markers(size_t out[MERGE_MARKERS], const char *text,
			 size_t len)
{
	const char *end = text + len;

	memset(out, 0, MERGE_MARKERS * sizeof *out);
	while (text < end) {
		size_t n = line_length(text, end), name;
		size_t kind = marker_of(&name, text, n);

		if (kind < MERGE_MARKERS)
			out[kind]++;
		text += n + (text + n < end);
	}
}

/* The ids that git names the sides by are at least so long. */
static int is_id(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && strchr("0123456789abcdef", text[n]))
		n++;
	return n >= MARKER && (n == len || strchr(":\r", text[n]));
}

void merge_name_sides(struct buf *out, const char *text, size_t len,
		      const char *ours, const char *before, const char *theirs)
{
	const char *const names[MERGE_MARKERS] = { ours, before, NULL, theirs };
	const char *end = text + len;

	while (text < end) {
		size_t n = line_length(text, end), at;
		size_t whole = n + (text + n < end);
		size_t kind = marker_of(&at, text, n);

		if (kind < MERGE_MARKERS && names[kind] && at < n &&
		    is_id(text + at, n - at)) {
			buf_add(out, text, at);
			buf_str(out, names[kind]);
			buf_add(out, text + n, whole - n);
		} else {
			buf_add(out, text, whole);
		}
		text += whole;
	}
}
