/*
 * Workers: how a phase gets implemented.  A worker changes the workspace and
 * nothing else; whether the result passes is decided by the gates.  Adding one
 * is adding a file and a row in worker.c.
 */
#ifndef PLANS_WORKER_H
#define PLANS_WORKER_H

#include "core/journal.h"
#include "gitops/workspace.h"
#include "plans/plan.h"
#include "plans/project.h"
#include "plans/report.h"
#include "plans/wish.h"

/* What a worker is given. */
struct task {
	struct project *project;
	const struct plan *plan;
	const struct phase *phase;
	const struct agent *agent;
	struct journal *journal;
	int attempt; /* from 1 */
	const char *stage; /* its prompt is "stage-<stage>", "stage-<stage>-cli"
			    * for programs; NULL: the phase is implemented */
	const char *brief; /* what that prompt says of the case */
	const struct findings *findings; /* of the attempt before */
	const struct wishes *wishes; /* of work in review; NULL: none */
	const char *guidance; /* the manager's, for this attempt; or NULL */
	struct caller *caller; /* NULL: there is no model to ask */
	struct report *report; /* what the worker says and uses */
	struct oid start; /* tree the phase's work is judged against */
};

struct worker {
	const char *name;
	/* ERROR_NO: it could not be done, and why; others end the run. */
	struct error *(*run)(struct workspace *work, const struct task *task);
	/* The same task gives the same tree: a second attempt is pointless. */
	int deterministic;
};

/* Unknown: ERROR_INVALID with the names there are. */
struct error *worker_find(const struct worker **out, const char *name) MUST_USE;

extern const struct worker worker_scaffold;
extern const struct worker worker_tools;
extern const struct worker worker_cli;

#endif
