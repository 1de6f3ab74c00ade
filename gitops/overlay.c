/* Nodes are kept sorted by name in plain arrays: changes are few. */
#include "gitops/overlay.h"

#include "gitops/tree.h"

#include <stdlib.h>
#include <string.h>

size_t path_part(const char **rest, const char *path)
{
	size_t len = strcspn(path, "/");

	*rest = path[len] ? path + len + 1 : NULL;
	return len;
}

static int part_compare(const char *name, const char *path, size_t len)
{
	int order = strncmp(name, path, len);

	return order ? order : name[len] != '\0';
}

/* The index of a name among a folder's changes, or where it would go. */
static size_t node_index(int *found, const struct node *folder,
			 const char *name, size_t len)
{
	size_t low = 0;
	size_t high = folder->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = part_compare(folder->items[middle].name, name, len);

		if (!order) {
			*found = 1;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = 0;
	return low;
}

struct node *node_child(const struct node *folder, const char *name, size_t len)
{
	int found;
	size_t i = node_index(&found, folder, name, len);

	return found ? &folder->items[i] : NULL;
}

void node_clear(struct node *node)
{
	FOR_EACH (struct node, item, node) {
		node_clear(item);
		free(item->name);
	}
	free(node->items);
	node->items = NULL;
	node->len = node->cap = 0;
}

struct node *node_make(struct node *folder, const char *name, size_t len)
{
	int found;
	size_t i = node_index(&found, folder, name, len);
	size_t after = folder->len - i;

	if (found)
		return &folder->items[i];
	(void)PUSH(folder);
	memmove(&folder->items[i + 1], &folder->items[i],
		after * sizeof *folder->items);
	folder->items[i] = (struct node){ .name = xstrndup(name, len) };
	return &folder->items[i];
}

void node_remove(struct node *folder, struct node *child)
{
	size_t i = (size_t)(child - folder->items);

	node_clear(child);
	free(child->name);
	memmove(child, child + 1, (folder->len - i - 1) * sizeof *child);
	folder->len--;
}

void node_set(struct node *node, enum file_mode mode, const struct oid *oid)
{
	node_clear(node);
	node->mode = mode;
	node->oid = *oid;
}

struct error *node_look_up(struct node *out, const struct repo *repo,
			   const struct node *folder, const char *path)
{
	struct node at = *folder;

	while (path && *path && at.mode == MODE_TREE) {
		const char *rest;
		size_t len = path_part(&rest, path);
		const struct node *child = node_child(&at, path, len);

		if (child) {
			at = *child;
		} else {
			struct node below = { 0 };

			TRY(tree_child(&below.mode, &below.oid, repo, &at.oid,
				       path, len));
			at = below;
		}
		path = rest;
	}
	/* Something is left, or "a/" was asked for and a is no folder. */
	if (path && (*path || at.mode != MODE_TREE))
		at = (struct node){ 0 };
	*out = at;
	return NULL;
}
