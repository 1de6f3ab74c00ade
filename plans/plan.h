/* Plans and phases as read from their documents. */
#ifndef PLANS_PLAN_H
#define PLANS_PLAN_H

#include "gitops/workspace.h"
#include "plans/config.h"
#include "plans/document.h"

/* The `status` field: the one field the tool changes. */
enum phase_status {
	PHASE_PLANNED,
	PHASE_DONE,
	PHASE_FAILED,
	PHASE_BLOCKED,
	PHASE_SKIPPED,
};
const char *phase_status_name(enum phase_status status);

struct places {
	struct place *items;
	size_t len, cap;
};

struct phase {
	char *id;
	char *title;
	char *summary;
	char *path; /* of its document */
	struct oid blob;
	struct strings depends_on;
	int priority; /* 1 highest … 5, default 3 */
	char *due; /* NULL: none */
	char *agent; /* NULL: the plan's default */
	struct strings create, modify, del; /* globs */
	struct strings acceptance;
	struct strings checks;
	int checks_given; /* an absent list means: all checks */
	char *commit_type; /* default feat */
	char *commit_scope; /* NULL: none */
	int64_t complexity; /* estimate; 0: none */
	enum phase_status status;
	char *reason;
	size_t index; /* within the plan, in file order */
	/* Where they stand, item by item, for findings. */
	struct places depends_at, create_at, checks_at;
	struct place agent_at;
	int borrowed; /* texts and lists are its plan's, from the index */
};

struct phase_list {
	struct phase *items;
	size_t len, cap;
};

struct plan {
	char *id;
	char *title;
	char *goal;
	char *path;
	char *template; /* NULL: none */
	char *abandoned; /* the reason, or NULL */
	struct check_list checks;
	struct setup_list setup;
	struct phase_list phases;
	struct map by_id; /* phase id to struct phase * */
	struct map vars; /* name to (char *) value */
	struct arena arena; /* of the vars, and of lists from the index */
	struct buf known; /* the index's text, which phases point into */
};

void plan_release(struct plan *plan);

/* The ids below .orch/plans/ of a tree, sorted. */
struct error *plan_ids(struct strings *out, struct repo *repo,
		       const struct oid *tree) MUST_USE;

/*
 * Reads one plan from a tree, its phases in the order of their files.  A
 * phase whose document does not parse is there all the same, with its id and
 * nothing else: what depends on it is not dangling.  With findings: everything
 * wrong goes there and the plan holds what could be read (validate).  With
 * NULL: the first thing wrong is ERROR_INVALID naming file and line.  Absent:
 * ERROR_NOT_FOUND.
 */
struct error *plan_read(struct plan *out, struct repo *repo,
			const struct oid *tree, const char *id,
			struct findings *findings) MUST_USE;

/* One phase's document from a tree; absent: ERROR_NOT_FOUND. */
struct error *phase_read(struct phase *out, struct repo *repo,
			 const struct oid *tree, const char *plan,
			 const char *id) MUST_USE;
void phase_release(struct phase *phase);
/*
 * The parts of plan_read(), for documents that lie elsewhere: the plan's, then
 * each phase's, then plan_map_ids() once.  id is what folder and file say. What
 * is wrong goes to findings.
 */
struct error *plan_take(struct plan *plan, const char *id, const char *path,
			const struct buf *text, struct findings *findings)
	MUST_USE;
struct error *plan_take_phase(struct plan *plan, const char *id,
			      const char *path, const struct buf *text,
			      struct findings *findings) MUST_USE;
/* A phase whose document cannot be read at all: it is there, by its id. */
void plan_take_unread(struct plan *plan, const char *id, const char *path);
void plan_map_ids(struct plan *plan);

/* Fills a phase from a document that parsed. */
void phase_fill(struct phase *out, const struct document *document);

/*
 * Rules within one phase's document that a schema cannot say: a status that
 * needs a reason, globs that match nothing.
 */
void phase_check(const struct document *document, struct findings *findings);

/*
 * How its commit's subject begins: "feat(api)!", the mark at the end where the
 * type has it ("feat!"), which says that it breaks something.  type NULL: the
 * phase's own.
 */
void phase_subject(struct buf *out, const struct phase *phase,
		   const char *type);
int phase_breaks(const struct phase *phase);
/* Is the type this one, broken or not? */
int phase_is_type(const struct phase *phase, const char *type);

/* NULL when there is none. */
struct phase *plan_phase(const struct plan *plan, const char *id);

#endif
