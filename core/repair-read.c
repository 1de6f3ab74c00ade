/*
 * The lenient reader: a loop over tokens with a stack of open brackets.  All
 * that is whole so far ends at `safe` of the output; when the text ends, what
 * is behind is dropped and the open brackets are closed.  So a cut can lose
 * values but never make one.
 */
#include "core/repair-read.h"

#include <string.h>

#define MAX_DEPTH 64

enum place {
	PLACE_FIRST, /* behind an opening bracket */
	PLACE_NEXT, /* behind a comma */
	PLACE_COLON, /* behind a key */
	PLACE_VALUE, /* behind a colon */
	PLACE_BEHIND, /* behind a value */
};

struct reader {
	struct lenient *in;
	char open[MAX_DEPTH]; /* the brackets that are to come */
	int depth;
	enum place place;
	size_t safe;
	int quoted; /* the key just read had quotes */
	int meant; /* a quoted key or a whole value was read */
	enum lenient_end end; /* why reading stopped */
};

size_t lenient_blank(const char *text, size_t len)
{
	static const char *const wide[] = {
		"\xc2\xa0", /* no-break space */
		"\xe2\x80\x8b", /* zero width space */
		"\xe2\x80\xa8", /* line separator */
		"\xe3\x80\x80", /* ideographic space */
		"\xef\xbb\xbf", /* byte order mark */
	};

	if (len && (*text == ' ' || (*text >= '\t' && *text <= '\r')))
		return 1;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
		size_t n = strlen(wide[i]);

		if (len >= n && !memcmp(text, wide[i], n))
			return n;
	}
	return 0;
}

int lenient_fence(const char *text, size_t len)
{
	return len >= 3 && !memcmp(text, "```", 3);
}

static int here(const struct lenient *in, const char *word)
{
	size_t len = strlen(word);

	return in->len - in->at >= len && !memcmp(in->text + in->at, word, len);
}

static int peek(const struct lenient *in)
{
	return in->at < in->len ? (unsigned char)in->text[in->at] : -1;
}

static int is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* What a name may be made of, as JavaScript has it without escapes. */
static int is_word(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       is_digit(c) || c == '_' || c == '$' || c == '-';
}

static void note(struct reader *r, enum repair_step step)
{
	r->in->steps |= 1u << step;
}

/* Each ends the reading, and says so by 0. */
static int stop(struct reader *r, enum lenient_end end)
{
	r->end = end;
	return 0;
}

static int broken(struct reader *r, const char *why)
{
	r->in->why = why;
	return stop(r, r->meant ? LENIENT_BROKEN : LENIENT_PROSE);
}

static void skip_line(struct lenient *in)
{
	while (in->at < in->len && in->text[in->at] != '\n')
		in->at++;
}

/* 0 where none begins; one that does not end reaches to the end. */
static int skip_comment(struct reader *r)
{
	struct lenient *in = r->in;

	if (here(in, "//") || here(in, "#")) {
		skip_line(in);
	} else if (here(in, "/*")) {
		const char *from = in->text + in->at + 2;
		const char *end = memmem(from, in->len - in->at - 2, "*/", 2);

		in->at = end ? (size_t)(end - in->text) + 2 : in->len;
	} else {
		return 0;
	}
	note(r, REPAIR_COMMENT);
	return 1;
}

static void skip_blanks(struct reader *r)
{
	struct lenient *in = r->in;

	for (;;) {
		size_t n = lenient_blank(in->text + in->at, in->len - in->at);

		if (n > 1 || peek(in) == '\v' || peek(in) == '\f')
			note(r, REPAIR_BLANK);
		in->at += n;
		if (!n && !skip_comment(r))
			return;
	}
}

static int read_key(struct reader *r)
{
	struct lenient *in = r->in;
	size_t from = in->at;

	r->quoted = lenient_quote(in);
	if (r->quoted) {
		int whole = lenient_string(in);

		if (whole <= 0)
			return whole ? broken(r, "it is unclear where a key "
						 "ends")
				     : stop(r, LENIENT_CUT);
	} else {
		if (is_digit(peek(in)) || !is_word(peek(in)))
			return broken(r, "a key is missing");
		while (is_word(peek(in)))
			in->at++;
		buf_ch(in->out, '"');
		buf_add(in->out, in->text + from, in->at - from);
		buf_ch(in->out, '"');
		note(r, REPAIR_KEY);
	}
	r->place = PLACE_COLON;
	return 1;
}

static int read_colon(struct reader *r)
{
	if (peek(r->in) != ':')
		return broken(r, "a key without a colon");
	r->in->at++;
	buf_ch(r->in->out, ':');
	r->meant |= r->quoted;
	r->place = PLACE_VALUE;
	return 1;
}

/* A value is whole: what is cut from here on does not touch it. */
static int value_done(struct reader *r)
{
	r->safe = r->in->out->len;
	r->meant = 1;
	r->place = PLACE_BEHIND;
	return 1;
}

static int read_string(struct reader *r)
{
	int whole = lenient_string(r->in);

	if (whole < 0)
		return broken(r, "it is unclear where a string ends");
	value_done(r);
	if (whole)
		return 1;
	r->in->half = 1;
	return stop(r, LENIENT_CUT);
}

static size_t count_digits(const struct lenient *in, size_t at)
{
	size_t n = 0;

	while (at + n < in->len && is_digit((unsigned char)in->text[at + n]))
		n++;
	return n;
}

/* JSON's numbers, and those with a plus or without a digit at the point. */
static int read_number(struct reader *r)
{
	struct lenient *in = r->in;
	size_t at = in->at, whole, part = 0;
	int plus = peek(in) == '+', point;

	at += plus || peek(in) == '-';
	size_t from = plus ? at : in->at;
	size_t digits = at;
	whole = count_digits(in, at);
	at += whole;
	point = at < in->len && in->text[at] == '.';
	if (point)
		part = count_digits(in, ++at);
	size_t behind = at += part;
	if (at < in->len && (in->text[at] | 32) == 'e') {
		at++;
		at += at < in->len && strchr("+-", in->text[at]);
		if (at < in->len && !is_digit((unsigned char)in->text[at]))
			return broken(r, "not a number as JSON has it");
		at += count_digits(in, at);
	}
	/* More of it may have been cut off. */
	if (at == in->len) {
		in->at = at;
		return stop(r, LENIENT_CUT);
	}
	if (is_word((unsigned char)in->text[at]) || in->text[at] == '.' ||
	    (!whole && !part) || (whole > 1 && in->text[digits] == '0'))
		return broken(r, "not a number as JSON has it");
	if (plus || !whole || (point && !part))
		note(r, REPAIR_NUMBER);
	buf_add(in->out, in->text + from, digits - from);
	buf_add(in->out, whole ? in->text + digits : "0", whole ? whole : 1);
	if (part)
		buf_add(in->out, in->text + digits + whole, part + 1);
	buf_add(in->out, in->text + behind, at - behind);
	in->at = at;
	return value_done(r);
}

static int read_word(struct reader *r)
{
	static const struct {
		const char *word;
		const char *json;
	} words[] = {
		{ "true", "true" }, { "false", "false" }, { "null", "null" },
		{ "True", "true" }, { "False", "false" }, { "None", "null" },
		{ "TRUE", "true" }, { "FALSE", "false" }, { "NULL", "null" },
	};
	struct lenient *in = r->in;
	size_t len = 0;

	while (in->at + len < in->len &&
	       is_word((unsigned char)in->text[in->at + len]))
		len++;
	for (size_t i = 0; len && i < sizeof words / sizeof *words; i++) {
		size_t have = strlen(words[i].word);

		if (len > have || memcmp(in->text + in->at, words[i].word, len))
			continue;
		if (len < have && in->at + len < in->len)
			continue;
		in->at += len;
		if (len < have)
			return stop(r, LENIENT_CUT);
		if (i > 2)
			note(r, REPAIR_WORD);
		buf_str(in->out, words[i].json);
		return value_done(r);
	}
	return broken(r, "a value that JSON does not have");
}

static int read_open(struct reader *r)
{
	int object = peek(r->in) == '{';

	if (r->depth == MAX_DEPTH) {
		r->meant = 1;
		return broken(r, "more than 64 levels");
	}
	r->open[r->depth++] = object ? '}' : ']';
	buf_ch(r->in->out, object ? '{' : '[');
	r->in->at++;
	r->safe = r->in->out->len;
	r->place = PLACE_FIRST;
	return 1;
}

static int read_close(struct reader *r)
{
	if (peek(r->in) != r->open[r->depth - 1])
		return broken(r, "a bracket closes another one");
	/* The comma, if there is one, is not part of what is safe. */
	if (r->place == PLACE_NEXT)
		note(r, REPAIR_COMMA);
	buf_setlen(r->in->out, r->safe);
	buf_ch(r->in->out, r->open[--r->depth]);
	r->in->at++;
	value_done(r);
	return r->depth ? 1 : stop(r, LENIENT_WHOLE);
}

static int read_value(struct reader *r)
{
	int c = peek(r->in);

	if (c == '{' || c == '[')
		return read_open(r);
	if (lenient_quote(r->in))
		return read_string(r);
	if (c == '-' || c == '+' || c == '.' || is_digit(c))
		return read_number(r);
	return read_word(r);
}

static int read_behind(struct reader *r)
{
	int c = peek(r->in);

	if (c == '}' || c == ']')
		return read_close(r);
	if (c != ',')
		return broken(r, "neither a comma nor a bracket behind a "
				 "value");
	r->in->at++;
	buf_ch(r->in->out, ',');
	r->place = PLACE_NEXT;
	return 1;
}

static int read_token(struct reader *r)
{
	int object = r->depth && r->open[r->depth - 1] == '}';
	int c = peek(r->in);

	switch (r->place) {
	case PLACE_FIRST:
	case PLACE_NEXT:
		if (c == '}' || c == ']')
			return read_close(r);
		return object ? read_key(r) : read_value(r);
	case PLACE_COLON:
		return read_colon(r);
	case PLACE_VALUE:
		return read_value(r);
	case PLACE_BEHIND:
		break;
	}
	return read_behind(r);
}

/* Closes what is open; nothing whole in it is no result. */
static enum lenient_end close_all(struct reader *r)
{
	note(r, REPAIR_TAIL);
	buf_setlen(r->in->out, r->safe);
	while (r->depth)
		buf_ch(r->in->out, r->open[--r->depth]);
	return LENIENT_CUT;
}

enum lenient_end lenient_read(struct lenient *in)
{
	struct reader r = { .in = in, .end = LENIENT_CUT };
	int empty;

	buf_clear(in->out);
	in->half = 0;
	in->why = "the text ends before its first value";
	read_open(&r);
	do {
		skip_blanks(&r);
		if (in->at == in->len ||
		    lenient_fence(in->text + in->at, in->len - in->at))
			break;
	} while (read_token(&r));
	if (r.end != LENIENT_CUT)
		return r.end;
	empty = strspn(in->out->data, "{[") >= r.safe;
	if (empty)
		return r.meant || in->out->len > r.safe ? LENIENT_BROKEN
							: LENIENT_PROSE;
	return close_all(&r);
}
