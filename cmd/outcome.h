/* What became of a phase, as text and as JSON. */
#ifndef CMD_OUTCOME_H
#define CMD_OUTCOME_H

#include "cmd/out.h"
#include "plans/transaction.h"

void outcome_print(struct out *out, const struct outcome *outcome);
void outcome_json(struct out *out, const struct outcome *outcome);
/* "pr" of root: number and url, or null where there is none. */
void pull_json(struct tree *tree, struct value *root, const struct pull *pull);
/* A plan's, which has to be merged before the plan counts. */
void pull_print_plan(struct out *out, const struct pull *pull);

#endif
