/*
 * Edits to a YAML document by splicing bytes: everything a person wrote
 * outside the edited node survives byte for byte.  After every edit the text
 * is parsed again and compared with the tree that was wanted; a difference is
 * a BUG and text is left as it was.
 *
 * path is dotted ("result.attempts"); keys are plain ids.  Mappings that are
 * missing on the way are made; `key:` with nothing counts as missing.  The
 * document's own line ending (CRLF, LF or CR, by its first line), BOM and
 * missing final newline are kept; a mapping in flow style gets edits in flow
 * style, others follow their own indentation.  Comments stay: behind an edited
 * value, and between it and its key.  Those inside a list or an object that is
 * replaced go with it.
 *
 * Refused with ERROR_INVALID and nothing changed: a text that does not parse, a
 * root that is not a mapping, a path through something else than a mapping.
 */
#ifndef CORE_YAML_EDIT_H
#define CORE_YAML_EDIT_H

#include "core/value.h"

/*
 * Sets a string, adding the key at the end of its mapping when absent.  It is
 * quoted where it would read as a number, a truth value or null; those are set
 * with yaml_edit_block().  Nothing is changed where the same text stands.
 */
struct error *yaml_edit_set(struct buf *text, const char *path,
			    const char *scalar) MUST_USE;

/*
 * Sets the key to value (any kind) in block style, replacing what is there.
 * In a mapping in flow style it is written in flow style.
 */
struct error *yaml_edit_block(struct buf *text, const char *path,
			      const struct value *value) MUST_USE;

/*
 * Removes a key with its value; absent is no error.  In block style the lines
 * of both go, with the comments on them; the last key of a mapping leaves
 * `{}`.  Where a block scalar above would take in an indented comment or blank
 * line below, a line with a lone `#` keeps them apart.
 */
struct error *yaml_edit_remove(struct buf *text, const char *path) MUST_USE;

/*
 * Field-wise merge of two versions of a document with root mappings.  Each
 * field that differs comes from the side that changed it since base; one that
 * both changed, differently, is a conflict.  base may be NULL: then the fields
 * listed in theirs_fields (NULL-terminated) come from theirs, all others from
 * ours.  out is ours with splices; it may be one of the three.  Conflicting
 * field names are added to conflicts; then out is untouched.
 */
struct error *yaml_merge_fields(struct buf *out, const struct buf *base,
				const struct buf *ours,
				const struct buf *theirs,
				const char *const *theirs_fields,
				struct strings *conflicts) MUST_USE;

/* A member of the root mapping of another document. */
struct yaml_piece {
	const struct buf *text;
	const struct value *value; /* NULL: absent there */
};

/*
 * Makes a key of the root mapping (taken whole, dots and all) what it is in
 * the other document: with that one's own bytes where both are in block style
 * and they fit, else printed.
 */
struct error *yaml_edit_take(struct buf *text, const char *key,
			     const struct yaml_piece *piece) MUST_USE;

#endif
