/*
 * Times: RFC 3339 in UTC in documents, seconds since the epoch in code, and
 * clocks that do not jump for durations and sightings.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/error.h"

#include <stdint.h>

#define CLOCK_TEXT 21 /* "2026-11-20T10:30:00Z" and NUL */

/* Seconds since the epoch; SOURCE_DATE_EPOCH is not looked at. */
int64_t clock_now(void);
/* CLOCK_BOOTTIME where there is one, else CLOCK_MONOTONIC, in milliseconds. */
int64_t clock_ms(void);

/* Times beyond the years 0 to 9999 are shown as the nearest that fits. */
void clock_format(char out[CLOCK_TEXT], int64_t seconds);
/*
 * RFC 3339 with any offset, fractions dropped; a date without a time is
 * midnight UTC.  Anything else is ERROR_INVALID.
 */
struct error *clock_parse(int64_t *out, const char *text) MUST_USE;
/*
 * "3 s", "12 min", "4 h", "2 d" for people, rounded down; a unit is used from
 * two of it on ("90 s", "47 h").  A negative span is 0 s.
 */
void clock_span(char *out, size_t size, int64_t seconds);

#endif
