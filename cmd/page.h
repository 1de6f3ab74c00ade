/* A document as a page for people. */
#ifndef CMD_PAGE_H
#define CMD_PAGE_H

#include "cmd/out.h"

/*
 * All but what a head says already (version, id, title, status, reason) and
 * the result.
 */
void page_document(struct out *out, const struct value *root);
/* The result of a phase's document; nothing where there is none. */
void page_result(struct out *out, const struct value *root);

#endif
