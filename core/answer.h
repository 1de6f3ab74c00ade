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
 * A pause is gone on from.  After a refusal, a prompt too long for the model or
 * pauses without end the model's fallback is asked from the start; without one
 * they are ERROR_NO.  When there is no answer, its replies are removed from the
 * store, so that no later run finds them.  judge (may be NULL) adds findings of
 * its own.
 */
struct answer_call {
	char key[SHA256_HEX];
	const struct model *model; /* who answered */
	struct usage usage;
	int64_t micros; /* UNPRICED, or what was paid */
};
struct answer {
	struct tree tree;
	struct {
		struct answer_call *items;
		size_t len, cap;
	} calls; /* every one it took */
	const struct model *model; /* of the last */
};
void answer_release(struct answer *answer);
/* The sum of its calls; UNPRICED as soon as one is. */
int64_t answer_micros(const struct answer *answer);
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
/* out has the calls also beside an error. */
struct error *answer_run(struct answer *out, struct caller *caller,
			 const struct call_spec *spec, const char *schema,
			 answer_judge_fn judge, void *judge_data) MUST_USE;

#endif
