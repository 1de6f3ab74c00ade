/*
 * The history of one path, along first parents.  Two commits are compared
 * part by part from the top, and the comparison ends at the first folder that
 * is the same in both: most commits cost two lookups.
 */
#include "gitops/commit.h"
#include "gitops/tree.h"

#include <stdlib.h>
#include <string.h>

/* Is the path other in one tree than in the other (zero: empty)? */
static struct error *differs(int *out, const struct repo *repo,
			     const struct oid *a, const struct oid *b,
			     const char *path)
{
	enum file_mode a_mode = MODE_TREE, b_mode = MODE_TREE;
	struct oid left = *a, right = *b;

	while (*path && !oid_equal(&left, &right)) {
		size_t len = strcspn(path, "/");

		if (a_mode != MODE_TREE)
			left = oid_zero;
		if (b_mode != MODE_TREE)
			right = oid_zero;
		TRY(tree_child(&a_mode, &left, repo, &left, path, len));
		TRY(tree_child(&b_mode, &right, repo, &right, path, len));
		path += len + (path[len] == '/');
	}
	*out = !oid_equal(&left, &right) || a_mode != b_mode;
	return NULL;
}

static struct error *add_line(struct commit_lines *out, const struct repo *repo,
			      const struct oid *commit)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(free_str) char *message = NULL;
	struct commit_line *line;
	int64_t when;

	TRY(commit_message(&message, repo, commit));
	TRY(commit_author(&author, &when, repo, commit));
	line = PUSH(out);
	line->oid = *commit;
	line->when = when;
	line->author = author.name;
	line->subject = xstrndup(message, strcspn(message, "\n"));
	author.name = NULL;
	return NULL;
}

struct error *commit_history(struct commit_lines *out, const struct repo *repo,
			     const struct oid *tip, const char *path,
			     size_t most)
{
	CLEANUP(commit_lines_release)
	struct commit_lines lines = { NULL, 0, 0 };
	struct oid at = *tip;
	struct oid tree;

	TRY(commit_tree(&tree, repo, &at));
	while (lines.len < most) {
		struct oid parent, parent_tree = oid_zero;
		int changed;

		TRY(commit_parent(&parent, repo, &at, 0));
		if (!oid_is_zero(&parent))
			TRY(commit_tree(&parent_tree, repo, &parent));
		TRY(differs(&changed, repo, &tree, &parent_tree, path));
		if (changed)
			TRY(add_line(&lines, repo, &at));
		if (oid_is_zero(&parent))
			break;
		at = parent;
		tree = parent_tree;
	}
	*out = lines;
	lines = (struct commit_lines){ NULL, 0, 0 };
	return NULL;
}

void commit_lines_release(struct commit_lines *lines)
{
	FOR_EACH (struct commit_line, line, lines) {
		free(line->author);
		free(line->subject);
	}
	free(lines->items);
	*lines = (struct commit_lines){ NULL, 0, 0 };
}
