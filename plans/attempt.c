/*
 * Steps 4 and 5: a worker on a workspace, then the gates, again with their
 * findings until the result passes or the attempts are used up; then the
 * manager has one more to give.
 */
#include "gitops/commit.h"
#include "plans/elsewhere.h"
#include "plans/models.h"
#include "plans/step.h"

#include <string.h>

/*
 * Opened when somebody is asked for the first time: a phase without a model
 * has no price table, no ledger and no rules for secrets to read.
 */
static struct error *open_caller(struct transaction *t)
{
	if (t->caller.loop)
		return NULL;
	TRY(caller_open(&t->caller, t->project, t->journal, t->plan.id,
			t->phase->id));
	TRY(elsewhere_tell(t->caller.budget, t->project, t->plan.id, &t->claim,
			   &t->earlier));
	/* Whoever starts a phase again wants another answer than before. */
	t->caller.no_cache |= !oid_is_zero(&t->old_branch);
	return NULL;
}

/* A later attempt goes on with what the one before left. */
static struct error *open_work(struct workspace **out,
			       const struct transaction *t)
{
	struct oid tree = t->tree;

	if (t->attempts == 1)
		TRY(commit_tree(&tree, t->project->repo, &t->start));
	return workspace_open(out, t->project->repo, &tree);
}

/*
 * Gates look from where the phase's own commits begin.  What a person has
 * merged into a branch since came from the base, and is not the phase's.
 */
static struct error *judged_from(struct oid *out, const struct transaction *t)
{
	struct repo *repo = t->project->repo;
	struct oid from = t->fork, met;
	int later = 0;

	if (t->revises) {
		TRY(commit_merge_base(&met, repo, &t->base, &t->start));
		if (!oid_is_zero(&met))
			TRY(commit_is_ancestor(&later, repo, &from, &met));
		from = later ? met : from;
	}
	return commit_tree(out, repo, &from);
}

/* ERROR_NO leaves what was done until then in the tree, too. */
static struct error *implement(struct transaction *t)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	struct task task = {
		.project = t->project,
		.plan = &t->plan,
		.phase = t->phase,
		.agent = t->agent,
		.journal = t->journal,
		.attempt = t->attempts,
		.findings = &t->findings,
		.wishes = t->revises ? &t->revision.wishes : NULL,
		.guidance = t->decision.guidance,
		.report = &t->report,
	};

	step_report(t, "implement (%s)", t->worker->name);
	if (!t->worker->deterministic) {
		TRY(open_caller(t));
		task.caller = &t->caller;
	}
	TRY(judged_from(&task.start, t));
	TRY(open_work(&work, t));
	struct error *err = t->worker->run(work, &task);
	if (err && !error_is(err, ERROR_NO))
		return err;
	struct error *written = workspace_write_tree(&t->tree, work);
	if (!written)
		return err;
	error_free(err);
	return written;
}

static struct error *open_candidate(struct transaction *t)
{
	struct oid fork_tree;

	candidate_release(&t->candidate);
	TRY(judged_from(&fork_tree, t));
	TRY(candidate_open(&t->candidate, t->project, &t->plan, t->phase,
			   &fork_tree, &t->tree));
	if (t->revises)
		candidate_leave_out_own(&t->candidate);
	t->candidate.attempt = t->attempts;
	t->candidate.journal = t->journal;
	return NULL;
}

static struct error *judge_checks(struct transaction *t)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	phase_checks(&names, t->project, &t->plan, t->phase);
	if (names.len)
		step_report(t, "check");
	TRY(gate_checks(&t->checks, t->project, &t->plan, &names,
			&t->candidate.source, t->journal, t->attempts,
			&t->findings));
	if (!t->findings.len)
		gate_coverage(t->project, &t->checks, &t->findings);
	return NULL;
}

static struct error *judge_words(struct transaction *t)
{
	if (!gate_has_validator(&t->project->config))
		return NULL;
	step_report(t, "verdict");
	TRY(open_caller(t));
	return gate_verdict(&t->candidate, &t->caller, &t->checks, &t->report,
			    &t->findings);
}

/* From the cheapest gate to the dearest; the first that refuses ends it. */
static struct error *judge(struct transaction *t)
{
	static struct error *(*const gates[])(struct transaction *) = {
		judge_checks,
		judge_words,
	};

	TRY(open_candidate(t));
	TRY(gate_changes(&t->candidate, &t->findings));
	if (!t->worker->deterministic)
		TRY(gate_done(&t->candidate, &t->findings));
	if (t->revises)
		TRY(step_judge_revision(t));
	for (size_t i = 0; i < sizeof gates / sizeof *gates; i++)
		if (!t->findings.len)
			TRY(gates[i](t));
	return NULL;
}

/* What the attempt before came to is no longer so. */
static void forget(struct transaction *t)
{
	findings_release(&t->findings);
	check_outcomes_release(&t->checks);
	tree_release(&t->report.verdict);
}

/* The worker could not: that is the attempt's finding. */
static struct error *worker_gave_up(struct transaction *t, struct error *why)
{
	CLEANUP(error_release) struct error *held = why;

	forget(t);
	struct finding *finding =
		finding_add(&t->findings, "worker", NULL, "%s", held->message);
	if (held->hint)
		finding_hint(finding, "%s", held->hint);
	return open_candidate(t);
}

static void report_attempt(const struct transaction *t)
{
	if (t->findings.len)
		step_report(t, "attempt %d refused: %s%s", t->attempts,
			    t->findings.items[0].message,
			    t->findings.len > 1 ? " and more" : "");
}

static struct error *attempt(struct transaction *t)
{
	t->attempts++;
	report_clear_words(&t->report);
	struct error *err = implement(t);

	step_clean_words(t);
	if (error_is(err, ERROR_NO)) {
		TRY(worker_gave_up(t, err));
	} else {
		TRY(err);
		forget(t);
		TRY(judge(t));
	}
	report_attempt(t);
	return NULL;
}

/* The attempts are used up: one more, with guidance, or none. */
static struct error *decide(struct transaction *t)
{
	step_report(t, "decide");
	TRY(open_caller(t));
	TRY(manager_decide(&t->decision, &t->candidate, &t->caller,
			   &t->findings, &t->report));
	return t->decision.choice == CHOICE_RETRY ? attempt(t) : NULL;
}

struct error *step_attempts(struct transaction *t)
{
	/* Of the same task a deterministic worker makes the same again. */
	int most = t->worker->deterministic
			   ? 1
			   : t->project->config.policy.attempts -
				     (t->revises ? t->revision.attempts : 0);

	do {
		TRY(attempt(t));
	} while (t->findings.len && t->attempts < most);
	if (t->findings.len && !t->worker->deterministic)
		TRY(decide(t));
	t->status = t->findings.len ? PHASE_FAILED : PHASE_DONE;
	if (t->revises)
		step_keep_words(t);
	return NULL;
}
