/*
 * The value tree.  Members are a list in the order they were written, without
 * an index: documents have a dozen keys, and the two places where thousands
 * may come up (duplicates, equality) build a map of their own.
 */
#include "core/value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many members a walk is cheaper than a map. */
#define FEW 16

void tree_release(struct tree *tree)
{
	arena_release(&tree->arena);
	tree->root = NULL;
}

struct value *value_get(const struct value *object, const char *key)
{
	if (!object || object->kind != VALUE_OBJECT)
		return NULL;
	/* Schemas ask for some twenty keywords of each value: look first. */
	VALUE_EACH(it, object)
	if (*it->key == *key && !strcmp(it->key, key))
		return it;
	return NULL;
}

static struct value *get_part(const struct value *object, const char *key,
			      size_t len)
{
	if (object->kind != VALUE_OBJECT)
		return NULL;
	VALUE_EACH(it, object)
	if (!strncmp(it->key, key, len) && !it->key[len])
		return it;
	return NULL;
}

struct value *value_path(const struct value *value, const char *dotted)
{
	while (value) {
		size_t len = strcspn(dotted, ".");

		value = get_part(value, dotted, len);
		if (!dotted[len])
			break;
		dotted += len + 1;
	}
	return (struct value *)value;
}

const char *value_text(const struct value *value, const char *fallback)
{
	if (!value || value->kind == VALUE_NULL || !value->text)
		return fallback;
	return value->text;
}

static int is_plain(const struct value *value)
{
	return value->kind == VALUE_STRING && value->style == STYLE_PLAIN;
}

/* [-+]?(0|[1-9][0-9]*), and within 64 bits. */
static int read_decimal(int64_t *out, const char *text)
{
	const char *digits = text + (*text == '-' || *text == '+');
	size_t len = strspn(digits, "0123456789");

	if (!len || digits[len] || (*digits == '0' && len > 1))
		return 0;
	errno = 0;
	*out = strtoll(text, NULL, 10);
	return !errno;
}

static int is_number(const struct value *value)
{
	return value->kind == VALUE_INT || value->kind == VALUE_NUMBER;
}

int64_t value_int(const struct value *value, int64_t fallback)
{
	int64_t n;

	if (value && value->kind == VALUE_INT)
		return value->integer;
	if (value && is_plain(value) && read_decimal(&n, value->text))
		return n;
	return fallback;
}

double value_number(const struct value *value, double fallback)
{
	char *end;
	double number;

	if (value && is_number(value))
		return value->number;
	if (!value || !is_plain(value) ||
	    value->text[strspn(value->text, "0123456789.eE+-")])
		return fallback;
	number = strtod(value->text, &end);
	return *value->text && !*end ? number : fallback;
}

int value_bool(const struct value *value, int fallback)
{
	static const char *const words[] = { "false", "true",  "False",
					     "True",  "FALSE", "TRUE" };

	if (value && value->kind == VALUE_BOOL)
		return value->integer != 0;
	if (value && is_plain(value))
		for (int i = 0; i < 6; i++)
			if (!strcmp(value->text, words[i]))
				return i & 1;
	return fallback;
}

void value_strings(struct strings *out, const struct value *list)
{
	VALUE_EACH(it, list)
	if (it->text)
		strings_add(out, it->text);
}

const struct value *value_duplicate(const struct value *object)
{
	const struct value *found = NULL;
	struct map seen = MAP_INIT;

	VALUE_EACH(it, object)
	{
		if (object->count > FEW) {
			found = map_set(&seen, it->key, it) ? it : NULL;
		} else {
			VALUE_EACH(before, object)
			{
				if (before == it)
					break;
				if (!strcmp(before->key, it->key))
					found = it;
			}
		}
		if (found)
			break;
	}
	map_release(&seen);
	return found;
}

static int scalars_equal(const struct value *a, const struct value *b)
{
	if (a->kind == VALUE_INT && b->kind == VALUE_INT)
		return a->integer == b->integer;
	if (is_number(a) && is_number(b))
		return a->number >= b->number && a->number <= b->number;
	if (a->kind != b->kind)
		return 0;
	if (a->kind == VALUE_STRING)
		return a->len == b->len && !memcmp(a->text, b->text, a->len);
	return a->integer == b->integer;
}

/* Members in the same order need no search; others are found by a map. */
static int objects_equal(const struct value *a, const struct value *b)
{
	const struct value *beside = b->child;
	struct map index = MAP_INIT;
	int equal = 1;

	VALUE_EACH(it, a)
	{
		const struct value *other = beside;

		if (strcmp(it->key, beside->key)) {
			if (b->count > FEW && !index.len)
				VALUE_EACH(member, b)
			map_set(&index, member->key, member);
			other = index.len ? map_get(&index, it->key)
					  : value_get(b, it->key);
		}
		equal = other && value_equal(it, other);
		if (!equal)
			break;
		beside = beside->next;
	}
	map_release(&index);
	return equal;
}

int value_equal(const struct value *a, const struct value *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != VALUE_OBJECT && a->kind != VALUE_LIST)
		return scalars_equal(a, b);
	if (a->kind != b->kind || a->count != b->count)
		return 0;
	if (a->kind == VALUE_OBJECT)
		return objects_equal(a, b);
	for (const struct value *x = a->child, *y = b->child; x;
	     x = x->next, y = y->next)
		if (!value_equal(x, y))
			return 0;
	return 1;
}

struct value *value_add(struct tree *tree, struct value *parent,
			const char *key, enum value_kind kind)
{
	struct value *value = arena_alloc(&tree->arena, sizeof *value);

	value->kind = kind;
	value->parent = parent;
	if (key)
		value->key = arena_strndup(&tree->arena, key, strlen(key));
	if (!parent) {
		tree->root = value;
		return value;
	}
	if (parent->last)
		parent->last->next = value;
	else
		parent->child = value;
	parent->last = value;
	value->index = parent->count++;
	return value;
}

struct value *value_object(struct tree *tree, struct value *parent,
			   const char *key)
{
	return value_add(tree, parent, key, VALUE_OBJECT);
}

struct value *value_list(struct tree *tree, struct value *parent,
			 const char *key)
{
	return value_add(tree, parent, key, VALUE_LIST);
}

static struct value *add_text(struct tree *tree, struct value *value,
			      const char *text, size_t len)
{
	value->text = arena_strndup(&tree->arena, text, len);
	value->len = len;
	return value;
}

struct value *value_add_strn(struct tree *tree, struct value *parent,
			     const char *key, const char *text, size_t len)
{
	struct value *value = value_add(tree, parent, key, VALUE_STRING);

	return add_text(tree, value, text, len);
}

struct value *value_add_string(struct tree *tree, struct value *parent,
			       const char *key, const char *text)
{
	return value_add_strn(tree, parent, key, text, strlen(text));
}

struct value *value_add_stringf(struct tree *tree, struct value *parent,
				const char *key, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&text, fmt, args);
	va_end(args);
	return value_add_strn(tree, parent, key, text.data, text.len);
}

struct value *value_add_int(struct tree *tree, struct value *parent,
			    const char *key, int64_t n)
{
	struct value *value = value_add(tree, parent, key, VALUE_INT);
	char text[24];
	int len = snprintf(text, sizeof text, "%lld", (long long)n);

	value->integer = n;
	value->number = (double)n;
	return add_text(tree, value, text, (size_t)len);
}

struct value *value_add_number(struct tree *tree, struct value *parent,
			       const char *key, double n)
{
	struct value *value = value_add(tree, parent, key, VALUE_NUMBER);
	char text[40];
	int len = 0;

	if (!isfinite(n))
		BUG("neither JSON nor YAML here has the number %f", n);
	for (int digits = 15; digits <= 17; digits++) {
		len = snprintf(text, sizeof text, "%.*g", digits, n);
		double back = strtod(text, NULL);
		if (back >= n && back <= n)
			break;
	}
	value->number = n;
	return add_text(tree, value, text, (size_t)len);
}

struct value *value_add_bool(struct tree *tree, struct value *parent,
			     const char *key, int truth)
{
	struct value *value = value_add(tree, parent, key, VALUE_BOOL);

	value->integer = truth != 0;
	value->text = truth ? "true" : "false";
	value->len = strlen(value->text);
	return value;
}

struct value *value_add_null(struct tree *tree, struct value *parent,
			     const char *key)
{
	struct value *value = value_add(tree, parent, key, VALUE_NULL);

	value->text = "null";
	value->len = 4;
	return value;
}

struct value *value_add_maybe(struct tree *tree, struct value *parent,
			      const char *key, const char *text)
{
	return text ? value_add_string(tree, parent, key, text)
		    : value_add_null(tree, parent, key);
}

struct value *value_add_copy(struct tree *tree, struct value *parent,
			     const char *key, const struct value *value)
{
	struct value *copy = value_add(tree, parent, key, value->kind);

	copy->style = value->style;
	copy->key_span = value->key_span;
	copy->span = value->span;
	copy->integer = value->integer;
	copy->number = value->number;
	if (value->text)
		add_text(tree, copy, value->text, value->len);
	VALUE_EACH(it, value)
	value_add_copy(tree, copy, it->key, it);
	return copy;
}
