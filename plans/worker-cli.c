/*
 * The worker `cli`: a coding agent of somebody else's, run as a child on the
 * files the workspace holds; what it changed there becomes the workspace's.
 *
 * A run is not repeatable, so it is what is journalled: opened before it is
 * started, closed when its tree is kept.  It is never taken from another run:
 * its tree lives in this repository and in no cache.
 *
 * A later attempt is a new run on whatever the workspace holds by then, which
 * is what the attempt before left, with the findings in the prompt.  No session
 * is continued: it would live in a HOME that is gone, on files that differ.
 */
#include "plans/worker-cli.h"

#include "core/clock.h"
#include "core/file.h"
#include "gitops/sync.h"
#include "plans/check.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

static void run_release(struct cli_run *run)
{
	model_free(&run->model);
	buf_release(&run->prompt);
	free(run->id);
	free(run->log);
}

/* The agent's provider, whose address and key the program is given. */
static struct error *open_provider(struct cli_run *run)
{
	struct agent alone = *run->task->agent;
	struct caller *caller = run->task->caller;

	if (!alone.provider)
		return NULL;
	alone.fallback = (struct strings)STRINGS_INIT;
	return model_open(&run->model, run->task->project, &alone,
			  caller ? caller->secrets : NULL);
}

static void add_part(struct sha256 *hash, const char *text)
{
	text = text ? text : "";
	sha256_add(hash, text, strlen(text) + 1);
}

static void set_key(struct cli_run *run)
{
	const struct agent *agent = run->task->agent;
	struct sha256 hash;

	sha256_init(&hash);
	sha256_add(&hash, run->prompt.data, run->prompt.len + 1);
	sha256_add(&hash, run->source.id, sizeof run->source.id);
	add_part(&hash, agent->name);
	add_part(&hash, run->profile->name);
	add_part(&hash, agent->command);
	add_part(&hash, agent->model);
	add_part(&hash, agent->effort);
	sha256_hex(&hash, run->key);
}

static struct error *begin(struct cli_run *run, struct workspace *work)
{
	struct repo *repo = run->task->project->repo;
	unsigned char random[6];

	TRY(cli_profile_find(&run->profile, run->task->agent->profile));
	TRY(workspace_write_tree(&run->begin, work));
	TRY(tree_without(&run->source, repo, &run->begin, ".orch"));
	TRY(cli_prompt(run));
	set_key(run);
	random_bytes(random, sizeof random);
	run->id = xasprintf("%02x%02x%02x%02x%02x%02x", random[0], random[1],
			    random[2], random[3], random[4], random[5]);
	return NULL;
}

/* Before any of it is used: content that is trusted, a wall, a network. */
static struct error *prepare(struct cli_run *run)
{
	const struct task *task = run->task;
	struct repo *repo = task->project->repo;
	const char *orch;

	if (task->project->options.replay)
		return error_hint(error_new(ERROR_INVALID,
					    "what agent '%s' did cannot be "
					    "replayed",
					    task->agent->name),
				  "only calls of models are recorded: give the "
				  "phase an agent with worker: tools");
	TRY(trust_require(task->project));
	CLEANUP(free_str) char *row = xasprintf("agents.%s", task->agent->name);
	TRY(config_require(&task->project->config, row));
	TRY(check_level(&run->level, task->project));
	if (run->profile->network && !task->agent->network &&
	    run->level != SANDBOX_OFF)
		return error_hint(error_new(ERROR_REFUSED,
					    "agent '%s' may not use the "
					    "network, which %s needs",
					    task->agent->name,
					    run->profile->name),
				  "set network: true in the agent's row");
	TRY(open_provider(run));
	if (!task->journal)
		return NULL;
	TRY(repo_orch_dir(&orch, repo));
	run->log = xasprintf("%s/log/%s.%s.jsonl", orch,
			     journal_run(task->journal), run->id);
	return NULL;
}

/* Nobody knows what a run costs before it is over. */
static struct error *need_cap(const struct agent *agent)
{
	return error_hint(
		error_new(ERROR_REFUSED,
			  "agent '%s' has no budget of its own, and money is "
			  "limited",
			  agent->name),
		"say what one run may cost: budget: {usd: \"2.00\"} in the "
		"agent's row");
}

static struct error *reserve(struct cli_run *run)
{
	const struct task *task = run->task;
	struct caller *caller = task->caller;
	int64_t cap = task->agent->budget;

	run->most = (struct amount){
		.calls = 1,
		.micros = cap == NO_LIMIT ? UNPRICED : cap,
	};
	if (!caller || !caller->budget)
		return NULL;
	if (cap == NO_LIMIT && !caller->allow_unpriced &&
	    budget_limits_money(caller->budget))
		return need_cap(task->agent);
	return budget_reserve(caller->budget, run->id, &run->most,
			      caller->allow_unpriced);
}

/* What it said it cost, else what its tokens cost, else nobody knows. */
static void set_price(struct cli_outcome *outcome, const struct cli_run *run)
{
	const struct caller *caller = run->task->caller;
	const struct usage *usage = &outcome->usage;
	const char *model = run->task->agent->model;

	if (outcome->micros != UNPRICED || !caller || !caller->prices)
		return;
	if (!model)
		model = outcome->model;
	if (model && usage->input + usage->cached + usage->output > 0)
		outcome->micros =
			price_of(caller->prices, model, usage, clock_now());
}

/* Where the price is not known what was reserved stays charged. */
static struct error *settle(const struct cli_run *run,
			    const struct cli_outcome *outcome)
{
	const struct caller *caller = run->task->caller;
	const struct usage *usage = &outcome->usage;
	const int64_t most = run->most.micros;
	const struct amount used = {
		.calls = 1,
		.tokens = usage->input + usage->cached + usage->cache_write +
			  usage->output,
		.micros = outcome->micros != UNPRICED ? outcome->micros
			  : most != UNPRICED          ? most
						      : 0,
		.millis = clock_ms() - run->began,
	};

	if (!caller || !caller->budget)
		return NULL;
	return budget_settle(caller->budget, run->id, &used);
}

/* Nothing done and nothing wrong is no work, unless there was some before. */
static void judge_change(struct cli_outcome *outcome, const struct cli_run *run)
{
	const struct task *task = run->task;

	if (outcome->failed || !oid_is_zero(&outcome->tree))
		return;
	if (!oid_is_zero(&task->start) && !oid_equal(&task->start, &run->begin))
		return;
	outcome->failed = error_hint(
		error_new(ERROR_NO, "agent '%s' changed nothing",
			  task->agent->name),
		"its events are in %s", run->log ? run->log : "no log");
}

static struct error *keep(const struct cli_run *run,
			  const struct cli_outcome *outcome)
{
	const struct task *task = run->task;

	if (oid_is_zero(&outcome->tree) || !task->journal)
		return NULL;
	return sync_keep(task->project->repo, task->plan->id, task->phase->id,
			 &outcome->tree);
}

static struct error *execute(struct cli_outcome *outcome, struct cli_run *run)
{
	TRY(prepare(run));
	TRY(reserve(run));
	run->began = clock_ms();
	TRY(cli_opened(run));
	TRY(cli_child(outcome, run));
	set_price(outcome, run);
	judge_change(outcome, run);
	TRY(keep(run, outcome));
	TRY(cli_closed(run, outcome));
	return settle(run, outcome);
}

/* In `result` it stands beside the calls of models. */
static void report_run(const struct cli_run *run,
		       const struct cli_outcome *outcome)
{
	const struct agent *agent = run->task->agent;
	const struct model model = {
		.agent = agent->name,
		.model = agent->model ? agent->model
				      : (char *)run->profile->name,
	};
	struct call_result result = {
		.reply.usage = outcome->usage,
		.model = &model,
		.micros = outcome->micros,
	};

	if (!run->task->report)
		return;
	memcpy(result.key, run->key, sizeof result.key);
	report_use(run->task->report, agent->role, &result);
	if (outcome->answer)
		cli_report_answer(run->task->report, outcome->answer);
}

/* Deleted first: a file may have become a folder. */
static struct error *apply(struct workspace *work,
			   const struct changes *changes)
{
	FOR_EACH (struct change, change, changes)
		if (change->kind == CHANGE_DELETE)
			TRY(workspace_delete(work, change->path));
	FOR_EACH (struct change, change, changes)
		if (change->kind != CHANGE_DELETE)
			TRY(workspace_put(work, change->path, &change->new_oid,
					  change->new_mode));
	return NULL;
}

/*
 * What was changed beyond what the phase declares it has asked for by that, in
 * this attempt or in one that this one went on from.
 */
static struct error *add_grants(const struct cli_run *run,
				const struct oid *tree)
{
	const struct task *task = run->task;
	CLEANUP(candidate_release)
	struct candidate candidate = { .project = task->project,
				       .plan = task->plan,
				       .phase = task->phase };
	const struct oid *from =
		oid_is_zero(&task->start) ? &run->begin : &task->start;

	if (!task->report || task->project->config.policy.files != FILES_EXTEND)
		return NULL;
	TRY(tree_diff(&candidate.changes, task->project->repo, from, tree));
	/* A revision begins with what the phase wrote there. */
	candidate_leave_out_own(&candidate);
	FOR_EACH (struct change, change, &candidate.changes) {
		if (gate_declared(&candidate, change))
			continue;
		struct grant *grant = PUSH(&task->report->grants);
		grant->path = xstrdup(change->path);
		grant->reason =
			xasprintf("changed by agent '%s'", task->agent->name);
	}
	return NULL;
}

static struct error *take(struct workspace *work, const struct cli_run *run,
			  struct cli_outcome *outcome)
{
	CLEANUP(changes_release) struct changes changes = CHANGES_INIT;

	report_run(run, outcome);
	if (outcome->failed) {
		struct error *err = outcome->failed;
		outcome->failed = NULL;
		return err;
	}
	if (oid_is_zero(&outcome->tree))
		return add_grants(run, &run->begin);
	TRY(add_grants(run, &outcome->tree));
	TRY(tree_diff(&changes, run->task->project->repo, &run->begin,
		      &outcome->tree));
	return apply(work, &changes);
}

static struct error *run(struct workspace *work, const struct task *task)
{
	CLEANUP(run_release)
	struct cli_run run = { .task = task, .prompt = BUF_INIT };
	CLEANUP(cli_outcome_release)
	struct cli_outcome outcome = { .micros = UNPRICED };

	TRY(begin(&run, work));
	TRY(cli_known(&outcome, &run));
	if (!outcome.known)
		TRY(execute(&outcome, &run));
	return take(work, &run, &outcome);
}

const struct worker worker_cli = {
	.name = "cli",
	.run = run,
};
