/*
 * The store of replies: what a model answered to a request, by the request's
 * key.  It serves three ends: a resumed run finds what it had already paid
 * for, an equal request of another run is not sent again, and `cache` shows,
 * invalidates, compresses and shares it.
 *
 * <dir>/<2 hex>/<62 hex> is the entry: a header line of JSON {"v":1,"key",
 * "stage","plan","phase","agent","model","at","depends":[keys],"micros",
 * "usage":{…},"shared":true (or not there),"z":bool,"bytes","crc"} and behind
 * it the reply's JSON, of so many bytes before it was compressed (zlib; longer
 * than 1 KiB, and only when that is shorter).  The crc is CRC-32C, eight hex
 * digits, over the line up to and not including `,"crc":` and over the body.
 * An entry whose crc does not hold is no entry.
 */
#ifndef CORE_REPLIES_H
#define CORE_REPLIES_H

#include "core/message.h"

struct reply_entry {
	char key[SHA256_HEX];
	char *stage; /* brainstorm, architecture, implement, verdict … */
	char *plan;
	char *phase;
	char *agent;
	char *model;
	int64_t at; /* seconds since the epoch */
	struct strings depends; /* keys it was derived from */
	int64_t micros;
	struct usage usage;
	int shared; /* pulled from others: never a verdict's */
	int64_t size; /* of the file */
};
void reply_entry_release(struct reply_entry *entry);

/* How long entries of a stage serve other runs, in seconds. */
struct reply_expiry {
	int64_t brainstorm; /* 0: 168 h */
	int64_t integration; /* 0: 24 h */
	int64_t other; /* 0: 72 h */
};

/* Atomic; replies_sync() makes it last. */
struct error *replies_put(const char *dir, const struct reply_entry *entry,
			  const struct reply *reply) MUST_USE;
/*
 * Syncs the entries of these keys: a few one by one, many with the whole file
 * system, which then costs less.
 */
struct error *replies_sync(const char *dir, const struct strings *keys)
	MUST_USE;
/*
 * ERROR_NOT_FOUND: none, a damaged one (which is removed), or one that has
 * expired at now (0: expiry does not count: a resume).  out is an initialised
 * reply, which this one takes the place of.
 */
struct error *replies_get(struct reply *out, struct reply_entry *entry,
			  const char *dir, const char *key,
			  const struct reply_expiry *expiry, int64_t now)
	MUST_USE;

/* now 0: nothing expires.  What is dated a day ahead has: a clock was wrong. */
int reply_expired(const struct reply_entry *entry,
		  const struct reply_expiry *expiry, int64_t now);
/* 64 lower-case hex digits, so that it may name a file. */
int reply_key_valid(const char *key);
/* The file of an entry; owned by the caller. */
char *reply_entry_path(const char *dir, const char *key) MUST_USE;
/*
 * An entry from the bytes of its file, for those that come from elsewhere.
 * reply NULL: the header only, but the crc is over all of it; else it is an
 * initialised one, which this one takes the place of.  Damaged is
 * ERROR_INVALID.
 */
struct error *reply_entry_parse(struct reply *reply, struct reply_entry *out,
				const struct buf *file) MUST_USE;

struct reply_entries {
	struct reply_entry *items;
	size_t len, cap;
};
/* All of them, newest first; damaged ones are named in damaged. */
struct error *replies_list(struct reply_entries *out, struct strings *damaged,
			   const char *dir) MUST_USE;
void reply_entries_release(struct reply_entries *entries);

/* Removes one; with cascade what depends on it, directly or not, too. */
struct error *replies_invalidate(struct strings *removed, const char *dir,
				 const char *key, int cascade) MUST_USE;

struct reply_gc {
	int64_t max_bytes; /* 0: 10 GiB */
	const struct reply_expiry *expiry;
	const struct map *keep; /* its keys stay; NULL: none */
	int64_t now;
	size_t kept, removed, damaged; /* results */
	int64_t bytes; /* left */
};
/* Removes what is damaged or expired, then the oldest beyond max_bytes. */
struct error *replies_gc(const char *dir, struct reply_gc *gc) MUST_USE;

#endif
