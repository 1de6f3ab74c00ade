/*
 * What git prints of a merge is read, not its exit status alone: a path may
 * be in conflict for git and yet be merged by our driver.  Where git has no
 * index to take .gitattributes from it merges files as text, so it is given
 * one that does not exist.
 */
#include "gitops/merge.h"

#include "gitops/commit.h"
#include "gitops/git.h"
#include "gitops/workspace.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BLOB (64u << 20)

struct conflict {
	char *path;
	char *reason; /* NULL: none yet */
};

struct conflicts {
	struct conflict *items;
	size_t len;
	size_t cap;
};

static void conflicts_release(struct conflicts *list)
{
	FOR_EACH (struct conflict, it, list) {
		free(it->path);
		free(it->reason);
	}
	free(list->items);
	*list = (struct conflicts){ NULL, 0, 0 };
}

void merge_release(struct merge *merge)
{
	strings_release(&merge->conflicts);
	strings_release(&merge->reasons);
	*merge = (struct merge)MERGE_INIT;
}

static struct conflict *find(const struct conflicts *list, const char *path)
{
	FOR_EACH (struct conflict, it, list)
		if (!strcmp(it->path, path))
			return it;
	return NULL;
}

static struct conflict *add(struct conflicts *list, const char *path)
{
	struct conflict *it = find(list, path);

	if (!it) {
		it = PUSH(list);
		it->path = xstrdup(path);
	}
	return it;
}

static void drop(struct conflicts *list, struct conflict *it)
{
	free(it->path);
	free(it->reason);
	*it = list->items[--list->len];
}

/* Reading what merge-tree printed: strings, each ended by NUL. */

struct reader {
	const char *at;
	const char *end;
};

static const char *next(struct reader *reader)
{
	const char *s = reader->at;

	if (s >= reader->end)
		return NULL;
	reader->at = s + strlen(s) + 1;
	return s;
}

/* "CONFLICT (content): Merge conflict in x\n" without tag and newline. */
static char *reason_from(const char *message)
{
	static const char tag[] = "CONFLICT ";
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	if (!strncmp(message, tag, strlen(tag)))
		message += strlen(tag);
	buf_add(&out, message, strcspn(message, "\n"));
	return buf_steal(&out);
}

static void read_messages(struct conflicts *list, struct reader *reader)
{
	const char *count;

	while ((count = next(reader))) {
		struct strings paths = STRINGS_INIT;
		const char *type, *message;

		for (long n = strtol(count, NULL, 10); n > 0; n--) {
			const char *path = next(reader);

			strings_add(&paths, path ? path : "");
		}
		type = next(reader);
		message = next(reader);
		FOR_EACH (char *, path, &paths) {
			struct conflict *it = find(list, *path);

			if (it && !it->reason && message &&
			    !strncmp(type, "CONFLICT", 8))
				it->reason = reason_from(message);
		}
		strings_release(&paths);
	}
}

static struct error *read_output(struct oid *tree, struct conflicts *list,
				 const struct buf *out)
{
	struct reader reader = { out->data, out->data + out->len };
	const char *line = next(&reader);

	if (!line)
		return error_new(ERROR_FAILURE, "git merge-tree said nothing");
	TRY(oid_parse(tree, line));
	while ((line = next(&reader)) && *line)
		add(list, line);
	read_messages(list, &reader);
	return NULL;
}

static struct error *unrelated(const struct repo *repo)
{
	if (repo_is_shallow(repo))
		return error_hint(error_new(ERROR_FAILURE,
					    "the history here is too shallow "
					    "to merge"),
				  "git fetch --unshallow");
	return error_hint(error_new(ERROR_CONFLICT,
				    "the two histories have nothing in common"),
			  "put the branch onto the base by hand: git rebase");
}

/* The merge by git: its tree, and what it could not do. */
static struct error *merge_tree(struct oid *tree, struct conflicts *list,
				const struct repo *repo, const struct oid *ours,
				const struct oid *theirs)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(proc_result_release) struct proc_result result;
	char a[OID_HEX], b[OID_HEX];

	proc_result_init(&result);
	strings_addv(&call.args, "merge-tree", "--write-tree", "--messages",
		     "--name-only", "-z", oid_hex(a, ours), oid_hex(b, theirs),
		     NULL);
	strings_addf(&call.env, "GIT_INDEX_FILE=%s/orch/no-index",
		     repo_common_dir(repo));
	strings_add(&call.env, "GIT_ATTR_NOSYSTEM=1");
	strings_addv(&call.config, "merge.conflictStyle", "diff3", NULL);
	TRY(git_call(&result, repo, &call));
	if (strstr(result.err.data, "unrelated histories"))
		return unrelated(repo);
	if (result.end != PROC_EXITED || result.exit > 1)
		return git_failure(&call, &result);
	return read_output(tree, list, &result.out);
}

/* The driver's pass over what both sides changed. */

struct pass {
	struct repo *repo;
	const struct merge_driver *driver;
	struct oid base; /* trees; zero: none */
	struct oid ours;
	struct oid theirs;
	struct workspace *result;
	struct conflicts *list;
};

static int is_file(enum file_mode mode)
{
	return mode == MODE_FILE || mode == MODE_EXEC;
}

/* *there 0: no regular file at path. */
static struct error *read_side(struct buf *out, int *there,
			       const struct pass *pass, const struct oid *tree,
			       const char *path)
{
	enum file_mode mode = MODE_NONE;
	struct oid oid;

	*there = 0;
	if (oid_is_zero(tree))
		return NULL;
	TRY(tree_entry(&mode, &oid, pass->repo, tree, path));
	if (!is_file(mode))
		return NULL;
	*there = 1;
	return blob_read(out, pass->repo, &oid, MAX_BLOB);
}

/* The driver's answer into the tree, or into the list of conflicts. */
static struct error *settle(struct pass *pass, const char *path,
			    const struct buf *merged, struct error *err)
{
	struct conflict *it = find(pass->list, path);

	if (error_is(err, ERROR_CONFLICT)) {
		it = it ? it : add(pass->list, path);
		free(it->reason);
		it->reason = xstrdup(err->message);
		error_free(err);
		return NULL;
	}
	if (err)
		return error_wrap(err, "merging '%s'", path);
	TRY(workspace_write(pass->result, path, merged->data, merged->len,
			    MODE_NONE));
	if (it)
		drop(pass->list, it);
	return NULL;
}

static struct error *drive(struct pass *pass, const char *path)
{
	CLEANUP(buf_release) struct buf base = BUF_INIT;
	CLEANUP(buf_release) struct buf ours = BUF_INIT;
	CLEANUP(buf_release) struct buf theirs = BUF_INIT;
	CLEANUP(buf_release) struct buf merged = BUF_INIT;
	int has_base, has_ours, has_theirs;
	enum file_mode mode;
	struct oid oid;

	TRY(read_side(&base, &has_base, pass, &pass->base, path));
	TRY(read_side(&ours, &has_ours, pass, &pass->ours, path));
	TRY(read_side(&theirs, &has_theirs, pass, &pass->theirs, path));
	TRY(workspace_stat(&mode, &oid, pass->result, path));
	/* Deleted on one side, or a folder there: git's answer stands. */
	if (!has_ours || !has_theirs || !is_file(mode))
		return NULL;
	return settle(pass, path, &merged,
		      pass->driver->merge(&merged, path,
					  has_base ? &base : NULL, &ours,
					  &theirs, pass->driver->data));
}

/* Both lists are sorted by path. */
static struct error *drive_all(struct pass *pass)
{
	CLEANUP(changes_release) struct changes ours = CHANGES_INIT;
	CLEANUP(changes_release) struct changes theirs = CHANGES_INIT;

	TRY(tree_diff(&ours, pass->repo, &pass->base, &pass->ours));
	TRY(tree_diff(&theirs, pass->repo, &pass->base, &pass->theirs));
	for (size_t i = 0, k = 0; i < ours.len && k < theirs.len;) {
		const struct change *a = &ours.items[i];
		const struct change *b = &theirs.items[k];
		int order = strcmp(a->path, b->path);

		i += order <= 0;
		k += order >= 0;
		if (!order && !oid_equal(&a->new_oid, &b->new_oid) &&
		    pass->driver->wants(a->path, pass->driver->data))
			TRY(drive(pass, a->path));
	}
	return NULL;
}

static struct error *drive_tree(struct oid *tree, struct pass *pass)
{
	CLEANUP(workspace_release) struct workspace *result = NULL;

	TRY(workspace_open(&result, pass->repo, tree));
	pass->result = result;
	TRY(drive_all(pass));
	return workspace_write_tree(tree, result);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct conflict *)a)->path,
		      ((const struct conflict *)b)->path);
}

static void hand_over(struct merge *out, const struct oid *tree,
		      struct conflicts *list)
{
	out->tree = *tree;
	if (list->len)
		qsort(list->items, list->len, sizeof *list->items, by_path);
	FOR_EACH (struct conflict, it, list) {
		strings_add(&out->conflicts, it->path);
		strings_add(&out->reasons,
			    it->reason ? it->reason : "merge conflict");
	}
}

/* base is the commit both sides come from; zero: none. */
static struct error *merge(struct merge *out, struct repo *repo,
			   const struct oid *base, const struct oid *ours,
			   const struct oid *theirs,
			   const struct merge_driver *driver)
{
	CLEANUP(conflicts_release) struct conflicts list = { NULL, 0, 0 };
	struct pass pass = { .repo = repo, .driver = driver, .list = &list };
	struct oid tree;

	TRY(merge_tree(&tree, &list, repo, ours, theirs));
	if (driver) {
		if (!oid_is_zero(base))
			TRY(commit_tree(&pass.base, repo, base));
		TRY(commit_tree(&pass.ours, repo, ours));
		TRY(commit_tree(&pass.theirs, repo, theirs));
		TRY(drive_tree(&tree, &pass));
	}
	hand_over(out, &tree, &list);
	return NULL;
}

struct error *merge_commits(struct merge *out, struct repo *repo,
			    const struct oid *ours, const struct oid *theirs,
			    const struct merge_driver *driver)
{
	struct oid base;

	TRY(commit_merge_base(&base, repo, ours, theirs));
	if (oid_is_zero(&base))
		return unrelated(repo);
	return merge(out, repo, &base, ours, theirs, driver);
}

/*
 * merge-tree has no --merge-base before git 2.40.  A commit with onto's tree
 * whose parent is commit's parent makes that parent the only merge base.
 */
struct error *merge_replay(struct merge *out, struct repo *repo,
			   const struct oid *onto, const struct oid *commit,
			   const struct merge_driver *driver)
{
	static char name[] = "git-orch";
	static char email[] = "replay@git-orch.invalid";
	struct commit_spec spec = { .message = "replay\n", .plain = 1 };
	struct oid parent, ours;

	TRY(commit_parent(&parent, repo, commit, 0));
	if (oid_is_zero(&parent))
		return unrelated(repo);
	TRY(commit_tree(&spec.tree, repo, onto));
	spec.parents = &parent;
	spec.n_parents = 1;
	spec.author = (struct identity){ name, email };
	spec.committer = spec.author;
	TRY(commit_create(&ours, repo, &spec));
	return merge(out, repo, &parent, &ours, commit, driver);
}
