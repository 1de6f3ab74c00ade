/*
 * Gates: the rules a result must pass before it is committed as done.  They
 * look at two trees, the start and the result, and add findings; a gate that
 * cannot decide returns an error.
 */
#ifndef PLANS_GATE_H
#define PLANS_GATE_H

#include "core/hash.h"
#include "core/journal.h"
#include "core/sandbox.h"
#include "core/secret.h"
#include "gitops/workspace.h"
#include "plans/plan.h"
#include "plans/project.h"

/* What the gates judge. */
struct candidate {
	struct project *project;
	const struct plan *plan;
	const struct phase *phase;
	struct oid start; /* tree */
	struct oid tree; /* with the work, document untouched */
	struct oid source; /* tree without .orch */
	struct changes changes; /* from start to tree */
	int attempt;
	struct journal *journal; /* check outcomes are read from and put here;
				    may be NULL (review) */
};
struct error *candidate_open(struct candidate *out, struct project *project,
			     const struct plan *plan, const struct phase *phase,
			     const struct oid *start, const struct oid *tree)
	MUST_USE;
void candidate_release(struct candidate *candidate);

/*
 * Paths nobody may write (.git in any spelling, links, submodules), and the
 * protected ones (.gitmodules, .gitattributes, .orch/, workflows, hooks, in
 * every spelling that is one of them on some file system) that a phase must
 * declare and policy.protected must name.
 */
struct error *gate_paths(const struct candidate *candidate,
			 struct findings *findings) MUST_USE;
/* The protected ones a phase declares in vain: policy does not allow them. */
struct error *gate_phase(const struct phase *phase, const struct policy *policy,
			 struct findings *findings) MUST_USE;

/* Does the phase's own list for this kind of change name the path? */
int gate_named(const struct phase *phase, const struct change *change);
/* That, or policy.always.  Fills result files' declared flag. */
int gate_declared(const struct candidate *candidate,
		  const struct change *change);
/* files:, policy.always, policy.files. */
struct error *gate_files(const struct candidate *candidate,
			 struct findings *findings) MUST_USE;
/*
 * Was anything done?  Something changed, and each file that was to be created,
 * and is named by a path, is there.  Asked of what a model did: it may say so
 * and have done nothing.
 */
struct error *gate_done(const struct candidate *candidate,
			struct findings *findings) MUST_USE;
/* policy.max_files, policy.max_file_bytes. */
struct error *gate_size(const struct candidate *candidate,
			struct findings *findings) MUST_USE;

/*
 * Secrets in what was created or modified, and in the names of new files,
 * unless they stood there before or secrets.allow names them.  No finding shows
 * the secret itself, those of other gates neither: it comes last of them.
 */
struct error *gate_secrets(const struct candidate *candidate,
			   struct findings *findings) MUST_USE;
/* The names alone. */
struct error *gate_names(const struct candidate *candidate,
			 struct findings *findings) MUST_USE;
/*
 * The rules that find them, with what secrets.allow allows, and the keys that
 * are at hand: of key_env, of header values with variables in them, of base_url
 * (a password, and variables where names_secret()), of what agents' `env:` and
 * profiles pass on where names_secret(), and those that model_open() got from a
 * command or git in this process.  Nothing is run to know more.
 */
struct error *gate_rules(struct secrets **out, const struct project *project)
	MUST_USE;
/* Does the name of a variable sound like that of a secret? */
int names_secret(const char *name);

/* All that is decided on trees alone: paths, files, size, secrets. */
struct error *gate_changes(const struct candidate *candidate,
			   struct findings *findings) MUST_USE;
/* Leaves the phase's own document and page out of what is judged. */
void candidate_leave_out_own(struct candidate *candidate);
/*
 * What a phase's branch changed from one commit to another, but for the
 * phase's own document and page.  fork zero: from nothing.
 */
struct error *candidate_branch(struct candidate *out, struct project *project,
			       const struct plan *plan,
			       const struct phase *phase,
			       const struct oid *fork, const struct oid *tip)
	MUST_USE;
/*
 * The same for what a phase's branch changed since it last met the base.  The
 * phase's own document and page may change; plan and phase are the base's.
 */
struct error *gate_landing(struct findings *findings, struct project *project,
			   const struct plan *plan, const struct phase *phase,
			   const struct oid *tip) MUST_USE;

/* How a check went: what goes into result.checks[]. */
struct check_outcome {
	char *name;
	int exit; /* 128 + signal when killed; 124 on time-out */
	int64_t millis;
	enum sandbox_level sandbox;
	char output[SHA256_HEX + 8]; /* "sha256:…" of the normalised text */
	char *tail; /* last 20 lines, only when red */
	char *ended; /* "exit 2", "still running after 600 s" */
	int coverage; /* hundredths of a percent, or one of those below */
	int cached;
	int flaky; /* red, and green when it ran once more */
	int late; /* ended, or not begun, at the deadline of its round */
};
#define COVERAGE_NONE       (-1) /* it wrote no report, or none is asked for */
#define COVERAGE_UNREADABLE (-2)

struct check_outcomes {
	struct check_outcome *items;
	size_t len;
	size_t cap;
};
void check_outcomes_release(struct check_outcomes *outcomes);

/*
 * Runs the checks named (configuration first, then the plan's) on a source
 * tree in a pooled worktree, in order, to the first red one.  A green outcome
 * of (source, definition, sandbox level) known here is not run again.
 * Red ones add findings.  Trust is required before anything runs.  Where
 * policy.coverage names a report, its share is read after each check.
 */
struct error *gate_checks(struct check_outcomes *out, struct project *project,
			  const struct plan *plan, const struct strings *names,
			  const struct oid *source, struct journal *journal,
			  int attempt, struct findings *findings) MUST_USE;

/*
 * The same for what is to land.  A red check runs once more at once, and is
 * flaky if it is green then: that passes, is logged, and is not known as green
 * afterwards.  By the deadline (as of clock_ms(); 0: none) all must have ended;
 * one that has not is late and a finding "late".
 */
struct error *gate_landing_checks(struct check_outcomes *out,
				  struct project *project,
				  const struct plan *plan,
				  const struct strings *names,
				  const struct oid *source, int64_t deadline,
				  struct findings *findings) MUST_USE;

/*
 * The share of lines that the report of the last check says are run, against
 * policy.coverage: of a phase, and of what lands.  Nothing is asked where
 * there are no checks.
 */
void gate_coverage(const struct project *project,
		   const struct check_outcomes *checks,
		   struct findings *findings);
/*
 * That share in a report: lcov, or Cobertura's XML.  The report of a worktree
 * is COVERAGE_NONE when it is not there.
 */
int coverage_parse(const struct coverage *asked, const char *text, size_t len);
struct error *coverage_read(int *out, const struct coverage *asked,
			    const char *worktree) MUST_USE;

/*
 * Text for a document: what is no character, and every control character but
 * tab and newline, becomes '?'.  Owned by the caller.
 */
char *printable_text(const char *text, const char *end) MUST_USE;

/* The names of the checks a phase asks for: its list, else all. */
void phase_checks(struct strings *out, const struct project *project,
		  const struct plan *plan, const struct phase *phase);

#endif
