/*
 * The services that are asked over HTTP, as rows: how a normalised request is
 * put, and how the stream that answers is read.  core/driver-http.c carries
 * them.
 */
#ifndef CORE_DIALECT_H
#define CORE_DIALECT_H

#include "core/driver.h"

/* A reply being put together from a stream. */
struct decoder {
	const struct exchange *exchange;
	struct reply *reply; /* filled as it comes */
	struct failure *failure; /* of an error inside the stream */
	int failed;
	int finished; /* the stream said so: a cut behind this is none */
	int blocks; /* what the dialect needs to remember */
	struct tree scratch;
	struct buf partial; /* arguments of a call as they come */
	void *own;
};

struct dialect {
	const char *name; /* "anthropic", "responses", "chat" */
	/* The address behind base_url, and headers beyond those of all. */
	void (*address)(struct buf *url, struct strings *headers,
			const struct endpoint *endpoint,
			const struct request *request);
	/* The body as compact JSON on one line. */
	struct error *(*encode)(struct buf *body,
				const struct exchange *exchange);
	/* One event of the stream. */
	struct error *(*event)(struct decoder *decoder, const char *event,
			       const char *data, size_t len);
	/* The end of the stream: what is missing is made good or a failure. */
	struct error *(*finish)(struct decoder *decoder);
	/* type, code and message of an error's body. */
	void (*explain)(struct failure *out, const char *body, size_t len);
	void (*release)(struct decoder *decoder); /* own; may be NULL */
};

extern const struct dialect dialect_anthropic;
extern const struct dialect dialect_responses;
extern const struct dialect dialect_chat;

/* Starts the exchange in this dialect; and ends it without done. */
struct error *dialect_start(struct exchange *exchange,
			    const struct dialect *dialect) MUST_USE;
void dialect_cancel(struct exchange *exchange);

/*
 * What a model or API version can do: one row per family, the first whose
 * pattern matches counts, the last one matches all.
 */
struct capability {
	const char *driver;
	const char *model; /* glob */
	int sampling; /* takes temperature and top_p */
	int effort; /* takes an effort of reasoning */
	int adaptive; /* thinking without a token budget of its own */
	int output_schema; /* native structured output */
	int64_t max_output;
	int64_t context;
};
const struct capability *capability_find(const char *driver, const char *model);

#endif
