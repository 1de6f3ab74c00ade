/*
 * What the files of integrate share: the phases on their way to the base, and
 * what is known of each.
 */
#ifndef PLANS_INTEGRATE_STEP_H
#define PLANS_INTEGRATE_STEP_H

#include "plans/integrate-forge.h"
#include "plans/integrate.h"
#include "plans/landing.h"
#include "plans/queue.h"

/* One phase. */
struct entry {
	char *phase;
	struct card *card; /* on the train's board; NULL: no longer there */
	struct claim claim;
	int claimed; /* from when it enters a window until it ends */
	int entered; /* nothing on this board speaks against it */
	struct phase_refs refs; /* read under the claim */
	struct merged merged; /* with what goes before it */
	struct oid commit; /* of that; zero: not merged yet */
	int64_t pull; /* its request on the forge; 0: none */
	int sets_rules; /* who comes after it is judged by what it changes */
	struct landing landing; /* what will be told */
	int silent; /* passed over: nothing is told */
	int again; /* its branch moved: another round looks at it */
	int ended; /* landed or out */
};

/* What checks said of a prefix. */
struct judged {
	struct check_outcomes checks;
	struct findings findings;
};

/* A merge train: those in review, one behind the other. */
struct train {
	struct project *project;
	const char *plan;
	struct land_desk *desk; /* the forge, or none */
	struct landings *out;
	struct board board;
	int fresh; /* the board is of the base as it stands */
	int behind; /* that was moved by somebody else: fetch first */
	struct entry *items; /* in the order they are to land */
	size_t len, cap;
	size_t most; /* in a window: fewer while something is in the way */
	int lost; /* how often the base, or a branch, was moved meanwhile */
	struct judged green, red; /* the greatest and the smallest prefix */
};
#define MOST_LOST 20

/* Reads the base, and what stands for each entry upon it. */
struct error *train_look(struct train *train) MUST_USE;

/*
 * Claims a phase that is in review and puts its branch through the path gates.
 * QUEUE_OUT: it is not to land, and entry->landing says why, or it is passed
 * over: a runner has it, or what it stands on did not land.
 */
struct error *entry_enter(enum queue_verdict *out, struct train *train,
			  struct entry *entry) MUST_USE;
/* Merges it with a commit; the first in a window has nobody to wait for. */
struct error *entry_merge(enum queue_verdict *out, struct train *train,
			  struct entry *entry, const struct oid *onto,
			  int first) MUST_USE;
/* Adds its row, and is the end of it but for its claim. */
void entry_tell(struct train *train, struct entry *entry);
/* Drops its claim, if it has one. */
struct error *entry_let_go(struct train *train, struct entry *entry) MUST_USE;
void entry_release(struct entry *entry);

void landing_release(struct landing *landing);
void judged_release(struct judged *judged);

/* After it has landed: its request is told, its refs and its claim go. */
struct error *entry_withdraw(struct train *train, struct entry *entry) MUST_USE;
/* Adds its row as landed, with the checks of the greatest green prefix. */
void entry_landed(struct train *train, struct entry *entry);

/* The checks on a source of these on their way and of all that has landed. */
struct error *train_judge(struct judged *out, struct train *train,
			  const size_t *entries, size_t n,
			  const struct oid *source) MUST_USE;
/* Runs the entries through the queue. */
struct error *train_run(struct train *train) MUST_USE;

#endif
