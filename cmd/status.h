/* The JSON of `git orch status`, key for key as git-orch-status(1) has it. */
#ifndef CMD_STATUS_H
#define CMD_STATUS_H

#include "plans/board.h"

void status_json(struct tree *tree, const struct project *project,
		 const struct board *board);

#endif
