/*
 * What a coding agent says while it works: a JSON object a line, each program
 * its own.  A parser per program takes from them what all have in common.
 *
 * Events come from a program that changes every week: a type nobody knows, a
 * field that is missing, a line that is no JSON and one that is torn are
 * passed over and counted.  What decides is whether the last word was said,
 * and whether it was an error.
 */
#ifndef PLANS_CLI_EVENTS_H
#define PLANS_CLI_EVENTS_H

#include "core/message.h"
#include "core/price.h"

struct cli_events;
typedef void (*cli_event_fn)(struct cli_events *events,
			     const struct value *event);

struct cli_events {
	cli_event_fn take; /* NULL: plain text, all of it the answer */
	struct buf line; /* what came of the current one */
	int too_long; /* and is passed over */
	struct buf answer;
	char *session; /* NULL: not told, so for model */
	char *model;
	struct usage usage;
	int64_t micros; /* UNPRICED: not told */
	int finished; /* the last word was said */
	int failed; /* and was an error, or there was one without it */
	int status; /* of HTTP, when that was the error; 0 */
	char *why; /* what the error said */
	size_t taken; /* lines that were events */
	size_t passed; /* lines that were not */
};

void cli_events_init(struct cli_events *events, cli_event_fn take);
void cli_events_release(struct cli_events *events);
/* Bytes as they come, in pieces of any size. */
void cli_events_feed(struct cli_events *events, const char *bytes, size_t len);
/* No more will come: a last line needs no end. */
void cli_events_end(struct cli_events *events);

/* The programs' own. */
void cli_take_claude(struct cli_events *events, const struct value *event);
void cli_take_codex(struct cli_events *events, const struct value *event);
void cli_take_gemini(struct cli_events *events, const struct value *event);
void cli_take_opencode(struct cli_events *events, const struct value *event);

#endif
