/*
 * Changing a plan in progress.  What is done, in review or being worked on is
 * kept: it is shown, so that new phases can rest on it, and no byte of its
 * documents changes.
 */
#include "gitops/commit.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "gitops/sync.h"
#include "plans/board.h"
#include "plans/planner-step.h"
#include "plans/prompt.h"

#include <string.h>

static int is_kept(const struct card *card)
{
	switch (card->status) {
	case STATUS_DONE:
	case STATUS_IN_REVIEW:
	case STATUS_RUNNING:
	case STATUS_STARTED:
		return 1;
	default:
		return 0;
	}
}

/*
 * Where the documents are: on the plan's branch while something there has not
 * landed, else on the base.
 */
static struct error *find_documents(struct planning *p)
{
	CLEANUP(free_str)
	char *ref = xasprintf("refs/heads/%s", p->out->branch);
	struct repo *repo = p->project->repo;
	struct oid tip;
	int landed = 0;

	TRY(shared_read(&tip, repo, ref));
	p->old_branch = tip;
	if (oid_is_zero(&tip))
		return NULL;
	TRY(commit_is_ancestor(&landed, repo, &tip, &p->parent));
	if (landed)
		return NULL;
	p->parent = tip;
	return commit_tree(&p->tree, repo, &tip);
}

static struct error *require_open(const struct planning *p,
				  const struct board *board)
{
	const struct board_plan *row = board_plan(board, p->out->plan);

	if (!row)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no plan '%s'",
					    p->out->plan),
				  "git orch status lists the plans");
	if (row->broken)
		return board_broken(row);
	if (row->plan.abandoned)
		return error_new(ERROR_FAILURE, "plan '%s' is abandoned: %s",
				 p->out->plan, row->plan.abandoned);
	return NULL;
}

static struct error *show_phase(struct buf *out, struct planning *p,
				const struct board *board,
				const struct phase *phase)
{
	const struct card *card = board_card(board, p->out->plan, phase->id);
	int kept = card && is_kept(card);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str)
	char *label = xasprintf("phase %s: %s%s", phase->id,
				card ? status_name(card->status) : "new",
				kept ? ", kept" : "");

	if (kept)
		strings_add(&p->kept, phase->id);
	TRY(document_intent(&text, p->project->repo, &p->tree, phase->path));
	prompt_fence(out, label, text.data, text.len);
	return NULL;
}

static struct error *quote(struct buf *out, const struct planning *p,
			   const char *label, const char *path)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(workspace_open(&work, p->project->repo, &p->tree));
	struct error *err = workspace_read(&text, work, path);
	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	TRY(err);
	prompt_fence(out, label, text.data, text.len);
	return NULL;
}

/* The plan and how it is built stand for what was decided and designed. */
static struct error *show_plan(struct planning *p, const struct plan *plan)
{
	CLEANUP(buf_release) struct buf decided = BUF_INIT;
	CLEANUP(buf_release) struct buf design = BUF_INIT;
	CLEANUP(free_str)
	char *path = layout_doc_file(plan->id, "architecture.md");

	FOR_EACH (struct check, check, &plan->checks)
		if (!strings_has(&p->checks, check->name))
			strings_add(&p->checks, check->name);
	planner_describe(p);
	TRY(quote(&decided, p, "plan.yaml", plan->path));
	TRY(quote(&design, p, "architecture.md", path));
	planner_var(p, "synthesis", decided.data);
	planner_var(p, "architecture", design.data);
	return NULL;
}

/* For the manager, who is shown nothing but the change itself. */
static void show_to_reviewer(struct planning *p, const struct buf *phases)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&text, map_get(&p->vars, "architecture"));
	buf_str(&text,
		"The plan is in progress. Its phases, as they stand:\n\n");
	buf_add(&text, phases->data, phases->len);
	buf_str(&text, "The change that is wanted:\n\n");
	buf_str(&text, map_get(&p->vars, "change"));
	buf_str(&text, "Below is what changes, and nothing else.\n\n");
	planner_var(p, "architecture", text.data);
}

static struct error *show_current(struct planning *p, const struct plan *plan,
				  const struct board *board)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf phases = BUF_INIT;
	CLEANUP(buf_release) struct buf kept = BUF_INIT;
	CLEANUP(buf_release) struct buf change = BUF_INIT;

	FOR_EACH (struct phase, phase, &plan->phases)
		TRY(show_phase(&phases, p, board, phase));
	buf_str(&text, map_get(&p->vars, "synthesis"));
	buf_str(&text, map_get(&p->vars, "architecture"));
	buf_add(&text, phases.data, phases.len);
	strings_join(&kept, &p->kept, ", ");
	prompt_fence(&change, "the change", p->goal, strlen(p->goal));
	planner_var(p, "current", text.data);
	planner_var(p, "kept", kept.len ? kept.data : "none");
	planner_var(p, "change", change.data);
	show_to_reviewer(p, &phases);
	return NULL;
}

struct error *replan_open(struct planning *p)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(plan_release) struct plan plan = { 0 };

	TRY(draft_name(p->out, p->project, p->request->replan));
	TRY(sync_unblocked(p->project->repo,
			   p->project->config.delivery.branch_prefix,
			   p->out->plan, "plan"));
	TRY(board_load(&board, p->project, p->out->plan));
	TRY(require_open(p, &board));
	TRY(find_documents(p));
	TRY(plan_read(&plan, p->project->repo, &p->tree, p->out->plan, NULL));
	TRY(show_plan(p, &plan));
	return show_current(p, &plan, &board);
}
