/* What a phase in review was, or is to be, worked on again for. */
#ifndef CMD_WISHES_H
#define CMD_WISHES_H

#include "cmd/out.h"
#include "plans/revision.h"
#include "plans/transaction.h"

/* "revision" of root: wishes and what they are told. */
void revision_json(struct tree *tree, struct value *root,
		   const struct wishes *wishes, const struct report *report,
		   size_t posted);
/* What a dry run says of it. */
void revision_dry(struct out *out, const struct card *card,
		  const struct revision *revision);
/* A line for each, and its answer below; report NULL: there is none yet. */
void wishes_print(struct out *out, const struct wishes *wishes,
		  const struct report *report);

#endif
