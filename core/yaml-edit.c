/*
 * Edits, each proved by parsing: the tree that is wanted is made from the old
 * one, the text from splices, and the two have to agree before anything is
 * handed back.
 */
#include "core/yaml-edit.h"

#include "core/yaml-splice.h"
#include "core/yaml.h"

#include <string.h>

/*
 * The wanted tree against the parsed one, in order.  Values of a program are
 * typed, those of a document are text: they agree when the text does, and what
 * is no string has to be plain.
 */
static int agrees(const struct value *want, const struct value *got)
{
	const struct value *other = got->child;

	if (want->kind == VALUE_LIST || want->kind == VALUE_OBJECT) {
		if (want->kind != got->kind || want->count != got->count)
			return 0;
	} else {
		return got->text && want->len == got->len &&
		       !memcmp(want->text, got->text, want->len) &&
		       (want->kind == VALUE_STRING ||
			got->style == STYLE_PLAIN);
	}
	VALUE_EACH(it, want)
	{
		if ((it->key && strcmp(it->key, other->key) != 0) ||
		    !agrees(it, other))
			return 0;
		other = other->next;
	}
	return 1;
}

/* A document while it is edited. */
struct edit {
	struct buf *text;
	struct tree tree;
	struct splices plan;
};

static void edit_release(struct edit *edit)
{
	splices_release(&edit->plan);
	tree_release(&edit->tree);
}

static struct error *edit_begin(struct edit *edit, struct buf *text)
{
	edit->text = text;
	TRY(yaml_parse(&edit->tree, text->data, text->len, NULL));
	if (!edit->tree.root || edit->tree.root->kind != VALUE_OBJECT)
		return error_hint(
			error_new(ERROR_INVALID, "the document is no mapping"),
			"begin it with 'version: 1'");
	splices_init(&edit->plan, text);
	return NULL;
}

/*
 * Applies the plan if edit->tree is what comes of it; else 0, the text as it
 * was, and why not.
 */
static int edit_try(struct edit *edit, char **why)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree got = TREE_INIT;
	CLEANUP(error_release) struct error *err = NULL;

	splices_apply(&text, &edit->plan);
	err = yaml_parse(&got, text.data, text.len, NULL);
	if (!err && got.root && agrees(edit->tree.root, got.root)) {
		buf_clear(edit->text);
		buf_add(edit->text, text.data, text.len);
		return 1;
	}
	if (why)
		*why = xstrdup(err ? err->message : "the content changed");
	return 0;
}

static void edit_end(struct edit *edit)
{
	char *why;

	if (!edit_try(edit, &why))
		BUG("an edit broke a YAML document: %s", why);
}

/* Takes value out of its parent's list and gives the one before it. */
static struct value *unlink_value(struct value *value)
{
	struct value *parent = value->parent;
	struct value *prev = NULL;

	VALUE_EACH(it, parent)
	if (it->next == value)
		prev = it;
	if (prev)
		prev->next = value->next;
	else
		parent->child = value->next;
	if (parent->last == value)
		parent->last = prev;
	parent->count--;
	value->next = NULL;
	return prev;
}

/* Puts value behind prev, or first when that is NULL. */
static void link_value(struct value *value, struct value *prev)
{
	struct value *parent = value->parent;

	value->next = prev ? prev->next : parent->child;
	if (prev)
		prev->next = value;
	else
		parent->child = value;
	if (!value->next)
		parent->last = value;
	parent->count++;
}

static void replace(struct edit *edit, struct value *member,
		    const struct value *value)
{
	struct value *parent = member->parent;

	splice_replace(&edit->plan, member, value);
	struct value *copy =
		value_add_copy(&edit->tree, parent, member->key, value);
	unlink_value(copy);
	link_value(copy, unlink_value(member));
}

static void add(struct edit *edit, struct value *object, const char *key,
		const struct value *value)
{
	struct value *last = object->last;
	int before = splice_add(&edit->plan, object, key, value);
	struct value *copy = value_add_copy(&edit->tree, object, key, value);

	if (before) {
		unlink_value(copy);
		link_value(copy, unlink_value(last));
		link_value(last, copy);
	}
}

/* Wraps value in objects for the keys of path; tree owns them. */
static const struct value *nest(struct tree *tree, const char *path,
				const struct value *value)
{
	struct value *at = value_object(tree, NULL, NULL);

	for (;;) {
		size_t len = strcspn(path, ".");
		char *key = arena_strndup(&tree->arena, path, len);

		if (!path[len]) {
			value_add_copy(tree, at, key, value);
			return tree->root;
		}
		at = value_object(tree, at, key);
		path += len + 1;
	}
}

static int is_empty(const struct value *value)
{
	return value->style == STYLE_PLAIN && !value->len;
}

static struct error *set_path(struct edit *edit, const char *path,
			      const struct value *value)
{
	CLEANUP(tree_release) struct tree nested = TREE_INIT;
	struct value *object = edit->tree.root;

	for (;;) {
		size_t len = strcspn(path, ".");
		const char *rest = path[len] ? path + len + 1 : NULL;
		const char *key = arena_strndup(&nested.arena, path, len);
		struct value *member = value_get(object, key);

		if (member && rest && member->kind == VALUE_OBJECT) {
			object = member;
			path = rest;
			continue;
		}
		if (member && rest && !is_empty(member))
			return error_new(
				ERROR_INVALID,
				"line %u, column %u: '%s' is no mapping",
				member->key_span.line, member->key_span.column,
				key);
		if (rest)
			value = nest(&nested, rest, value);
		if (member)
			replace(edit, member, value);
		else
			add(edit, object, key, value);
		return NULL;
	}
}

struct error *yaml_edit_block(struct buf *text, const char *path,
			      const struct value *value)
{
	CLEANUP(edit_release) struct edit edit = { .tree = TREE_INIT };

	TRY(edit_begin(&edit, text));
	TRY(set_path(&edit, path, value));
	edit_end(&edit);
	return NULL;
}

struct error *yaml_edit_set(struct buf *text, const char *path,
			    const char *scalar)
{
	CLEANUP(edit_release) struct edit edit = { .tree = TREE_INIT };
	struct value value = { .kind = VALUE_STRING,
			       .text = scalar,
			       .len = strlen(scalar) };

	TRY(edit_begin(&edit, text));
	const struct value *old = value_path(edit.tree.root, path);
	if (old && old->text && *scalar && !strcmp(old->text, scalar))
		return NULL;
	TRY(set_path(&edit, path, &value));
	edit_end(&edit);
	return NULL;
}

static void remove_member(struct edit *edit, struct value *member)
{
	splice_remove(&edit->plan, member);
	unlink_value(member);
	edit_end(edit);
}

struct error *yaml_edit_remove(struct buf *text, const char *path)
{
	CLEANUP(edit_release) struct edit edit = { .tree = TREE_INIT };

	TRY(edit_begin(&edit, text));
	struct value *member = value_path(edit.tree.root, path);
	if (member)
		remove_member(&edit, member);
	return NULL;
}

/* With the bytes of the other document, if that works out. */
static int copy_bytes(struct buf *text, const char *key,
		      const struct yaml_piece *piece)
{
	CLEANUP(edit_release) struct edit edit = { .tree = TREE_INIT };
	CLEANUP(error_release) struct error *err = edit_begin(&edit, text);
	struct value *root = edit.tree.root;
	const struct value *value = piece->value;
	struct splices other;

	splices_init(&other, piece->text);
	if (err || strcmp(edit.plan.eol, other.eol) != 0 ||
	    root->style != STYLE_BLOCK || value->parent->style != STYLE_BLOCK ||
	    root->child->key_span.column != value->key_span.column)
		return 0;
	struct value *member = value_get(root, key);
	splice_bytes(&edit.plan, root, member,
		     piece->text->data + value->key_span.start,
		     value->span.end - value->key_span.start);
	struct value *copy = value_add_copy(&edit.tree, root, key, value);
	if (member) {
		unlink_value(copy);
		link_value(copy, unlink_value(member));
	}
	return edit_try(&edit, NULL);
}

struct error *yaml_edit_take(struct buf *text, const char *key,
			     const struct yaml_piece *piece)
{
	CLEANUP(edit_release) struct edit edit = { .tree = TREE_INIT };

	if (piece->value && copy_bytes(text, key, piece))
		return NULL;
	TRY(edit_begin(&edit, text));
	struct value *member = value_get(edit.tree.root, key);
	if (member && !piece->value) {
		remove_member(&edit, member);
	} else if (piece->value) {
		if (member)
			replace(&edit, member, piece->value);
		else
			add(&edit, edit.tree.root, key, piece->value);
		edit_end(&edit);
	}
	return NULL;
}
