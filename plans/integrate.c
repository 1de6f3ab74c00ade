/*
 * The queue, without a window yet: one phase after the other, each merged with
 * the base as the one before left it.
 *
 * A kill leaves one of three things: a landing that land_recover() ends, a
 * phase done on the base whose branch is still there (withdrawn at the next
 * call), a claim without an owner over a phase that is done or, but for that
 * claim, in review (dropped at the next call).
 */
#include "plans/integrate.h"

#include "core/clock.h"
#include "core/journal.h"
#include "gitops/commit.h"
#include "gitops/land.h"
#include "plans/branch.h"
#include "plans/check.h"
#include "plans/landing.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LOST 20

static void landing_release(struct landing *landing)
{
	free(landing->phase);
	free(landing->title);
	check_outcomes_release(&landing->checks);
	findings_release(&landing->findings);
	strings_release(&landing->conflicts);
}

void landings_release(struct landings *landings)
{
	FOR_EACH (struct landing, landing, landings)
		landing_release(landing);
	free(landings->items);
	*landings = (struct landings){ NULL, 0, 0 };
}

static const struct phase_refs *refs_of(const struct board *board,
					const struct card *card)
{
	CLEANUP(free_str)
	char *key = xasprintf("%s/%s", card->plan->id, card->phase->id);

	return map_get(&board->refs.map, key);
}

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
	return sync_withdraw(project->repo, prefix, card->plan->id,
			     card->phase->id, &card->tip);
}

/* What a killed integrate left: claims, branches of phases on the base. */
static struct error *withdraw_landed(struct project *project,
				     struct board *board)
{
	FOR_EACH (struct card, card, &board->cards) {
		TRY(drop_dead_claim(project, card));
		if (card->status != STATUS_DONE || card->claim_alive)
			continue;
		TRY(withdraw_branch(project, card));
	}
	return NULL;
}

/*
 * What the merged source has to pass: the checks of this phase and of all
 * that its plan has landed, in the order of the board.  A check that was taken
 * away since is asked for by what has landed no longer.
 */
static void checks_for(struct strings *out, struct project *project,
		       const struct board *board, const struct card *card)
{
	FOR_EACH (struct card, other, &board->cards) {
		CLEANUP(strings_release) struct strings names = STRINGS_INIT;

		if (other != card &&
		    (other->plan != card->plan || other->status != STATUS_DONE))
			continue;
		phase_checks(&names, project, card->plan, other->phase);
		FOR_EACH (char *, name, &names)
			if (!strings_has(out, *name) &&
			    (other == card ||
			     check_find(project, card->plan, *name)))
				strings_add(out, *name);
	}
}

static struct error *judge(struct landing *landing, struct project *project,
			   const struct board *board, const struct card *card,
			   const struct merged *merged)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	struct oid source;

	TRY(tree_without(&source, project->repo, &merged->tree, ".orch"));
	checks_for(&names, project, board, card);
	TRY(gate_checks(&landing->checks, project, card->plan, &names, &source,
			NULL, 1, &landing->findings));
	if (!landing->findings.len)
		gate_coverage(project, &landing->checks, &landing->findings);
	if (landing->findings.len)
		landing->end = LANDING_RED;
	return NULL;
}

/* By the same gates as a worker's result. */
static struct error *judge_paths(struct landing *landing,
				 struct project *project,
				 const struct card *card)
{
	TRY(gate_landing(&landing->findings, project, card->plan, card->phase,
			 &card->tip));
	if (!landing->findings.len)
		return NULL;
	landing->end = LANDING_REFUSED;
	FOR_EACH (struct finding, finding, &landing->findings)
		if (!finding->hint)
			finding_hint(finding, "take it out of branch '%s'",
				     card->branch);
	return NULL;
}

/* What keeps the base from moving is told at the phase; others may land. */
static struct error *in_the_way(struct landing *landing, struct error *why)
{
	CLEANUP(error_release) struct error *held = why;

	if (!error_is(held, ERROR_CONFLICT)) {
		held = NULL;
		return why;
	}
	struct finding *finding = finding_add(&landing->findings, "in-the-way",
					      NULL, "%s", held->message);
	if (held->hint)
		finding_hint(finding, "%s", held->hint);
	landing->end = LANDING_CONFLICT;
	return NULL;
}

const char *landing_end_name(enum landing_end end)
{
	static const char *const names[] = {
		[LANDING_LANDED] = "landed",
		[LANDING_RED] = "red",
		[LANDING_REFUSED] = "refused",
		[LANDING_CONFLICT] = "conflict",
	};
	return names[end];
}

static struct error *land_card(struct landing *landing, struct project *project,
			       const struct board *board,
			       const struct card *card)
{
	CLEANUP(merged_release) struct merged merged = MERGED_INIT;
	CLEANUP(free_str) char *message = NULL;
	const struct phase_refs *refs = refs_of(board, card);

	if (project->progress)
		progress_set(project->progress, card->phase->id, "merge");
	TRY(judge_paths(landing, project, card));
	if (landing->end != LANDING_LANDED)
		return NULL;
	TRY(merged_make(&merged, project, &card->tip, &refs->base));
	if (merged.conflicts.len) {
		landing->end = LANDING_CONFLICT;
		FOR_EACH (char *, path, &merged.conflicts)
			strings_add(&landing->conflicts, *path);
		return NULL;
	}
	if (project->progress)
		progress_set(project->progress, card->phase->id, "check");
	TRY(judge(landing, project, board, card, &merged));
	if (landing->end != LANDING_LANDED)
		return NULL;
	message = xasprintf("Merge phase %s of %s: %s\n", card->phase->id,
			    card->plan->id, card->phase->title);
	TRY(in_the_way(landing, merged_land(&landing->commit, project, &merged,
					    message)));
	if (landing->end != LANDING_LANDED)
		return NULL;
	return sync_withdraw(project->repo,
			     project->config.delivery.branch_prefix,
			     card->plan->id, card->phase->id, &card->tip);
}

/* On a terminal the row that follows on stdout is read there as well. */
static void show_end(struct progress *progress, const struct landing *landing)
{
	if (!progress)
		return;
	if (progress_is_live(progress))
		progress_drop(progress, landing->phase);
	else
		progress_end(progress, landing->phase, "%s  %s",
			     landing_end_name(landing->end), landing->phase);
}

/* Under the phase's claim, so that nobody moves its branch meanwhile. */
static struct error *land_claimed(struct landings *out, struct project *project,
				  const struct board *board,
				  const struct card *card)
{
	CLEANUP(claim_release) struct claim claim = { .lock = FILE_LOCK_INIT };
	CLEANUP(free_str) char *run = journal_new_run();
	struct error *err = claim_take(&claim, project->repo, card->plan->id,
				       card->phase->id, run);

	if (error_is(err, ERROR_CLAIMED)) {
		error_free(err);
		return NULL;
	}
	TRY(err);
	struct landing landing = {
		.phase = xstrdup(card->phase->id),
		.title = xstrdup(card->phase->title),
		.end = LANDING_LANDED,
	};
	err = land_card(&landing, project, board, card);
	struct error *dropped = claim_drop(&claim, project->repo);
	if (err) {
		error_free(dropped);
		landing_release(&landing);
		return err;
	}
	show_end(project->progress, &landing);
	*PUSH(out) = landing;
	return dropped;
}

static struct card *next_card(const struct board *board, const char *phase,
			      const struct strings *tried)
{
	FOR_EACH (struct card, card, &board->cards)
		if (card->status == STATUS_IN_REVIEW &&
		    (!phase || !strcmp(card->phase->id, phase)) &&
		    !strings_has(tried, card->phase->id))
			return card;
	return NULL;
}

/* One phase; *more is 0 when there was none left to try. */
static struct error *land_next(struct landings *out, struct project *project,
			       const char *plan, const char *phase,
			       struct strings *tried, int *more)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	TRY(project_reload(project));
	TRY(trust_require(project));
	TRY(board_load(&board, project, plan));
	struct card *card = next_card(&board, phase, tried);
	*more = card != NULL;
	if (!card)
		return NULL;
	TRY(land_claimed(out, project, &board, card));
	strings_add(tried, card->phase->id);
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

struct error *integrate(struct landings *out, struct project *project,
			const char *plan, const char *phase)
{
	CLEANUP(strings_release) struct strings tried = STRINGS_INIT;
	int more = 1, lost = 0;

	TRY(integrate_recover(project, plan));
	while (more) {
		struct error *err =
			land_next(out, project, plan, phase, &tried, &more);

		/* The base moved meanwhile: the phase is merged with that. */
		if (error_is(err, ERROR_STALE) && ++lost <= MOST_LOST)
			error_free(err);
		else
			TRY(err);
	}
	return NULL;
}
