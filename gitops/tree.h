/*
 * Trees as they are stored: the parts that workspace.c, history.c and diff.c
 * share.  Others use workspace.h.
 */
#ifndef GITOPS_TREE_H
#define GITOPS_TREE_H

#include "gitops/workspace.h"

struct git_tree;

/* *out is NULL for the zero id. */
struct error *tree_open(struct git_tree **out, const struct repo *repo,
			const struct oid *tree) MUST_USE;
void tree_close(struct git_tree **tree); /* for CLEANUP; NULL is fine */

/* One entry by name, which need not end with NUL; absent gives MODE_NONE. */
struct error *tree_child(enum file_mode *mode, struct oid *oid,
			 const struct repo *repo, const struct oid *tree,
			 const char *name, size_t len) MUST_USE;

#endif
