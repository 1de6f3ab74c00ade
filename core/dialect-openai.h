/*
 * What the two dialects of the driver openai share: Responses and Chat
 * Completions, as openai 6.49.0 describes them and as compatible servers
 * speak them.
 */
#ifndef CORE_DIALECT_OPENAI_H
#define CORE_DIALECT_OPENAI_H

#include "core/dialect.h"

#define OPENAI "openai"

/* Whose server it is: what the vendor's own takes, others may refuse. */
enum openai_host {
	HOST_OTHER, /* vLLM, Ollama, OpenRouter, … */
	HOST_OPENAI,
	HOST_AZURE,
};
enum openai_host openai_host(const struct endpoint *endpoint);

/*
 * The address of a path ("/responses") and the header with the key.
 * base_url: nothing, a host, a host with a path (taken as it stands), the whole
 * address, or one of Azure's: the host, …/openai/v1, …/openai/deployments/NAME
 * (with api-version).
 */
void openai_address(struct buf *url, struct strings *headers,
		    const struct endpoint *endpoint, const char *path);

/* A request on its way into one of the two forms. */
struct openai_encoder {
	struct tree tree; /* the body */
	const struct exchange *exchange;
	const struct value *from; /* the request's root */
	const char *model;
	const struct capability *can;
	enum openai_host host;
	struct strings left_out;
};
void openai_encoder_init(struct openai_encoder *encoder,
			 const struct exchange *exchange);
void openai_encoder_release(struct openai_encoder *encoder);

/* The system's texts as one. */
void openai_system(struct buf *out, const struct openai_encoder *encoder);
/* max_tokens as asked, but not beyond what the model has; 0: not asked. */
int64_t openai_max_tokens(const struct openai_encoder *encoder);
/* temperature and top_p, where they are taken. */
void openai_sampling(struct openai_encoder *encoder);
/* The effort to ask for, or "". */
void openai_effort(char *out, size_t size, struct openai_encoder *encoder);
/* tool_choice, where there are tools. */
void openai_choice(struct openai_encoder *encoder);
/* Name, description, parameters and strict of a tool. */
void openai_function(struct openai_encoder *encoder, struct value *out,
		     const struct value *tool);
/* Name, schema and strict of the output; 0: it is asked for in the prompt. */
int openai_format(struct openai_encoder *encoder, struct tree *out);
/* prompt_cache_key: the same for all requests with the same beginning. */
void openai_cache_key(struct openai_encoder *encoder);
/* One notice of all that was left out. */
void openai_say_left_out(const struct openai_encoder *encoder);

/* Whether a part, or a message, has this "type". */
int openai_is(const struct value *object, const char *type);
/* The text of a result, which has no other way to say it is an error. */
void openai_result(struct buf *out, const struct value *part);

/* Adds a call; nulls that strict mode asks for are taken out of its input. */
void openai_add_call(struct decoder *decoder, const char *name,
		     const char *input, size_t len);
/*
 * Fills the usage of a whole reply that has none, by what was asked and what
 * came, and says so: money is counted by it, and no call is free.
 */
void openai_estimate(struct decoder *decoder);
/* Fails by an error object or text, wherever it came. */
void openai_fail(struct decoder *decoder, const struct value *error);
void openai_explain(struct failure *out, const char *body, size_t len);

#endif
