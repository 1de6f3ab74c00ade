/*
 * The inside of the worker `cli`: one run of a coding agent, shared by the
 * files that ask it, start it and keep what came of it, and by nobody else.
 *
 * The journalled unit is the run.  Lines, beside what core/call.h says of
 * `open` and `closed`: both have "worker":"cli", "profile" and "start" (the
 * source it began on); closed has "sandbox":"agent" and "level", "session",
 * "answer" and "tree", or instead of the tree "failed", "hint" and "code".
 * A resumed phase finds the run closed and takes tree or failure from there;
 * one that is only open is run again, and may have been paid twice.
 */
#ifndef PLANS_WORKER_CLI_H
#define PLANS_WORKER_CLI_H

#include "core/sandbox.h"
#include "gitops/worktree.h"
#include "plans/cli-profile.h"
#include "plans/models.h"
#include "plans/worker.h"

struct cli_run {
	const struct task *task;
	const struct cli_profile *profile;
	struct model *model; /* of the agent's provider; NULL: it has none */
	struct oid begin; /* tree the workspace held */
	struct oid source; /* that without .orch */
	struct buf prompt;
	char key[SHA256_HEX];
	char *id; /* of the call, within the run */
	char *log; /* file of the events */
	enum sandbox_level level;
	struct amount most; /* reserved */
	int64_t began; /* ms */
};

/* What came of a run. */
struct cli_outcome {
	struct oid tree; /* zero: it failed, or changed nothing */
	struct error *failed; /* NULL: it did it */
	char *answer;
	char *session; /* NULL: not told, so for model */
	char *model;
	struct usage usage;
	int64_t micros;
	int known; /* of an earlier process of this run */
};
void cli_outcome_release(struct cli_outcome *outcome);

/* worker-cli-prompt.c: what the agent is told. */
struct error *cli_prompt(struct cli_run *run) MUST_USE;
/* And what its answer says, into the report. */
void cli_report_answer(struct report *report, const char *answer);

/* worker-cli-child.c: starts it and waits; the result's files as a tree. */
struct error *cli_child(struct cli_outcome *out, struct cli_run *run) MUST_USE;

/* worker-cli-box.c: what it is run with, in a worktree. */
struct error *cli_box(struct proc_spec *spec, struct strings *binds,
		      struct cli_run *run, const struct worktree *worktree,
		      const char *home) MUST_USE;

/* worker-cli-lines.c: the journal. */
struct error *cli_opened(const struct cli_run *run) MUST_USE;
struct error *cli_closed(const struct cli_run *run,
			 const struct cli_outcome *outcome) MUST_USE;
/* What this attempt had come to already; outcome->known tells. */
struct error *cli_known(struct cli_outcome *out, const struct cli_run *run)
	MUST_USE;

#endif
