/* What to do next, for people. */
#ifndef CMD_NEXT_H
#define CMD_NEXT_H

#include "cmd/out.h"
#include "plans/board.h"

/* "<label>command  (why)". */
void print_advice(struct out *out, const char *label,
		  const struct advice *advice);

#endif
