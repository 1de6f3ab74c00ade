/* Phases that touch the same files: they are better not done side by side. */
#ifndef PLANS_OVERLAP_H
#define PLANS_OVERLAP_H

#include "plans/plan.h"

/*
 * Can one path, in whatever case, match both globs?  Classes and braces count
 * as any text, so the answer may be yes where it is no, never the other way.
 */
int globs_overlap(const char *a, const char *b);

/*
 * The first glob of a that names what b touches as well, or a file where b
 * needs a folder; NULL: they do not meet.
 */
const char *phases_meet(const struct phase *a, const struct phase *b);

#endif
