/*
 * The page of a finished phase, docs/phases/<phase>.md: what was asked, what
 * was built, what was decided, the evidence.  It holds no times, durations,
 * costs or run ids.  On the forge `local` it is the pull request.
 */
#ifndef PLANS_PAGE_H
#define PLANS_PAGE_H

#include "plans/gate.h"
#include "plans/report.h"

void page_render(struct buf *out, const struct candidate *candidate,
		 const struct check_outcomes *checks,
		 const struct report *report);

#endif
