/* The parts of a phase's result that the tool finds out by itself. */
#ifndef PLANS_RESULT_H
#define PLANS_RESULT_H

#include "plans/gate.h"

/* "checks" and "files" of result; absent where there are none. */
void result_checks(struct tree *tree, struct value *result,
		   const struct check_outcomes *outcomes);
void result_files(struct tree *tree, struct value *result,
		  const struct candidate *candidate);

#endif
