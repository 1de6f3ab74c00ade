/*
 * Paths that may be written into a tree: relative, '/'-separated, normalised,
 * UTF-8, and harmless wherever the tree is checked out.
 */
#ifndef GITOPS_PATH_H
#define GITOPS_PATH_H

#include "core/error.h"

/* Longer ones are refused, and trees that hold longer ones are not walked. */
#define PATH_LONGEST 4096

/*
 * Is the path one git and we would take?  ERROR_REFUSED says why not.
 * The spellings of .git are those of git's own is_hfs_dotgit() and
 * is_ntfs_dotgit(): letters in any case, ignorable code points between them,
 * dots and blanks behind, "git~1", a stream (".git:x"), a backslash as '/'.
 */
struct error *path_check(const char *path) MUST_USE;

#endif
