/*
 * The value tree as JSON text.  cJSON prints its own items only, and numbers
 * not with the text they came with.
 */
#include "core/json-text.h"
#include "core/json.h"

#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>

size_t json_plain(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] >= ' ' && text[n] < 0x7f && text[n] != '"' &&
	       text[n] != '\\')
		n++;
	return n;
}

/* One printer for all three forms. */
struct printer {
	struct buf *out;
	int pretty;
	int sorted;
};

/* One character that json_plain() stopped at; how long it was. */
static size_t print_other(struct buf *out, const char *text, size_t len)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	size_t n = utf8_next(NULL, text, len);

	for (int k = 0; named[k]; k += 2)
		if (named[k] == *text) {
			buf_ch(out, '\\');
			buf_ch(out, named[k + 1]);
			return 1;
		}
	if (!n)
		buf_str(out, "\xef\xbf\xbd");
	else if ((unsigned char)*text < ' ')
		buf_addf(out, "\\u%04x", (unsigned)*text);
	else
		buf_add(out, text, n);
	return n ? n : 1;
}

static void print_string(struct buf *out, const char *text, size_t len)
{
	buf_ch(out, '"');
	for (size_t i = 0, n; i < len; i += n) {
		n = json_plain(text + i, len - i);
		if (n)
			buf_add(out, text + i, n);
		else
			n = print_other(out, text + i, len - i);
	}
	buf_ch(out, '"');
}

static void line(const struct printer *to, int depth)
{
	if (!to->pretty)
		return;
	buf_ch(to->out, '\n');
	for (int i = 0; i < depth; i++)
		buf_add(to->out, "  ", 2);
}

static int by_key(const void *a, const void *b)
{
	const struct value *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

static void print_value(const struct printer *to, const struct value *value,
			int depth);

static void print_member(const struct printer *to, const struct value *member,
			 int depth)
{
	line(to, depth);
	if (member->key) {
		print_string(to->out, member->key, strlen(member->key));
		buf_str(to->out, to->pretty ? ": " : ":");
	}
	print_value(to, member, depth);
}

/* The members of an object by key, owned by the caller. */
static const struct value **sort(const struct value *object)
{
	const struct value **out = xcalloc(object->count + 1, sizeof *out);
	size_t n = 0;

	VALUE_EACH(it, object)
	out[n++] = it;
	qsort(out, n, sizeof *out, by_key);
	return out;
}

static void print_children(const struct printer *to, const struct value *value,
			   int depth)
{
	const struct value **sorted = NULL;
	const struct value *it = value->child;

	if (to->sorted && value->kind == VALUE_OBJECT)
		sorted = sort(value);
	for (size_t i = 0; i < value->count; i++) {
		if (i)
			buf_ch(to->out, ',');
		print_member(to, sorted ? sorted[i] : it, depth + 1);
		it = it->next;
	}
	if (value->count)
		line(to, depth);
	free(sorted);
}

static void print_value(const struct printer *to, const struct value *value,
			int depth)
{
	if (!value) {
		buf_str(to->out, "null");
	} else if (value->kind == VALUE_OBJECT || value->kind == VALUE_LIST) {
		int list = value->kind == VALUE_LIST;

		buf_ch(to->out, list ? '[' : '{');
		print_children(to, value, depth);
		buf_ch(to->out, list ? ']' : '}');
	} else if (value->kind == VALUE_STRING) {
		print_string(to->out, value->text, value->len);
	} else {
		buf_add(to->out, value->text, value->len);
	}
}

void json_print(struct buf *out, const struct value *value)
{
	print_value(&(struct printer){ out, 0, 0 }, value, 0);
}

void json_print_pretty(struct buf *out, const struct value *value)
{
	print_value(&(struct printer){ out, 1, 0 }, value, 0);
	buf_ch(out, '\n');
}

void json_print_canonical(struct buf *out, const struct value *value)
{
	print_value(&(struct printer){ out, 0, 1 }, value, 0);
}
