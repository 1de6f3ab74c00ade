/*
 * What is asked of a model and what it answers, in one form for all services:
 * value trees of a fixed shape, so that they can be hashed, stored, compared
 * and shown as they are.
 *
 * request: {"system":[{"text","stable":true}], "messages":[{"role":"user|
 *   assistant","parts":[…]}], "tools":[{"name","description","schema"}],
 *   "choice":"auto|none|required", "output":{"name","schema"}, and, set from
 *   the agent: "model", "max_tokens", "temperature", "top_p", "effort"}
 * part: {"type":"text","text"}
 *   | {"type":"call","id","name","input":{…},"broken":text} (broken only when
 *     what the model wrote as input is no JSON object: input is then {}, and
 *     whoever runs the call answers with an error)
 *   | {"type":"result","id","text","error":bool}
 *   | {"type":"opaque","driver","model","value":{…}} (thinking and the like:
 *     given back to the driver and model that made it, dropped for others)
 * reply: {"model","stop","parts":[…],"usage":{"input","cached","cache_write",
 *   "output","reasoning"},"id"}
 *
 * usage.input, cached and cache_write add up to the prompt: what the service's
 * cache had no part in, what was read from it, what was written to it;
 * reasoning is part of output.  The ids of calls are "call-1", "call-2", … in
 * the order of the conversation: a driver translates its service's own, so
 * equal work makes equal requests.  The reply's id and usage are volatile: no
 * part of a later request.
 */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include "core/hash.h"
#include "core/value.h"

struct request {
	struct tree tree; /* root: the object above */
	int calls; /* how many ids have been given out */
};

void request_init(struct request *request);
void request_release(struct request *request);
/* out is initialised by this. */
void request_copy(struct request *out, const struct request *request);

/* stable: the same in many requests; the service is asked to cache it. */
void request_system(struct request *request, const char *text, int stable);
/* Adds a part to the last message if it is the user's, else to a new one. */
void request_user(struct request *request, const char *text);
void request_result(struct request *request, const char *call_id,
		    const char *text, int is_error);
/* schema is copied. */
void request_tool(struct request *request, const char *name,
		  const char *description, const struct value *schema);
void request_output(struct request *request, const char *name,
		    const struct value *schema);
void request_choice(struct request *request, const char *choice);

/* Sets a member of the request: model, max_tokens, … ; replaces it. */
void request_set_string(struct request *request, const char *key,
			const char *text);
void request_set_int(struct request *request, const char *key, int64_t n);
void request_set_number(struct request *request, const char *key, double n);

/* Why the model stopped. */
enum stop {
	STOP_END, /* it had said all */
	STOP_TOOL, /* it wants tools called */
	STOP_LENGTH, /* max_tokens */
	STOP_CONTEXT, /* the context window is full */
	STOP_REFUSAL, /* it will not */
	STOP_FILTER, /* the service's filter */
	STOP_PAUSE, /* send the reply back to let it go on */
};
/* "end", "tool", "length", "context", "refusal", "filter", "pause" */
const char *stop_name(enum stop stop);
struct error *stop_parse(enum stop *out, const char *name) MUST_USE;

struct usage {
	int64_t input;
	int64_t cached;
	int64_t cache_write;
	int64_t output;
	int64_t reasoning;
};
/*
 * A count as a service, a program or a file says it: 0 when there is none or a
 * negative one, at most 2^40, so that no sum of them overflows.
 */
int64_t usage_count(const struct value *n);
void usage_add(struct usage *sum, const struct usage *more);
/* Adds it as the member "usage"; and reads that: what is absent counts 0. */
void usage_print(struct tree *tree, struct value *object,
		 const struct usage *usage);
void usage_read(struct usage *out, const struct value *row);

struct reply {
	struct tree tree; /* root: {"model","parts","id"} of the object above */
	enum stop stop; /* its other members */
	struct usage usage;
};
void reply_init(struct reply *reply); /* model and id null, no parts */
void reply_release(struct reply *reply);

/*
 * Building, for drivers.  NULL leaves model or id as they are.  A text of no
 * bytes is no part.
 */
void reply_set(struct reply *reply, const char *model, const char *id);
void reply_add_text(struct reply *reply, const char *text, size_t len);
/* value, an object, is copied; driver and the request's model get it back. */
void reply_add_opaque(struct reply *reply, const struct request *request,
		      const char *driver, const struct value *value);
/*
 * Adds a call under the id that is next in the conversation of request.  The
 * input is JSON text: nothing at all is {}, no object is kept as "broken".
 */
void reply_add_call(struct reply *reply, const struct request *request,
		    const char *name, const char *input, size_t len);

/* All text parts, one after the other. */
void reply_text(struct buf *out, const struct reply *reply);
/* The first call, and from one to the next; NULL: none. */
const struct value *reply_call(const struct reply *reply);
const struct value *reply_next_call(const struct value *call);

/*
 * To and from its JSON; what is not of the shape above is ERROR_INVALID.  out
 * is initialised by reply_parse() when it succeeds.
 */
void reply_print(struct buf *out, const struct reply *reply);
struct error *reply_parse(struct reply *out, const char *json, size_t len)
	MUST_USE;

/*
 * Adds the reply as the assistant's message, for the next turn; one without
 * parts adds nothing.  After a STOP_PAUSE the next reply goes on in the same
 * message.
 */
void request_reply(struct request *request, const struct reply *reply);

/*
 * SHA-256 of driver and canonical request: the name of its reply.  Opaque parts
 * that are not sent do not count.
 */
void request_key(char hex[SHA256_HEX], const struct request *request,
		 const char *driver);

/* Tells whether a part may be sent: any but an opaque one of others. */
int request_sends(const struct request *request, const char *driver,
		  const struct value *part);

/*
 * About how many tokens a text is: bytes / 4 up, at least 1.  For what has to
 * fit, not for what has to be paid: dense text has twice as many.
 */
int64_t token_estimate(size_t bytes);
/* The same of everything a request says. */
int64_t request_tokens(const struct request *request);
/* All that as bytes of JSON. */
size_t request_bytes(const struct request *request);

#endif
