/*
 * The developer's tools: list_files, read_file, search, write_file, edit_file,
 * delete_file, request_path, run_check, finish.  They act on the workspace;
 * no worktree exists until a check runs.  What goes wrong in one is text for
 * the model (is_error), never an error of ours, unless nobody could go on.
 */
#ifndef PLANS_TOOLS_H
#define PLANS_TOOLS_H

#include "plans/gate.h"
#include "plans/report.h"
#include "plans/worker.h"

struct toolbox {
	struct workspace *work;
	const struct task *task;
	struct secrets *secrets; /* results are redacted; may be NULL */
	int finished;
	size_t writes; /* how many changed something */
	size_t checks; /* how many checks were run */
};

struct tool {
	const char *name;
	const char *description;
	const char *schema; /* name of a built-in one: "tool/read_file" */
	struct error *(*run)(struct buf *out, int *is_error,
			     struct toolbox *box, const struct value *input);
};
extern const struct tool tools[]; /* to a row without a name */

/* Adds all of them to a request. */
struct error *tools_offer(struct request *request) MUST_USE;
/* Checks the input against the tool's schema and runs it. */
struct error *tools_run(struct buf *out, int *is_error, struct toolbox *box,
			const struct value *call) MUST_USE;

#endif
