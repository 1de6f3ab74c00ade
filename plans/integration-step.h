/* The inside of a final integration, for integration*.c and nobody else. */
#ifndef PLANS_INTEGRATION_STEP_H
#define PLANS_INTEGRATION_STEP_H

#include "core/hash.h"
#include "plans/board.h"
#include "plans/integration.h"

/* What an integrator says, fit for a page; by phase. */
struct integration_words {
	char *summary; /* NULL: nobody says anything */
	struct strings phases; /* ids, and below them what is said */
	struct strings texts;
	struct strings seams;
};
void integration_words_release(struct integration_words *words);

struct integrating {
	struct project *project;
	const char *plan_id;
	const struct plan *plan; /* of the board */
	struct board board;
	struct integration *out;
	/*
	 * {plan, title, goal, ready, phases: [{phase, title, status, reason,
	 * summary, criteria: [{criterion, state, evidence}]}], checks: [{name,
	 * passed}], open: []}; states are "met", "not met", "not judged".
	 */
	struct tree facts;
	char hash[SHA256_HEX]; /* of the facts and of who was asked */
	struct integration_words words;
};

/* Fills facts, and what out has of them; runs the checks. */
struct error *integration_facts(struct integrating *it) MUST_USE;

/* The page. */
void integration_page(struct buf *out, const struct integrating *it);

/* Is there somebody to ask?  "agent:model", else "". */
char *integration_author(const struct project *project) MUST_USE;
/*
 * Asks for words.  Only an interrupt is an error: a report without words is
 * one as well, and out->silent says why it has none.
 */
struct error *integration_ask(struct integrating *it) MUST_USE;

#endif
