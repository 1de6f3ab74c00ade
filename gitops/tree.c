/* Reading trees and blobs, and replacing single entries of a tree. */
#include "gitops/tree.h"

#include "gitops/git2.h"

#include <string.h>

struct error *tree_open(struct git_tree **out, const struct repo *repo,
			const struct oid *tree)
{
	git_oid id = git2_from_oid(tree);
	char hex[OID_HEX];
	int code;

	*out = NULL;
	if (oid_is_zero(tree))
		return NULL;
	code = git_tree_lookup(out, repo_handle(repo), &id);
	if (code)
		return git2_error(code, "reading tree %s", oid_hex(hex, tree));
	return NULL;
}

void tree_close(struct git_tree **tree)
{
	if (*tree)
		git_tree_free(*tree);
	*tree = NULL;
}

struct error *tree_child(enum file_mode *mode, struct oid *oid,
			 const struct repo *repo, const struct oid *tree,
			 const char *name, size_t len)
{
	CLEANUP(tree_close) git_tree *opened = NULL;
	CLEANUP(free_str) char *copy = xstrndup(name, len);
	const git_tree_entry *entry = NULL;

	TRY(tree_open(&opened, repo, tree));
	if (opened)
		entry = git_tree_entry_byname(opened, copy);
	*mode = entry ? (enum file_mode)git_tree_entry_filemode(entry)
		      : MODE_NONE;
	*oid = entry ? git2_to_oid(git_tree_entry_id(entry)) : oid_zero;
	return NULL;
}

struct error *tree_entry(enum file_mode *mode, struct oid *oid,
			 const struct repo *repo, const struct oid *tree,
			 const char *path)
{
	enum file_mode at_mode = MODE_TREE;
	struct oid at = *tree;

	for (;;) {
		size_t len = strcspn(path, "/");

		if (at_mode == MODE_TREE)
			TRY(tree_child(&at_mode, &at, repo, &at, path, len));
		else
			at_mode = MODE_NONE;
		if (at_mode == MODE_NONE || !path[len])
			break;
		path += len + 1;
	}
	*mode = at_mode;
	*oid = at_mode == MODE_NONE ? oid_zero : at;
	return NULL;
}

struct error *blob_size(size_t *out, const struct repo *repo,
			const struct oid *oid)
{
	git_oid id = git2_from_oid(oid);
	git_odb *odb = NULL;
	git_object_t type = GIT_OBJECT_INVALID;
	size_t size = 0;
	char hex[OID_HEX];
	int code = git_repository_odb(&odb, repo_handle(repo));

	if (!code)
		code = git_odb_read_header(&size, &type, odb, &id);
	if (odb)
		git_odb_free(odb);
	if (code)
		return git2_error(code, "reading blob %s", oid_hex(hex, oid));
	if (type != GIT_OBJECT_BLOB)
		return error_new(ERROR_INVALID, "object %s is no blob",
				 oid_hex(hex, oid));
	*out = size;
	return NULL;
}

struct error *blob_read(struct buf *out, const struct repo *repo,
			const struct oid *oid, size_t max)
{
	git_oid id = git2_from_oid(oid);
	git_blob *blob = NULL;
	char hex[OID_HEX];
	size_t size = 0;
	int code;

	TRY(blob_size(&size, repo, oid));
	if (size > max)
		return error_new(ERROR_INVALID,
				 "blob %s is larger than %zu bytes",
				 oid_hex(hex, oid), max);
	code = git_blob_lookup(&blob, repo_handle(repo), &id);
	if (code)
		return git2_error(code, "reading blob %s", oid_hex(hex, oid));
	buf_add(out, git_blob_rawcontent(blob), size);
	git_blob_free(blob);
	return NULL;
}

/* The tree with name set to oid, or without it for MODE_NONE. */
static struct error *tree_replace(struct oid *out, struct repo *repo,
				  const struct oid *tree, const char *name,
				  const struct oid *oid, enum file_mode mode)
{
	CLEANUP(tree_close) git_tree *opened = NULL;
	git_treebuilder *builder = NULL;
	git_oid id = git2_from_oid(oid);
	int code;

	TRY(tree_open(&opened, repo, tree));
	code = git_treebuilder_new(&builder, repo_handle(repo), opened);
	if (!code && mode != MODE_NONE)
		code = git_treebuilder_insert(NULL, builder, name, &id,
					      (git_filemode_t)mode);
	else if (!code && git_treebuilder_get(builder, name))
		code = git_treebuilder_remove(builder, name);
	if (!code)
		code = git_treebuilder_write(&id, builder);
	if (builder)
		git_treebuilder_free(builder);
	if (code)
		return git2_error(code, "replacing '%s' in a tree", name);
	*out = git2_to_oid(&id);
	return NULL;
}

struct error *tree_without(struct oid *out, struct repo *repo,
			   const struct oid *tree, const char *name)
{
	return tree_replace(out, repo, tree, name, &oid_zero, MODE_NONE);
}

struct error *tree_with_from(struct oid *out, struct repo *repo,
			     const struct oid *tree, const char *name,
			     const struct oid *donor)
{
	enum file_mode mode;
	struct oid oid;

	TRY(tree_entry(&mode, &oid, repo, donor, name));
	return tree_replace(out, repo, tree, name, &oid, mode);
}
