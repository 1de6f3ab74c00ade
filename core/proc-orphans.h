/*
 * Daemons for proc.c: what a child starts that leaves its process group, and
 * whose parent is gone.  While we adopt, such a process becomes our child
 * (PR_SET_CHILD_SUBREAPER of prctl(2)) in place of init's, so that it can be
 * found, ended and reaped without a race for its number.
 */
#ifndef CORE_PROC_ORPHANS_H
#define CORE_PROC_ORPHANS_H

#include "core/array.h"
#include "core/loop.h"

/* Of processes. */
struct pids {
	int *items;
	size_t len;
	size_t cap;
};

/* proc-info.c: adds all our children there are, zombies too. */
void proc_children(struct pids *out);

struct orphans {
	struct pids before; /* children we had already, which stay */
	int adopted; /* by somebody else, who goes on with it */
};

void orphans_adopt(struct orphans *orphans);
/*
 * Kills and reaps all our children but those from before and those the loop
 * waits for, and what becomes our child by that; waits for it at most 2 s.
 * Then adopts no more, and releases.
 */
void orphans_end(struct orphans *orphans, const struct loop *loop);

#endif
