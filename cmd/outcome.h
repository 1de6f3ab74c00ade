/* What became of a phase, as text and as JSON. */
#ifndef CMD_OUTCOME_H
#define CMD_OUTCOME_H

#include "cmd/out.h"
#include "plans/transaction.h"

void outcome_print(struct out *out, const struct outcome *outcome);
void outcome_json(struct out *out, const struct outcome *outcome);

#endif
