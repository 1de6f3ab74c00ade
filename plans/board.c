/*
 * The board: facts gathered, statuses derived, phases put in order.
 *
 * All refs are read once; a branch costs a look at one document, and nothing
 * when that document is the base's own.
 */
#include "plans/board.h"

#include "gitops/commit.h"
#include "gitops/layout.h"
#include "plans/branch.h"
#include "plans/graph.h"
#include "plans/stack.h"

#include <stdlib.h>
#include <string.h>

const char *plan_state_name(enum plan_state state)
{
	static const char *const names[] = {
		[PLAN_DRAFT] = "draft",       [PLAN_ACTIVE] = "active",
		[PLAN_FINISHED] = "finished", [PLAN_ABANDONED] = "abandoned",
		[PLAN_BROKEN] = "broken",
	};
	return names[state];
}

static int finished(const struct phase *phase)
{
	return phase->status == PHASE_DONE || phase->status == PHASE_SKIPPED;
}

static enum plan_state state_of(const struct plan *plan)
{
	if (plan->abandoned)
		return PLAN_ABANDONED;
	FOR_EACH (struct phase, phase, &plan->phases)
		if (!finished(phase))
			return PLAN_ACTIVE;
	return PLAN_FINISHED;
}

/* lenient: what is wrong with the documents is kept, and no error. */
static struct error *read_plan(struct board_plan *row, struct repo *repo,
			       const struct oid *tree, const char *id,
			       int lenient)
{
	struct error *err = plan_read(&row->plan, repo, tree, id, NULL);

	if (!lenient || !error_is(err, ERROR_INVALID))
		return err;
	row->broken = err;
	row->plan.id = xstrdup(id);
	return NULL;
}

static struct error *add_plan(struct board *board, struct repo *repo,
			      const struct oid *tree, const char *id, int draft,
			      int lenient)
{
	struct board_plan *row = xcalloc(1, sizeof *row);
	struct error *err = read_plan(row, repo, tree, id, lenient);

	if (err) {
		free(row);
		return err;
	}
	row->state = draft         ? PLAN_DRAFT
		     : row->broken ? PLAN_BROKEN
				   : state_of(&row->plan);
	*PUSH(&board->plans) = row;
	return NULL;
}

/* The plans that only their own branch knows. */
static struct error *add_drafts(struct board *board, struct project *project,
				const char *only, int lenient)
{
	const char *prefix = project->config.delivery.branch_prefix;
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;

	if (only && board_plan(board, only))
		return NULL;
	TRY(branch_plans(&ids, project->repo, prefix));
	FOR_EACH (char *, id, &ids) {
		struct oid tree;

		if ((only && strcmp(*id, only) != 0) || board_plan(board, *id))
			continue;
		TRY(branch_plan_tree(&tree, project->repo, prefix, *id));
		struct error *err =
			add_plan(board, project->repo, &tree, *id, 1, lenient);
		/* A branch of that name without a plan on it is no draft. */
		if (!error_is(err, ERROR_NOT_FOUND))
			TRY(err);
		else
			error_free(err);
	}
	return NULL;
}

static struct error *add_plans(struct board *board, struct project *project,
			       const char *only, int lenient)
{
	const struct oid *tree = &project->base.tree;
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;

	TRY(plan_ids(&ids, project->repo, tree));
	FOR_EACH (char *, id, &ids)
		if (!only || !strcmp(*id, only))
			TRY(add_plan(board, project->repo, tree, *id, 0,
				     lenient));
	return add_drafts(board, project, only, lenient);
}

struct error *board_read_plans(struct board *out, struct project *project,
			       const char *only)
{
	return add_plans(out, project, only, !only);
}

static int dependencies_done(const struct plan *plan, const struct phase *phase)
{
	FOR_EACH (char *, id, &phase->depends_on) {
		const struct phase *on = plan_phase(plan, *id);

		if (!on || !finished(on))
			return 0;
	}
	return 1;
}

static struct error *branch_facts(struct card *card, struct project *project,
				  const struct phase_refs *refs)
{
	CLEANUP(branch_document_release) struct branch_document document;

	TRY(branch_document_read(&document, project->repo, &refs->branch,
				 card->plan->id, card->phase));
	card->tip = refs->branch;
	card->facts.has_branch = 1;
	card->facts.branch_document = document.present;
	card->facts.on_branch = document.status;
	if (document.status == PHASE_FAILED)
		card->reason = xstrdup(document.reason);
	if (document.spec && strcmp(document.spec, "") != 0) {
		char hex[OID_HEX];

		if (strcmp(document.spec, oid_hex(hex, &card->phase->blob)))
			card->flags |= CARD_OUTDATED;
	}
	if (refs->unpushed)
		card->flags |= CARD_UNPUSHED;
	return commit_is_ancestor(&card->facts.branch_landed, project->repo,
				  &refs->branch, &project->base.commit);
}

static void claim_facts(struct card *card, const struct board *board,
			struct project *project)
{
	FOR_EACH (struct claim, claim, &board->claims)
		if (!strcmp(claim->plan, card->plan->id) &&
		    !strcmp(claim->phase, card->phase->id)) {
			card->claim = claim;
			card->claim_alive =
				claim->version != CLAIM_VERSION ||
				!claim_gone(project->repo, claim,
					    project->config.delivery.lease);
			card->facts.claimed = 1;
		}
}

/*
 * One that ended is about what stood on the branch then: of a phase that was
 * started again since there is none yet.
 */
static struct error *pull_facts(struct card *card, struct project *project)
{
	static const enum pr_state states[] = { PR_OPEN, PR_CLOSED, PR_MERGED };
	const struct pull *pull = &card->pull->pull;
	char hex[OID_HEX];
	struct oid merge;

	card->facts.pr = states[pull->state];
	if (pull->state == PULL_OPEN)
		return NULL;
	if (strcmp(pull->head_oid, oid_hex(hex, &card->tip)) != 0)
		card->facts.pr = PR_NONE;
	struct error *err =
		oid_parse(&merge, pull->merge_oid ? pull->merge_oid : "");
	if (err || !commit_exists(project->repo, &merge)) {
		error_free(err);
		return NULL;
	}
	return commit_is_ancestor(&card->facts.pr_merge_in_base, project->repo,
				  &merge, &project->base.commit);
}

static struct error *find_pull(struct card *card, const struct board *board,
			       struct project *project)
{
	CLEANUP(free_str) char *branch = NULL;

	if (card->facts.forge_local || !board->pulls.len)
		return NULL;
	branch = xasprintf("%s/%s/%s", project->config.delivery.branch_prefix,
			   card->plan->id, card->phase->id);
	card->pull = pulls_of(&board->pulls, branch);
	return card->pull ? pull_facts(card, project) : NULL;
}

/* NULL when the phase has none; in most plans most have none. */
static const struct phase_refs *refs_of(const struct board *board,
					const char *plan, const char *phase)
{
	CLEANUP(free_str) char *key = NULL;

	if (!board->refs.map.len)
		return NULL;
	key = xasprintf("%s/%s", plan, phase);
	return map_get(&board->refs.map, key);
}

static struct error *fill_card(struct card *card, struct board *board,
			       struct project *project,
			       const struct board_plan *row)
{
	const char *prefix = project->config.delivery.branch_prefix;
	const struct phase_refs *refs =
		refs_of(board, card->plan->id, card->phase->id);

	card->facts.on_base = card->phase->status;
	card->facts.forge_local =
		!strcmp(project->config.delivery.forge, "local");
	card->facts.draft = row->state == PLAN_DRAFT;
	card->facts.abandoned = row->state == PLAN_ABANDONED;
	card->facts.dependencies_done =
		dependencies_done(card->plan, card->phase);
	if (refs && !oid_is_zero(&refs->branch)) {
		card->branch = xasprintf("%s/%s/%s", prefix, card->plan->id,
					 card->phase->id);
		TRY(error_wrap(branch_facts(card, project, refs), "branch '%s'",
			       card->branch));
	}
	TRY(find_pull(card, board, project));
	claim_facts(card, board, project);
	TRY(stack_fill(card, board, project, refs ? &refs->base : &oid_zero));
	if (stack_moved(board, card))
		card->flags |= CARD_MOVED;
	if (!card->reason)
		card->reason = xstrdup(card->phase->reason);
	card->status = status_derive(&card->facts);
	if (card->status != STATUS_IN_REVIEW)
		card->flags &= ~(unsigned)CARD_OUTDATED;
	return NULL;
}

static struct error *fill_cards(struct board *board, struct project *project,
				const struct board_plan *row,
				const size_t *order, const size_t *depth)
{
	const struct plan *plan = &row->plan;

	for (size_t i = 0; i < plan->phases.len; i++) {
		struct card *card = PUSH(&board->cards);

		card->plan = plan;
		card->phase = &plan->phases.items[order[i]];
		card->depth = depth[order[i]];
		TRY(fill_card(card, board, project, row));
	}
	return NULL;
}

/* Phases that depend on each other in a circle have no order. */
static struct error *add_cards(struct board *board, struct project *project,
			       struct board_plan *row, int lenient)
{
	size_t n = row->plan.phases.len;
	size_t *order = xcalloc(n, sizeof *order);
	size_t *depth = xcalloc(n, sizeof *depth);
	struct error *err = graph_sort(order, depth, &row->plan);

	if (!err) {
		err = fill_cards(board, project, row, order, depth);
	} else if (lenient && error_is(err, ERROR_INVALID)) {
		row->broken = err;
		if (row->state != PLAN_DRAFT)
			row->state = PLAN_BROKEN;
		err = NULL;
	}
	free(order);
	free(depth);
	return err;
}

/*
 * Only what is in review can be in conflict, and only when both sides touched
 * a path: most boards never start git for this.
 */
struct error *board_conflicts(struct board *board, struct project *project)
{
	FOR_EACH (struct card, card, &board->cards) {
		int merges = 1;

		/* What stands on another one is to merge with that. */
		if (card->status != STATUS_IN_REVIEW || card->stacked)
			continue;
		TRY(branch_merges(&merges, project, &card->tip));
		if (!merges)
			card->flags |= CARD_CONFLICT;
	}
	return NULL;
}

static struct error *load(struct board *out, struct project *project,
			  const char *plan, int lenient)
{
	const char *prefix = project->config.delivery.branch_prefix;

	out->base = xstrdup(project->base.branch);
	TRY(add_plans(out, project, plan, lenient));
	TRY(sync_read_all(&out->refs, project->repo, prefix));
	TRY(claim_list(&out->claims, project->repo));
	if (strcmp(project->config.delivery.forge, "local") != 0)
		pulls_read(&out->pulls, project->repo);
	for (size_t i = 0; i < out->plans.len; i++) {
		struct board_plan *row = out->plans.items[i];

		if (!row->broken && (plan || row->state != PLAN_ABANDONED))
			TRY(add_cards(out, project, row, lenient));
	}
	return NULL;
}

struct error *board_load(struct board *out, struct project *project,
			 const char *plan)
{
	return load(out, project, plan, 0);
}

struct error *board_load_all(struct board *out, struct project *project)
{
	return load(out, project, NULL, 1);
}

void board_release(struct board *board)
{
	for (size_t i = 0; i < board->plans.len; i++) {
		plan_release(&board->plans.items[i]->plan);
		error_free(board->plans.items[i]->broken);
		free(board->plans.items[i]);
	}
	FOR_EACH (struct card, card, &board->cards) {
		free(card->reason);
		free(card->branch);
	}
	free(board->plans.items);
	free(board->cards.items);
	claims_release(&board->claims);
	sync_map_release(&board->refs);
	kept_pulls_release(&board->pulls);
	free(board->base);
	*board = (struct board)BOARD_INIT;
}

struct card *board_card(const struct board *board, const char *plan,
			const char *phase)
{
	FOR_EACH (struct card, card, &board->cards)
		if (!strcmp(card->plan->id, plan) &&
		    !strcmp(card->phase->id, phase))
			return card;
	return NULL;
}

const struct board_plan *board_plan(const struct board *board, const char *plan)
{
	for (size_t i = 0; i < board->plans.len; i++)
		if (!strcmp(board->plans.items[i]->plan.id, plan))
			return board->plans.items[i];
	return NULL;
}

/* Priority, due date (a phase without one last), critical path, id. */
int card_before(const struct card *a, const struct card *b)
{
	if (a->phase->priority != b->phase->priority)
		return a->phase->priority < b->phase->priority;
	if (a->phase->due && b->phase->due &&
	    strcmp(a->phase->due, b->phase->due))
		return strcmp(a->phase->due, b->phase->due) < 0;
	if (!a->phase->due != !b->phase->due)
		return a->phase->due != NULL;
	if (a->depth != b->depth)
		return a->depth > b->depth;
	return strcmp(a->phase->id, b->phase->id) < 0;
}

struct card *board_best(const struct board *board)
{
	struct card *best = NULL;

	FOR_EACH (struct card, card, &board->cards)
		if (card->status == STATUS_READY &&
		    (!best || card_before(card, best)))
			best = card;
	return best;
}

void card_waits(struct strings *out, const struct card *card)
{
	FOR_EACH (char *, id, &card->phase->depends_on) {
		const struct phase *on = plan_phase(card->plan, *id);

		if (!on || !finished(on))
			strings_add(out, *id);
	}
}

static void waits_for(struct buf *out, const struct card *card)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;

	card_waits(&ids, card);
	if (ids.len) {
		buf_str(out, "waits for ");
		strings_join(out, &ids, ", ");
	}
	if (!ids.len)
		buf_str(out, card->facts.abandoned ? "the plan is abandoned"
						   : "the plan is a draft");
}

static void claimed_by(struct buf *out, const struct card *card)
{
	if (card->claim->version < CLAIM_VERSION)
		buf_str(out, "its claim cannot be read");
	else
		buf_addf(out, "claimed by %s%s%s", card->claim->runner,
			 card->claim_alive ? "" : ", which is gone",
			 card->claim->version > CLAIM_VERSION
				 ? " with a newer git-orch"
				 : "");
}

static void was_rejected(struct buf *out, const struct card *card)
{
	long long number = card->pull ? (long long)card->pull->pull.number : 0;

	if (card->facts.pr == PR_CLOSED)
		buf_addf(out, "its pull request #%lld was closed", number);
	else if (card->facts.pr == PR_MERGED)
		buf_addf(out, "#%lld was merged and taken back", number);
	else
		buf_str(out, "its branch was landed and taken back");
}

void card_why(struct buf *out, const struct card *card)
{
	switch (card->status) {
	case STATUS_WAITING:
		waits_for(out, card);
		return;
	case STATUS_BLOCKED:
	case STATUS_FAILED:
		buf_str(out, card->reason ? card->reason : "no reason given");
		return;
	case STATUS_RUNNING:
		claimed_by(out, card);
		return;
	case STATUS_REJECTED:
		was_rejected(out, card);
		return;
	default:
		buf_str(out, status_name(card->status));
	}
}
