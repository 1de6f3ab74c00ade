/*
 * From a goal to a plan's draft: documents on the branch <prefix>/<plan>/plan,
 * one commit on top of the base.  For now the goal is given by a template.
 */
#ifndef PLANS_PLANNER_H
#define PLANS_PLANNER_H

#include "plans/template.h"

struct plan_request {
	const char *template; /* its name */
	const char *id; /* NULL: the variable `name`, else the template's */
	const char *goal; /* NULL: the template's */
	const struct strings *vars; /* "name=value", may be NULL */
	int dry_run; /* write nothing that a ref reaches */
};

struct draft {
	char *plan;
	char *title;
	char *branch; /* short name */
	struct oid commit; /* zero on a dry run */
	struct strings phases; /* ids, in scheduling order */
	int pinned; /* its checks are trusted: they come from this binary */
	struct findings findings; /* what is wrong with the documents */
};
#define DRAFT_INIT                                                             \
	{                                                                      \
		NULL, NULL, NULL, { { 0 } }, STRINGS_INIT, 0, FINDINGS_INIT    \
	}
void draft_release(struct draft *draft);

/*
 * ERROR_NOT_FOUND: no such template; ERROR_INVALID: an id or variable that
 * cannot be; ERROR_FAILURE: the id is in use on the base or as a draft.
 * Documents that do not validate are not written: look at out->findings.
 */
struct error *planner_template(struct draft *out, struct project *project,
			       const struct plan_request *request) MUST_USE;

/* The ids of a template's phases, sorted. */
void template_phases(struct strings *out, const struct template *template);

#endif
