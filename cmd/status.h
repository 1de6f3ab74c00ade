/* `git orch status` for people and for programs. */
#ifndef CMD_STATUS_H
#define CMD_STATUS_H

#include "cmd/out.h"
#include "plans/board.h"

/*
 * A plan's head line and its phases; without all a large plan shows only what
 * asks for attention, and a finished one only its head.
 */
void status_plan(struct out *out, const struct board *board,
		 const struct board_plan *row, int all);

/* Key for key as templates/schema/out/status.json has it. */
void status_json(struct tree *tree, const struct project *project,
		 const struct board *board);

#endif
