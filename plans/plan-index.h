/*
 * The index of parsed phases, one file per plan at <orch>/index/<plan>: what
 * the documents said, by the id of the folder they lie in and of each blob.  A
 * plan whose folder is unchanged is read from it as a whole, one with a
 * changed phase parses that phase alone.
 *
 * Derived, local, deleted at will; only documents without findings are in it,
 * and whoever wants findings does not look here.
 */
#ifndef PLANS_PLAN_INDEX_H
#define PLANS_PLAN_INDEX_H

#include "plans/plan.h"

struct plan_index {
	struct plan *plan; /* whose `known` is the file's text */
	struct oid tree; /* the folder the file was made of; zero: no file */
	struct map by_blob; /* hex id to the record; made when first asked */
};
#define PLAN_INDEX_INIT                                                        \
	{                                                                      \
		.plan = NULL, .by_blob = MAP_INIT                              \
	}

/* The index of a plan, whose id is set; the plan has to stay where it is. */
void plan_index_open(struct plan_index *index, struct repo *repo,
		     struct plan *plan);
void plan_index_release(struct plan_index *index);

/* All phases, when the folder is the one the file was made of; else 0. */
int plan_index_take(struct plan_index *index, const struct oid *tree);

/* Fills the phase from the record of its blob; 0 when there is none. */
int plan_index_get(struct plan_index *index, struct phase *out,
		   const struct oid *blob);

/* Writes what the plan holds, unless that is what the file said. */
void plan_index_save(struct plan_index *index, struct repo *repo,
		     const struct oid *tree);

#endif
