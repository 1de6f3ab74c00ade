/*
 * Two passes: the first makes one line of what can be seen, the second looks
 * at each character with what stands before and behind it.
 */
#include "plans/markdown.h"

#include "core/utf8.h"
#include "plans/gate.h"
#include "plans/work-shown.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PART "\xe2\x80\x8b" /* a zero width space */

/* Characters that turn text around, or that nobody sees. */
static int is_hidden(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0xad ||
	       c == 0x61c;
}

/* On one line, without blanks at its ends, all of it to be seen. */
static char *seen(const char *text, size_t most)
{
	CLEANUP(free_str) char *line = one_line(text, most);
	CLEANUP(free_str)
	char *printable = printable_text(line, line + strlen(line));
	struct buf all = BUF_INIT;

	for (const char *at = printable; *at;) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, at, strlen(at));

		if (n && !is_hidden(c))
			buf_add(&all, at, n);
		at += n ? n : 1;
	}
	return buf_steal(&all);
}

static int word_before(const char *text, const char *at)
{
	return at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '_');
}

/* Does a forge make more of what begins here? *len: how much stays whole. */
static int is_read_into(size_t *len, const char *text, const char *at)
{
	static const struct {
		const char *word;
		size_t whole; /* bytes before it is parted */
	} words[] = { { "://", 1 }, { "www.", 3 }, { "GH-", 2 } };

	*len = 1;
	if (*at == '@' || (*at == '#' && isdigit((unsigned char)at[1])))
		return 1;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strncasecmp(at, words[i].word, strlen(words[i].word)) &&
		    (*at == ':' || !word_before(text, at))) {
			*len = words[i].whole;
			return 1;
		}
	return 0;
}

/* "1." and "-" begin lists, "+" too, "=" makes the line above a heading. */
static const char *list_mark(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits && (text[digits] == '.' || text[digits] == ')'))
		return text + digits;
	return strchr("-+=", *text) && *text ? text : NULL;
}

static void add_char(struct buf *out, const char *at, const char *mark)
{
	switch (*at) {
	case '<':
		buf_str(out, "&lt;");
		return;
	case '>':
		buf_str(out, "&gt;");
		return;
	case '&':
		buf_str(out, "&amp;");
		return;
	default:
		if (strchr("\\`*_[]|~!$#", *at) || at == mark)
			buf_ch(out, '\\');
		buf_ch(out, *at);
	}
}

void md_text(struct buf *out, const char *text, size_t most)
{
	CLEANUP(free_str) char *line = seen(text, most);
	const char *mark = list_mark(line), *at = line;

	while (*at) {
		size_t len;
		int part = is_read_into(&len, line, at);

		while (len--)
			add_char(out, at++, mark);
		if (part)
			buf_str(out, PART);
	}
}

void md_plain(struct buf *out, const char *text, size_t most)
{
	CLEANUP(free_str) char *line = seen(text, most);
	const char *at = line;

	while (*at) {
		size_t len;
		int part = is_read_into(&len, line, at);

		buf_add(out, at, len);
		at += len;
		if (part)
			buf_str(out, PART);
	}
}

/* The longest row of backticks; a longer one stands around it. */
static size_t backticks(const char *text)
{
	size_t longest = 0;

	while (*text) {
		size_t n = strspn(text, "`");

		longest = n > longest ? n : longest;
		text += n ? n : 1;
	}
	return longest;
}

void md_code(struct buf *out, const char *text, size_t most)
{
	CLEANUP(free_str) char *line = seen(text, most);
	size_t len = strlen(line), fence = backticks(line) + 1;
	int room = !len || *line == '`' || line[len - 1] == '`';

	for (size_t i = 0; i < fence; i++)
		buf_ch(out, '`');
	buf_addf(out, room ? " %s " : "%s", line);
	for (size_t i = 0; i < fence; i++)
		buf_ch(out, '`');
}
