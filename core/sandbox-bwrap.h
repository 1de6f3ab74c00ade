/* The arguments of bubblewrap (bwrap(1)): what is to be seen inside. */
#ifndef CORE_SANDBOX_BWRAP_H
#define CORE_SANDBOX_BWRAP_H

#include "core/sandbox.h"

/* Where our own program is seen inside. */
#define SANDBOX_HELPER "/tmp/.orch-exec"

/* Folders of the root that are shown, without the slash; NULL ends them. */
extern const char *const sandbox_system[];

/*
 * Adds bwrap and its options to argv, up to the command.  sandbox->readonly
 * must be resolved already; work and helper may be NULL: then there is none.
 */
struct error *sandbox_bwrap_argv(struct strings *argv,
				 const struct sandbox *sandbox) MUST_USE;

#endif
