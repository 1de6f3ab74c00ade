/*
 * What kills and power cuts leave that nothing else comes across; for the
 * doctor.
 */
#ifndef GITOPS_MEND_H
#define GITOPS_MEND_H

#include "gitops/repo.h"

/* Refs below refs/orch/ whose file holds no id, by name. */
struct error *mend_list_refs(struct strings *out, const struct repo *repo)
	MUST_USE;
/*
 * Removes such a file: nothing is lost with it.  One that has been mended in
 * the meantime stays; ERROR_CLAIMED when a runner holds the phase.
 */
struct error *mend_ref(struct repo *repo, const char *name) MUST_USE;

/*
 * Counts the lock files of phases that nobody holds and no claim needs; with
 * take set they are removed.
 */
struct error *mend_locks(int *n, struct repo *repo, int take) MUST_USE;

#endif
