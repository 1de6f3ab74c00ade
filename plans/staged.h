/* What the user has staged below .orch/, as a tree. */
#ifndef PLANS_STAGED_H
#define PLANS_STAGED_H

#include "gitops/repo.h"

/*
 * The index's .orch/ in a tree of its own; the index is only read.  An
 * unmerged document is ERROR_CONFLICT naming it.
 */
struct error *staged_tree(struct oid *out, struct repo *repo) MUST_USE;

#endif
