/*
 * A workspace over its overlay (overlay.h).  Content is stored as a blob at
 * once, so an overlay is small however much is written; blobs of a workspace
 * that is thrown away are loose objects that `git gc` removes.
 */
#include "gitops/git2.h"
#include "gitops/overlay.h"
#include "gitops/tree.h"

#include <stdlib.h>
#include <string.h>

struct workspace {
	struct repo *repo;
	struct oid start;
	struct node root;
};

struct error *workspace_open(struct workspace **out, struct repo *repo,
			     const struct oid *start)
{
	CLEANUP(tree_close) git_tree *tree = NULL;
	struct workspace *work;

	TRY(tree_open(&tree, repo, start));
	work = xcalloc(1, sizeof *work);
	work->repo = repo;
	work->start = *start;
	work->root.mode = MODE_TREE;
	work->root.oid = *start;
	*out = work;
	return NULL;
}

void workspace_free(struct workspace *work)
{
	if (work)
		node_clear(&work->root);
	free(work);
}

void workspace_release(struct workspace **work)
{
	workspace_free(*work);
	*work = NULL;
}

const struct oid *workspace_start(const struct workspace *work)
{
	return &work->start;
}

struct repo *workspace_repo(const struct workspace *work)
{
	return work->repo;
}

static struct error *not_found(const char *path)
{
	return error_new(ERROR_NOT_FOUND, "there is no file '%.200s'", path);
}

struct error *workspace_stat(enum file_mode *mode, struct oid *oid,
			     const struct workspace *work, const char *path)
{
	struct node node;

	TRY(node_look_up(&node, work->repo, &work->root, path));
	*mode = *path ? node.mode : MODE_TREE;
	*oid = node.len ? oid_zero : node.oid;
	return NULL;
}

struct error *workspace_read(struct buf *out, const struct workspace *work,
			     const char *path)
{
	struct node node;

	TRY(node_look_up(&node, work->repo, &work->root, path));
	if (node.mode != MODE_FILE && node.mode != MODE_EXEC &&
	    node.mode != MODE_LINK)
		return not_found(path);
	return error_wrap(blob_read(out, work->repo, &node.oid, (size_t)-1),
			  "'%s'", path);
}

static const char *mode_name(enum file_mode mode)
{
	switch (mode) {
	case MODE_LINK:
		return "a symbolic link";
	case MODE_GITLINK:
		return "a submodule";
	case MODE_TREE:
		return "a folder";
	default:
		return "a file";
	}
}

/* Nothing on the way is other than a folder, and the path itself is none. */
static struct error *check_way(enum file_mode *mode,
			       const struct workspace *work, const char *path)
{
	CLEANUP(free_str) char *prefix = xstrdup(path);
	struct node node = { .mode = MODE_TREE };

	for (char *p = prefix; node.mode == MODE_TREE; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		TRY(node_look_up(&node, work->repo, &work->root, prefix));
		if (!c ? node.mode == MODE_TREE
		       : node.mode != MODE_TREE && node.mode != MODE_NONE)
			return error_hint(error_new(ERROR_REFUSED, "'%s' is %s",
						    prefix,
						    mode_name(node.mode)),
					  "delete '%s' first", prefix);
		if (!c)
			break;
		*p = c;
	}
	*mode = node.mode;
	return NULL;
}

/* The node of a folder's subfolder, made when there is none. */
static struct error *enter(struct node **out, const struct repo *repo,
			   struct node *folder, const char *name, size_t len)
{
	struct node *child = node_child(folder, name, len);
	enum file_mode mode = MODE_NONE;
	struct oid oid = oid_zero;

	if (!child)
		TRY(tree_child(&mode, &oid, repo, &folder->oid, name, len));
	if (!child || child->mode != MODE_TREE) {
		child = node_make(folder, name, len);
		node_set(child, MODE_TREE, &oid);
	}
	*out = child;
	return NULL;
}

/* Sets an entry; check_way() has found the way free. */
static struct error *set(struct workspace *work, const char *path,
			 const struct oid *oid, enum file_mode mode)
{
	struct node *folder = &work->root;
	const char *rest;
	size_t len = path_part(&rest, path);

	for (; rest; path = rest, len = path_part(&rest, path))
		TRY(enter(&folder, work->repo, folder, path, len));
	node_set(node_make(folder, path, len), mode, oid);
	return NULL;
}

struct error *workspace_put(struct workspace *work, const char *path,
			    const struct oid *oid, enum file_mode mode)
{
	enum file_mode old_mode;
	git_oid id = git2_from_oid(oid);
	git_odb *odb = NULL;
	char hex[OID_HEX];
	int there;

	TRY(path_check(path));
	TRY(check_way(&old_mode, work, path));
	if (git_repository_odb(&odb, repo_handle(work->repo)))
		return git2_error(-1, "'%s'", path);
	there = mode == MODE_GITLINK || git_odb_exists(odb, &id);
	git_odb_free(odb);
	if (!there)
		return error_new(ERROR_NOT_FOUND, "'%s': no object %s", path,
				 oid_hex(hex, oid));
	return set(work, path, oid, mode);
}

struct error *workspace_write(struct workspace *work, const char *path,
			      const void *data, size_t len, enum file_mode mode)
{
	enum file_mode old_mode = MODE_NONE;
	struct oid oid;
	git_oid id;
	int code;

	TRY(path_check(path));
	TRY(check_way(&old_mode, work, path));
	code = git_blob_create_from_buffer(&id, repo_handle(work->repo),
					   len ? data : "", len);
	if (code)
		return git2_error(code, "writing '%s'", path);
	if (mode == MODE_NONE)
		mode = old_mode == MODE_NONE || old_mode == MODE_GITLINK
			       ? MODE_FILE
			       : old_mode;
	oid = git2_to_oid(&id);
	return set(work, path, &oid, mode);
}

/* Is nothing left in a folder? */
static struct error *is_empty(int *out, const struct repo *repo,
			      const struct node *folder)
{
	CLEANUP(tree_close) git_tree *tree = NULL;

	*out = 0;
	FOR_EACH (struct node, item, folder)
		if (item->mode != MODE_NONE)
			return NULL;
	TRY(tree_open(&tree, repo, &folder->oid));
	/* A deleted node stands only for an entry of the tree below. */
	*out = folder->len == (tree ? git_tree_entrycount(tree) : 0);
	return NULL;
}

static struct error *drop(const struct repo *repo, struct node *folder,
			  const char *name, size_t len)
{
	enum file_mode mode;
	struct oid oid;

	TRY(tree_child(&mode, &oid, repo, &folder->oid, name, len));
	if (mode == MODE_NONE)
		node_remove(folder, node_child(folder, name, len));
	else
		node_set(node_make(folder, name, len), MODE_NONE, &oid_zero);
	return NULL;
}

static struct error *delete_below(const struct repo *repo, struct node *folder,
				  const char *path)
{
	struct node *child;
	const char *rest;
	size_t len = path_part(&rest, path);
	int empty;

	if (!rest)
		return drop(repo, folder, path, len);
	TRY(enter(&child, repo, folder, path, len));
	TRY(delete_below(repo, child, rest));
	TRY(is_empty(&empty, repo, child));
	return empty ? drop(repo, folder, path, len) : NULL;
}

struct error *workspace_delete(struct workspace *work, const char *path)
{
	struct node node;

	TRY(node_look_up(&node, work->repo, &work->root, path));
	if (!*path || node.mode == MODE_NONE || path[strlen(path) - 1] == '/')
		return not_found(path);
	return delete_below(work->repo, &work->root, path);
}

static struct error *write_folder(struct oid *out, int *empty,
				  struct repo *repo, const struct node *folder);

static struct error *write_entry(git_treebuilder *builder, struct repo *repo,
				 const struct node *node)
{
	struct oid oid = node->oid;
	int gone = node->mode == MODE_NONE;
	int code = 0;
	git_oid id;

	if (node->mode == MODE_TREE && node->len)
		TRY(write_folder(&oid, &gone, repo, node));
	else if (node->mode == MODE_TREE)
		gone = oid_is_zero(&oid);
	id = git2_from_oid(&oid);
	if (!gone)
		code = git_treebuilder_insert(NULL, builder, node->name, &id,
					      (git_filemode_t)node->mode);
	else if (git_treebuilder_get(builder, node->name))
		code = git_treebuilder_remove(builder, node->name);
	if (code)
		return git2_error(code, "writing '%s'", node->name);
	return NULL;
}

static void builder_free(git_treebuilder **builder)
{
	if (*builder)
		git_treebuilder_free(*builder);
}

/* The folder with its changes as a tree; an empty one is not to be kept. */
static struct error *write_folder(struct oid *out, int *empty,
				  struct repo *repo, const struct node *folder)
{
	CLEANUP(builder_free) git_treebuilder *builder = NULL;
	CLEANUP(tree_close) git_tree *below = NULL;
	git_oid id;
	int code;

	TRY(tree_open(&below, repo, &folder->oid));
	code = git_treebuilder_new(&builder, repo_handle(repo), below);
	if (code)
		return git2_error(code, "writing a tree");
	FOR_EACH (struct node, item, folder)
		TRY(write_entry(builder, repo, item));
	code = git_treebuilder_write(&id, builder);
	if (code)
		return git2_error(code, "writing a tree");
	*empty = !git_treebuilder_entrycount(builder);
	*out = git2_to_oid(&id);
	return NULL;
}

/* What was written becomes what the next changes lie over. */
struct error *workspace_write_tree(struct oid *out, struct workspace *work)
{
	struct oid tree = work->root.oid;
	int empty;

	if (work->root.len || oid_is_zero(&tree))
		TRY(write_folder(&tree, &empty, work->repo, &work->root));
	node_set(&work->root, MODE_TREE, &tree);
	*out = tree;
	return NULL;
}

/* Where workspace_list() and workspace_names() put what they meet. */
struct listing {
	struct strings *out;
	const struct repo *repo;
	struct buf path; /* the folder, with its '/' */
	int deep;
};

static void listing_release(struct listing *listing)
{
	buf_release(&listing->path);
}

static struct error *list_folder(struct listing *listing,
				 const struct node *folder);

static struct error *list_entry(struct listing *listing,
				const struct node *node, const char *name)
{
	size_t len = listing->path.len;

	if (!listing->deep && node->mode != MODE_NONE) {
		strings_addf(listing->out, "%s%s", name,
			     node->mode == MODE_TREE ? "/" : "");
	} else if (node->mode == MODE_TREE) {
		if (len + strlen(name) > PATH_LONGEST)
			return error_new(ERROR_INVALID,
					 "a path in the tree is longer than "
					 "%d bytes",
					 PATH_LONGEST);
		buf_addf(&listing->path, "%s/", name);
		TRY(list_folder(listing, node));
		buf_setlen(&listing->path, len);
	} else if (node->mode != MODE_NONE && node->mode != MODE_GITLINK) {
		strings_addf(listing->out, "%s%s", listing->path.data, name);
	}
	return NULL;
}

static struct error *list_folder(struct listing *listing,
				 const struct node *folder)
{
	CLEANUP(tree_close) git_tree *tree = NULL;
	size_t n;

	TRY(tree_open(&tree, listing->repo, &folder->oid));
	n = tree ? git_tree_entrycount(tree) : 0;
	for (size_t i = 0; i < n; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
		const char *name = git_tree_entry_name(entry);
		struct node below = {
			.mode = (enum file_mode)git_tree_entry_filemode(entry),
			.oid = git2_to_oid(git_tree_entry_id(entry)),
		};

		if (!node_child(folder, name, strlen(name)))
			TRY(list_entry(listing, &below, name));
	}
	FOR_EACH (struct node, item, folder)
		TRY(list_entry(listing, item, item->name));
	return NULL;
}

static struct error *list(struct strings *out, const struct workspace *work,
			  const char *folder, int deep)
{
	CLEANUP(listing_release)
	struct listing listing = { out, work->repo, BUF_INIT, deep };
	size_t len = strlen(folder);
	struct node node;

	TRY(node_look_up(&node, work->repo, &work->root, folder));
	if (node.mode != MODE_TREE)
		return error_new(ERROR_NOT_FOUND, "there is no folder '%.200s'",
				 folder);
	buf_str(&listing.path, folder);
	if (len && folder[len - 1] != '/')
		buf_ch(&listing.path, '/');
	TRY(list_folder(&listing, &node));
	strings_sort(out);
	return NULL;
}

struct error *workspace_list(struct strings *out, const struct workspace *work,
			     const char *folder)
{
	return list(out, work, folder, 1);
}

struct error *workspace_names(struct strings *out, const struct workspace *work,
			      const char *folder)
{
	return list(out, work, folder, 0);
}
