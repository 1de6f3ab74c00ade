/* Parts of the output that several commands share: landings and checks. */
#ifndef CMD_LANDINGS_H
#define CMD_LANDINGS_H

#include "cmd/out.h"
#include "plans/integrate.h"

/* A line per phase, with why where one did not land. */
void landings_print(struct out *out, const struct landings *landings);
/*
 * 0 when all landed or are in the forge's queue, 3 when all wait for its
 * people; else the greatest of 1 (a check was red), 4 (refused) and 6 (a
 * conflict).
 */
int landings_status(const struct landings *landings);

/* Members "landings", "checks" and "findings" of parent. */
void landings_json(struct tree *tree, struct value *parent,
		   const struct landings *landings);
void checks_json(struct tree *tree, struct value *parent,
		 const struct check_outcomes *checks);
void messages_json(struct tree *tree, struct value *parent,
		   const struct findings *findings);

#endif
