/*
 * The tool that changes a piece of a file.  The text has to be there as it is
 * given; nothing is applied that only nearly fits, but what is nearest is
 * shown, so that the next try does.
 */
#include "plans/tools-row.h"

#include <string.h>

#define LEAST_LIKE 39 /* percent */

/* Where the text is, from a place on; NULL: nowhere. */
static const char *find(const struct buf *in, size_t from,
			const struct value *what)
{
	return memmem(in->data + from, in->len - from, what->text, what->len);
}

static size_t count(const struct buf *in, const struct value *what)
{
	size_t n = 0, from = 0;
	const char *at;

	while ((at = find(in, from, what))) {
		from = (size_t)(at - in->data) + what->len;
		n++;
	}
	return n;
}

static void replace(struct buf *out, const struct buf *in,
		    const struct value *old, const struct value *now)
{
	size_t from = 0;
	const char *at;

	while ((at = find(in, from, old))) {
		size_t start = (size_t)(at - in->data);

		buf_add(out, in->data + from, start - from);
		buf_add(out, now->text, now->len);
		from = start + old->len;
	}
	buf_add(out, in->data + from, in->len - from);
}

/* The line without its blanks: they are what is wrong most often. */
static void squeeze(struct buf *out, const char *line, size_t len)
{
	buf_clear(out);
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r", line[i]) || !line[i])
			buf_ch(out, line[i]);
}

/* The first line that is not blank, squeezed. */
static void first_line(struct buf *out, const char *text, size_t len)
{
	while (len && !out->len) {
		const char *stop = memchr(text, '\n', len);
		size_t n = stop ? (size_t)(stop - text) : len;

		squeeze(out, text, n);
		n += stop != NULL;
		text += n;
		len -= n;
	}
}

/* How much two lines have in common at both ends, in percent of the longer. */
static size_t likeness(const struct buf *a, const struct buf *b)
{
	size_t less = a->len < b->len ? a->len : b->len;
	size_t more = a->len < b->len ? b->len : a->len;
	size_t head = 0, tail = 0;

	while (head < less && a->data[head] == b->data[head])
		head++;
	while (tail < less - head &&
	       a->data[a->len - 1 - tail] == b->data[b->len - 1 - tail])
		tail++;
	return more ? (head + tail) * 100 / more : 0;
}

/* The number of the line that is most like this one; 0: none is. */
static size_t nearest_line(const struct buf *in, const struct buf *line)
{
	const char *text = in->data, *end = in->data + in->len;
	CLEANUP(buf_release) struct buf other = BUF_INIT;
	size_t best = 0, most = LEAST_LIKE;

	for (size_t number = 1; text < end; number++) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text);

		squeeze(&other, text, n);
		size_t like = likeness(&other, line);
		if (like > most) {
			most = like;
			best = number;
		}
		text += n + 1;
	}
	return best;
}

static void say_no_match(struct buf *out, int *is_error, const char *path,
			 const struct buf *content, const struct value *old)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;
	size_t at;

	first_line(&line, old->text, old->len);
	at = nearest_line(content, &line);
	tool_refuse(out, is_error, "the text of `old` is not in '%s'", path);
	if (strstr(content->data, "\r\n") && !strstr(old->text, "\r\n"))
		buf_str(out, "Lines of this file end in \\r\\n.\n");
	if (strstr(old->text, "[redacted:"))
		buf_str(out, "Where [redacted:…] stands the file has something "
			     "else, which you are not shown: leave that line "
			     "out.\n");
	if (!at) {
		buf_str(out, "Nothing in it is like its first line.\n");
		return;
	}
	buf_str(out, "What is nearest to its first line:\n");
	tool_lines(out, content->data, content->len, at > 3 ? at - 3 : 1,
		   at + 6);
}

static void say_many(struct buf *out, int *is_error, size_t n,
		     const struct buf *content, const struct value *old)
{
	size_t from = 0, shown = 0, line = 1;
	const char *at;

	tool_refuse(out, is_error,
		    "the text of `old` is there %zu times: take more of what "
		    "is around it, or set `all`",
		    n);
	buf_str(out, "It begins in line");
	while ((at = find(content, from, old)) && shown++ < 10) {
		size_t start = (size_t)(at - content->data);

		for (; from < start; from++)
			line += content->data[from] == '\n';
		buf_addf(out, "%s %zu", shown > 1 ? "," : "", line);
		for (; from < start + old->len; from++)
			line += content->data[from] == '\n';
	}
	buf_ch(out, '\n');
}

static struct error *edit_file(struct buf *out, int *is_error,
			       struct toolbox *box, const struct value *input)
{
	CLEANUP(buf_release) struct buf content = BUF_INIT;
	CLEANUP(buf_release) struct buf now = BUF_INIT;
	const struct value *old = value_get(input, "old");
	const char *path = tool_path(input);
	struct change change;
	size_t n;

	TRY(tool_text(&content, out, is_error, box, path));
	if (*is_error)
		return NULL;
	n = count(&content, old);
	if (!n) {
		say_no_match(out, is_error, path, &content, old);
		return NULL;
	}
	if (n > 1 && !value_bool(value_get(input, "all"), 0)) {
		say_many(out, is_error, n, &content, old);
		return NULL;
	}
	replace(&now, &content, old, value_get(input, "new"));
	TRY(tool_change(&change, box, path, 0));
	return tool_put(out, is_error, box, &change, &content, &now, MODE_NONE);
}

const struct tool tool_edit_file = {
	.name = "edit_file",
	.description = "Replaces a piece of text in a file by another. `old` "
		       "has to be in it exactly once, or `all` is set.",
	.subject = "path",
	.run = edit_file,
};
