/* A plan's readiness report, as text and as JSON. */
#ifndef CMD_INTEGRATION_H
#define CMD_INTEGRATION_H

#include "cmd/out.h"
#include "plans/integration.h"

/* Nothing where none was made. */
void integration_print(struct out *out, const struct integration *report);
/* Member "report" of parent: null where none was made. */
void integration_json(struct tree *tree, struct value *parent,
		      const struct integration *report);
/* 1 where something is missing, else 0. */
int integration_status(const struct integration *report);

#endif
