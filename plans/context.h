/*
 * Context: what a model is shown besides the question, under a budget of
 * tokens.  Sections are added in order of weight; one that does not fit is cut
 * at a line's end, or left out, and named at the end, so that the model knows
 * what it has not seen.  Same tree and documents, same bytes.
 */
#ifndef PLANS_CONTEXT_H
#define PLANS_CONTEXT_H

#include "core/secret.h"
#include "gitops/workspace.h"
#include "plans/plan.h"
#include "plans/project.h"

struct context {
	struct buf text;
	int64_t budget; /* tokens that are left */
	struct strings left_out; /* "src/big.c (120,000 tokens)" */
	const struct secrets *secrets; /* what is found is redacted; or NULL */
};
#define CONTEXT_INIT(tokens)                                                   \
	{                                                                      \
		.text = BUF_INIT, .budget = (tokens)                           \
	}
void context_release(struct context *context);

/* A section of our own words, and one of somebody else's (fenced). */
void context_add(struct context *context, const char *title, const char *text,
		 size_t len);
struct error *context_quote(struct context *context, const char *label,
			    const char *text, size_t len) MUST_USE;

/*
 * What a planner needs of existing code: the list of all files (at most a
 * quarter of what is left), AGENTS.md, README, manifests (Makefile,
 * package.json, pyproject.toml, Cargo.toml, go.mod, CMakeLists.txt …).  Files
 * that are links, binary or over 256 KiB are not shown.
 */
struct error *context_code(struct context *context, struct repo *repo,
			   const struct oid *tree) MUST_USE;

/*
 * What a phase's worker and its judge need, in this order: the phase's
 * document, the plan (goal, standards, decisions), architecture.md, the pages
 * of the phases it depends on (directly or not), the files it may modify, the
 * agent's context globs, the list of all files.  Documents are read from the
 * base, code from tree.
 */
struct error *context_phase(struct context *context, struct project *project,
			    const struct plan *plan, const struct phase *phase,
			    const struct agent *agent, const struct oid *tree)
	MUST_USE;

/* Ends it: names what was left out. */
void context_end(struct context *context);

#endif
