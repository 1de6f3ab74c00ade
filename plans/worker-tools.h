/*
 * The inside of the worker `tools`: a conversation with a model, shared by the
 * files that begin it, lead it and make it shorter, and by nobody else.
 */
#ifndef PLANS_WORKER_TOOLS_H
#define PLANS_WORKER_TOOLS_H

#include "plans/models.h"
#include "plans/tools.h"

#define MOST_CALLS 60 /* of the model, in one attempt */

struct tooling {
	const struct task *task;
	struct toolbox box;
	struct model *model;
	struct request request;
	size_t head; /* parts of the first message that are never left out */
	int64_t room; /* tokens a request may have */
	struct strings rests_on; /* the replies the next one is derived from */
	int calls; /* to the model */
	int idle; /* turns in a row that neither wrote nor checked */
	int silent; /* replies in a row without a call */
	int unfinished; /* replies in a row that were cut or paused */
	int squeezed; /* requests in a row that were too long */
	struct strings seen; /* calls since the last change */
};

/* The model, the room it has, and the first request. */
struct error *tooling_begin(struct tooling *t) MUST_USE;

/*
 * Asks the model and counts it.  *too_long: the service would not take as
 * much; then there is no reply and no error.
 */
struct error *tooling_ask(struct call_result *out, int *too_long,
			  struct tooling *t, const struct request *request,
			  const char *stage) MUST_USE;

/*
 * Makes the request shorter where it is longer than the room: first what old
 * calls gave, then the conversation but its last turns.  now: in any case.
 * ERROR_NO: it cannot be made short enough.
 */
struct error *tooling_compact(struct tooling *t, int now) MUST_USE;

#endif
