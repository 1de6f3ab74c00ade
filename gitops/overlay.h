/*
 * The overlay of a workspace: a tree of nodes, one for each entry that was
 * changed and for the folders on the way to it; whatever has no node is as it
 * is in the tree below.  For workspace.c.
 */
#ifndef GITOPS_OVERLAY_H
#define GITOPS_OVERLAY_H

#include "gitops/workspace.h"

struct node {
	char *name;
	enum file_mode mode; /* MODE_NONE: deleted */
	struct oid oid; /* of a folder: the tree below its changes */
	struct node *items; /* a folder's changes, sorted by name */
	size_t len;
	size_t cap;
};

/* The first part's length; *rest is what follows its '/', NULL: nothing. */
size_t path_part(const char **rest, const char *path);

/* The change of that name, or NULL. */
struct node *node_child(const struct node *folder, const char *name,
			size_t len);
/* The same, made when there is none; valid until the folder changes. */
struct node *node_make(struct node *folder, const char *name, size_t len);
/* Forgets a change. */
void node_remove(struct node *folder, struct node *child);
/* Forgets all changes below. */
void node_clear(struct node *node);
/* Replaces what the node says, and forgets all changes below. */
void node_set(struct node *node, enum file_mode mode, const struct oid *oid);

/*
 * What is at a path below a folder, as a node that borrows: with the changes
 * for a changed folder, without any for what is in the tree below.  All zero
 * when there is nothing.
 */
struct error *node_look_up(struct node *out, const struct repo *repo,
			   const struct node *folder, const char *path)
	MUST_USE;

#endif
