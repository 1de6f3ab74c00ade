/*
 * Sightings: when this clone first saw a claim of the remote as it is now, on
 * a clock that does not jump.  A claim seen unchanged for a whole lease within
 * one boot of this machine may be taken over; no other machine's clock is ever
 * believed.
 *
 * <orch>/sightings is a file of lines "<plan>/<phase> <claim id> <boot id>
 * <CLOCK_BOOTTIME in ms>", replaced as a whole under a flock; a damaged one is
 * begun anew, which only makes takers wait longer.
 */
#ifndef GITOPS_SIGHTING_H
#define GITOPS_SIGHTING_H

#include "core/array.h"
#include "gitops/repo.h"

#include <stdint.h>

/*
 * Records that the claim is seen with this id now, and tells for how long it
 * has been seen so: 0 at first sight, after a change, after a restart.
 */
struct error *sighting_note(int64_t *unchanged_ms, struct repo *repo,
			    const char *plan, const char *phase,
			    const struct oid *claim) MUST_USE;
/* Forgets claims that are gone; keep is a list of "<plan>/<phase>". */
struct error *sighting_prune(struct repo *repo, const struct strings *keep)
	MUST_USE;

#endif
