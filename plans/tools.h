/*
 * The developer's tools: list_files, read_file, search, write_file, edit_file,
 * delete_file, request_path, run_check, finish.  They act on the workspace;
 * no worktree exists until a check runs.  What goes wrong in one is text for
 * the model (is_error), never an error of ours, unless nobody could go on.
 *
 * Results are functions of the workspace and of journalled check outcomes:
 * they hold no times and no paths of this machine, secrets are redacted, and
 * each is at most 64 KiB.  Paths are judged by the gates' own functions when
 * they are written, so that a model learns at once what would be refused; the
 * gates decide again on the whole.
 *
 * Of .orch/ the tools show the plan's docs and nothing else: documents hold
 * times and costs.
 */
#ifndef PLANS_TOOLS_H
#define PLANS_TOOLS_H

#include "plans/gate.h"
#include "plans/report.h"
#include "plans/worker.h"

#define TOOLS_CHECKS 20 /* run_check in one attempt */

struct toolbox {
	struct workspace *work;
	const struct task *task; /* its report takes grants and words */
	const struct secrets *secrets; /* results are redacted; may be NULL */
	int finished;
	size_t writes; /* how many changed something */
	size_t checks; /* how many checks were run */
};

struct tool {
	const char *name; /* its schema is the built-in "tool/<name>" */
	const char *description;
	const char *subject; /* the member of input that says on what */
	struct error *(*run)(struct buf *out, int *is_error,
			     struct toolbox *box, const struct value *input);
};
extern const struct tool *const tools[]; /* to NULL */

/* Adds all of them to a request. */
struct error *tools_offer(struct request *request) MUST_USE;
/* Checks the input against the tool's schema and runs it. */
struct error *tools_run(struct buf *out, int *is_error, struct toolbox *box,
			const struct value *call) MUST_USE;
/* A call in a few words: "read_file src/a.c". */
void tools_label(struct buf *out, const struct value *call);

#endif
