/* A document as a page: keys, words wrapped at the width, lists as lists. */
#include "cmd/page.h"

#include <string.h>

/* Said elsewhere on the page, or of no use to a reader. */
static int left_out(const char *key)
{
	static const char *const keys[] = { "version", "id", "title", "status",
					    "reason" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!strcmp(keys[i], key))
			return 1;
	return 0;
}

/* A list as "a, b"; an object as "first: key second, key third". */
static void add_inline(struct buf *out, const struct value *value)
{
	size_t n = 0;

	if (value->kind < VALUE_LIST)
		buf_str(out, value_text(value, ""));
	VALUE_EACH(part, value)
	{
		if (value->kind == VALUE_LIST)
			buf_str(out, n ? ", " : "");
		else if (n)
			buf_addf(out, "%s%s ", n > 1 ? ", " : ": ", part->key);
		add_inline(out, part);
		n++;
	}
}

/* Words, broken at the width of the page; goes on at column indent. */
static void print_prose(struct out *out, const char *text, int indent)
{
	size_t width = out->width ? (size_t)out->width : 80;
	size_t at = (size_t)indent;

	while (*text) {
		size_t len = strcspn(text, " \n");
		CLEANUP(free_str) char *word = xstrndup(text, len);
		size_t takes = text_width(word);

		if (at > (size_t)indent && at + 1 + takes > width) {
			out_text(out, "\n%*s", indent, "");
			at = (size_t)indent;
		}
		out_text(out, "%s%s", at > (size_t)indent ? " " : "", word);
		at += takes + (at > (size_t)indent);
		text += len + strspn(text + len, " \n");
	}
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

static void print_member(struct out *out, const struct value *member,
			 int indent)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;

	out_text(out, "%*s", indent, "");
	out_colour(out, COLOUR_CYAN, "%s", member->key);
	if (member->kind < VALUE_LIST ||
	    (member->kind == VALUE_LIST && fits_a_line(member))) {
		add_inline(&line, member);
		out_text(out, "  ");
		print_prose(out, line.data,
			    indent + (int)strlen(member->key) + 2);
		return;
	}
	out_text(out, "\n");
	VALUE_EACH(part, member)
	{
		if (part->key) {
			print_member(out, part, indent + 2);
			continue;
		}
		buf_clear(&line);
		add_inline(&line, part);
		out_text(out, "%*s- ", indent + 2, "");
		print_prose(out, line.data, indent + 4);
	}
}

void page_document(struct out *out, const struct value *root)
{
	VALUE_EACH(member, root)
	if (!left_out(member->key) &&
	    (member->kind < VALUE_LIST || member->count))
		print_member(out, member, 0);
}
