/* Commits: read, and written from trees without an index or a checkout. */
#ifndef GITOPS_COMMIT_H
#define GITOPS_COMMIT_H

#include "gitops/repo.h"

struct commit_spec {
	struct oid tree;
	const struct oid *parents;
	size_t n_parents;
	const char *message;
	struct identity author; /* borrowed strings */
	struct identity committer; /* borrowed strings */
	int64_t when; /* seconds; both dates, +0000 */
	int plain; /* bookkeeping: never signed */
};

/*
 * Signs as the user's configuration says (commit.gpgSign), through git
 * commit-tree; unsigned commits are written by libgit2, and equal specs give
 * equal ids.
 */
struct error *commit_create(struct oid *out, struct repo *repo,
			    const struct commit_spec *spec) MUST_USE;

struct error *commit_tree(struct oid *out, const struct repo *repo,
			  const struct oid *commit) MUST_USE;
struct error *commit_time(int64_t *out, const struct repo *repo,
			  const struct oid *commit) MUST_USE;
/* Who wrote it and when (seconds since the epoch). */
struct error *commit_author(struct identity *out, int64_t *when,
			    const struct repo *repo, const struct oid *commit)
	MUST_USE;
/* n from 0; the zero id when there is no such parent. */
struct error *commit_parent(struct oid *out, const struct repo *repo,
			    const struct oid *commit, unsigned n) MUST_USE;
struct error *commit_message(char **out, const struct repo *repo,
			     const struct oid *commit) MUST_USE;
/* The value of a trailer, the last of that name; NULL when absent. */
struct error *commit_trailer(char **out, const struct repo *repo,
			     const struct oid *commit, const char *name)
	MUST_USE;
/* Does an object of this kind exist here? */
int commit_exists(const struct repo *repo, const struct oid *oid);

/* A branch, tag, id or any revision git2 can parse, to a commit. */
struct error *commit_resolve(struct oid *out, const struct repo *repo,
			     const char *revision) MUST_USE;

struct error *commit_is_ancestor(int *out, const struct repo *repo,
				 const struct oid *ancestor,
				 const struct oid *of) MUST_USE;
/* The zero id when there is none. */
struct error *commit_merge_base(struct oid *out, const struct repo *repo,
				const struct oid *a, const struct oid *b)
	MUST_USE;

/* One line of a path's history, newest first. */
struct commit_line {
	struct oid oid;
	int64_t when;
	char *author;
	char *subject;
};
struct commit_lines {
	struct commit_line *items;
	size_t len;
	size_t cap;
};
/* Commits from tip that changed path against their first parent. */
struct error *commit_history(struct commit_lines *out, const struct repo *repo,
			     const struct oid *tip, const char *path,
			     size_t most) MUST_USE;
void commit_lines_release(struct commit_lines *lines);

#endif
