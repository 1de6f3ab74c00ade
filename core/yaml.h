/*
 * YAML documents to the value tree, through libyaml (included only by
 * yaml.c).
 *
 * Accepted is the subset of YAML 1.1 that DESIGN calls a document: UTF-8 with
 * or without BOM, one document, mappings with scalar keys, sequences,
 * scalars.  Refused, each by name with line and column: anchors, aliases,
 * tags, duplicate keys, directives, a second document, NUL, control
 * characters, invalid UTF-8, other encodings, more than 1 MiB, more than 64
 * levels.  The limits hold while parsing: the parser works on events and
 * stops at the first that breaks one.
 *
 * Also refused: keys written with '?', keys that are missing or no scalars.
 *
 * libyaml's marks count characters and leave the BOM out; the spans given
 * here are byte offsets into the text that was passed in.  A node's span ends
 * behind its own last byte: trailing blanks, comments, the last line break and
 * the blank lines that a block scalar would swallow are outside (except the
 * blank lines that are content of a `|+` scalar).  The value of `key:` is an
 * empty plain text that stands behind the colon.
 *
 * Lines end with LF, CRLF or CR, as editors count them.  NEL, LS and PS are
 * characters like others, as in YAML 1.2 (section 5.4); YAML 1.1 broke lines
 * there.
 */
#ifndef CORE_YAML_H
#define CORE_YAML_H

#include "core/value.h"

#define YAML_MAX_BYTES (1 << 20)
#define YAML_MAX_DEPTH 64

/* What was wrong with a text, and where. */
struct yaml_fault {
	unsigned line;
	unsigned column;
	char *message; /* owned; NULL: no fault */
	char *hint; /* owned; may be NULL */
};
#define YAML_FAULT_INIT                                                        \
	{                                                                      \
		0, 0, NULL, NULL                                               \
	}
void yaml_fault_release(struct yaml_fault *fault);

/*
 * Parses text into *out.  On ERROR_INVALID *fault (may be NULL) tells the
 * place; the error's message has it too ("line 3, column 7: ...").  An empty
 * text, one of comments only, or a lone `---` gives a NULL root.
 */
struct error *yaml_parse(struct tree *out, const char *text, size_t len,
			 struct yaml_fault *fault) MUST_USE;

/*
 * Adds value as block YAML, indented by indent columns; quotes only where
 * needed, multi-line strings as literal blocks.  Ends with a newline.  What is
 * printed parses back to an equal tree: null, true and numbers are plain, a
 * string that YAML 1.1 or 1.2 would read as one of them is quoted, unless its
 * style says that it was plain in the document it came from.  (Keys of more
 * than 1,000 bytes do not parse back: libyaml looks no further for the colon.)
 */
void yaml_print(struct buf *out, const struct value *value, int indent);
/* Adds value on one line, in flow style, fit to stand in another. */
void yaml_print_flow(struct buf *out, const struct value *value);
/*
 * Adds text as a YAML scalar on one line, quoted only where needed; it may
 * stand in block and in flow style.
 */
void yaml_print_scalar(struct buf *out, const char *text);

/* How yaml_print_member() writes. */
struct yaml_form {
	int indent; /* the column of the key */
	int step; /* by which objects and lists are indented below keys */
	int literals; /* multi-line strings as literal blocks? */
};
/*
 * Adds what follows the colon of a key: " text\n", or "\n" and the lines of a
 * list or an object.
 */
void yaml_print_member(struct buf *out, const struct value *value,
		       struct yaml_form form);

#endif
