/*
 * Server-Sent Events, as the WHATWG HTML standard reads them (section 9.2.6,
 * "Interpreting an event stream"): a leading BOM, lines that end in LF, CR or
 * CR LF also when split between two reads, comments, fields with and without
 * a blank behind the colon, several data lines, an unfinished last event
 * (dropped).  Bytes are passed on as they come: UTF-8 is not checked here.
 */
#ifndef CORE_SSE_H
#define CORE_SSE_H

#include "core/buf.h"

#include <stdint.h>

/*
 * event is "message" when the stream names none; data is NUL-terminated and
 * valid until the function returns.
 */
typedef struct error *(*sse_fn)(void *user, const char *event, const char *data,
				size_t len);

struct sse {
	struct buf line;
	struct buf event;
	struct buf data;
	char *id; /* last event id; NULL: none */
	char *next_id; /* the same once the event is complete */
	int64_t retry_ms; /* -1: not said */
	int at; /* where in a BOM or CR LF the last read ended */
	size_t max; /* of one event's data */
};

void sse_init(struct sse *sse, size_t max); /* 0: 16 MiB */
void sse_release(struct sse *sse);

/*
 * Feeds bytes and calls fn for each event they complete; its error ends the
 * feeding and is returned.  An event larger than max is ERROR_INVALID.  Behind
 * an error the stream cannot be fed on.
 */
struct error *sse_feed(struct sse *sse, const char *bytes, size_t len,
		       sse_fn fn, void *user) MUST_USE;

#endif
