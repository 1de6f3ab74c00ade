/*
 * A document: its bytes, its tree and what is wrong with it.  Kinds and their
 * schemas are rows of one table (templates/schema/<kind>.json).
 */
#ifndef PLANS_DOCUMENT_H
#define PLANS_DOCUMENT_H

#include "core/schema.h"

enum document_kind { DOCUMENT_CONFIG, DOCUMENT_PLAN, DOCUMENT_PHASE };

/* "config", "plan", "phase" */
const char *document_kind_name(enum document_kind kind);

/*
 * Which kind a path is by where it lies (".orch/config.yaml",
 * ".orch/plans/x/plan.yaml", ".orch/plans/x/phases/y.yaml"): 1 and *out, else
 * 0.
 */
int document_kind_of(enum document_kind *out, const char *path);

struct document {
	enum document_kind kind;
	char *path; /* as findings name it */
	struct buf text;
	struct tree tree; /* NULL root: did not parse */
};
#define DOCUMENT_INIT                                                          \
	{                                                                      \
		DOCUMENT_CONFIG, NULL, BUF_INIT, TREE_INIT                     \
	}
void document_release(struct document *document);

/*
 * Parses and checks text against the schema of its kind.  All that is wrong
 * goes to findings with path, line and column; an error is returned only for
 * our own failures.  Returns with document usable as far as it parsed.
 */
struct error *document_parse(struct document *out, enum document_kind kind,
			     const char *path, const char *text, size_t len,
			     struct findings *findings) MUST_USE;

/*
 * The schema of a kind: parsed at first use and kept for the process, like
 * the text it comes from.
 */
struct error *document_schema(const struct schema **out,
			      enum document_kind kind) MUST_USE;

/* Is it an id: ^[a-z0-9]+(-[a-z0-9]+)*$, at most 64, not reserved? */
int id_valid(const char *id);
/* A slug made of any text; owned; "" when nothing is left of it. */
char *id_from_text(const char *text) MUST_USE;

#endif
