/* Documents and claims as this clone last fetched them. */
#include "plans/elsewhere.h"

#include "gitops/commit.h"
#include "plans/branch.h"
#include "plans/models.h"
#include "plans/worker.h"

#include <string.h>

static int64_t more(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The dearer of what stands on the base and on the branch. */
static struct error *cost_of(int64_t *out, struct project *project,
			     const struct card *card)
{
	const char *plan = card->plan->id, *phase = card->phase->id;
	int64_t here = 0;
	struct oid tree;

	TRY(branch_cost(out, project->repo, &project->base.tree, plan, phase));
	if (oid_is_zero(&card->tip))
		return NULL;
	TRY(commit_tree(&tree, project->repo, &card->tip));
	TRY(branch_cost(&here, project->repo, &tree, plan, phase));
	*out = more(*out, here);
	return NULL;
}

static struct error *tell_cards(struct budget *budget, struct project *project,
				const struct board *board)
{
	FOR_EACH (struct card, card, &board->cards) {
		int64_t micros = 0;

		if (card->phase->status != PHASE_PLANNED ||
		    card->facts.has_branch)
			TRY(cost_of(&micros, project, card));
		if (micros)
			budget_add_elsewhere(budget, card->phase->id, micros);
	}
	return NULL;
}

/* Of other clones: our own children share our ledger. */
static int is_other(const struct claim *claim, struct project *project,
		    const char *plan)
{
	return claim->nonce && !strcmp(claim->plan, plan) &&
	       !claim_is_ours(project->repo, claim);
}

/* Taken at the same time as ours, and behind it. */
static int is_behind(const struct claim *claim, const struct claim *own,
		     const struct earlier *earlier)
{
	return own && earlier->known &&
	       !strings_has(&earlier->nonces, claim->nonce) &&
	       strcmp(claim->nonce, own->nonce) > 0;
}

static void tell_claims(struct budget *budget, struct project *project,
			const struct board *board, const char *plan,
			const struct claim *own, const struct earlier *earlier)
{
	FOR_EACH (struct claim, claim, &board->claims)
		if (is_other(claim, project, plan) &&
		    !is_behind(claim, own, earlier))
			budget_add_elsewhere(
				budget, NULL,
				more(claim->reserved, claim->spent));
}

static int is_shared(const struct project *project)
{
	return project->base.remote && project->config.budget.plan.usd >= 0;
}

static struct error *tell(struct budget *budget, struct project *project,
			  const struct board *board, const char *plan,
			  const struct claim *own,
			  const struct earlier *earlier)
{
	tell_claims(budget, project, board, plan, own, earlier);
	return tell_cards(budget, project, board);
}

struct error *elsewhere_tell(struct budget *budget, struct project *project,
			     const char *plan, const struct claim *own,
			     const struct earlier *earlier)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	if (!is_shared(project))
		return NULL;
	TRY(board_load(&board, project, plan));
	return tell(budget, project, &board, plan, own, earlier);
}

static void remember(struct earlier *earlier, struct project *project,
		     const struct board *board, const char *plan)
{
	strings_release(&earlier->nonces);
	earlier->known = 1;
	FOR_EACH (struct claim, claim, &board->claims)
		if (is_other(claim, project, plan))
			strings_add(&earlier->nonces, claim->nonce);
}

/* Work that asks no model costs nothing. */
static int costs_money(const struct project *project, const struct card *card)
{
	const char *name =
		card->phase->agent ? card->phase->agent : "developer";
	const struct agent *agent = config_agent(&project->config, name);

	return agent && strcmp(agent->worker, "scaffold") != 0;
}

struct error *elsewhere_reservation(int64_t *out, struct earlier *earlier,
				    struct project *project,
				    const struct card *card)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(budget_close) struct budget *budget = NULL;
	const struct spend_limits *limits = &project->config.budget;
	const char *plan = card->plan->id;
	struct budget_limits used;
	int64_t left;

	*out = 0;
	if (!is_shared(project) || !costs_money(project, card))
		return NULL;
	TRY(project_budget(&budget, project, plan, card->phase->id));
	TRY(board_load(&board, project, plan));
	remember(earlier, project, &board, plan);
	TRY(tell(budget, project, &board, plan, NULL, earlier));
	TRY(budget_used(&used, budget));
	left = more(0, limits->plan.usd - used.plan.micros);
	*out = limits->phase.usd >= 0 && limits->phase.usd < left
		       ? limits->phase.usd
		       : left;
	return NULL;
}
