/* Reads one document and its history, from where it stands now. */
#include "plans/show.h"

#include "core/nearest.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "gitops/workspace.h"

#include <stdlib.h>

#define MOST_HISTORY 20
#define MOST_BYTES   (1 << 20)

void sheet_release(struct sheet *sheet)
{
	board_release(&sheet->board);
	document_release(&sheet->document);
	commit_lines_release(&sheet->history);
	*sheet = (struct sheet)SHEET_INIT;
}

static struct error *no_plan(const char *plan)
{
	return error_hint(
		error_new(ERROR_NOT_FOUND, "there is no plan '%s'", plan),
		"git orch status lists the plans; a phase is named "
		"<plan>/<phase>");
}

static struct error *no_phase(const struct plan *plan, const char *phase)
{
	struct error *err =
		error_new(ERROR_NOT_FOUND, "plan '%s' has no phase '%s'",
			  plan->id, phase);
	ARRAY(const char *) names = ARRAY_INIT;

	FOR_EACH (struct phase, it, &plan->phases)
		*PUSH(&names) = it->id;
	const char *near = nearest(phase, names.items, names.len);
	err = near ? error_hint(err, "did you mean '%s/%s'?", plan->id, near)
		   : error_hint(err, "git orch status %s lists them", plan->id);
	free(names.items);
	return err;
}

/* The commit that has the newest form of the document. */
static struct error *choose_commit(struct oid *out, struct project *project,
				   const struct sheet *sheet)
{
	const char *prefix = project->config.delivery.branch_prefix;

	*out = project->base.commit;
	if (sheet->card && !oid_is_zero(&sheet->card->tip))
		*out = sheet->card->tip;
	if (sheet->plan->state != PLAN_DRAFT)
		return NULL;
	CLEANUP(free_str)
	char *ref = layout_branch(prefix, sheet->plan->plan.id, "plan");
	return shared_read(out, project->repo, ref);
}

static struct error *read_document(struct sheet *sheet, struct repo *repo,
				   const char *path)
{
	enum document_kind kind = sheet->card ? DOCUMENT_PHASE : DOCUMENT_PLAN;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	const struct schema *schema;
	enum file_mode mode;
	struct oid tree, blob;

	TRY(commit_tree(&tree, repo, &sheet->commit));
	TRY(tree_entry(&mode, &blob, repo, &tree, path));
	if (mode == MODE_NONE)
		return error_new(ERROR_NOT_FOUND, "there is no %s", path);
	TRY(blob_read(&text, repo, &blob, MOST_BYTES));
	TRY(document_parse(&sheet->document, kind, path, text.data, text.len,
			   &findings));
	TRY(findings_error(&findings));
	TRY(document_schema(&schema, kind));
	schema_apply(schema, sheet->document.tree.root);
	return NULL;
}

struct error *sheet_load(struct sheet *out, struct project *project,
			 const char *plan, const char *phase)
{
	TRY(board_load(&out->board, project, plan));
	TRY(board_conflicts(&out->board, project));
	out->plan = board_plan(&out->board, plan);
	if (!out->plan)
		return no_plan(plan);
	if (phase) {
		out->card = board_card(&out->board, plan, phase);
		if (!out->card)
			return no_phase(&out->plan->plan, phase);
	}
	CLEANUP(free_str)
	char *path =
		phase ? layout_phase_file(plan, phase) : layout_plan_file(plan);
	TRY(choose_commit(&out->commit, project, out));
	TRY(read_document(out, project->repo, path));
	return commit_history(&out->history, project->repo, &out->commit, path,
			      MOST_HISTORY);
}
