/*
 * A workspace: a start tree plus an overlay of changes, in memory.  No index,
 * no checkout: writing a tree costs what the changed folders cost, never the
 * size of the repository.  Also the reader for any tree (an overlay that
 * stays empty).
 *
 * Paths are relative, '/'-separated, normalised.  What is written must pass
 * path_check(), else ERROR_REFUSED; for reading and deleting, a path that is
 * not of that form simply names nothing, and a file that is there under a name
 * we would not give it can be read and deleted.  Policy (what a phase may
 * touch) is not decided here.
 *
 * Content goes into the object database when it is written, so the memory a
 * workspace takes does not grow with it.
 */
#ifndef GITOPS_WORKSPACE_H
#define GITOPS_WORKSPACE_H

#include "gitops/path.h"
#include "gitops/repo.h"

enum file_mode {
	MODE_NONE = 0,
	MODE_FILE = 0100644,
	MODE_EXEC = 0100755,
	MODE_LINK = 0120000,
	MODE_TREE = 0040000,
	MODE_GITLINK = 0160000,
};

struct workspace;

/* start is a tree (zero: empty). */
struct error *workspace_open(struct workspace **out, struct repo *repo,
			     const struct oid *start) MUST_USE;
void workspace_free(struct workspace *work);
void workspace_release(struct workspace **work); /* for CLEANUP */
const struct oid *workspace_start(const struct workspace *work);
struct repo *workspace_repo(const struct workspace *work);

/* A link's target is its content.  ERROR_NOT_FOUND: absent, or no file. */
struct error *workspace_read(struct buf *out, const struct workspace *work,
			     const char *path) MUST_USE;
/*
 * Mode and id; MODE_NONE and the zero id when absent.  A folder that was
 * changed has no id yet: zero.
 */
struct error *workspace_stat(enum file_mode *mode, struct oid *oid,
			     const struct workspace *work, const char *path)
	MUST_USE;

/*
 * Writes a file; missing folders appear.  ERROR_REFUSED when a part on the way
 * is a file, a link or a submodule, or when path is a folder: delete first.
 * mode MODE_NONE keeps the mode there is (MODE_FILE for a new one).
 */
struct error *workspace_write(struct workspace *work, const char *path,
			      const void *data, size_t len, enum file_mode mode)
	MUST_USE;
/* Sets an entry to an object that exists already. */
struct error *workspace_put(struct workspace *work, const char *path,
			    const struct oid *oid, enum file_mode mode)
	MUST_USE;
/* A file, or a folder with all in it; folders left empty vanish. */
struct error *workspace_delete(struct workspace *work, const char *path)
	MUST_USE;

/*
 * All files and links below folder ("" for all), sorted, in full; submodules
 * are left out.  No such folder: ERROR_NOT_FOUND.
 */
struct error *workspace_list(struct strings *out, const struct workspace *work,
			     const char *folder) MUST_USE;
/* The names in one folder; folders end in '/'. */
struct error *workspace_names(struct strings *out, const struct workspace *work,
			      const char *folder) MUST_USE;

/* A match of workspace_search(). */
struct search_hit {
	char *path;
	unsigned line;
	char *text; /* the line, cut to 400 bytes */
};
struct search_hits {
	struct search_hit *items;
	size_t len;
	size_t cap;
};
/*
 * Lines that match a PCRE2 pattern in text files below folder, at most so
 * many; binary files and files over 1 MiB are passed over.
 */
struct error *workspace_search(struct search_hits *out,
			       const struct workspace *work, const char *folder,
			       const char *pattern, size_t most) MUST_USE;
void search_hits_release(struct search_hits *hits);

enum change_kind { CHANGE_CREATE, CHANGE_MODIFY, CHANGE_DELETE };
const char *change_name(enum change_kind kind); /* create, modify, delete */

struct change {
	char *path;
	enum change_kind kind;
	enum file_mode old_mode, new_mode;
	struct oid old_oid, new_oid;
};
struct changes {
	struct change *items;
	size_t len;
	size_t cap;
};
#define CHANGES_INIT                                                           \
	{                                                                      \
		NULL, 0, 0                                                     \
	}
void changes_release(struct changes *changes);

/* Writes the changed folders; the id of the whole.  May be called again. */
struct error *workspace_write_tree(struct oid *out, struct workspace *work)
	MUST_USE;

/*
 * Files, links and submodules that differ between two trees (zero: empty),
 * sorted by path.  Renames are a deletion and a creation; so is a file that
 * became a folder.
 */
struct error *tree_diff(struct changes *out, const struct repo *repo,
			const struct oid *from, const struct oid *to) MUST_USE;
/*
 * One change as a line that says what it is and a unified diff, for readers.
 * A side larger than max bytes is not shown, nor is binary content.
 */
struct error *change_text(struct buf *out, const struct repo *repo,
			  const struct change *change, size_t max) MUST_USE;
/* The tree without one top-level entry: the source id without ".orch". */
struct error *tree_without(struct oid *out, struct repo *repo,
			   const struct oid *tree, const char *name) MUST_USE;
/* The tree with one top-level entry replaced by another tree's. */
struct error *tree_with_from(struct oid *out, struct repo *repo,
			     const struct oid *tree, const char *name,
			     const struct oid *donor) MUST_USE;
/* The id and mode at a path of a tree; absent gives MODE_NONE and zero. */
struct error *tree_entry(enum file_mode *mode, struct oid *oid,
			 const struct repo *repo, const struct oid *tree,
			 const char *path) MUST_USE;
/* Without reading it. */
struct error *blob_size(size_t *out, const struct repo *repo,
			const struct oid *oid) MUST_USE;
/* A blob's content; larger than max is ERROR_INVALID, read never. */
struct error *blob_read(struct buf *out, const struct repo *repo,
			const struct oid *oid, size_t max) MUST_USE;

#endif
