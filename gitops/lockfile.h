/*
 * Lock files of git that a killed process left behind.  Git takes one by
 * creating it and removes it at its end, so SIGKILL leaves it for ever.
 */
#ifndef GITOPS_LOCKFILE_H
#define GITOPS_LOCKFILE_H

#include "core/array.h"

/*
 * Removes a lock file when nobody can be using it any more: no process has it
 * open, and no git has its working directory within one of dirs (git closes a
 * lock before it renames it).  One in use is waited for, up to 2 s, then is
 * ERROR_AGAIN naming it.  Absent is fine.
 *
 * Call it only while holding the lock of ours under which it would be made:
 * processes of other users cannot be looked into.
 */
struct error *lockfile_clear(const char *path, const struct strings *dirs)
	MUST_USE;

#endif
