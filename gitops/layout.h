/*
 * The names of refs and files others rely on, in one place.  Each function
 * returns an owned string.
 */
#ifndef GITOPS_LAYOUT_H
#define GITOPS_LAYOUT_H

#include "core/error.h"

#define CLAIM_PREFIX   "refs/orch/claim/"
#define BASE_PREFIX    "refs/orch/base/"
#define ATTEMPT_PREFIX "refs/orch/attempt/"

/* refs/heads/<prefix>/<plan>/<phase>; phase "plan" is the plan's own. */
char *layout_branch(const char *prefix, const char *plan, const char *phase)
	MUST_USE;
char *layout_claim(const char *plan, const char *phase) MUST_USE;
char *layout_base(const char *plan, const char *phase) MUST_USE;
char *layout_attempt(const char *plan, const char *phase, int n) MUST_USE;

/* The flock of a phase, in $GIT_COMMON_DIR/orch. */
char *layout_lock(const char *orch, const char *plan, const char *phase)
	MUST_USE;

/* .orch/plans/<plan>/plan.yaml, .orch/plans/<plan>/phases/<phase>.yaml */
char *layout_plan_file(const char *plan) MUST_USE;
char *layout_phase_file(const char *plan, const char *phase) MUST_USE;
/* .orch/plans/<plan>/docs/<name> */
char *layout_doc_file(const char *plan, const char *name) MUST_USE;
/* .orch/plans/<plan>/docs/phases/<phase>.md */
char *layout_page_file(const char *plan, const char *phase) MUST_USE;

/*
 * Splits "<plan>/<phase>" behind prefix; 0 when ref is not of that form.
 * plan and phase are owned.
 */
int layout_split(char **plan, char **phase, const char *ref,
		 const char *prefix);

#endif
