/*
 * The gates on what a branch is about to bring to the base.  A branch can be
 * written by anybody, so what no worker would have been granted does not land
 * just because the branch's document says done.
 *
 * Looked at is what the branch changed since it last met the base: after a
 * merge of the base by hand the base ref still says where the phase began, and
 * the base's own changes are not the branch's.
 */
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "plans/gate.h"

#include <stdlib.h>
#include <string.h>

/* The two files that are the tool's to write, as long as they are files. */
static int is_own(const struct change *change, const char *document,
		  const char *page)
{
	if (change->new_mode == MODE_LINK || change->new_mode == MODE_GITLINK)
		return 0;
	return !strcmp(change->path, document) || !strcmp(change->path, page);
}

void candidate_leave_out_own(struct candidate *candidate)
{
	const char *plan = candidate->plan->id, *phase = candidate->phase->id;
	CLEANUP(free_str) char *document = layout_phase_file(plan, phase);
	CLEANUP(free_str) char *page = layout_page_file(plan, phase);
	struct changes *changes = &candidate->changes;
	size_t kept = 0;

	FOR_EACH (struct change, change, changes) {
		if (is_own(change, document, page))
			free(change->path);
		else
			changes->items[kept++] = *change;
	}
	changes->len = kept;
}

struct error *candidate_branch(struct candidate *out, struct project *project,
			       const struct plan *plan,
			       const struct phase *phase,
			       const struct oid *fork, const struct oid *tip)
{
	struct oid from = oid_zero, to;

	if (!oid_is_zero(fork))
		TRY(commit_tree(&from, project->repo, fork));
	TRY(commit_tree(&to, project->repo, tip));
	TRY(candidate_open(out, project, plan, phase, &from, &to));
	candidate_leave_out_own(out);
	return NULL;
}

struct error *gate_landing(struct findings *findings, struct project *project,
			   const struct plan *plan, const struct phase *phase,
			   const struct oid *tip)
{
	CLEANUP(candidate_release) struct candidate candidate = { 0 };
	struct oid fork;

	TRY(commit_merge_base(&fork, project->repo, &project->base.commit,
			      tip));
	TRY(candidate_branch(&candidate, project, plan, phase, &fork, tip));
	return gate_changes(&candidate, findings);
}
