/*
 * The order of a merge queue and its search for who is to blame, apart from
 * git: entries are numbers, a verdict is asked of a prefix, and landing is
 * told.  Deterministic in the verdicts.
 *
 * A window of entries is merged one upon the other and the last of them is
 * judged.  Green: all of them land at once.  Red: the smallest red prefix is
 * found by bisection; what stands before it was judged green and lands, its
 * last entry is put out, and the rest begins anew on what has landed.  So the
 * base only ever stands where a verdict was green, and n entries with k
 * culprits cost at most n + k * ceil(log2 n) + k verdicts.
 *
 * Nobody is put out for what another one did that may itself be put out: who
 * cannot stand on those before it in the window ends the window, and is asked
 * again when they are gone.  So the end is that of landing one by one.
 */
#ifndef PLANS_QUEUE_H
#define PLANS_QUEUE_H

#include "core/error.h"

#include <stddef.h>

#define QUEUE_WINDOW 4

enum queue_verdict {
	QUEUE_GREEN,
	QUEUE_RED,
	QUEUE_OUT, /* the last entry of the prefix alone is to blame: it does
		      not merge with what has landed, or is refused; told
		      without a check */
	QUEUE_WAIT, /* by `merge`, of two and more: the last entry cannot stand
		       on those before it as long as they have not landed */
};

struct queue_ops {
	/*
	 * Of entries[0..n): merged in this order on what has landed.  Asked
	 * for every n while a window is built, n growing by one or the last
	 * entry being another one; NULL: all merge.
	 */
	struct error *(*merge)(enum queue_verdict *out, const size_t *entries,
			       size_t n, void *data);
	/*
	 * The checks on that; never asked twice of the same entries on the
	 * same base.  QUEUE_GREEN or QUEUE_RED.
	 */
	struct error *(*judge)(enum queue_verdict *out, const size_t *entries,
			       size_t n, void *data);
	/*
	 * Lands entries[0..n), judged green as they stand.  *landed less than
	 * n: only so many have, as the base was moved by somebody else or the
	 * next one is out by now; the rest begins anew on what stands, as often
	 * as this says so.
	 */
	struct error *(*land)(size_t *landed, const size_t *entries, size_t n,
			      void *data);
	/* Puts one out for good; verdict is why. */
	struct error *(*put_out)(size_t entry, enum queue_verdict why,
				 void *data);
};

/*
 * Runs n entries, 0 to n-1 in their order, through a window.  An error of an
 * op ends it; what has landed has.
 */
struct error *queue_run(size_t n, size_t window, const struct queue_ops *ops,
			void *data) MUST_USE;

#endif
