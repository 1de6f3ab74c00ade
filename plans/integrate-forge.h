/*
 * Landing on a forge: what may land, who merges, and what the pull requests
 * are told.  On the forge `local` all of this is nothing.
 *
 * What is to land is in review and green as anywhere.  Where the base is
 * protected it also has the approvals and the green checks that asks for;
 * nowhere does it land while a reviewer wants changes.
 *
 * delivery.land says who moves the base, and with that what is guaranteed:
 *
 *   push  "checked": git does, by lease, to a commit that was checked.
 *   api   "compared": the forge does.  It guards the head alone: a base that
 *         somebody moves between the check and the merge makes a source that
 *         nobody has seen.  So what has landed is compared with what was
 *         checked; what differs is checked at once, and red ends the queue.
 *
 * A window of the queue is merged by the forge one by one, so for moments the
 * base stands at its shorter prefixes, of which only the whole was checked.
 */
#ifndef PLANS_INTEGRATE_FORGE_H
#define PLANS_INTEGRATE_FORGE_H

#include "gitops/forge-admin.h"
#include "plans/forge-open.h"

/* An open forge for a landing. */
struct land_desk {
	struct project *project;
	struct loop *loop; /* NULL: not opened yet */
	struct forge_session session; /* forge NULL: local */
	struct branch_rules rules; /* of the base */
	int asked; /* for them */
};
void land_desk_close(struct land_desk *desk); /* for CLEANUP */
/* Asks nothing of the network. */
struct error *land_desk_open(struct land_desk *desk, struct project *project)
	MUST_USE;

/* "checked" or "compared": what integrate guarantees of this project. */
const char *landing_guarantee(const struct project *project);

struct train;
struct entry;

/* The rules of the base, once. */
struct error *land_rules(struct land_desk *desk) MUST_USE;
/* How many entries may be merged one upon the other. */
size_t land_window(const struct train *train);

/*
 * May it land?  Else entry->landing says what it waits for.  A draft that
 * waited for the phase below is made ready.
 */
struct error *land_admit(struct train *train, struct entry *entry) MUST_USE;

/*
 * What a pull request is told when its phase is on the base, before its branch
 * goes: where it landed, once; then it is closed, where the forge does not see
 * by itself that it was merged.  leave: it may still come to see that, so it
 * is left open under the method merge, for whoever looks next.
 */
struct error *land_settle(struct land_desk *desk, const char *plan,
			  const char *phase, int leave) MUST_USE;

/* Has the forge merge them, or puts them into its own merge queue? */
int land_by_forge(const struct train *train);
/*
 * Lands entries[0..n), judged green as they stand, through the forge.
 * *landed: how many have; the next one then is out, or all begin anew.
 * ERROR_NO: what came out of a merge was not what had been checked, and is red.
 */
struct error *land_through_forge(size_t *landed, struct train *train,
				 const size_t *entries, size_t n) MUST_USE;

#endif
