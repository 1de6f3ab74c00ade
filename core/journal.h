/*
 * The journal of a run: one JSON object a line, appended, with the CRC-32C of
 * the bytes before it in the last field "crc" (8 hex digits).  A torn last
 * line is cut off when it is opened for append; a bad line elsewhere is
 * ERROR_INVALID with its number.  Readers skip types they do not know.
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include "core/value.h"

struct journal;

/* "yyyymmddThhmmssZ-<8 hex>", new at each call; owned by the caller. */
char *journal_new_run(void) MUST_USE;

/* Opens <dir>/<run>.jsonl, making it (and dir) when absent. */
struct error *journal_open(struct journal **out, const char *dir,
			   const char *run) MUST_USE;
void journal_close(struct journal **journal); /* for CLEANUP */
const char *journal_run(const struct journal *journal);

/*
 * Appends a line of this type.  fields is an object whose members go into the
 * line behind v, seq, type and at; synced before return.
 */
struct error *journal_append(struct journal *journal, const char *type,
			     const struct value *fields) MUST_USE;

/*
 * The last line of this type for which every "key=value" in match (to NULL)
 * holds; NULL when there is none.  Owned by the journal, valid until the next
 * append.
 */
const struct value *journal_last(const struct journal *journal,
				 const char *type, ...);
/* All lines, in order. */
const struct value *journal_line(const struct journal *journal, size_t i);
size_t journal_len(const struct journal *journal);

#endif
