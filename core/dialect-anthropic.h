/*
 * The two halves of the Messages API: what is asked (dialect-anthropic.c) and
 * how the answer is read (dialect-anthropic-reply.c).
 */
#ifndef CORE_DIALECT_ANTHROPIC_H
#define CORE_DIALECT_ANTHROPIC_H

#include "core/dialect.h"

#define ANTHROPIC "anthropic"

struct error *anthropic_event(struct decoder *decoder, const char *event,
			      const char *data, size_t len) MUST_USE;
struct error *anthropic_whole(struct decoder *decoder, const char *json,
			      size_t len) MUST_USE;
struct error *anthropic_finish(struct decoder *decoder) MUST_USE;
void anthropic_release(struct decoder *decoder);

/*
 * Reads {"type":"error","error":{"type","message","details":{"error_code"}},
 * "request_id"}; also the OpenAI form, which some proxies give.  What is not
 * JSON is shown as it is.
 */
void anthropic_explain(struct failure *out, const char *body, size_t len);

#endif
