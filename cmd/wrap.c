/*
 * Text for people, broken at words where a terminal ends.  What is meant to
 * be copied stays in one piece: words in quotes, and a command of git with
 * what follows it up to the next stop, for nobody else knows where it ends.
 */
#include "cmd/out.h"

#include <ctype.h>
#include <string.h>

static size_t word_len(const char *text)
{
	return strcspn(text, " \n");
}

static int word_is(const char *text, const char *word)
{
	size_t n = strlen(word);

	return word_len(text) == n && !strncmp(text, word, n);
}

/* Up to the quote that closes, with what clings to it; 0: none does. */
static size_t quoted(const char *text)
{
	static const char opening[] = "'`(";
	size_t skip = strspn(text, opening);
	size_t line = strcspn(text, "\n");
	char quote = skip ? text[skip - 1] : '\0';

	if (quote != '\'' && quote != '`')
		return 0;
	for (size_t i = skip; i < line; i++) {
		const char next = text[i + 1];

		if (text[i] == quote && !isalnum((unsigned char)next))
			return i + word_len(text + i);
	}
	return 0;
}

/* To the end of the word that a comma or the like closes. */
static size_t to_stop(const char *text)
{
	size_t i = 0;

	for (;;) {
		i += word_len(text + i);
		if (text[i] != ' ' || strchr(",;:)", text[i - 1]))
			return i;
		i += strspn(text + i, " ");
	}
}

/* "git", one or two words, and the options behind them. */
static size_t least_command(const char *text)
{
	size_t words = word_is(text + 4, "orch") ? 3 : 2, i = 0;

	for (size_t n = 0; text[i]; n++) {
		size_t next = i + strspn(text + i, " ");

		if (n >= words && text[next] != '-' && text[next] != '<')
			break;
		i = next + word_len(text + next);
		if (text[i] != ' ')
			break;
	}
	return i;
}

/* What must not be torn: a word, a quotation or a command. */
static size_t piece(const char *text, size_t width)
{
	size_t len = quoted(text), used = 0;

	if (len)
		return len;
	if (!word_is(text, "git") || text[3] != ' ')
		return word_len(text);
	len = to_stop(text);
	for (size_t i = 0; i < len; i++)
		used += ((unsigned char)text[i] & 0xc0) != 0x80;
	return used <= width ? len : least_command(text);
}

void text_wrap(struct buf *out, const char *text, size_t at, size_t indent,
	       size_t width)
{
	size_t room = width > indent ? width - indent : 1;
	int fresh = 1; /* nothing of text on this line yet */

	while (*text) {
		if (*text == ' ') {
			text++;
			continue;
		}
		if (*text == '\n') {
			buf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
			fresh = 1;
			text++;
			continue;
		}
		size_t len = piece(text, room);
		CLEANUP(free_str) char *word = xstrndup(text, len);
		size_t takes = text_width(word);

		if (at + !fresh + takes > width && (!fresh || at > indent)) {
			buf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
			fresh = 1;
		}
		buf_addf(out, "%s%s", fresh ? "" : " ", word);
		at += takes + !fresh;
		fresh = 0;
		text += len;
	}
}

void out_wrap(struct out *out, size_t at, size_t indent, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	size_t width = out->tty && out->width ? (size_t)out->width : SIZE_MAX;
	va_list args;

	va_start(args, fmt);
	CLEANUP(free_str) char *raw = xvasprintf(fmt, args);
	va_end(args);
	text_wrap(&text, raw, at, indent, width);
	out_text(out, "%s", text.data);
}
