/* What the two files of the store of replies share, and nobody else needs. */
#ifndef CORE_REPLIES_ENTRY_H
#define CORE_REPLIES_ENTRY_H

#include "core/replies.h"

#define HOUR INT64_C(3600)

/*
 * reply NULL: the header only, but the crc is over all of it.  Absent is
 * ERROR_NOT_FOUND, damaged is ERROR_INVALID.
 */
struct error *reply_entry_read(struct reply *reply, struct reply_entry *out,
			       const char *dir, const char *key) MUST_USE;

#endif
