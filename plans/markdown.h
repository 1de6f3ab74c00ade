/*
 * Text of models and strangers as part of a Markdown page, on one line: it
 * makes no heading, no list, no HTML and no link, and a forge that reads the
 * page mentions nobody and closes nothing on account of it.
 *
 * What Markdown knows is escaped; what GitHub looks for in the finished text
 * (@name, #1, GH-1, addresses) is parted by a zero width space, as no escape
 * reaches that far (https://docs.github.com/get-started/writing-on-github).
 */
#ifndef PLANS_MARKDOWN_H
#define PLANS_MARKDOWN_H

#include "core/buf.h"

/* Adds text, cut after so many bytes. */
void md_text(struct buf *out, const char *text, size_t most);
/* The same for a place without Markdown, such as a title. */
void md_plain(struct buf *out, const char *text, size_t most);
/* Adds text as code. */
void md_code(struct buf *out, const char *text, size_t most);

#endif
