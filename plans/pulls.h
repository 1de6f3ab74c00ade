/*
 * What the forge last answered, in <orch>/index/pulls.json: a pull request for
 * each branch of ours that has one.  Derived, local, deleted at will; a file
 * that is damaged is none.
 *
 * The board reads it, so it is as old as `seen` says; who decides on the state
 * of a pull request asks first (pulls_refresh()).
 */
#ifndef PLANS_PULLS_H
#define PLANS_PULLS_H

#include "gitops/forge.h"
#include "plans/project.h"

struct kept_pull {
	struct pull pull; /* without title and body; head is the key */
	int64_t seen; /* seconds */
};
struct kept_pulls {
	struct kept_pull *items;
	size_t len, cap;
};
#define KEPT_PULLS_INIT                                                        \
	{                                                                      \
		NULL, 0, 0                                                     \
	}
void kept_pulls_release(struct kept_pulls *pulls);

void pulls_read(struct kept_pulls *out, struct repo *repo);
/* NULL: none. */
const struct kept_pull *pulls_of(const struct kept_pulls *pulls,
				 const char *branch);
/*
 * Keeps one answer beside the others, with now as the time; atomically, so
 * that of two who write at once one may be lost: it is asked for again.  What
 * cannot be written is a line in the log.
 */
void pulls_keep(struct project *project, const struct pull *pull);

/* The parts of pulls_keep(): one more answer, and writing them all. */
void pulls_put(struct kept_pulls *pulls, const struct pull *pull, int64_t seen);
void pulls_write(struct project *project, const struct kept_pulls *pulls);

/*
 * Asks the forge for all that are open, and for those that are open no more.
 * Nothing on the forge `local`.  Errors as in forge-open.h and forge.h; what
 * was kept then stays.
 */
struct error *pulls_refresh(struct project *project) MUST_USE;

#endif
