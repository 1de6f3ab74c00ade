/*
 * Values as YAML.  A printer of our own instead of libyaml's emitter: its
 * lines are what a reviewer reads in a pull request, and they must not change
 * with the library.
 */
#include "core/yaml.h"

#include "core/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Does plain text read as a number in YAML 1.1 or 1.2?  1:30 does in 1.1. */
static int reads_as_number(const char *s)
{
	s += *s == '-' || *s == '+';
	if (s[0] == '0' && s[1] && strchr("xXoObB", s[1]))
		return 1;
	size_t n = strspn(s, "0123456789_.:");
	if (strcspn(s, "0123456789") >= n)
		return 0;
	s += n;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		s += strspn(s, "0123456789");
	}
	return !*s;
}

/* Does plain text read as something else than a string? */
static int is_ambiguous(const char *text)
{
	static const char *const words[] = {
		"",  "~", "null", "true",  "false", "yes",  "no", "on", "off",
		"y", "n", ".inf", "-.inf", "+.inf", ".nan", "=",  "<<",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcasecmp(text, words[i]))
			return 1;
	return reads_as_number(text);
}

/* Characters that every reader of YAML takes as they are. */
static int is_clean(const char *text, size_t len)
{
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		uint32_t c;

		n = utf8_next(&c, text + at, len - at);
		if (!n || c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
		    c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff)
			return 0;
	}
	return 1;
}

/* May the text stand without quotes?  Syntax only. */
static int fits_plain(const char *s, size_t len, int flow)
{
	if (!len || s[0] == ' ' || s[len - 1] == ' ' || !is_clean(s, len))
		return 0;
	if (strchr("?:,[]{}#&*!|>'\"%@`", s[0]) || !strncmp(s, "...", 3) ||
	    !strncmp(s, "---", 3))
		return 0;
	if (s[0] == '-' &&
	    (flow ? !isdigit((unsigned char)s[1]) : len == 1 || s[1] == ' '))
		return 0;
	if (strstr(s, ": ") || strstr(s, " #") || s[len - 1] == ':')
		return 0;
	if (!flow)
		return 1;
	for (const char *at = s; (at = strchr(at, ':')); at++)
		if (!isalnum((unsigned char)at[1]) && at[1] != '/')
			return 0;
	return !strpbrk(s, ",[]{}");
}

static void add_escape(struct buf *out, uint32_t c)
{
	static const char named[] = "\"\"\\\\\nn\tt\rr";

	for (int i = 0; named[i] && c < 0x7f; i += 2)
		if ((uint32_t)named[i] == c) {
			buf_addf(out, "\\%c", named[i + 1]);
			return;
		}
	if (c < 0x100)
		buf_addf(out, "\\x%02X", (unsigned)c);
	else
		buf_addf(out, "\\u%04X", (unsigned)c);
}

/* Bytes that are no UTF-8 become U+FFFD, as in JSON. */
static void add_double(struct buf *out, const char *text, size_t len)
{
	size_t n;

	buf_ch(out, '"');
	for (size_t at = 0; at < len; at += n) {
		uint32_t c = 0xfffd;

		n = utf8_next(&c, text + at, len - at);
		if (!n)
			buf_str(out, "\xef\xbf\xbd"), n = 1;
		else if (c == '"' || c == '\\' || !is_clean(text + at, n))
			add_escape(out, c);
		else
			buf_add(out, text + at, n);
	}
	buf_ch(out, '"');
}

static void add_quoted(struct buf *out, const char *text, size_t len)
{
	if (!is_clean(text, len) || strchr(text, '\'') ||
	    !strpbrk(text, "\"\\")) {
		add_double(out, text, len);
		return;
	}
	buf_addf(out, "'%s'", text);
}

static int is_scalar(const struct value *value)
{
	return value->kind != VALUE_LIST && value->kind != VALUE_OBJECT;
}

static void add_scalar(struct buf *out, const struct value *value, int flow)
{
	int typed = value->kind != VALUE_STRING;
	int was_plain = value->style == STYLE_PLAIN;

	if (was_plain && !value->len && (!flow || value->key))
		return;
	if (typed || (fits_plain(value->text, value->len, flow) &&
		      (was_plain || !is_ambiguous(value->text))))
		buf_add(out, value->text, value->len);
	else
		add_quoted(out, value->text, value->len);
}

void yaml_print_scalar(struct buf *out, const char *text)
{
	struct value value = { .kind = VALUE_STRING,
			       .text = text,
			       .len = strlen(text) };

	add_scalar(out, &value, 1);
}

void yaml_print_flow(struct buf *out, const struct value *value)
{
	int list = value && value->kind == VALUE_LIST;

	if (!value) {
		buf_str(out, "null");
		return;
	}
	if (is_scalar(value)) {
		add_scalar(out, value, 1);
		return;
	}
	buf_ch(out, list ? '[' : '{');
	VALUE_EACH(it, value)
	{
		if (it != value->child)
			buf_str(out, ", ");
		if (it->key) {
			yaml_print_scalar(out, it->key);
			buf_str(out, ": ");
		}
		yaml_print_flow(out, it);
	}
	buf_ch(out, list ? ']' : '}');
}

static void pad(struct buf *out, int columns)
{
	buf_addf(out, "%*s", columns, "");
}

/*
 * More than one line, and all of them clean.  Texts that end in blank lines
 * are not: as `|+` they would keep whatever blank line comes to follow.
 */
static int fits_literal(const struct value *value)
{
	const char *s = value->text;
	size_t len = value->len;

	if (value->kind != VALUE_STRING || !memchr(s, '\n', len))
		return 0;
	if (strspn(s, " \t\n") == len ||
	    (s[len - 1] == '\n' && s[len - 2] == '\n'))
		return 0;
	for (size_t at = 0, n = 1; at < len; at += n, n = 1) {
		if (s[at] == '\n' || s[at] == '\t')
			continue;
		n = utf8_next(NULL, s + at, len - at);
		if (!is_clean(s + at, n ? n : 1))
			return 0;
	}
	return 1;
}

/* The indicator of an indentation that the first line would not tell. */
static void add_header(struct buf *out, const struct value *value, int indent)
{
	const char *first = value->text + strspn(value->text, "\n");

	buf_str(out, " |");
	if (*first == ' ' || *first == '\t')
		buf_addf(out, "%d", indent);
	if (value->text[value->len - 1] != '\n')
		buf_ch(out, '-');
	buf_ch(out, '\n');
}

static void add_literal(struct buf *out, const struct value *value,
			const struct yaml_form *form, int step)
{
	const char *s = value->text;

	add_header(out, value, step);
	while (*s) {
		size_t n = strcspn(s, "\n");

		if (n)
			pad(out, form->indent + step);
		buf_add(out, s, n);
		buf_ch(out, '\n');
		s += n + (s[n] == '\n');
	}
}

static void add_children(struct buf *out, const struct value *value,
			 struct yaml_form form, int begun);

/* What follows "key:" or "-" at the column form.indent. */
static void add_value(struct buf *out, const struct value *value,
		      struct yaml_form form, int item)
{
	int step = item ? 2 : form.step;

	if (value->child) {
		form.indent += step;
		buf_ch(out, item ? ' ' : '\n');
		add_children(out, value, form, item);
	} else if (form.literals && fits_literal(value)) {
		add_literal(out, value, &form, step);
	} else {
		size_t before = out->len;

		buf_ch(out, ' ');
		if (value->kind == VALUE_LIST || value->kind == VALUE_OBJECT)
			yaml_print_flow(out, value);
		else
			add_scalar(out, value, 0);
		if (out->len == before + 1)
			buf_setlen(out, before);
		buf_ch(out, '\n');
	}
}

/* begun: the first child stands behind the "-" of its parent. */
static void add_children(struct buf *out, const struct value *value,
			 struct yaml_form form, int begun)
{
	VALUE_EACH(it, value)
	{
		if (!begun || it != value->child)
			pad(out, form.indent);
		if (it->key) {
			yaml_print_scalar(out, it->key);
			buf_ch(out, ':');
		} else {
			buf_ch(out, '-');
		}
		add_value(out, it, form, !it->key);
	}
}

void yaml_print_member(struct buf *out, const struct value *value,
		       struct yaml_form form)
{
	add_value(out, value, form, 0);
}

void yaml_print(struct buf *out, const struct value *value, int indent)
{
	struct yaml_form form = { indent, 2, 1 };

	if (value && value->child) {
		add_children(out, value, form, 0);
		return;
	}
	pad(out, indent);
	if (value && is_scalar(value))
		add_scalar(out, value, 0);
	else
		yaml_print_flow(out, value);
	buf_ch(out, '\n');
}
