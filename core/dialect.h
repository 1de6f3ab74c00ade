/*
 * The services that are asked over HTTP, as rows: how a normalised request is
 * put, and how the stream that answers is read.  core/dialect.c carries them:
 * sends, feeds the stream to the dialect, fills reply or failure.
 */
#ifndef CORE_DIALECT_H
#define CORE_DIALECT_H

#include "core/driver.h"

/* A reply being put together from a stream. */
struct decoder {
	const struct exchange *exchange;
	struct reply *reply; /* filled as it comes */
	/*
	 * Of an error inside the stream: type, code and message; end when it is
	 * not HTTP_OK.  Status and headers are filled by the carrier.
	 */
	struct failure *failure;
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
	/*
	 * An answer that is JSON and no stream, as some proxies give; finish
	 * follows.  NULL: it is not understood.
	 */
	struct error *(*whole)(struct decoder *decoder, const char *json,
			       size_t len);
	/* type, code, message and request_id of an error's body. */
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

/* For dialects: text as it comes, to on_text. */
void decoder_text(struct decoder *decoder, const char *text, size_t len);
/* Ends the reply with an error of the service's; each may be NULL. */
void decoder_fail(struct decoder *decoder, const char *type, const char *code,
		  const char *message);
/* Ends it because the stream stopped before it was complete. */
void decoder_cut(struct decoder *decoder);
/* One sentence to on_notice. */
void exchange_notice(const struct exchange *exchange, const char *fmt, ...)
	PRINTF(2, 3);
/* A body that is not JSON, on one line and cut short, as the message. */
void failure_excerpt(struct failure *out, const char *body, size_t len);

/*
 * What a model or API version can do: one row per family, the first whose
 * pattern matches counts, the last one matches all.
 */
struct capability {
	const char *driver;
	const char *model; /* glob */
	int sampling; /* takes temperature and top_p */
	/* Efforts of reasoning it takes, least first: "low high"; or NULL */
	const char *effort;
	int adaptive; /* thinking without a token budget of its own */
	int forced; /* takes a choice of tool "required" */
	int output_schema; /* native structured output */
	int64_t max_output;
	int64_t context;
};
/* model: also with a prefix, "openai/gpt-5.4". */
const struct capability *capability_find(const char *driver, const char *model);
/*
 * The effort to ask for: the one wanted where the model takes it, else the next
 * lower one, else its lowest; out may be "".  Returns whether it takes any.
 */
int capability_effort(char *out, size_t size,
		      const struct capability *capability, const char *wanted);

#endif
