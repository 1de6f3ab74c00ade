/*
 * What a pull request says: title, body and the gates' words, made of
 * documents and of nothing else, so that whoever makes it again, on another
 * machine or after a kill, says the same.
 *
 * All texts are Markdown that is safe to show (markdown.h): documents are
 * written by models, and by whoever can push a branch.
 */
#ifndef PLANS_PROPOSAL_H
#define PLANS_PROPOSAL_H

#include "plans/plan.h"

struct proposal {
	char *title;
	char *body;
};
void proposal_release(struct proposal *proposal);

struct proposed {
	const struct plan *plan;
	const struct phase *phase; /* as on the base; NULL: the plan itself */
	const struct value *document; /* the phase's at its branch's tip */
	const char *branch;
	const char *base; /* what it is to be merged into */
	int draft; /* it waits for base, which is another phase's branch */
};

void proposal_make(struct proposal *out, const struct proposed *what);

/* What one gate said of the work, for a commit status. */
struct gate_word {
	char *context; /* "git-orch/paths", "git-orch/check: test" */
	char *text;
};
struct gate_words {
	struct gate_word *items;
	size_t len, cap;
};
/* Of a phase that is done, so of gates that were passed. */
void proposal_gates(struct gate_words *out, const struct value *document);
void gate_words_release(struct gate_words *words);

/*
 * The contexts that every pull request of ours gets, whatever its phase asks
 * for: those a forge can be told to wait for.  The verdict is not among them,
 * as not every phase has one.
 */
void proposal_contexts(struct strings *out, const struct config *config);
/* Adds those of them that words has not, each with this text. */
void proposal_gates_rest(struct gate_words *words, const struct config *config,
			 const char *text);

#endif
