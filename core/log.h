/*
 * The structured log: JSON lines {"at","level","message",...}, a file per run
 * under <dir>/<run>.jsonl, 16 MiB at most: at half of that it becomes
 * <run>.1.jsonl, replacing an older one, and is begun anew.  Files older than
 * 30 days or beyond the newest 200 are removed when a log is opened.  Nothing
 * here is data anyone relies on: a log that cannot be written is dropped, not
 * an error.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/error.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log;

/* Lines above level are not written.  NULL when it cannot be opened. */
struct log *log_open(const char *dir, const char *run, enum log_level level);
void log_close(struct log **log); /* for CLEANUP; NULL is fine */

/*
 * Adds a line; key, value pairs of strings to NULL follow the message (a NULL
 * value is null).  log NULL: nothing.
 */
void log_write(struct log *log, enum log_level level, const char *message, ...);
/* "error", "warn", "info", "debug"; else ERROR_USAGE. */
struct error *log_level_parse(enum log_level *out, const char *text) MUST_USE;

#endif
