/* What the gates judge: two trees and what lies between. */
#include "plans/gate.h"

#include <stdlib.h>

struct error *candidate_open(struct candidate *out, struct project *project,
			     const struct plan *plan, const struct phase *phase,
			     const struct oid *start, const struct oid *tree)
{
	out->project = project;
	out->plan = plan;
	out->phase = phase;
	out->start = *start;
	out->tree = *tree;
	TRY(tree_without(&out->source, project->repo, tree, ".orch"));
	return tree_diff(&out->changes, project->repo, start, tree);
}

void candidate_release(struct candidate *candidate)
{
	changes_release(&candidate->changes);
	*candidate = (struct candidate){ 0 };
}

struct error *gate_changes(const struct candidate *candidate,
			   struct findings *findings)
{
	static struct error *(*const gates[])(const struct candidate *,
					      struct findings *) = {
		gate_paths,
		gate_files,
		gate_size,
		gate_secrets,
	};

	for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
		TRY(gates[i](candidate, findings));
	return NULL;
}
