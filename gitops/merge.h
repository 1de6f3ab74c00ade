/*
 * Merges without an index or a worktree, through `git merge-tree
 * --write-tree` (git 2.38).  Files that a driver wants are merged by it
 * instead, whenever both sides changed them: phase documents, by field.
 *
 * No .gitattributes is looked at and no driver of git's configuration runs:
 * the result follows from the two commits alone, on every machine.
 */
#ifndef GITOPS_MERGE_H
#define GITOPS_MERGE_H

#include "gitops/repo.h"

/* Merging one file by content; core rules stay out of gitops. */
struct merge_driver {
	int (*wants)(const char *path, void *data);
	/*
	 * base may be NULL.  ERROR_CONFLICT: left for a person, and the
	 * message says what; else out is the merged content.
	 */
	struct error *(*merge)(struct buf *out, const char *path,
			       const struct buf *base, const struct buf *ours,
			       const struct buf *theirs, void *data);
	void *data;
};

struct merge {
	struct oid tree; /* where there are conflicts, with markers that
			  * show both sides and what they come from */
	struct strings conflicts; /* paths, sorted */
	struct strings reasons; /* one per conflict */
};
#define MERGE_INIT                                                             \
	{                                                                      \
		{ { 0 } }, STRINGS_INIT, STRINGS_INIT                          \
	}
void merge_release(struct merge *merge);

/*
 * The merge of two commits.  Conflicts are no error.  driver may be NULL.
 * Unrelated histories and shallow ones without a merge base are errors that
 * say what to do.
 */
struct error *merge_commits(struct merge *out, struct repo *repo,
			    const struct oid *ours, const struct oid *theirs,
			    const struct merge_driver *driver) MUST_USE;

/*
 * Replays commit (one parent) onto another: a merge whose base is commit's
 * parent.
 */
struct error *merge_replay(struct merge *out, struct repo *repo,
			   const struct oid *onto, const struct oid *commit,
			   const struct merge_driver *driver) MUST_USE;

/*
 * Adds the text of a file in conflict with these words behind its markers
 * (<<<<<<< ours, ||||||| before, >>>>>>> theirs) instead of ids.
 */
void merge_name_sides(struct buf *out, const char *text, size_t len,
		      const char *ours, const char *before, const char *theirs);

/*
 * Counts the lines that git would take for markers: <<<<<<<, |||||||, =======
 * and >>>>>>>, in this order.
 */
#define MERGE_MARKERS 4
void merge_count_markers(size_t out[MERGE_MARKERS], const char *text,
			 size_t len);

#endif
