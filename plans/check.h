/*
 * Running the project's commands in the sandbox: checks on a source, and the
 * setup steps whose folders they need.
 */
#ifndef PLANS_CHECK_H
#define PLANS_CHECK_H

#include "gitops/worktree.h"
#include "plans/gate.h"

/* The rows that apply to a plan: the configuration's, then the plan's. */
const struct check *check_find(const struct project *project,
			       const struct plan *plan, const char *name);

/* The sandbox level that policy and this machine lead to. */
struct error *check_level(enum sandbox_level *out,
			  const struct project *project) MUST_USE;

/* What one command is run with. */
struct command {
	const char *name;
	const char *run; /* for sh -c */
	int64_t timeout; /* seconds */
	int network;
	enum sandbox_level level;
	struct strings binds; /* source, target, ...: shown read-only */
};

/* Output kept of a command; what is beyond is dropped from the front. */
#define CHECK_OUTPUT (1 << 20)

/*
 * Runs it in a worktree; what it printed, normalised and with SANDBOX_WORK for
 * the worktree's path, goes to output.
 */
struct error *check_run(struct proc_result *result, struct buf *output,
			struct project *project,
			const struct worktree *worktree,
			const struct command *command) MUST_USE;

/*
 * Without ANSI sequences and carriage returns: equal work, equal text.
 */
void check_normalise(struct buf *out, const char *text, size_t len);

/*
 * Setup: each step runs once per hash of (definition, key files of the base),
 * in a worktree of the base's source; its `keep` folders are moved to the
 * cache, and binds gets the pairs that show them to later commands.  A source
 * whose key files differ from the base's is refused under
 * policy.setup_on_change: refuse, as a finding.
 */
struct error *setup_provide(struct strings *binds, struct project *project,
			    const struct plan *plan, const struct oid *source,
			    enum sandbox_level level, struct findings *findings)
	MUST_USE;

/*
 * An outcome in the members of an object, as journal and cache keep it.  What
 * is read goes to an outcome that holds its name and nothing else.
 */
void check_outcome_write(struct tree *tree, struct value *object,
			 const struct check_outcome *outcome);
void check_outcome_read(struct check_outcome *out, const struct value *object);

/* Green outcomes known on this machine, by (source, definition, level). */
struct error *check_cache_get(int *found, struct check_outcome *out,
			      struct project *project,
			      const struct check *check,
			      const struct oid *source,
			      enum sandbox_level level) MUST_USE;
struct error *check_cache_put(struct project *project,
			      const struct check *check,
			      const struct oid *source,
			      const struct check_outcome *outcome) MUST_USE;

#endif
