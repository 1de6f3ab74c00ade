/*
 * Revisions: a phase in review that is worked on again, because reviewers or CI
 * say so, or a person does.  Here is what the forge and the branch say; the
 * work itself is the phase's transaction with another beginning.
 *
 * What is answered stands in the document first (result.answers) and on the
 * forge then: whoever finds a remark there whose answer is in the document
 * posts it, on any machine, and nobody does the work twice.
 */
#ifndef PLANS_REVISION_H
#define PLANS_REVISION_H

#include "plans/board.h"
#include "plans/wish.h"

/* The mark on a commit on which a revision was refused. */
#define REVISION_MARK "git-orch/revision"

struct revision {
	struct wishes wishes;
	size_t pending; /* answers that are in the document alone */
	int64_t pull; /* 0: none is open */
	struct oid tip; /* of the branch all this is about */
	int attempts; /* that were made before */
	char key[WISH_KEY]; /* of all wishes, also of those left */
	int refused; /* these wishes were tried on this tip in vain */
	struct tree before; /* the document's result at tip; root NULL: none */
};
#define REVISION_INIT                                                          \
	{                                                                      \
		.wishes = WISHES_INIT, .before = TREE_INIT                     \
	}
void revision_release(struct revision *revision);

/*
 * What is wanted of a phase in review: messages (NULL: none), then what the
 * forge has, unless it is `local`.  out is released first.  Errors as in
 * forge-open.h and forge.h.
 */
struct error *revision_look(struct revision *out, struct project *project,
			    const struct card *card,
			    const struct strings *messages) MUST_USE;
/* The document's result at a commit; root NULL: it has none. */
struct error *revision_before(struct tree *out, struct repo *repo,
			      const struct oid *commit, const char *plan,
			      const char *phase) MUST_USE;
/*
 * The attempts made so far: those the result counts, and those whose refused
 * work is kept here on top of this tip.
 */
struct error *revision_attempts(int *out, struct repo *repo,
				const struct value *result,
				const struct oid *tip, const char *plan,
				const char *phase) MUST_USE;
/* NULL: it can be worked on, else why it cannot: ERROR_NO, ERROR_NOTHING. */
struct error *revision_possible(const struct revision *revision,
				const struct project *project,
				const struct card *card) MUST_USE;

/*
 * The phase that is to be revised: the named one, or the first in scheduling
 * order of which something is wanted that was not tried before (*card NULL:
 * none; a forge that does not answer is a line in the log).
 */
struct error *revision_named(struct card **card, struct revision *out,
			     struct project *project, struct board *board,
			     const char *plan, const char *phase,
			     const struct strings *messages) MUST_USE;
struct error *revision_any(struct card **card, struct revision *out,
			   struct project *project, struct board *board)
	MUST_USE;

/*
 * The rows of result.answers, into an object: what the worker says, else which
 * files changed.  before and after: trees.
 */
struct error *revision_answers(struct tree *tree, struct value *result,
			       const struct wishes *wishes,
			       const struct report *report, struct repo *repo,
			       const struct oid *before,
			       const struct oid *after) MUST_USE;
/*
 * Posts those answers of the document at a commit that answer what still
 * waits; adds how many to *posted.  Threads are resolved where something was
 * changed.  Nothing on the forge `local`, or without answers.
 */
struct error *revision_post(size_t *posted, struct project *project,
			    const struct oid *commit, const char *plan,
			    const char *phase) MUST_USE;
/*
 * Marks the tip as one on which these wishes were refused, and says why in a
 * comment.
 */
struct error *revision_refused(struct project *project,
			       const struct revision *revision, int attempts,
			       const char *reason) MUST_USE;

#endif
