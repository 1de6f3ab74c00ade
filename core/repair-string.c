/*
 * Strings of the lenient reader.  Only plain double quotes may hold line
 * breaks, and only single ones a double quote, as Python writes them: with
 * anything more nobody knows where a string ends.
 */
#include "core/repair-read.h"

#include <string.h>

static int here(const struct lenient *in, const char *word)
{
	size_t len = strlen(word);

	return in->len - in->at >= len && !memcmp(in->text + in->at, word, len);
}

static int peek(const struct lenient *in)
{
	return in->at < in->len ? (unsigned char)in->text[in->at] : -1;
}

static void note(struct lenient *in, enum repair_step step)
{
	in->steps |= 1u << step;
}

/* A string as it is read. */
struct quoted {
	const char *close; /* the quotes that end it; any of them */
	int strict; /* opened by a plain double quote */
	size_t high; /* where in the output a high surrogate waits; or 0 */
};

/* Bytes of the quote that opens a string here; 0: none does. */
static size_t open_quote(struct quoted *q, const struct lenient *in)
{
	static const struct {
		const char *open;
		const char *close;
	} pairs[] = {
		{ "\"", "\"" },
		{ "'", "'" },
		{ "\xe2\x80\x9c", "\xe2\x80\x9d" },
		{ "\xe2\x80\x9d", "\xe2\x80\x9d" },
		{ "\xe2\x80\x9e", "\xe2\x80\x9d" },
		{ "\xe2\x80\x98", "\xe2\x80\x99" },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (!here(in, pairs[i].open))
			continue;
		*q = (struct quoted){ pairs[i].close, !i, 0 };
		return strlen(pairs[i].open);
	}
	return 0;
}

static int hex4(unsigned *out, const char *text, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	*out = 0;
	if (len < 4)
		return 0;
	for (int i = 0; i < 4; i++) {
		int c = text[i] >= 'A' && text[i] <= 'F' ? text[i] | 32
							 : text[i];
		const char *digit = c ? strchr(digits, c) : NULL;

		if (!digit)
			return 0;
		*out = *out << 4 | (unsigned)(digit - digits);
	}
	return 1;
}

/*
 * What follows a backslash; 0: the text ends within it.  One that escapes
 * nothing stands for itself, as in "\d+" and "C:\Users".
 */
static int read_escape(struct lenient *in, struct quoted *q)
{
	size_t left = in->len - in->at;
	const char *text = in->text + in->at;
	size_t high = q->high;
	unsigned unit;

	q->high = 0;
	if (left < 2)
		return 0;
	if (strchr("\"\\/bfnrt", text[1])) {
		buf_add(in->out, text, 2);
	} else if (text[1] == 'u' && hex4(&unit, text + 2, left - 2)) {
		if (unit >= 0xd800 && unit < 0xdc00)
			q->high = in->out->len;
		buf_add(in->out, text, 6);
		in->at += 4;
	} else if (text[1] == 'u' && left < 6) {
		q->high = high;
		return 0;
	} else if (text[1] == '\'') {
		note(in, REPAIR_ESCAPE);
		buf_ch(in->out, '\'');
	} else if (text[1] == '\n') {
		note(in, REPAIR_ESCAPE);
	} else {
		note(in, REPAIR_ESCAPE);
		buf_str(in->out, "\\\\");
		in->at--;
	}
	in->at += 2;
	return 1;
}

/* A control character as it stands, which JSON wants escaped. */
static void read_control(struct lenient *in)
{
	static const char named[] = "\bb\ff\nn\rr\tt";
	char c = in->text[in->at++];

	note(in, REPAIR_CONTROL);
	for (int i = 0; named[i]; i += 2)
		if (named[i] == c) {
			buf_addf(in->out, "\\%c", named[i + 1]);
			return;
		}
	buf_addf(in->out, "\\u%04x", (unsigned)c);
}

/* One character or escape of a string; 0: the text ends within. */
static int read_char(struct lenient *in, struct quoted *q)
{
	int c = peek(in);

	if (c < 0)
		return 0;
	if (c == '\\')
		return read_escape(in, q);
	q->high = 0;
	if (c < ' ') {
		read_control(in);
		return 1;
	}
	if (c == '"')
		buf_ch(in->out, '\\');
	buf_ch(in->out, in->text[in->at++]);
	return 1;
}

int lenient_string(struct lenient *in)
{
	struct quoted quoted, *q = &quoted;
	int breaks = 0;

	in->at += open_quote(q, in);
	buf_ch(in->out, '"');
	while (!here(in, q->close)) {
		int c = peek(in);

		breaks |= c == '\n';
		if (!q->strict &&
		    (c == '\n' || (c == '"' && *q->close != '\'')))
			return -1;
		if (read_char(in, q))
			continue;
		/* Whether what follows a line break is text nobody knows. */
		if (breaks)
			return -1;
		if (q->high)
			buf_setlen(in->out, q->high);
		in->at = in->len;
		buf_ch(in->out, '"');
		return 0;
	}
	in->at += strlen(q->close);
	buf_ch(in->out, '"');
	if (!q->strict)
		note(in, REPAIR_QUOTE);
	return 1;
}

int lenient_quote(const struct lenient *in)
{
	struct quoted q;

	return open_quote(&q, in) > 0;
}
