/*
 * What a killed integrate left.
 *
 * A kill leaves one of three things: a landing that land_recover() ends,
 * phases done on the base whose branches are still there (withdrawn here),
 * claims without an owner over phases that are done or, but for that claim, in
 * review (dropped here).
 */
#include "gitops/land.h"
#include "plans/branch.h"
#include "plans/integrate-forge.h"
#include "plans/integrate.h"
#include "plans/restack.h"

static struct error *drop_dead(struct project *project, const struct card *card)
{
	CLEANUP(claim_release) struct claim claim = { .lock = FILE_LOCK_INIT };
	int taken = 0;

	TRY(card_take_over(&taken, &claim, project, card));
	return taken ? claim_drop(&claim, project->repo) : NULL;
}

/*
 * A dead claim on what is done or in review has nothing left to guard: the
 * branch says all there is.  Others are next-phase's to resume.
 */
static struct error *drop_dead_claim(struct project *project, struct card *card)
{
	if (!card->claim || card->claim_alive)
		return NULL;
	card->facts.claimed = 0;
	enum status status = status_derive(&card->facts);
	if (status != STATUS_DONE && status != STATUS_IN_REVIEW)
		return NULL;
	TRY(drop_dead(project, card));
	card->status = status;
	return NULL;
}

/*
 * The branch of a phase that is done on the base, where its work is: somebody
 * may have written done or skipped there by hand, and other work stands here.
 */
static struct error *withdraw_branch(struct project *project,
				     struct land_desk *desk,
				     const struct board *board,
				     const struct card *card)
{
	const char *prefix = project->config.delivery.branch_prefix;
	int landed = 0;

	if (!card->facts.has_branch || card->facts.on_branch != PHASE_DONE)
		return NULL;
	TRY(branch_landed(&landed, project, &card->tip, card->plan->id,
			  card->phase->id));
	if (!landed)
		return NULL;
	TRY(land_desk_open(desk, project));
	TRY(stack_retarget(project, board, card));
	TRY(land_settle(desk, card->plan->id, card->phase->id, 1));
	return sync_withdraw(project->repo, prefix, card->plan->id,
			     card->phase->id, &card->tip);
}

/* A forge deletes the branch that it has merged, and knows of no base ref. */
static struct error *forget_base(const struct project *project,
				 const struct card *card)
{
	const char *plan = card->plan->id, *phase = card->phase->id;
	struct phase_refs refs;

	if (card->facts.has_branch)
		return NULL;
	TRY(sync_read(&refs, project->repo,
		      project->config.delivery.branch_prefix, plan, phase));
	return oid_is_zero(&refs.base)
		       ? NULL
		       : sync_forget(project->repo, plan, phase);
}

/* The branch is gone, and its request was open when we last looked. */
static struct error *close_pull(struct project *project, struct land_desk *desk,
				const struct board *board,
				const struct card *card)
{
	CLEANUP(free_str)
	char *branch =
		xasprintf("%s/%s/%s", project->config.delivery.branch_prefix,
			  card->plan->id, card->phase->id);
	const struct kept_pull *kept = pulls_of(&board->pulls, branch);

	if (card->facts.has_branch || !kept || kept->pull.state != PULL_OPEN)
		return NULL;
	TRY(land_desk_open(desk, project));
	return land_settle(desk, card->plan->id, card->phase->id, 0);
}

/*
 * What a killed integrate left, and what a person has merged: claims, branches
 * and base refs of phases on the base, pull requests.
 */
static struct error *withdraw_landed(struct project *project,
				     struct board *board)
{
	CLEANUP(land_desk_close) struct land_desk desk = { .project = NULL };

	FOR_EACH (struct card, card, &board->cards) {
		TRY(drop_dead_claim(project, card));
		if (card->status != STATUS_DONE || card->claim_alive)
			continue;
		TRY(withdraw_branch(project, &desk, board, card));
		TRY(forget_base(project, card));
		TRY(close_pull(project, &desk, board, card));
	}
	return NULL;
}

struct error *integrate_recover(struct project *project, const char *plan)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	TRY(land_recover(project->repo));
	TRY(project_reload(project));
	TRY(board_load(&board, project, plan));
	return withdraw_landed(project, &board);
}
