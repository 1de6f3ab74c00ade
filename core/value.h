/*
 * One tree for everything that is structured: YAML documents, JSON replies,
 * journal lines, --json output.  The schema validator, the document readers
 * and the printers all walk this and nothing else.
 *
 * A tree lives in an arena of its own and is freed as a whole.  YAML scalars
 * keep their text and are of kind VALUE_STRING until a schema types them
 * (so that `no` in a text field stays "no"); JSON scalars are typed.
 */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include "core/array.h"

#include <stdint.h>

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_NUMBER,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_OBJECT,
};

/* How a YAML node was written; what a splice and a typed reading need. */
enum value_style {
	STYLE_NONE, /* JSON, or made by the program */
	STYLE_PLAIN,
	STYLE_SINGLE,
	STYLE_DOUBLE,
	STYLE_LITERAL,
	STYLE_FOLDED,
	STYLE_BLOCK,
	STYLE_FLOW,
};

/* Byte offsets into the document, lines and columns from 1; 0: unknown. */
struct span {
	size_t start;
	size_t end; /* behind the last byte of the node itself */
	unsigned line;
	unsigned column; /* in characters, as editors count */
};

struct value {
	enum value_kind kind;
	enum value_style style;
	const char *key; /* within an object, else NULL */
	struct span key_span;
	struct span span;
	const char *text; /* every scalar, unescaped; NUL-terminated */
	size_t len;
	int64_t integer; /* VALUE_INT, VALUE_BOOL (0 or 1) */
	double number; /* VALUE_NUMBER, VALUE_INT too */
	struct value *parent;
	struct value *child; /* first item or member */
	struct value *last;
	struct value *next;
	size_t count; /* of children */
	size_t index; /* among its siblings, when it was added */
};

struct tree {
	struct arena arena;
	struct value *root;
};

#define TREE_INIT                                                              \
	{                                                                      \
		ARENA_INIT, NULL                                               \
	}
void tree_release(struct tree *tree);

/* Members and items; NULL where there is none or value is NULL. */
struct value *value_get(const struct value *object, const char *key);
struct value *value_path(const struct value *value, const char *dotted);
#define VALUE_EACH(it, of)                                                     \
	for (struct value *it = (of) ? (of)->child : NULL; it; it = it->next)

/* The text of a scalar, or fallback when absent, null or not a scalar. */
const char *value_text(const struct value *value, const char *fallback);
/*
 * The integer of a scalar, or fallback.  Plain YAML text is converted when it
 * is decimal without leading zeros, which YAML 1.1 and 1.2 read differently.
 */
int64_t value_int(const struct value *value, int64_t fallback);
/* The number of a scalar; plain YAML text is converted as JSON spells it. */
double value_number(const struct value *value, double fallback);
/*
 * Plain true/True/TRUE and false/False/FALSE (YAML 1.2 core schema), or
 * fallback; quoted text is no truth value.
 */
int value_bool(const struct value *value, int fallback);
/* Adds the text of every item of a list to out. */
void value_strings(struct strings *out, const struct value *list);

/*
 * Same content: kinds, keys in any order, text; spans and styles ignored.
 * Numbers are compared as numbers: 1 equals 1.0.
 */
int value_equal(const struct value *a, const struct value *b);

/* The first member whose key an earlier one has already, or NULL. */
const struct value *value_duplicate(const struct value *object);

/*
 * Building.  key is NULL for an item of a list; strings are copied into the
 * tree's arena; the new value is returned and owned by the tree.  parent NULL
 * makes it the root.
 */
struct value *value_add(struct tree *tree, struct value *parent,
			const char *key, enum value_kind kind);
struct value *value_object(struct tree *tree, struct value *parent,
			   const char *key);
struct value *value_list(struct tree *tree, struct value *parent,
			 const char *key);
struct value *value_add_string(struct tree *tree, struct value *parent,
			       const char *key, const char *text);
struct value *value_add_strn(struct tree *tree, struct value *parent,
			     const char *key, const char *text, size_t len);
struct value *value_add_stringf(struct tree *tree, struct value *parent,
				const char *key, const char *fmt, ...)
	PRINTF(4, 5);
struct value *value_add_int(struct tree *tree, struct value *parent,
			    const char *key, int64_t n);
/* A finite number; its text is the shortest that reads back the same. */
struct value *value_add_number(struct tree *tree, struct value *parent,
			       const char *key, double n);
struct value *value_add_bool(struct tree *tree, struct value *parent,
			     const char *key, int truth);
struct value *value_add_null(struct tree *tree, struct value *parent,
			     const char *key);
/* text NULL adds null: absent values are null, never left out. */
struct value *value_add_maybe(struct tree *tree, struct value *parent,
			      const char *key, const char *text);
/*
 * Adds a deep copy of value, which may belong to another tree; styles and
 * spans are kept, so that findings still name the line it came from.
 */
struct value *value_add_copy(struct tree *tree, struct value *parent,
			     const char *key, const struct value *value);

#endif
