/*
 * The board: every phase of the plans asked for with its derived status, in
 * scheduling order, and what to do next.  status, next-phase, run and
 * integrate all look at this and at nothing else.
 */
#ifndef PLANS_BOARD_H
#define PLANS_BOARD_H

#include "gitops/sync.h"
#include "plans/project.h"
#include "plans/pulls.h"
#include "plans/status.h"

enum plan_state {
	PLAN_DRAFT,
	PLAN_ACTIVE,
	PLAN_FINISHED,
	PLAN_ABANDONED,
	PLAN_BROKEN, /* on the base, and its documents cannot be read */
};
const char *plan_state_name(enum plan_state state);

enum card_flag {
	CARD_CONFLICT = 1,
	CARD_OUTDATED = 2,
	CARD_UNPUSHED = 4,
	CARD_MOVED = 8, /* what it stood on has landed or moved: restack */
};

/* One phase on the board. */
struct card {
	const struct plan *plan;
	const struct phase *phase; /* as on the base */
	struct facts facts; /* what the status was derived from */
	enum status status;
	unsigned flags;
	char *reason; /* NULL: none */
	char *branch; /* short name, NULL: none */
	struct oid tip; /* of the branch, or zero */
	struct oid fork; /* where its own commits begin, or zero */
	const char *stacks_on; /* the phase below, whose branch it stands on or
				  would begin on; NULL: the base (stack.h) */
	int stacked; /* the base has not got what lies below its commits */
	const struct kept_pull *pull; /* as last seen; NULL: none */
	struct claim *claim; /* NULL: none */
	int claim_alive; /* its owner is a live process of this machine, or
			  * nobody here can tell */
	size_t depth; /* critical path */
};

struct board_plan {
	struct plan plan; /* broken: its id and nothing else */
	enum plan_state state;
	struct error *broken; /* why it cannot be read; NULL: it can */
};

struct board {
	ARRAY(struct board_plan *) plans;
	ARRAY(struct card) cards; /* in scheduling order */
	struct claims claims;
	struct sync_map refs;
	struct kept_pulls pulls; /* what the forge last said */
	char *base; /* the base branch, for advice */
	size_t open; /* plans a command without --plan may mean, up to 2;
		      * board_others() sets it */
};
#define BOARD_INIT                                                             \
	{                                                                      \
		.plans = ARRAY_INIT, .cards = ARRAY_INIT,                      \
		.refs = SYNC_MAP_INIT, .pulls = KEPT_PULLS_INIT                \
	}

/*
 * plan NULL: every plan (abandoned ones only by name).  Drafts are found on
 * the branches <prefix>/<plan>/plan.
 */
struct error *board_load(struct board *out, struct project *project,
			 const char *plan) MUST_USE;
/*
 * Every plan; one whose documents are wrong is a row that says so, without
 * cards, and the others are there all the same.
 */
struct error *board_load_all(struct board *out, struct project *project)
	MUST_USE;
/* The plans without their cards: all (as board_load_all()), or the named. */
struct error *board_read_plans(struct board *out, struct project *project,
			       const char *only) MUST_USE;
/*
 * Counts the open plans, also those that are not on this board; for those who
 * print advice, which has to say --plan where there are several.
 */
struct error *board_others(struct board *board, struct project *project)
	MUST_USE;
/*
 * Sets CARD_CONFLICT where a phase in review no longer merges with the base;
 * for those who show a board, since it may have to merge.
 */
struct error *board_conflicts(struct board *board, struct project *project)
	MUST_USE;
void board_release(struct board *board);

/* Is a to be done before b? */
int card_before(const struct card *a, const struct card *b);
/* The ready phase to do first: priority, due date, critical path, id. */
struct card *board_best(const struct board *board);

/* NULL when there is none. */
struct card *board_card(const struct board *board, const char *plan,
			const char *phase);
const struct board_plan *board_plan(const struct board *board,
				    const char *plan);

/*
 * The plan a command means: name if given, else the only one that is not
 * finished or abandoned; owned by the caller.  ERROR_USAGE lists them when
 * there are several, one that is broken counting as open; ERROR_NOT_FOUND with
 * what to do when there is none.
 */
struct error *board_choose(char **out, struct project *project,
			   const char *name) MUST_USE;

/* ERROR_NOT_FOUND, with the phase that may be meant or all there are. */
struct error *board_no_phase(const struct board *board, const char *plan,
			     const char *phase) MUST_USE;

/*
 * Takes over the claim of a dead runner.  *taken 0: another was faster, or the
 * claim is gone; that is no error.
 */
struct error *card_take_over(int *taken, struct claim *out,
			     struct project *project, const struct card *card)
	MUST_USE;

/* The error that a plan which cannot be read is, for whoever needs it. */
struct error *board_broken(const struct board_plan *row) MUST_USE;

/* The phases it depends on that are not done. */
void card_waits(struct strings *out, const struct card *card);
/* Why a phase is not ready, as one clause: "waits for a, b". */
void card_why(struct buf *out, const struct card *card);

/* One thing to do next, for status and for the end of other commands. */
struct advice {
	char *phase; /* may be NULL */
	char *command; /* "git orch next-phase" */
	char *why;
};
struct advices {
	struct advice *items;
	size_t len, cap;
};
void board_next(struct advices *out, const struct board *board);
void advices_release(struct advices *advices);

#endif
