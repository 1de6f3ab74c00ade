/*
 * Recordings of a run's requests and replies, for `--record DIR` and the
 * driver `replay`: one file <dir>/<key>.json each, {"version":1,"driver",
 * "stage","request","reply"}, pretty, keys in order, so that people can read
 * and compare them.  The key is over the request alone.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/message.h"

struct error *record_write(const char *dir, const char *driver,
			   const char *stage, const struct request *request,
			   const struct reply *reply) MUST_USE;
/*
 * The reply that was recorded for exactly this request; it takes the place of
 * the one in out, which is initialised.  ERROR_NOT_FOUND shows
 * where the nearest recorded request differs: the path of the first
 * difference and both texts, cut.
 */
struct error *record_read(struct reply *out, const char *dir,
			  const struct request *request) MUST_USE;

#endif
