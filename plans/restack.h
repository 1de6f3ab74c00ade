/*
 * Restacking: a phase whose branch stands on another phase's is put onto what
 * has become of that, its own commits and those added by hand alike: onto the
 * base when the phase below has landed, by whichever method; else onto where
 * its branch stands now.  Branch, base ref and claim move at once.
 *
 * The old result stands where the source came out the same.  Else the gates
 * run on what came out: red, and nothing moves; green, and one more commit
 * changes the document's `result` alone, its trailer Orch-Evidence naming the
 * source that was checked.
 */
#ifndef PLANS_RESTACK_H
#define PLANS_RESTACK_H

#include "plans/board.h"
#include "plans/gate.h"

enum restack_end {
	RESTACK_DONE,
	RESTACK_CURRENT, /* it stands where it should */
	RESTACK_RED, /* a gate refused what came out */
	RESTACK_CONFLICT, /* it does not apply, or the branch cannot move */
	RESTACK_CLAIMED, /* somebody else is at work on it */
};
const char *restack_end_name(enum restack_end end); /* "restacked" */

struct restacked {
	char *phase;
	char *title;
	char *onto; /* the branch it stands on */
	enum restack_end end;
	struct oid commit; /* where its branch stands now */
	size_t commits; /* that were replayed */
	int evidence; /* the gates ran, and a commit says so */
	struct check_outcomes checks;
	struct findings findings; /* red, in conflict, cannot move: why */
	struct strings conflicts; /* it does not apply: the files */
};
struct restacks {
	struct restacked *items;
	size_t len, cap;
};
void restacks_release(struct restacks *restacks);

/*
 * phase NULL: all whose ground has landed or moved, from the bottom up; none
 * is no error.  One that is named is put onto the tip of what it stands on,
 * also where that is the base.  Adds one row per phase looked at.
 *
 * ERROR_NOTHING: the named phase is not in review, or waits for one that is
 * not; ERROR_CONFLICT: it shares no history with where it belongs.
 */
struct error *restack(struct restacks *out, struct project *project,
		      const char *plan, const char *phase) MUST_USE;

/*
 * The same for all whose ground has landed or moved, for whoever lands them:
 * but for those in tried, to which it adds what could not be moved.
 */
struct error *restack_moved(struct restacks *out, struct project *project,
			    const char *plan, struct strings *tried) MUST_USE;

/*
 * Before the branch of a phase that has landed is deleted: open proposals that
 * would merge into it are pointed at the base, as a forge closes those whose
 * target is gone.  Nothing on the forge `local`, nor where nothing stands on
 * the phase.
 */
struct error *stack_retarget(struct project *project, const struct board *board,
			     const struct card *landed) MUST_USE;

#endif
