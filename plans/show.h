/* One document with everything `git orch show` says about it. */
#ifndef PLANS_SHOW_H
#define PLANS_SHOW_H

#include "gitops/commit.h"
#include "plans/board.h"
#include "plans/document.h"

struct sheet {
	struct board board; /* of the plan */
	const struct board_plan *plan;
	const struct card *card; /* NULL: the plan's own document */
	struct document
		document; /* typed; from the branch where there is one */
	struct oid commit; /* where it was read */
	struct commit_lines history; /* newest first */
};
#define SHEET_INIT                                                             \
	{                                                                      \
		BOARD_INIT, NULL, NULL, DOCUMENT_INIT, { { 0 } },              \
		{                                                              \
			NULL, 0, 0                                             \
		}                                                              \
	}
void sheet_release(struct sheet *sheet);

/*
 * phase NULL: the plan.  A phase that has a branch is read there, a draft on
 * its branch, all else on the base.  ERROR_NOT_FOUND names what there is.
 */
struct error *sheet_load(struct sheet *out, struct project *project,
			 const char *plan, const char *phase) MUST_USE;

#endif
