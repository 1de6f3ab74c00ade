/*
 * What the branches of a plan say: drafts, the phase document on a phase's
 * branch, and whether a branch still merges.
 */
#ifndef PLANS_BRANCH_H
#define PLANS_BRANCH_H

#include "plans/plan.h"
#include "plans/project.h"

/* Ids of the plans that have a branch <prefix>/<plan>/plan, sorted. */
struct error *branch_plans(struct strings *out, struct repo *repo,
			   const char *prefix) MUST_USE;
struct error *branch_plan_tree(struct oid *out, struct repo *repo,
			       const char *prefix, const char *plan) MUST_USE;

/* The parts of a phase's document on its branch that a status needs. */
struct branch_document {
	int present; /* it is there and parses */
	enum phase_status status;
	char *reason; /* NULL: none */
	char *spec; /* result.spec, NULL: none */
};
/* When it is the base's own document, nothing is read. */
struct error *branch_document_read(struct branch_document *out,
				   struct repo *repo, const struct oid *tip,
				   const char *plan, const struct phase *phase)
	MUST_USE;
void branch_document_release(struct branch_document *document);

/*
 * Is the work of a phase that is done on the base the branch's?  It is when
 * the base contains the tip, or when both documents have the same result: a
 * squash leaves no other trace.
 */
struct error *branch_landed(int *out, struct project *project,
			    const struct oid *tip, const char *plan,
			    const char *phase) MUST_USE;

/*
 * What the result in a tree's document of the phase cost, in micro-dollars;
 * 0 where there is no result, or no price.
 */
struct error *branch_cost(int64_t *out, struct repo *repo,
			  const struct oid *tree, const char *plan,
			  const char *phase) MUST_USE;

/* Does the branch's tip merge with the base's?  Unrelated ones do not. */
struct error *branch_merges(int *out, struct project *project,
			    const struct oid *tip) MUST_USE;

#endif
