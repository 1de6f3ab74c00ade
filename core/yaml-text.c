/*
 * One pass over the bytes of a document, before libyaml.  Lines and columns
 * are counted only once something is wrong.
 */
#include "core/yaml-text.h"

#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>

#define NEL 0x85
#define LS  0x2028
#define PS  0x2029

void yaml_fault_release(struct yaml_fault *fault)
{
	free(fault->message);
	free(fault->hint);
	*fault = (struct yaml_fault)YAML_FAULT_INIT;
}

struct error *yaml_fail(struct yaml_fault *fault, unsigned line,
			unsigned column, const char *message, const char *hint)
{
	struct error *err = error_new(ERROR_INVALID, "line %u, column %u: %s",
				      line, column, message);

	if (hint)
		err = error_hint(err, "%s", hint);
	if (fault) {
		yaml_fault_release(fault);
		fault->line = line;
		fault->column = column;
		fault->message = xstrdup(message);
		fault->hint = xstrdup(hint);
	}
	return err;
}

struct error *yaml_fail_at(struct yaml_fault *fault, const char *text,
			   size_t at, const char *message, const char *hint)
{
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		int crlf = text[i] == '\r' && i + 1 < at && text[i + 1] == '\n';

		if (text[i] == '\n' || (text[i] == '\r' && !crlf))
			line++, column = 1;
		else if ((text[i] & 0xc0) != 0x80)
			column++;
	}
	return yaml_fail(fault, line, column, message, hint);
}

size_t yaml_line_end(const char *text, size_t len, size_t at)
{
	while (at < len && text[at] != '\n' && text[at] != '\r')
		at++;
	return at;
}

size_t yaml_line_next(const char *text, size_t len, size_t at)
{
	at = yaml_line_end(text, len, at);
	if (len - at > 1 && text[at] == '\r' && text[at + 1] == '\n')
		return at + 2;
	return at < len ? at + 1 : len;
}

size_t yaml_header_end(const char *text, size_t len, size_t start)
{
	size_t at = start + 1;

	while (at < len && strchr("+-0123456789", text[at]))
		at++;
	return at;
}

/* c-printable of YAML 1.1, without the BOM; no line breaks but LF and CR. */
static int printable(uint32_t c)
{
	if (c < 0xa0)
		return c == '\t' || c == '\n' || c == '\r' || c == NEL ||
		       (c >= ' ' && c < 0x7f);
	return c != 0xfeff && c != 0xfffe && c != 0xffff;
}

static const char *wrong(uint32_t c)
{
	if (!c)
		return "a NUL character";
	return c == 0xfeff ? "a byte order mark within the text"
			   : "a control character";
}

/* Goes over all characters; *special tells of NEL, LS or PS. */
static struct error *check(struct yaml_text *text, int *special,
			   struct yaml_fault *fault)
{
	size_t n;

	for (size_t at = 0; at < text->len; at += n) {
		unsigned char byte = (unsigned char)text->data[at];
		uint32_t c;

		n = 1;
		if (byte >= ' ' && byte < 0x7f)
			continue;
		n = utf8_next(&c, text->data + at, text->len - at);
		if (!n)
			return yaml_fail_at(fault, text->data, at,
					    "invalid UTF-8",
					    "save the file as UTF-8");
		if (!printable(c))
			return yaml_fail_at(fault, text->data, at, wrong(c),
					    "remove it, or write it as an "
					    "escape in double quotes");
		text->ascii &= n == 1;
		*special |= c == NEL || c == LS || c == PS;
	}
	return NULL;
}

/* libyaml compares each %TAG with all before: refuse the first directive. */
static struct error *no_directive(const struct yaml_text *text,
				  struct yaml_fault *fault)
{
	size_t at = 0;

	while (at < text->len) {
		size_t first = at;

		while (first < text->len && strchr(" \t", text->data[first]))
			first++;
		if (text->data[at] == '%')
			return yaml_fail_at(fault, text->data, at,
					    "a directive",
					    "remove the line: documents here "
					    "have no %YAML and no %TAG");
		if (first < text->len && !strchr("#\r\n", text->data[first]))
			break;
		at = yaml_line_next(text->data, text->len, first);
	}
	return NULL;
}

static void mark_used(unsigned char *used, uint32_t c)
{
	if (c < 0x10000)
		used[c / 8] |= (unsigned char)(1 << c % 8);
}

/* Characters of the text, and those that its escapes \u and \U name. */
static void find_used(unsigned char *used, const char *s, size_t len)
{
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		uint32_t c = 0;
		char hex[9] = "";

		n = utf8_next(&c, s + at, len - at);
		mark_used(used, c);
		if (c != '\\' || len - at < 3)
			continue;
		size_t want = s[at + 1] == 'u' ? 4 : s[at + 1] == 'U' ? 8 : 0;
		if (want > len - at - 2)
			want = len - at - 2;
		memcpy(hex, s + at + 2, want);
		mark_used(used, (uint32_t)strtoul(hex, NULL, 16));
	}
}

static uint32_t find_unused(unsigned char *used, uint32_t from, uint32_t to)
{
	for (uint32_t c = from; c < to; c++) {
		if (used[c / 8] & 1 << c % 8)
			continue;
		mark_used(used, c);
		return c;
	}
	return 0;
}

static const uint32_t breaks[3] = { NEL, LS, PS };

/* Replaces from[i] by to[i], which have as many bytes, throughout. */
static void swap(char *s, size_t len, const uint32_t *from, const uint32_t *to)
{
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		uint32_t c;

		n = utf8_next(&c, s + at, len - at);
		for (int i = 0; i < 3; i++)
			if (c == from[i])
				utf8_put(s + at, to[i]);
		n += !n;
	}
}

/* U+0100 to U+07FF have two bytes as NEL; the private ones three as LS. */
static struct error *swap_breaks(struct yaml_text *text,
				 struct yaml_fault *fault)
{
	unsigned char used[0x10000 / 8] = { 0 };

	find_used(used, text->data, text->len);
	text->swapped[0] = find_unused(used, 0x100, 0x800);
	text->swapped[1] = find_unused(used, 0xe000, 0xf900);
	text->swapped[2] = find_unused(used, 0xe000, 0xf900);
	if (!text->swapped[0] || !text->swapped[2])
		return yaml_fail(fault, 1, 1,
				 "too many kinds of characters beside NEL, LS "
				 "or PS",
				 "write U+0085, U+2028 and U+2029 as escapes");
	text->owned = xmalloc(text->len);
	memcpy(text->owned, text->data, text->len);
	swap(text->owned, text->len, breaks, text->swapped);
	text->data = text->owned;
	return NULL;
}

static struct error *open_text(struct yaml_text *out, const char *text,
			       size_t len, struct yaml_fault *fault)
{
	int special = 0;

	if (len > YAML_MAX_BYTES)
		return yaml_fail(fault, 1, 1, "the document is over 1 MiB",
				 "split it, or move long texts into files");
	if (len > 1 &&
	    (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)))
		return yaml_fail(fault, 1, 1, "the text is UTF-16",
				 "save the file as UTF-8");
	out->ascii = 1;
	if (len > 2 && !memcmp(text, "\xef\xbb\xbf", 3))
		out->bom = 3;
	out->data = text + out->bom;
	out->len = len - out->bom;
	TRY(check(out, &special, fault));
	TRY(no_directive(out, fault));
	return special ? swap_breaks(out, fault) : NULL;
}

struct error *yaml_text_open(struct yaml_text *out, const char *text,
			     size_t len, struct yaml_fault *fault)
{
	*out = (struct yaml_text){ 0 };
	return open_text(out, text, len, fault);
}

void yaml_text_release(struct yaml_text *text)
{
	free(text->owned);
	text->owned = NULL;
}

void yaml_text_restore(const struct yaml_text *text, char *s, size_t len)
{
	if (text->swapped[0])
		swap(s, len, text->swapped, breaks);
}
