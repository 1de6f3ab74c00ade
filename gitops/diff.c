/*
 * The files that differ between two trees: both are walked side by side, and
 * what has the same id is passed over unread, so the cost is that of the
 * changed folders.
 */
#include "gitops/git2.h"
#include "gitops/path.h"
#include "gitops/tree.h"

#include <stdlib.h>
#include <string.h>

const char *change_name(enum change_kind kind)
{
	static const char *const names[] = { "create", "modify", "delete" };

	return names[kind];
}

void changes_release(struct changes *changes)
{
	FOR_EACH (struct change, change, changes)
		free(change->path);
	free(changes->items);
	*changes = (struct changes)CHANGES_INIT;
}

/* One side of a comparison; all zero when there is nothing. */
struct side {
	enum file_mode mode;
	struct oid oid;
	const char *name;
};

static struct side side_at(const git_tree *tree, size_t i)
{
	struct side side = { MODE_NONE, { { 0 } }, NULL };
	const git_tree_entry *entry;

	if (!tree || i >= git_tree_entrycount(tree))
		return side;
	entry = git_tree_entry_byindex(tree, i);
	side.mode = (enum file_mode)git_tree_entry_filemode(entry);
	side.oid = git2_to_oid(git_tree_entry_id(entry));
	side.name = git_tree_entry_name(entry);
	return side;
}

/* The order of entries in a tree: a folder's name as if it ended in '/'. */
static int compare(const struct side *a, const struct side *b)
{
	size_t alen, blen, len;
	int order;

	if (!a->name || !b->name)
		return !a->name - !b->name;
	alen = strlen(a->name);
	blen = strlen(b->name);
	len = alen < blen ? alen : blen;
	order = memcmp(a->name, b->name, len);
	if (!order)
		order = (alen > len             ? (unsigned char)a->name[len]
			 : a->mode == MODE_TREE ? '/'
						: 0) -
			(blen > len             ? (unsigned char)b->name[len]
			 : b->mode == MODE_TREE ? '/'
						: 0);
	return order;
}

struct walk {
	struct changes changes;
	const struct repo *repo;
	struct buf path; /* the folder, with its '/' */
};

static void add_change(struct walk *walk, const char *name,
		       const struct side *from, const struct side *to)
{
	struct change *change = PUSH(&walk->changes);

	change->path = xasprintf("%s%s", walk->path.data, name);
	change->kind = from->mode == MODE_NONE ? CHANGE_CREATE
		       : to->mode == MODE_NONE ? CHANGE_DELETE
					       : CHANGE_MODIFY;
	change->old_mode = from->mode;
	change->new_mode = to->mode;
	change->old_oid = from->oid;
	change->new_oid = to->oid;
}

static struct error *walk_trees(struct walk *walk, const struct oid *from,
				const struct oid *to);

/* from and to have this name and are both folders, or both none, or absent. */
static struct error *walk_pair(struct walk *walk, const char *name,
			       const struct side *from, const struct side *to)
{
	size_t len = walk->path.len;

	if (from->mode != MODE_TREE && to->mode != MODE_TREE) {
		if (from->mode != to->mode || !oid_equal(&from->oid, &to->oid))
			add_change(walk, name, from, to);
		return NULL;
	}
	if (len + strlen(name) > PATH_LONGEST)
		return error_new(ERROR_INVALID,
				 "a path in the tree is longer than %d bytes",
				 PATH_LONGEST);
	buf_addf(&walk->path, "%s/", name);
	TRY(walk_trees(walk, &from->oid, &to->oid));
	buf_setlen(&walk->path, len);
	return NULL;
}

static struct error *walk_trees(struct walk *walk, const struct oid *from,
				const struct oid *to)
{
	static const struct side none;
	CLEANUP(tree_close) git_tree *a = NULL;
	CLEANUP(tree_close) git_tree *b = NULL;
	size_t i = 0;
	size_t j = 0;

	if (oid_equal(from, to))
		return NULL;
	TRY(tree_open(&a, walk->repo, from));
	TRY(tree_open(&b, walk->repo, to));
	for (;;) {
		struct side left = side_at(a, i);
		struct side right = side_at(b, j);
		int order = compare(&left, &right);
		const char *name = order <= 0 ? left.name : right.name;

		if (!name)
			return NULL;
		TRY(walk_pair(walk, name, order <= 0 ? &left : &none,
			      order >= 0 ? &right : &none));
		i += order <= 0;
		j += order >= 0;
	}
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct change *)a)->path,
		      ((const struct change *)b)->path);
}

static void walk_release(struct walk *walk)
{
	changes_release(&walk->changes);
	buf_release(&walk->path);
}

/*
 * A file that became a folder is a deletion and creations: git's order puts
 * them apart, the paths differ.
 */
struct error *tree_diff(struct changes *out, const struct repo *repo,
			const struct oid *from, const struct oid *to)
{
	CLEANUP(walk_release)
	struct walk walk = { CHANGES_INIT, repo, BUF_INIT };

	TRY(walk_trees(&walk, from, to));
	if (walk.changes.len)
		qsort(walk.changes.items, walk.changes.len,
		      sizeof *walk.changes.items, by_path);
	*out = walk.changes;
	walk.changes = (struct changes)CHANGES_INIT;
	return NULL;
}
