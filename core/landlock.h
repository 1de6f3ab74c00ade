/*
 * Landlock (landlock(7)): a process gives up access to files, for itself and
 * all it starts.  What the running kernel does not know is left out; the ABI
 * tells which.
 */
#ifndef CORE_LANDLOCK_H
#define CORE_LANDLOCK_H

#include "core/array.h"

struct landlock {
	struct strings read; /* paths: read and run what is below */
	struct strings write; /* and these: everything */
	int no_tcp; /* refuse bind and connect (ABI 4) */
};

/* 0: not there. */
int landlock_abi(void);

/*
 * Restricts this process; paths that are absent are left out.  Signals and
 * abstract sockets of processes outside are out of reach too (ABI 6), and so
 * is ptrace(2) of them in any ABI.  Needs no_new_privs.
 */
struct error *landlock_restrict(const struct landlock *rules) MUST_USE;

#endif
