/* What the two files of the store of replies share, and nobody else needs. */
#ifndef CORE_REPLIES_ENTRY_H
#define CORE_REPLIES_ENTRY_H

#include "core/replies.h"

#define HOUR 3600

/* 64 lower-case hex digits, so that it may name a file. */
int reply_key_valid(const char *key);
char *reply_entry_path(const char *dir, const char *key) MUST_USE;
/*
 * reply NULL: the header only, but the crc is over all of it.  Absent is
 * ERROR_NOT_FOUND, damaged is ERROR_INVALID.
 */
struct error *reply_entry_read(struct reply *reply, struct reply_entry *out,
			       const char *dir, const char *key) MUST_USE;
/* now 0: nothing expires. */
int reply_expired(const struct reply_entry *entry,
		  const struct reply_expiry *expiry, int64_t now);

#endif
