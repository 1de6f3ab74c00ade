/*
 * The geometry of edits: which bytes of a document to replace by which, for a
 * node of the tree that was parsed from it.  Internal to yaml-edit.c.
 */
#ifndef CORE_YAML_SPLICE_H
#define CORE_YAML_SPLICE_H

#include "core/value.h"

/* Replace len bytes at pos by these. */
struct splice {
	size_t pos;
	size_t len;
	struct buf with;
};

/* A document and the splices planned for it. */
struct splices {
	const char *text; /* borrowed */
	size_t len;
	const char *eol; /* the document's own line ending */
	struct splice items[3]; /* in the order of pos, without overlap */
	size_t count;
};

void splices_init(struct splices *plan, const struct buf *text);
void splices_release(struct splices *plan);
/* The document with the splices done, added to out. */
void splices_apply(struct buf *out, const struct splices *plan);

/* The value of member becomes this one. */
void splice_replace(struct splices *plan, const struct value *member,
		    const struct value *value);
/*
 * object gets a member.  Returns 1 when it went before the last one: behind a
 * block scalar that ends without a newline there is no room, since a newline
 * would become a part of it.
 */
int splice_add(struct splices *plan, const struct value *object,
	       const char *key, const struct value *value);
/* member goes with its value; the last one of an object leaves `{}`. */
void splice_remove(struct splices *plan, const struct value *member);
/* The member of object (NULL: a new one), key and all, becomes these bytes. */
void splice_bytes(struct splices *plan, const struct value *object,
		  const struct value *member, const char *bytes, size_t len);

/* For yaml-splice-flow.c: what edits in either style are made of. */

/* Plans a splice of [start, end), to be filled in by the caller. */
struct buf *splice_cut(struct splices *plan, size_t start, size_t end);
/* Over blanks; from the start of a line, its first byte of substance. */
size_t splice_skip_blanks(const struct splices *plan, size_t at);
/* Behind the colon of a member, or behind its key where there is none. */
size_t splice_behind_colon(const struct splices *plan,
			   const struct value *member);
/* Keeps a comment at this place apart from what is put before it. */
void splice_apart(const struct splices *plan, struct buf *out, size_t at);

/* From yaml-splice-flow.c: the edits above for objects in flow style. */
void splice_replace_in_flow(struct splices *plan, const struct value *member,
			    const struct value *value);
void splice_add_in_flow(struct splices *plan, const struct value *object,
			const char *key, const struct value *value);
/* above is the member before it, or NULL. */
void splice_remove_in_flow(struct splices *plan, const struct value *member,
			   const struct value *above);

#endif
