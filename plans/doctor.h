/* What keeps git-orch from working here, and how to mend it. */
#ifndef PLANS_DOCTOR_H
#define PLANS_DOCTOR_H

#include "plans/project.h"

enum diagnosis_level { DIAGNOSIS_OK, DIAGNOSIS_WARNING, DIAGNOSIS_BAD };

struct diagnosis {
	const char *name; /* "git", "sandbox", ... */
	enum diagnosis_level level;
	char *text; /* what was found, one clause */
	char *fix; /* what to do; NULL: nothing */
};
struct diagnoses {
	struct diagnosis *items;
	size_t len, cap;
};
#define DIAGNOSES_INIT                                                         \
	{                                                                      \
		NULL, 0, 0                                                     \
	}
void diagnoses_release(struct diagnoses *diagnoses);

enum doctor_flags { DOCTOR_MEND = 1, DOCTOR_ONLINE = 2, DOCTOR_FORGE = 4 };

/*
 * Looks at everything, in or outside a repository; what is wrong is a
 * diagnosis and never an error.  With DOCTOR_ONLINE the providers' servers are
 * asked whether they are there, without a key.  With DOCTOR_FORGE the remote
 * is (a ref below refs/orch/probe is pushed and deleted again), and the forge
 * that is configured, with its token.  With DOCTOR_MEND: removes
 * worktrees whose owner is gone, claims of dead runners on phases that need no
 * more work or are not on the base, refs of ours that cannot be read, base refs
 * of phases that are not on the base, and locks of phases that nobody holds;
 * what was done is said.
 */
struct error *doctor(struct diagnoses *out,
		     const struct project_options *options, unsigned flags)
	MUST_USE;

#endif
