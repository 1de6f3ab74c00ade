/*
 * What the git agent is told of a conflict: the files, and what each side was
 * made for.  The phase says so on its page; the other side is what the base
 * has come to have since, which is the pages of phases that have landed and the
 * words of the commits that changed those files.
 */
#include "plans/resolve-step.h"

#include "gitops/commit.h"
#include "gitops/layout.h"
#include "plans/prompt.h"

#include <string.h>

#define MOST_PAGE    (32u << 10)
#define MOST_PAGES   12
#define MOST_COMMITS 5 /* of a file */

static void list_files(struct buf *out, const struct resolve *r)
{
	buf_str(out, "In conflict are:\n\n");
	for (size_t i = 0; i < r->merge.conflicts.len; i++)
		buf_addf(out, "- %s\n", r->merge.conflicts.items[i]);
	buf_str(out, "\n");
}

static int names_any(const char *text, const struct strings *paths)
{
	FOR_EACH (char *, path, paths)
		if (strstr(text, *path))
			return 1;
	return 0;
}

/* A page that speaks of what is in conflict. */
static struct error *quote(struct buf *out, const struct resolve *r,
			   const struct oid *tree, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf clean = BUF_INIT;
	enum file_mode mode;
	struct oid blob;
	size_t size;

	TRY(tree_entry(&mode, &blob, r->project->repo, tree, path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	TRY(blob_size(&size, r->project->repo, &blob));
	if (size > MOST_PAGE)
		return NULL;
	TRY(blob_read(&text, r->project->repo, &blob, MOST_PAGE));
	if (!names_any(text.data, &r->merge.conflicts))
		return NULL;
	TRY(secrets_redact(&clean, r->caller.secrets, text.data, text.len));
	prompt_fence(out, path, clean.data, clean.len);
	return NULL;
}

static int is_page(const char *path)
{
	return !strncmp(path, ".orch/plans/", 12) &&
	       strstr(path, "/docs/phases/");
}

/* The pages of the phases that the base has got since. */
static struct error *quote_landed(struct buf *out, const struct resolve *r)
{
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;
	struct oid before, now;
	size_t n = 0;

	TRY(commit_tree(&before, r->project->repo, &r->fork));
	TRY(commit_tree(&now, r->project->repo, &r->what->onto));
	TRY(tree_diff(&changes, r->project->repo, &before, &now));
	FOR_EACH (struct change, change, &changes)
		if (is_page(change->path) && change->kind != CHANGE_DELETE &&
		    n++ < MOST_PAGES)
			TRY(quote(out, r, &now, change->path));
	return NULL;
}

/* The subjects of the commits since the fork that changed a file. */
static struct error *list_commits(struct buf *out, const struct resolve *r,
				  const char *path)
{
	CLEANUP(commit_lines_release)
	struct commit_lines lines = { NULL, 0, 0 };

	TRY(commit_history(&lines, r->project->repo, &r->what->onto, path,
			   MOST_COMMITS));
	FOR_EACH (struct commit_line, line, &lines) {
		int before = 0;

		TRY(commit_is_ancestor(&before, r->project->repo, &line->oid,
				       &r->fork));
		if (before)
			break;
		buf_addf(out, "%s: %s\n", path, line->subject);
	}
	return NULL;
}

static struct error *quote_commits(struct buf *out, const struct resolve *r)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf clean = BUF_INIT;

	FOR_EACH (char *, path, &r->merge.conflicts)
		TRY(list_commits(&text, r, *path));
	TRY(secrets_redact(&clean, r->caller.secrets, text.data, text.len));
	if (clean.len)
		prompt_fence(out, "commits of the base", clean.data, clean.len);
	return NULL;
}

struct error *resolve_brief(struct resolve *r)
{
	const struct conflict_case *what = r->what;
	CLEANUP(free_str)
	char *page = layout_page_file(what->plan->id, what->phase->id);
	struct oid tip;

	buf_clear(&r->brief);
	list_files(&r->brief, r);
	TRY(commit_tree(&tip, r->project->repo, &what->tip));
	buf_str(&r->brief, "What the phase did (the side below =======):\n\n");
	TRY(quote(&r->brief, r, &tip, page));
	buf_str(&r->brief, "What the base has got meanwhile (the side above "
			   "=======):\n\n");
	TRY(quote_landed(&r->brief, r));
	return quote_commits(&r->brief, r);
}
