/*
 * The structured log: JSON lines, a file per run under <dir>/<run>.jsonl, cut
 * at 16 MiB (the older half goes to <run>.1.jsonl), files beyond 30 days or
 * the newest 200 are removed when a new one is opened.  Nothing here is data
 * anyone relies on: a log that cannot be written is dropped, not an error.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/error.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log;

struct log *log_open(const char *dir, const char *run, enum log_level level);
void log_close(struct log **log); /* for CLEANUP; NULL is fine */

/* key, value pairs to NULL behind the message; log NULL: nothing. */
void log_write(struct log *log, enum log_level level, const char *message, ...);
struct error *log_level_parse(enum log_level *out, const char *text) MUST_USE;

#endif
