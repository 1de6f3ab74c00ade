/*
 * Template expansion in a YAML document.  What a value holds (quotes, colons,
 * line breaks) must not change what the document says around it, and the
 * template's own comments and quotes are to stay.
 *
 * Each variable first becomes a mark that no parser minds, the document is
 * parsed, and then its scalars are written one by one, the last first, so that
 * the places of those before stay true: as the template writes it where that
 * reads as it should, else quoted.
 */
#include "core/expand.h"

#include "core/utf8.h"
#include "core/yaml.h"

#include <stdlib.h>
#include <string.h>

/* A mark is a number between two of a character that stands nowhere else. */
struct marks {
	char sign[5];
	size_t len; /* of the sign */
	struct strings values;
};

static void marks_release(struct marks *marks)
{
	strings_release(&marks->values);
}

/* A scalar or a key with a mark in it. */
struct spot {
	struct value *value;
	int key;
};
struct spots {
	struct spot *items;
	size_t len, cap;
};

static void spots_release(struct spots *spots)
{
	free(spots->items);
}

struct rewriting {
	struct marks marks;
	struct buf text; /* the document so far */
	struct tree tree; /* what it has to say */
	struct spots spots;
};

static void rewriting_release(struct rewriting *r)
{
	marks_release(&r->marks);
	buf_release(&r->text);
	tree_release(&r->tree);
	spots_release(&r->spots);
}

static int stands_in(const struct marks *marks, const char *text, size_t len)
{
	if (memmem(text, len, marks->sign, marks->len))
		return 1;
	FOR_EACH (char *, it, &marks->values)
		if (strstr(*it, marks->sign))
			return 1;
	return 0;
}

/* One of Unicode's private characters; templates hardly have any. */
static struct error *choose_sign(struct marks *marks, const char *text,
				 size_t len)
{
	for (uint32_t point = 0xe000; point <= 0xf8ff; point++) {
		marks->len = utf8_put(marks->sign, point);
		marks->sign[marks->len] = '\0';
		if (!stands_in(marks, text, len))
			return NULL;
	}
	return error_new(ERROR_INVALID, "all of Unicode's private characters "
					"stand in it");
}

/* Adds text with a mark for each variable. */
static struct error *add_marks(struct rewriting *r, const char *text,
			       size_t len, const struct map *vars)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(strings_release) struct strings written = STRINGS_INIT;
	CLEANUP(map_release) struct map marked = MAP_INIT;
	struct marks *marks = &r->marks;

	map_keys(&names, vars);
	FOR_EACH (char *, it, &names)
		strings_add(&marks->values, map_get(vars, *it));
	TRY(choose_sign(marks, text, len));
	for (size_t i = 0; i < names.len; i++) {
		strings_addf(&written, "%s%zu%s", marks->sign, i, marks->sign);
		map_set(&marked, names.items[i], written.items[i]);
	}
	return expand(&r->text, text, len, &marked);
}

/* Adds text with the values for the marks. */
static void add_values(struct buf *out, const struct marks *marks,
		       const char *text, size_t len)
{
	const char *end = text + len;
	const char *mark;

	while ((mark = memmem(text, (size_t)(end - text), marks->sign,
			      marks->len))) {
		char *behind;
		size_t i = strtoul(mark + marks->len, &behind, 10);

		buf_add(out, text, (size_t)(mark - text));
		buf_str(out, marks->values.items[i]);
		text = behind + marks->len;
	}
	buf_add(out, text, (size_t)(end - text));
}

static void find_spots(struct rewriting *r, struct value *value)
{
	const char *sign = r->marks.sign;

	if (value->key && strstr(value->key, sign))
		*PUSH(&r->spots) = (struct spot){ value, 1 };
	if (value->text && strstr(value->text, sign))
		*PUSH(&r->spots) = (struct spot){ value, 0 };
	VALUE_EACH(it, value)
	find_spots(r, it);
}

static const char *spot_text(const struct spot *spot)
{
	return spot->key ? spot->value->key : spot->value->text;
}

static const struct span *spot_span(const struct spot *spot)
{
	return spot->key ? &spot->value->key_span : &spot->value->span;
}

/* Puts bytes where a spot is, if the document then says what it has to. */
static int put(struct rewriting *r, const struct spot *spot,
	       const struct buf *bytes)
{
	CLEANUP(buf_release) struct buf made = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(error_release) struct error *err = NULL;
	const struct span *span = spot_span(spot);

	buf_add(&made, r->text.data, span->start);
	buf_add(&made, bytes->data, bytes->len);
	buf_add(&made, r->text.data + span->end, r->text.len - span->end);
	err = yaml_parse(&tree, made.data, made.len, NULL);
	if (err || !value_equal(tree.root, r->tree.root))
		return 0;
	buf_clear(&r->text);
	buf_add(&r->text, made.data, made.len);
	return 1;
}

static void want(struct rewriting *r, const struct spot *spot,
		 const struct buf *text)
{
	const char *copy = arena_strndup(&r->tree.arena, text->data, text->len);

	if (spot->key) {
		spot->value->key = copy;
		return;
	}
	spot->value->text = copy;
	spot->value->len = text->len;
}

static struct error *no_text(void)
{
	return error_hint(error_new(ERROR_INVALID,
				    "the value of a variable cannot be written "
				    "in YAML"),
			  "values are UTF-8, and keys are shorter than 1000 "
			  "bytes");
}

/* An empty plain scalar is null where text is wanted, so that one is quoted. */
static struct error *rewrite(struct rewriting *r, const struct spot *spot)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf bytes = BUF_INIT;
	const struct span *span = spot_span(spot);
	const char *marked = spot_text(spot);

	add_values(&text, &r->marks, marked, strlen(marked));
	add_values(&bytes, &r->marks, r->text.data + span->start,
		   span->end - span->start);
	want(r, spot, &text);
	if (bytes.len && put(r, spot, &bytes))
		return NULL;
	buf_clear(&bytes);
	yaml_print_scalar(&bytes, text.len ? text.data : "");
	return put(r, spot, &bytes) ? NULL : no_text();
}

/* What is left stands in comments, which end with their line. */
static struct error *rewrite_comments(struct buf *out, struct rewriting *r)
{
	CLEANUP(buf_release) struct buf made = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	FOR_EACH (char *, it, &r->marks.values)
		for (char *at = *it; *at; at++)
			if ((unsigned char)*at < ' ' || *at == 0x7f)
				*at = ' ';
	add_values(&made, &r->marks, r->text.data, r->text.len);
	TRY(yaml_parse(&tree, made.data, made.len, NULL));
	if (!value_equal(tree.root, r->tree.root))
		return no_text();
	buf_add(out, made.data, made.len);
	return NULL;
}

struct error *expand_yaml(struct buf *out, const char *text, size_t len,
			  const struct map *vars)
{
	CLEANUP(rewriting_release)
	struct rewriting r = { .text = BUF_INIT, .tree = TREE_INIT };

	TRY(add_marks(&r, text, len, vars));
	TRY(yaml_parse(&r.tree, r.text.data, r.text.len, NULL));
	if (r.tree.root)
		find_spots(&r, r.tree.root);
	while (r.spots.len)
		TRY(rewrite(&r, &r.spots.items[--r.spots.len]));
	return rewrite_comments(out, &r);
}
