/*
 * The journal of a run: one JSON object a line, appended.  The last field is
 * "crc", eight lower-case hex digits: the CRC-32C of the line's bytes up to,
 * and not including, `,"crc":"........"}`.
 *
 * A torn last line (no newline, or one that does not check) is cut off when
 * the journal is opened for append; a bad line elsewhere is ERROR_INVALID with
 * its number.  Readers skip types they do not know.
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include "core/value.h"

struct journal;

/* "yyyymmddThhmmssZ-<8 hex>", new at each call; owned by the caller. */
char *journal_new_run(void) MUST_USE;

/*
 * Opens <dir>/<run>.jsonl for append, making it (and dir) when absent.  A
 * journal has one writer: ERROR_CLAIMED while another process has it open.
 */
struct error *journal_open(struct journal **out, const char *dir,
			   const char *run) MUST_USE;
/*
 * Opens it for reading only, also while it is written: a torn last line is
 * passed over and stays.  Absent is ERROR_NOT_FOUND.
 */
struct error *journal_read(struct journal **out, const char *dir,
			   const char *run) MUST_USE;
void journal_close(struct journal **journal); /* for CLEANUP */
const char *journal_run(const struct journal *journal);

/*
 * Appends a line of this type.  fields is an object (NULL: none) whose members
 * go into the line behind v, seq, type and at; synced before return.  After
 * an error (a full disk) the journal is as it was before.
 */
struct error *journal_append(struct journal *journal, const char *type,
			     const struct value *fields) MUST_USE;
/*
 * The two halves of it, for those who write several lines for one sync: a
 * line that is written outlives the process, one that is synced the machine.
 */
struct error *journal_write(struct journal *journal, const char *type,
			    const struct value *fields) MUST_USE;
struct error *journal_sync(struct journal *journal) MUST_USE;

/*
 * The last line of this type for which every "key=value" that follows (to
 * NULL) holds; NULL when there is none.  Owned by the journal.
 */
const struct value *journal_last(const struct journal *journal,
				 const char *type, ...);
/* All lines, in order, from 0. */
const struct value *journal_line(const struct journal *journal, size_t i);
size_t journal_len(const struct journal *journal);

#endif
