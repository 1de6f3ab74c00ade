/*
 * A document as a page: keys as words, prose wrapped, lists as lists.  Of a
 * row in a list the first member is its name and the second what it is; the
 * others follow with their keys.
 */
#include "cmd/page.h"

#include <string.h>

#define SHORT 24 /* columns of members that stay on the line of their row */

/* Said elsewhere on the page, or of no use to a reader. */
static int left_out(const char *key)
{
	static const char *const keys[] = { "version", "id",     "title",
					    "status",  "reason", "result" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!strcmp(keys[i], key))
			return 1;
	return 0;
}

/* Words on one line; "depends_on" becomes "depends on". */
static char *words(const char *text, char from)
{
	char *out = xstrdup(text);

	for (char *at = out; (at = strchr(at, from));)
		*at = ' ';
	return out;
}

/* A list as "a, b"; an object as "key value, key value". */
static void add_inline(struct buf *out, const struct value *value)
{
	size_t n = 0;

	if (value->kind < VALUE_LIST)
		buf_str(out, value_text(value, ""));
	VALUE_EACH(part, value)
	{
		buf_str(out, n++ ? ", " : "");
		if (part->key)
			buf_addf(out, "%s ", part->key);
		add_inline(out, part);
	}
}

static void print_prose(struct out *out, const char *text, size_t at,
			size_t indent)
{
	CLEANUP(free_str) char *line = words(text, '\n');

	out_wrap(out, at, indent, "%s", line);
	out_text(out, "\n");
}

static int fits_a_line(const struct value *list)
{
	size_t width = 0;

	VALUE_EACH(item, list)
	{
		if (item->kind >= VALUE_LIST)
			return 0;
		width += item->len + 2;
	}
	return width < 60;
}

/* "name: what it is, key value"; long members below, each with its key. */
static void print_row(struct out *out, const struct value *row, size_t indent)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;
	CLEANUP(buf_release) struct buf below = BUF_INIT;
	size_t n = 0;

	VALUE_EACH(part, row)
	{
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		add_inline(&text, part);
		if (n < 2)
			buf_addf(&line, "%s%s", n ? ": " : "", text.data);
		else if (text_width(text.data) < SHORT && !below.len)
			buf_addf(&line, ", %s %s", part->key, text.data);
		else
			buf_addf(&below, "%s: %s\n", part->key, text.data);
		n++;
	}
	print_prose(out, line.data, indent, indent);
	if (!below.len)
		return;
	below.data[below.len - 1] = '\0';
	out_text(out, "%*s", (int)indent, "");
	out_wrap(out, indent, indent, "%s", below.data);
	out_text(out, "\n");
}

static void print_member(struct out *out, const struct value *member,
			 size_t indent)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;
	CLEANUP(free_str) char *key = words(member->key, '_');
	size_t at = indent + text_width(key) + 2;

	out_text(out, "%*s", (int)indent, "");
	out_colour(out, COLOUR_CYAN, "%s", key);
	if (member->kind < VALUE_LIST ||
	    (member->kind == VALUE_LIST && fits_a_line(member))) {
		add_inline(&line, member);
		out_text(out, "  ");
		print_prose(out, line.data, at, at);
		return;
	}
	out_text(out, "\n");
	VALUE_EACH(part, member)
	{
		if (part->key) {
			print_member(out, part, indent + 2);
			continue;
		}
		out_text(out, "%*s- ", (int)indent + 2, "");
		if (part->kind == VALUE_OBJECT) {
			print_row(out, part, indent + 4);
			continue;
		}
		buf_clear(&line);
		add_inline(&line, part);
		print_prose(out, line.data, indent + 4, indent + 4);
	}
}

void page_document(struct out *out, const struct value *root)
{
	VALUE_EACH(member, root)
	if (!left_out(member->key) &&
	    (member->kind < VALUE_LIST || member->count))
		print_member(out, member, 0);
}
