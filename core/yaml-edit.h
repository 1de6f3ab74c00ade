/*
 * Edits to a YAML document by splicing bytes: everything a person wrote
 * outside the edited node survives byte for byte.  After every edit the text
 * is parsed again and compared with the tree that was wanted; a difference is
 * a BUG and text is left as it was.
 *
 * path is dotted ("result.attempts"); keys are plain ids.  The document's own
 * line ending (CRLF or LF, by its first line), BOM and missing final newline
 * are kept.  Refused with ERROR_INVALID and nothing changed: a text that does
 * not parse, a root that is not a mapping.
 */
#ifndef CORE_YAML_EDIT_H
#define CORE_YAML_EDIT_H

#include "core/value.h"

/* Sets a scalar, adding the key at the end of its mapping when absent. */
struct error *yaml_edit_set(struct buf *text, const char *path,
			    const char *scalar) MUST_USE;

/* Sets the key to value (any kind) in block style, replacing what is there. */
struct error *yaml_edit_block(struct buf *text, const char *path,
			      const struct value *value) MUST_USE;

/* Removes a key with its value; absent is no error. */
struct error *yaml_edit_remove(struct buf *text, const char *path) MUST_USE;

/*
 * Field-wise merge of two versions of a document with root mappings: the
 * fields listed in theirs_fields (NULL-terminated) come from theirs, all
 * others from ours; a field whose side of origin did not change it while the
 * other side did comes from the other side; a field both changed differently
 * from base is a conflict.  base may be NULL: then a field that differs and is
 * not one of theirs_fields is taken from ours.  out is ours with splices.
 * Conflicting field names are added to conflicts; then out is untouched.
 */
struct error *yaml_merge_fields(struct buf *out, const struct buf *base,
				const struct buf *ours,
				const struct buf *theirs,
				const char *const *theirs_fields,
				struct strings *conflicts) MUST_USE;

#endif
