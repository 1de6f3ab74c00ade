/*
 * What a resolved conflict has to pass: that only files in conflict were
 * touched, that no marker is left, and what any change has to pass.
 */
#include "plans/resolve-step.h"

#include "gitops/commit.h"
#include "plans/gate.h"

#include <string.h>

static void judge_paths(struct resolve *r, const struct changes *changes)
{
	FOR_EACH (struct change, change, changes) {
		if (strings_has(&r->merge.conflicts, change->path))
			continue;
		struct finding *finding =
			finding_add(&r->findings, "not-in-conflict", NULL,
				    "'%s' was changed and is not in conflict",
				    change->path);
		finding->path = xstrdup(change->path);
		finding_hint(finding, "leave it as it was");
	}
}

/* Absent, or no file: none. */
static struct error *count(size_t out[MERGE_MARKERS], const struct resolve *r,
			   const struct oid *tree, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	enum file_mode mode;
	struct oid blob;

	memset(out, 0, MERGE_MARKERS * sizeof *out);
	TRY(tree_entry(&mode, &blob, r->project->repo, tree, path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	TRY(blob_read(&text, r->project->repo, &blob, 64u << 20));
	merge_count_markers(out, text.data, text.len);
	return NULL;
}

/* A text about conflicts may hold such lines: those that stood there stay. */
static struct error *judge_markers(struct resolve *r, const char *path)
{
	size_t now[MERGE_MARKERS], ours[MERGE_MARKERS], theirs[MERGE_MARKERS];
	struct oid tree;

	TRY(count(now, r, &r->tree, path));
	TRY(commit_tree(&tree, r->project->repo, &r->what->onto));
	TRY(count(ours, r, &tree, path));
	TRY(commit_tree(&tree, r->project->repo, &r->what->tip));
	TRY(count(theirs, r, &tree, path));
	for (size_t i = 0; i < MERGE_MARKERS; i++) {
		if (now[i] <= ours[i] + theirs[i])
			continue;
		struct finding *finding =
			finding_add(&r->findings, "conflict-marker", NULL,
				    "'%s' still has conflict markers", path);
		finding->path = xstrdup(path);
		finding_hint(finding, "keep what both sides mean, and take "
				      "the markers out");
		break;
	}
	return NULL;
}

struct error *resolve_judge(struct resolve *r)
{
	CLEANUP(candidate_release) struct candidate candidate = { 0 };

	TRY(candidate_open(&candidate, r->project, r->what->plan, &r->phase,
			   &r->start, &r->tree));
	judge_paths(r, &candidate.changes);
	FOR_EACH (char *, path, &r->merge.conflicts)
		TRY(judge_markers(r, *path));
	return r->findings.len ? NULL : gate_changes(&candidate, &r->findings);
}
