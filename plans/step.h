/*
 * The inside of a transaction: its state and its steps, shared by the files
 * that hold them (transaction*.c, reconcile.c, attempt.c, record.c, result.c,
 * revision-choose.c) and by nobody else.
 */
#ifndef PLANS_STEP_H
#define PLANS_STEP_H

#include "plans/elsewhere.h"
#include "plans/gate.h"
#include "plans/renewal.h"
#include "plans/revision.h"
#include "plans/transaction.h"
#include "plans/verdict.h"
#include "plans/worker.h"

struct transaction {
	struct project *project;
	const struct transaction_options *options;
	struct outcome *out;

	struct claim claim; /* ours once held is set */
	int held; /* step_held() and step_drop() say so */
	struct renewal renewal;
	struct earlier earlier; /* claims, when ours was taken */
	struct journal *journal; /* of claim.run */

	/* What the journal's start line says; read back by a resume. */
	struct oid base; /* commit the documents were read from */
	struct oid start; /* commit the work begins on: its parent */
	struct oid fork; /* goes into the base ref */
	struct oid old_branch; /* expected at publication */
	int64_t started; /* seconds */

	struct plan plan; /* as at base */
	const struct phase *phase;
	const struct agent *agent;
	const struct worker *worker;

	int revises; /* a phase in review is worked on again */
	struct revision revision; /* and what for */

	/* What the attempts came to. */
	int attempts;
	struct oid tree; /* the work, accepted or refused */
	struct candidate candidate;
	struct check_outcomes checks;
	struct findings findings; /* empty: accepted */
	struct report report; /* what was said, and who was asked */
	struct manager_decision decision; /* after the last attempt */
	struct caller caller; /* loop NULL: nobody was asked yet */

	struct oid commit;
	enum phase_status status;
	int delivers; /* it was done before: goes on at 7 or 8 */
	int asked; /* the forge, by this command */
};

/* Says what is done now, to the progress and the log. */
void step_report(const struct transaction *t, const char *fmt, ...)
	PRINTF(2, 3);

/*
 * 0: takes over the claim of a dead run of this plan (of the named phase, if
 * one is named) and loads what its journal knows.  t->held tells.
 */
struct error *step_reconcile(struct transaction *t) MUST_USE;

/* The claim is ours from now on, and renewed; or let go. */
void step_held(struct transaction *t);
struct error *step_drop(struct transaction *t) MUST_USE;

/*
 * Nothing is left to take but what other machines hold.  Waits, a lease at
 * most, until one of those claims is seen to be dead or gone (*waited 1: look
 * again); 0: each was renewed meanwhile, or there is none.
 */
struct error *step_wait(struct transaction *t, int *waited) MUST_USE;

/* 1: a phase's card; where there is none the error names those there are. */
struct error *step_card(struct card **out, const struct board *board,
			const char *plan, const char *phase) MUST_USE;
/* NULL when the phase can be started, else why it cannot. */
struct error *step_startable(const struct card *card) MUST_USE;

/*
 * A phase in review as the beginning: the named one, for `revise`; any, where
 * no phase was ready (none is the error that says so, which is handed on).
 */
struct error *step_revise_choose(struct card **out, struct transaction *t,
				 struct board *board) MUST_USE;
struct error *step_revise_any(struct card **out, struct transaction *t,
			      struct board *board, struct error *none) MUST_USE;
/*
 * 3, the claim being held; *again: it is no longer what was looked at.  What
 * has only to be answered sets t->delivers.
 */
struct error *step_revise_start(struct transaction *t, const struct card *card,
				int *again) MUST_USE;
/* What a killed run was to do, from its journal. */
struct error *step_revise_resume(struct transaction *t) MUST_USE;
/* Adds a finding where nothing was changed and that is not explained. */
struct error *step_judge_revision(struct transaction *t) MUST_USE;
/* What was decided and noted before still holds. */
void step_keep_words(struct transaction *t);
/*
 * The document on the branch gets what was changed in the base's since; of
 * what both changed the branch's stands, as landing it will say.
 */
struct error *step_merge_document(struct buf *text, const struct transaction *t,
				  const char *path) MUST_USE;
/* It was not accepted: the branch stays, and the forge is told. */
struct error *step_refused(struct transaction *t) MUST_USE;
/* After 8: remarks are answered as the document has it. */
struct error *step_answer(struct transaction *t) MUST_USE;

/* Writes the start line. */
struct error *step_journal_start(struct transaction *t) MUST_USE;
/* Opens the claim's journal and, on a resume, reads the start line back. */
struct error *step_journal(struct transaction *t) MUST_USE;
/* Reads plan, phase, agent and worker as they were at t->base. */
struct error *step_documents(struct transaction *t, const char *plan,
			     const char *phase) MUST_USE;

/* 4 and 5: implement and gates, until accepted or used up. */
struct error *step_attempts(struct transaction *t) MUST_USE;

/* What the worker said becomes fit for documents: no secrets, no more than
 * fits. */
void step_clean_words(struct transaction *t);
/* The document's `result`, as the root of an empty tree. */
struct error *step_result(struct tree *out, const struct transaction *t,
			  int64_t when) MUST_USE;
/* Its list of agents. */
void step_result_agents(struct tree *tree, struct value *result,
			const struct transaction *t);
/* Why the phase failed, on one line: for the document and the commit. */
char *step_reason(const struct transaction *t) MUST_USE;
/*
 * Who did the work: "agent:model" of each model of the worker's role, else of
 * the worker itself.
 */
void step_workers(struct strings *out, const struct transaction *t);

/* The commit that a killed run had made already, if it had: status and tip. */
struct error *step_recorded(struct transaction *t, int *found) MUST_USE;
/* 6: one tree, one commit, its id journalled before any ref moves. */
struct error *step_commit(struct transaction *t) MUST_USE;

/* The refused tree stays in this clone, for a person to look at. */
struct error *step_keep_refused(const struct transaction *t) MUST_USE;

/* Where the branch has to stand at publication. */
struct error *step_expected(struct oid *out, const struct transaction *t,
			    const struct card *card) MUST_USE;
/* After publication: what --no-push kept here is no longer needed. */
struct error *step_forget_kept(const struct transaction *t) MUST_USE;
/* 8: a phase that is done is proposed, where there is a forge. */
struct error *step_propose(struct transaction *t) MUST_USE;

/*
 * Asks how pull requests stand, once and only where it decides on what to do;
 * *asked 1: the board is to be loaded again.
 */
struct error *step_ask_forge(int *asked, struct transaction *t,
			     const struct board *board) MUST_USE;
/* May naming it go on at 7 or 8: done, and not pushed or not proposed? */
int step_deliverable(const struct card *card,
		     const struct transaction_options *options);
/*
 * The claim being held: sets t->delivers when the named phase goes on at 7 or
 * 8, with all that these need.
 */
struct error *step_deliver(struct transaction *t, const struct card *card)
	MUST_USE;
/* The same for a claim taken over that says it is published. */
struct error *step_deliver_published(struct transaction *t,
				     const struct card *card) MUST_USE;

#endif
