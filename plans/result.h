/* The parts of a phase's result that the tool finds out by itself. */
#ifndef PLANS_RESULT_H
#define PLANS_RESULT_H

#include "plans/gate.h"

/*
 * "checks" and "files" of result; absent where there are none.  secrets: of
 * work that was refused, as the names of its files may hold some; else NULL.
 */
void result_checks(struct tree *tree, struct value *result,
		   const struct check_outcomes *outcomes);
void result_files(struct tree *tree, struct value *result,
		  const struct candidate *candidate,
		  const struct secrets *secrets);

#endif
