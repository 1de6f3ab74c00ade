/*
 * Step 8, and going on at 7 or 8 with a phase that is done: its branch is here
 * and was not pushed, or it was pushed and not proposed.
 *
 * What is delivered is what stands on the branch, so no journal is needed, and
 * any machine may do it.
 */
#include "plans/step.h"

#include "gitops/commit.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "plans/branch.h"
#include "plans/propose.h"
#include "plans/pulls.h"
#include "plans/stack.h"

#include <string.h>

static int has_forge(const struct project *project)
{
	return strcmp(project->config.delivery.forge, "local") != 0;
}

/* Nobody has seen a pull request of it that is about what stands there. */
static int is_unproposed(const struct card *card)
{
	return !card->facts.forge_local &&
	       (card->facts.pr == PR_UNKNOWN || card->facts.pr == PR_NONE);
}

int step_deliverable(const struct card *card,
		     const struct transaction_options *options)
{
	if (card->status != STATUS_IN_REVIEW || options->no_push)
		return 0;
	return (card->flags & CARD_UNPUSHED) ||
	       (is_unproposed(card) && !options->no_pr);
}

/* What --no-push kept in this clone; base zero: nothing. */
struct kept {
	struct oid branch;
	struct oid base;
};

static struct error *read_kept(struct kept *out, const struct project *project,
			       const char *plan, const char *phase)
{
	CLEANUP(free_str)
	char *branch = layout_branch(project->config.delivery.branch_prefix,
				     plan, phase);
	CLEANUP(free_str) char *base = layout_base(plan, phase);

	*out = (struct kept){ .base = oid_zero };
	if (!project->base.remote)
		return NULL;
	TRY(ref_read_maybe(&out->branch, project->repo, branch));
	return ref_read_maybe(&out->base, project->repo, base);
}

struct error *step_expected(struct oid *out, const struct transaction *t,
			    const struct card *card)
{
	CLEANUP(free_str)
	char *branch = layout_branch(t->project->config.delivery.branch_prefix,
				     card->plan->id, card->phase->id);
	struct kept kept;

	*out = card->tip;
	if (!t->project->base.remote)
		return NULL;
	if (!t->options->no_push)
		return shared_read(out, t->project->repo, branch);
	TRY(read_kept(&kept, t->project, card->plan->id, card->phase->id));
	/* Without a base ref it is somebody's own branch of that name. */
	*out = oid_is_zero(&kept.base) ? oid_zero : kept.branch;
	return NULL;
}

/* What its document says at a commit. */
static struct error *status_at(enum phase_status *out,
			       const struct project *project,
			       const struct oid *commit, const char *plan,
			       const struct phase *phase)
{
	CLEANUP(branch_document_release) struct branch_document document;

	TRY(branch_document_read(&document, project->repo, commit, plan,
				 phase));
	*out = document.present ? document.status : PHASE_PLANNED;
	return NULL;
}

struct error *step_forget_kept(const struct transaction *t)
{
	const char *prefix = t->project->config.delivery.branch_prefix;
	struct repo *repo = t->project->repo;
	enum phase_status status;
	struct kept kept;

	if (t->options->no_push || !t->project->base.remote)
		return NULL;
	/* A run that was killed behind its push had no time for it. */
	TRY(sync_let_go(repo, t->plan.id, t->phase->id, &t->commit));
	TRY(read_kept(&kept, t->project, t->plan.id, t->phase->id));
	if (oid_is_zero(&kept.base) || oid_is_zero(&kept.branch))
		return NULL;
	/* Kept as failed, and started again since. */
	TRY(status_at(&status, t->project, &kept.branch, t->plan.id, t->phase));
	if (status != PHASE_FAILED && !oid_equal(&kept.branch, &t->commit))
		return NULL;
	return sync_kept_done(repo, prefix, t->plan.id, t->phase->id,
			      &kept.branch);
}

/* The documents as on the base; nobody works, so no agent is looked for. */
static struct error *load(struct transaction *t, const struct card *card)
{
	t->base = t->project->base.commit;
	TRY(plan_read(&t->plan, t->project->repo, &t->project->base.tree,
		      card->plan->id, NULL));
	t->phase = plan_phase(&t->plan, card->phase->id);
	t->delivers = t->phase != NULL;
	return NULL;
}

/*
 * Another clone may have done the phase meanwhile, as what was kept says
 * nothing to anybody.  A failed one's branch is replaced, as by a new run.
 */
static struct error *check_there(const struct transaction *t,
				 const struct card *card,
				 const struct kept *kept,
				 const struct oid *there)
{
	enum phase_status status;
	int contained = 0;

	if (oid_is_zero(there))
		return NULL;
	TRY(commit_is_ancestor(&contained, t->project->repo, there,
			       &kept->branch));
	if (contained)
		return NULL;
	TRY(status_at(&status, t->project, there, card->plan->id, card->phase));
	if (status == PHASE_FAILED)
		return NULL;
	return error_hint(error_new(ERROR_CONFLICT,
				    "branch '%s' on '%s' is not what was kept "
				    "here",
				    card->branch, t->project->base.remote),
			  "look at it: git log %s...%s/%s; git branch -D %s "
			  "forgets what was kept",
			  card->branch, t->project->base.remote, card->branch,
			  card->branch);
}

/* 7: the local branch is ahead of the remote's. */
static struct error *deliver_kept(struct transaction *t,
				  const struct card *card)
{
	const char *plan = card->plan->id;
	enum phase_status status;
	struct oid there;
	struct kept kept;

	if (!(card->flags & CARD_UNPUSHED))
		return NULL;
	TRY(read_kept(&kept, t->project, plan, card->phase->id));
	if (oid_is_zero(&kept.base) || oid_is_zero(&kept.branch))
		return NULL;
	TRY(status_at(&status, t->project, &kept.branch, plan, card->phase));
	if (status != PHASE_DONE)
		return NULL;
	TRY(step_expected(&there, t, card));
	TRY(check_there(t, card, &kept, &there));
	t->fork = kept.base;
	t->commit = kept.branch;
	t->old_branch = there;
	t->status = PHASE_DONE;
	return load(t, card);
}

/* 8: what is pushed; the claim says so, for whoever has to go on. */
static struct error *deliver_pushed(struct transaction *t,
				    const struct card *card)
{
	if (t->options->no_pr || card->status != STATUS_IN_REVIEW ||
	    !is_unproposed(card))
		return NULL;
	t->commit = card->tip;
	t->status = PHASE_DONE;
	if (!t->claim.published)
		TRY(claim_advance(&t->claim, t->project->repo, 1));
	return load(t, card);
}

struct error *step_deliver(struct transaction *t, const struct card *card)
{
	if (!t->options->phase || t->options->no_push)
		return NULL;
	TRY(deliver_kept(t, card));
	return t->delivers ? NULL : deliver_pushed(t, card);
}

struct error *step_deliver_published(struct transaction *t,
				     const struct card *card)
{
	const struct facts *facts = &card->facts;

	if (oid_is_zero(&card->tip) || !facts->branch_document ||
	    facts->on_base == PHASE_DONE || facts->on_base == PHASE_SKIPPED ||
	    (facts->on_branch != PHASE_DONE &&
	     facts->on_branch != PHASE_FAILED))
		return NULL;
	t->commit = card->tip;
	t->status = facts->on_branch;
	return load(t, card);
}

/* Does it depend on how a pull request ended what is to be done now? */
static int is_asked_for(const struct transaction *t, const struct card *card)
{
	int named = t->options->phase &&
		    !strcmp(card->phase->id, t->options->phase);

	return (named || t->project->config.delivery.stacking) &&
	       (card->status == STATUS_IN_REVIEW ||
		card->status == STATUS_REJECTED);
}

/* A forge that is down keeps nobody from work: then the last answers count. */
struct error *step_ask_forge(int *asked, struct transaction *t,
			     const struct board *board)
{
	*asked = 0;
	if (t->asked || !has_forge(t->project))
		return NULL;
	FOR_EACH (struct card, card, &board->cards)
		*asked |= is_asked_for(t, card);
	t->asked = *asked;
	if (!*asked)
		return NULL;
	struct error *err = pulls_refresh(t->project);
	if (!error_is(err, ERROR_AGAIN))
		return err;
	*asked = 0;
	log_write(t->project->log, LOG_WARN, err->message, NULL);
	error_free(err);
	return NULL;
}

/* Onto the base, or onto a phase below that has not landed. */
static struct error *propose(struct transaction *t)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	struct proposal_base base = { t->project->base.branch, 0 };
	const struct card *below;
	struct card *card;

	TRY(board_load(&board, t->project, t->plan.id));
	TRY(step_card(&card, &board, t->plan.id, t->phase->id));
	/* It has landed, and the runner before died too early to know. */
	if (card->facts.on_base == PHASE_DONE)
		return NULL;
	below = stack_waits(card) ? stack_below(&board, card) : NULL;
	if (below && below->branch)
		base = (struct proposal_base){ below->branch, 1 };
	return propose_phase(&t->out->pull, t->project, &t->plan, t->phase,
			     &t->commit, &base);
}

/* What trying again would not change gives the phase free. */
static struct error *not_proposed(struct transaction *t, struct error *err)
{
	int later = error_is(err, ERROR_AGAIN);

	if (!err || error_is(err, ERROR_INTERRUPT) ||
	    error_is(err, ERROR_CLAIMED))
		return err;
	if (!later)
		error_free(step_drop(t));
	if (t->project->progress)
		progress_note(t->project->progress,
			      "%s: pushed, and not proposed; git orch "
			      "next-phase %s goes on there%s",
			      t->phase->id, t->phase->id,
			      later ? "" : " once that is mended");
	return err;
}

struct error *step_propose(struct transaction *t)
{
	if (t->status != PHASE_DONE || t->options->no_pr ||
	    t->options->no_push || !has_forge(t->project))
		return NULL;
	step_report(t, "propose");
	return not_proposed(t, propose(t));
}
