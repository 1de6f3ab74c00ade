/*
 * The index of parsed phases, one file per plan at <orch>/index/<plan>: what a
 * document said, by the id of its blob.  A plan whose folder is unchanged is
 * read from it as a whole, one with a changed phase parses that phase alone.
 *
 * Derived, local, deleted at will; only documents without findings are in it,
 * and whoever wants findings does not look here.
 */
#ifndef PLANS_PLAN_INDEX_H
#define PLANS_PLAN_INDEX_H

#include "plans/plan.h"

struct plan_index {
	struct buf text;
	struct map by_blob; /* hex id to the record's bytes in text */
	size_t used; /* records that were asked for and found */
	size_t made; /* phases that had to be parsed */
};
#define PLAN_INDEX_INIT                                                        \
	{                                                                      \
		.text = BUF_INIT, .by_blob = MAP_INIT                          \
	}

/* Absent, damaged or of another version: empty. */
void plan_index_open(struct plan_index *index, struct repo *repo,
		     const char *plan);
void plan_index_release(struct plan_index *index);

/* Fills the phase from the record of its blob; 0 when there is none. */
int plan_index_get(struct plan_index *index, struct phase *out,
		   const struct oid *blob);

/* Writes what the plan holds, unless that is what the file said. */
void plan_index_save(struct plan_index *index, struct repo *repo,
		     const struct plan *plan);

#endif
