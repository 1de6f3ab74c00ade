/*
 * A filter on system calls (seccomp(2)): what no build or test needs and what
 * has let programs out of sandboxes is refused.  x86-64 and aarch64.
 */
#ifndef CORE_SECCOMP_H
#define CORE_SECCOMP_H

#include "core/error.h"

struct seccomp {
	const int *families; /* of socket(2) that are allowed; -1 ends them */
	int ptrace; /* allowed: where Landlock keeps it within */
	int truncate; /* allowed: where Landlock covers it */
};

int seccomp_known(void); /* is there a filter for this machine? */

/*
 * Filters this process and all it starts.  New namespaces, mounts, keys, bpf,
 * io_uring, modules, foreign system call tables and typing into a terminal
 * are refused in any case.  Needs no_new_privs.
 */
struct error *seccomp_restrict(const struct seccomp *rules) MUST_USE;

#endif
