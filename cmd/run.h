/* What a run came to, for the commands `run` and `generate`. */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include "cmd/cmd.h"
#include "plans/runner.h"

#define MOST_JOBS 64

void run_print(struct out *out, const char *plan,
	       const struct run_report *report);
/* As members of object. */
void run_json(struct tree *tree, struct value *object, const char *plan,
	      const struct run_report *report);
/*
 * What to exit with: 1 only where a phase failed; where a child ended for
 * another reason, with its status.
 */
int run_status(const struct run_report *report);

#endif
