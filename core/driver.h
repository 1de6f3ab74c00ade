/*
 * Drivers: how a model is asked, one request for one reply.  Adding one is
 * adding a file and a row in driver.c; a service that speaks HTTP is a
 * `struct dialect` row of core/dialect.h under the driver that carries it.
 *
 * A driver tries once.  Whether a failure is tried again, and what is kept of
 * it, is decided in core/call.c.
 */
#ifndef CORE_DRIVER_H
#define CORE_DRIVER_H

#include "core/message.h"
#include "core/retry.h"

/* Where and as whom; strings owned. */
struct endpoint {
	char *provider; /* its name in the configuration */
	char *driver; /* anthropic, openai, command, replay */
	char *base_url;
	char *api; /* of openai: "responses", "chat"; NULL: responses */
	char *api_version; /* of anthropic and Azure; NULL: the newest */
	char *key; /* NULL: none is sent */
	char *key_origin; /* "ANTHROPIC_API_KEY": where it comes from */
	struct strings headers; /* "Name: value", after our own */
	struct strings command; /* of command: its words */
	char *folder; /* of replay: where the recording lies */
};
void endpoint_release(struct endpoint *endpoint);

/* One try; the caller owns it and keeps it until done was called. */
struct exchange {
	const struct endpoint *endpoint;
	const struct request *request; /* complete, with model and the rest */
	struct loop *loop;
	struct http *http;
	int64_t connect_ms, idle_ms, total_ms; /* 0: as in http.h */

	/* Text as it comes; may be NULL. */
	void (*on_text)(void *data, const char *text, size_t len);
	/*
	 * A sentence for people: what was left out because this model or API
	 * version refuses it, why the model refused; may be NULL.
	 */
	void (*on_notice)(void *data, const char *sentence);
	/* Called once, from the loop, when reply or failure is filled. */
	struct error *(*done)(struct exchange *exchange, void *data);
	void *data; /* for all three */

	/* reply holds; else failure does, and reply.usage what was counted */
	int answered;
	struct reply reply;
	struct failure failure;
	void *state; /* the driver's own, freed by it before done */
};
void exchange_init(struct exchange *exchange);
void exchange_release(struct exchange *exchange); /* reply and failure */
/* Reply and failure empty again: for another try. */
void exchange_clear(struct exchange *exchange);

struct driver {
	const char *name;
	int speaks_http; /* needs exchange->http */
	/*
	 * Errors are for what no retry can mend before anything was sent: a
	 * request that cannot be put into this form, a missing base_url.
	 */
	struct error *(*start)(struct exchange *exchange);
	void (*cancel)(struct exchange *exchange); /* done is not called */
};

/* Unknown: ERROR_INVALID with the names there are. */
struct error *driver_find(const struct driver **out, const char *name) MUST_USE;

extern const struct driver driver_anthropic;
extern const struct driver driver_openai;
extern const struct driver driver_command;
extern const struct driver driver_replay;

#endif
