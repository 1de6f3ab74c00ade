/*
 * Steps 4 and 5: a worker on a workspace, then the gates, again with their
 * findings until the result passes or the attempts are used up.
 */
#include "gitops/commit.h"
#include "plans/step.h"

#include <string.h>

static struct error *implement(struct transaction *t)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	struct oid tree;
	struct task task = {
		.project = t->project,
		.plan = &t->plan,
		.phase = t->phase,
		.agent = t->agent,
		.journal = t->journal,
		.attempt = t->attempts,
		.findings = &t->findings,
	};

	step_report(t, "implement (%s)", t->worker->name);
	TRY(commit_tree(&tree, t->project->repo, &t->start));
	TRY(workspace_open(&work, t->project->repo, &tree));
	TRY(t->worker->run(work, &task));
	return workspace_write_tree(&t->tree, work);
}

/* Gates look from where the phase's own commits begin. */
static struct error *open_candidate(struct transaction *t)
{
	struct oid fork_tree;

	candidate_release(&t->candidate);
	TRY(commit_tree(&fork_tree, t->project->repo, &t->fork));
	TRY(candidate_open(&t->candidate, t->project, &t->plan, t->phase,
			   &fork_tree, &t->tree));
	t->candidate.attempt = t->attempts;
	t->candidate.journal = t->journal;
	return NULL;
}

static struct error *judge(struct transaction *t)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	findings_release(&t->findings);
	check_outcomes_release(&t->checks);
	TRY(open_candidate(t));
	TRY(gate_changes(&t->candidate, &t->findings));
	if (t->findings.len)
		return NULL;
	phase_checks(&names, t->project, &t->plan, t->phase);
	if (names.len)
		step_report(t, "check");
	return gate_checks(&t->checks, t->project, &t->plan, &names,
			   &t->candidate.source, t->journal, t->attempts,
			   &t->findings);
}

/* The worker could not: that is the attempt's finding. */
static struct error *worker_gave_up(struct transaction *t, struct error *why)
{
	CLEANUP(error_release) struct error *held = why;

	findings_release(&t->findings);
	check_outcomes_release(&t->checks);
	struct finding *finding =
		finding_add(&t->findings, "worker", NULL, "%s", held->message);
	if (held->hint)
		finding_hint(finding, "%s", held->hint);
	TRY(commit_tree(&t->tree, t->project->repo, &t->start));
	return open_candidate(t);
}

static struct error *attempt(struct transaction *t)
{
	struct error *err = implement(t);

	if (error_is(err, ERROR_NO))
		return worker_gave_up(t, err);
	TRY(err);
	return judge(t);
}

struct error *step_attempts(struct transaction *t)
{
	int most = t->worker->deterministic
			   ? 1
			   : t->project->config.policy.attempts;

	do {
		t->attempts++;
		TRY(attempt(t));
	} while (t->findings.len && t->attempts < most);
	t->status = t->findings.len ? PHASE_FAILED : PHASE_DONE;
	return NULL;
}
