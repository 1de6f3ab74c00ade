/*
 * A phase from claim to proposal; the steps are numbered as in DESIGN.
 *
 * What a kill may not lose is in the journal before it is used, so a resumed
 * run walks the same steps and finds their outcomes there instead of making
 * them again.
 */
#include "plans/transaction.h"

#include "core/clock.h"
#include "gitops/commit.h"
#include "plans/elsewhere.h"
#include "plans/models.h"
#include "plans/stack.h"
#include "plans/step.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

void step_report(const struct transaction *t, const char *fmt, ...)
{
	const char *name = t->phase ? t->phase->id : t->options->plan;
	va_list args;

	va_start(args, fmt);
	CLEANUP(free_str) char *text = xvasprintf(fmt, args);
	va_end(args);
	if (t->project->progress)
		progress_set(t->project->progress, name, "%s", text);
	log_write(t->project->log, LOG_INFO, text, "phase", name, NULL);
}

/*
 * 3: where the work begins, and what the branch must be when it is moved.  The
 * documents are the base's, also where the work begins on a branch.
 */
static struct error *choose_start(struct transaction *t,
				  const struct board *board,
				  const struct card *card)
{
	const struct card *below = stack_below(board, card);
	struct repo *repo = t->project->repo;

	t->base = t->project->base.commit;
	t->start = t->fork =
		below && card->facts.stackable ? below->tip : t->base;
	TRY(step_expected(&t->old_branch, t, card));
	if (status_derive(&card->facts) != STATUS_STARTED)
		return NULL;
	/* A branch made by hand: the work goes on top of it. */
	t->start = card->tip;
	TRY(commit_merge_base(&t->fork, repo, &t->fork, &card->tip));
	if (oid_is_zero(&t->fork))
		return error_hint(
			error_new(ERROR_CONFLICT,
				  "branch '%s' shares no history with '%s'",
				  card->branch, t->project->base.branch),
			"delete or rename the branch");
	return NULL;
}

static void journal_oid(struct tree *line, const char *key,
			const struct oid *oid)
{
	char hex[OID_HEX];

	value_add_string(line, line->root, key, oid_hex(hex, oid));
}

struct error *step_journal_start(struct transaction *t)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);

	t->started = clock_now();
	value_add_string(&line, root, "plan", t->plan.id);
	value_add_string(&line, root, "phase", t->phase->id);
	journal_oid(&line, "base", &t->base);
	journal_oid(&line, "start", &t->start);
	journal_oid(&line, "fork", &t->fork);
	journal_oid(&line, "old_branch", &t->old_branch);
	value_add_int(&line, root, "started", t->started);
	return journal_append(t->journal, "start", line.root);
}

/*
 * 2 and 3, the claim being held: derive again under it.  What is no longer
 * startable is dropped, and *again tells the caller to choose anew.
 */
static struct error *start_claimed(struct transaction *t, int *again)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	const char *plan = t->claim.plan, *phase = t->claim.phase;
	struct card *card = NULL;

	TRY(sync_fetch(t->project->repo));
	TRY(project_reload(t->project));
	TRY(trust_require(t->project));
	TRY(board_load(&board, t->project, plan));
	TRY(step_card(&card, &board, plan, phase));
	card->facts.claimed = 0;
	card->status = status_derive(&card->facts);
	if (t->revises)
		return step_revise_start(t, card, again);
	*again = !t->options->phase && card->status != STATUS_READY;
	if (*again)
		return NULL;
	TRY(step_deliver(t, card));
	if (t->delivers)
		return NULL;
	TRY(step_startable(card));
	TRY(choose_start(t, &board, card));
	TRY(step_journal(t));
	TRY(step_documents(t, plan, phase));
	return step_journal_start(t);
}

struct error *step_drop(struct transaction *t)
{
	renewal_end(&t->renewal);
	if (!t->held)
		return NULL;
	t->held = 0;
	return claim_drop(&t->claim, t->project->repo);
}

void step_held(struct transaction *t)
{
	t->held = 1;
	renewal_begin(&t->renewal, t->project, &t->claim);
}

/* A phase that is ready or named, else one in review. */
static struct error *choose(struct card **out, struct transaction *t,
			    struct board *board)
{
	t->revises = 0;
	if (t->options->revise)
		return step_revise_choose(out, t, board);
	return step_revise_any(out, t, board,
			       transaction_choose(out, board, t->options));
}

/* 1 and 2: choose and claim one; *again when somebody was faster. */
static struct error *claim_one(struct transaction *t, int *again)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(free_str) char *run = journal_new_run();
	struct card *card = NULL;
	int64_t reserved = 0;
	int asked = 0;

	TRY(board_load(&board, t->project, t->options->plan));
	TRY(step_ask_forge(&asked, t, &board));
	if (asked) {
		board_release(&board);
		TRY(board_load(&board, t->project, t->options->plan));
	}
	TRY(choose(&card, t, &board));
	TRY(sync_unblocked(t->project->repo,
			   t->project->config.delivery.branch_prefix,
			   card->plan->id, card->phase->id));
	claim_release(&t->claim); /* of the round before */
	TRY(elsewhere_reservation(&reserved, &t->earlier, t->project, card));
	struct error *err =
		claim_take_with(&t->claim, t->project->repo, card->plan->id,
				card->phase->id, run, reserved);
	if (error_is(err, ERROR_CLAIMED) && !t->options->phase) {
		error_free(err);
		*again = 1;
		return NULL;
	}
	TRY(err);
	step_held(t);
	TRY(start_claimed(t, again));
	return *again ? step_drop(t) : NULL;
}

/* No phase is left, but one may become free: a runner may be gone. */
static struct error *claim_or_wait(struct transaction *t, int *again)
{
	struct error *err = claim_one(t, again);
	int waited = 0;

	if (!error_is(err, ERROR_NOTHING) && !error_is(err, ERROR_CLAIMED))
		return err;
	if (t->held || t->options->no_wait)
		return err;
	struct error *failed = step_wait(t, &waited);
	if (!failed && !waited)
		return err;
	error_free(err);
	TRY(failed);
	TRY(step_reconcile(t));
	*again = !t->held;
	return NULL;
}

static struct error *resolve_and_claim(struct transaction *t)
{
	int again = 1;

	/* Each round some other runner has taken one: it ends with the plan. */
	while (again) {
		again = 0;
		TRY(claim_or_wait(t, &again));
	}
	return NULL;
}

/* What the phase cost goes into its claim, for other machines to see. */
static struct error *note_spending(struct transaction *t)
{
	struct budget_limits used;

	if (!t->caller.budget)
		return NULL;
	TRY(budget_used(&used, t->caller.budget));
	t->claim.spent = used.phase.micros;
	return NULL;
}

/* 7 */
static struct error *publish(struct transaction *t)
{
	struct publication publication = {
		.prefix = t->project->config.delivery.branch_prefix,
		.start = t->fork,
		.commit = t->commit,
		.old_branch = t->old_branch,
		.keep = t->options->no_push && t->project->base.remote,
		.run_hooks = t->project->config.policy.run_hooks,
	};

	if (t->claim.published)
		return step_forget_kept(t);
	step_report(t, "publish");
	TRY(note_spending(t));
	struct error *err =
		sync_publish(t->project->repo, &t->claim, &publication);
	if (error_is(err, ERROR_STALE)) {
		error_free(err);
		return claim_was_lost(&t->claim);
	}
	TRY(err);
	return step_forget_kept(t);
}

/* 9 */
static struct error *finish(struct transaction *t)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);

	value_add_string(&line, root, "plan", t->plan.id);
	value_add_string(&line, root, "phase", t->phase->id);
	value_add_string(&line, root, "status", phase_status_name(t->status));
	/* What only was delivered has no journal. */
	if (t->journal)
		TRY(journal_append(t->journal, "end", line.root));
	return step_drop(t);
}

/*
 * Steps 0 to 9.  On the forge `local` the proposal is the phase's page, which
 * is part of the commit.
 */
static struct error *run(struct transaction *t)
{
	int recorded = 0;

	TRY(step_reconcile(t));
	if (!t->held)
		TRY(resolve_and_claim(t));
	if (!t->delivers)
		TRY(step_recorded(t, &recorded));
	if (!t->delivers && !recorded) {
		TRY(step_attempts(t));
		if (t->revises && t->status == PHASE_FAILED) {
			TRY(step_refused(t));
			return finish(t);
		}
		TRY(step_commit(t));
	}
	TRY(publish(t));
	TRY(step_propose(t));
	TRY(step_answer(t));
	return finish(t);
}

/* Has this run paid for a reply? */
static int has_paid(const struct journal *journal)
{
	for (size_t i = 0; i < journal_len(journal); i++) {
		const struct value *line = journal_line(journal, i);

		if (!strcmp(value_text(value_get(line, "type"), ""),
			    "closed") &&
		    !value_get(line, "failed") &&
		    !value_text(value_get(line, "cached"), NULL))
			return 1;
	}
	return 0;
}

/*
 * An end before publication leaves nothing behind that a claim would have to
 * guard, but replies that were paid for: only this run's journal says that
 * they are its own, for --no-cache takes no others.  Errors that the same
 * journal would lead to again are no reason to keep it.
 */
static int worth_keeping(const struct transaction *t, const struct error *err)
{
	if (!error_is(err, ERROR_REFUSED) && !error_is(err, ERROR_AGAIN) &&
	    !error_is(err, ERROR_INTERRUPT))
		return 0;
	if (!t->held || !t->journal || !has_paid(t->journal))
		return 0;
	if (t->project->progress)
		progress_note(t->project->progress,
			      "%s: stopped; git orch next-phase %s goes on "
			      "where it stopped",
			      t->claim.phase, t->claim.phase);
	return 1;
}

/* A program's word that the work is done, which no other program judged. */
static int is_unjudged(const struct transaction *t)
{
	return t->status == PHASE_DONE && t->phase->acceptance.len &&
	       t->worker && !t->worker->deterministic &&
	       !gate_has_validator(&t->project->config);
}

static void fill_outcome(struct transaction *t)
{
	struct outcome *out = t->out;

	if (!t->phase)
		return;
	out->plan = xstrdup(t->plan.id);
	out->phase = xstrdup(t->phase->id);
	out->title = xstrdup(t->phase->title);
	out->run = xstrdup(t->claim.run);
	out->status = t->status;
	out->attempts = t->attempts;
	out->unjudged = is_unjudged(t);
	out->commit = t->commit;
	out->branch =
		xasprintf("%s/%s/%s", t->project->config.delivery.branch_prefix,
			  t->plan.id, t->phase->id);
	out->revised = t->revises;
	out->wishes = t->revision.wishes;
	t->revision.wishes = (struct wishes)WISHES_INIT;
	out->checks = t->checks;
	t->checks = (struct check_outcomes){ NULL, 0, 0 };
	if (t->status == PHASE_FAILED && t->findings.len)
		out->reason = step_reason(t);
	out->findings = t->findings;
	t->findings = (struct findings)FINDINGS_INIT;
	out->report = t->report;
	report_init(&t->report);
	out->files = t->candidate.changes;
	t->candidate.changes = (struct changes)CHANGES_INIT;
}

static void release(struct transaction *t)
{
	candidate_release(&t->candidate);
	check_outcomes_release(&t->checks);
	findings_release(&t->findings);
	report_release(&t->report);
	revision_release(&t->revision);
	manager_decision_release(&t->decision);
	caller_close(&t->caller);
	plan_release(&t->plan);
	journal_close(&t->journal);
	claim_release(&t->claim);
	strings_release(&t->earlier.nonces);
}

struct error *transaction_run(struct outcome *out, struct project *project,
			      const struct transaction_options *options)
{
	struct transaction t = {
		.project = project,
		.options = options,
		.out = out,
		.claim.lock = FILE_LOCK_INIT,
		.caller = CALLER_INIT,
		.revision = REVISION_INIT,
	};
	int64_t begin = clock_ms();

	struct error *err = run(&t);
	if (err && !t.claim.published && !worth_keeping(&t, err))
		error_free(step_drop(&t));
	if (!err)
		fill_outcome(&t);
	out->millis = clock_ms() - begin;
	release(&t);
	return err;
}

void outcome_release(struct outcome *outcome)
{
	free(outcome->plan);
	free(outcome->phase);
	free(outcome->title);
	free(outcome->run);
	free(outcome->branch);
	free(outcome->reason);
	pull_release(&outcome->pull);
	wishes_release(&outcome->wishes);
	report_release(&outcome->report);
	check_outcomes_release(&outcome->checks);
	changes_release(&outcome->files);
	findings_release(&outcome->findings);
	*outcome = (struct outcome){ 0 };
}
