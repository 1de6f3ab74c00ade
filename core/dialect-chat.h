/* The two halves of Chat Completions: what is asked, what is answered. */
#ifndef CORE_DIALECT_CHAT_H
#define CORE_DIALECT_CHAT_H

#include "core/dialect.h"

struct error *chat_event(struct decoder *decoder, const char *event,
			 const char *data, size_t len);
struct error *chat_whole(struct decoder *decoder, const char *json, size_t len);
struct error *chat_finish(struct decoder *decoder);
void chat_release(struct decoder *decoder);

#endif
