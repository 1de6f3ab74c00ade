/*
 * Answers that are data: a call whose reply has to be of a schema.
 */
#ifndef CORE_ANSWER_H
#define CORE_ANSWER_H

#include "core/call.h"

/* How often one answer is asked for again with what was wrong with it. */
#define ANSWER_ROUNDS 3
/*
 * Asks for an answer of the request's output schema: natively where the model
 * has that, else by saying so in the prompt; repaired where that is safe;
 * validated in full; asked again with the findings.  ERROR_INVALID with the
 * last findings when none passes, and when it is cut off at max_tokens twice.
 * A pause is gone on from; a refusal, a prompt too long for the model and
 * pauses without end are ERROR_NO at once.  What was of no use is removed from
 * the store of replies, so that no later run finds it.  judge (may be NULL)
 * adds findings of its own.
 */
struct answer {
	struct tree tree;
	struct strings keys; /* of every call it took */
	int64_t micros;
	struct usage usage;
	int calls;
	const struct model *model;
};
void answer_release(struct answer *answer);
typedef struct error *(*answer_judge_fn)(struct findings *findings,
					 const struct value *answer,
					 void *data);
/*
 * With an error answer has no tree, only what its calls cost; NULL: no call was
 * answered.
 */
typedef struct error *(*answer_fn)(struct error *err, struct answer *answer,
				   void *data);
/* schema: name of a built-in one ("reply/verdict"), see templates/schema. */
struct error *answer_start(struct caller *caller, const struct call_spec *spec,
			   const char *schema, answer_judge_fn judge,
			   void *judge_data, answer_fn done, void *data)
	MUST_USE;
/* out holds what the calls cost also beside an error; out->calls 0: none. */
struct error *answer_run(struct answer *out, struct caller *caller,
			 const struct call_spec *spec, const char *schema,
			 answer_judge_fn judge, void *judge_data) MUST_USE;

#endif
