/*
 * A document: its bytes, its tree and what is wrong with it.  Kinds and their
 * schemas are rows of one table (templates/schema/<kind>.json).
 */
#ifndef PLANS_DOCUMENT_H
#define PLANS_DOCUMENT_H

#include "core/schema.h"
#include "core/secret.h"

enum document_kind { DOCUMENT_CONFIG, DOCUMENT_PLAN, DOCUMENT_PHASE };

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
 * Where in a document something was read, kept by what is filled from it so
 * that rules between documents can still name line and column.
 */
struct place {
	unsigned line; /* 0: unknown */
	unsigned column;
};
struct place place_of(const struct value *value);

/* Names path and place in a finding; returns it. */
struct finding *finding_at(struct finding *finding, const char *path,
			   struct place place);
/* Adds a finding at a place, without a value at hand. */
struct finding *finding_put(struct findings *list, const char *rule,
			    const char *path, struct place place,
			    const char *fmt, ...) PRINTF(5, 6);
/*
 * Takes secrets out of all that findings say: a value that is wrong stands in
 * them, and a key that was put in the wrong place is one.  findings_hide():
 * what looks like a secret by our rules; for findings that are shown.
 */
struct error *findings_redact(struct findings *list,
			      const struct secrets *secrets) MUST_USE;
struct error *findings_hide(struct findings *list) MUST_USE;
/*
 * The first finding that is more than a note as ERROR_INVALID
 * ("path:line:column: message"); NULL when there is none.  Sorts the list.
 */
struct error *findings_error(struct findings *list) MUST_USE;

/*
 * Parses and checks text against the schema of its kind.  All that is wrong
 * goes to findings with path, line and column; an error is returned only for
 * our own failures.  Returns with document usable as far as it parsed.
 */
struct error *document_parse(struct document *out, enum document_kind kind,
			     const char *path, const char *text, size_t len,
			     struct findings *findings) MUST_USE;

/*
 * Two rows of one list with the same name (checks, agents, ...): a finding at
 * the second.
 */
void document_check_names(const struct document *document,
			  struct findings *findings);

/* Which kind a parsed root is by its keys: 1 and *out, else 0. */
int document_kind_guess(enum document_kind *out, const struct value *root);

/*
 * The schema of a kind: parsed at first use and kept for the process, like
 * the text it comes from.
 */
struct error *document_schema(const struct schema **out,
			      enum document_kind kind) MUST_USE;

/* Is it an id: ^[a-z0-9]+(-[a-z0-9]+)*$, at most 64, not reserved? */
int id_valid(const char *id);
/* `plan` is: it names the branch of the plan's own documents. */
int id_reserved(const char *id);
/*
 * A slug made of any text, cut between words; owned; "" when nothing is left
 * of it.  A reserved one gets a number behind it.
 */
char *id_from_text(const char *text) MUST_USE;

#endif
