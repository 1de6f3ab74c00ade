/*
 * The inside of planning with agents: its state and its parts, shared by
 * planner*.c and by nobody else.
 */
#ifndef PLANS_PLANNER_STEP_H
#define PLANS_PLANNER_STEP_H

#include "plans/models.h"
#include "plans/plan.h"
#include "plans/planner.h"

struct planning {
	struct project *project;
	const struct plan_request *request;
	struct draft *out;
	const struct agent *manager, *developer; /* who plans */
	struct strings agents; /* names of those who may do a phase */
	struct strings checks; /* names there are */
	char *goal;
	char *id; /* that is charged: the plan's, or goal_name */
	char *goal_name; /* planner-spend.c; NULL: a plan is changed */

	struct caller caller;
	struct journal *journal;
	struct model *manager_model, *developer_model;
	struct buf material; /* goal and code: how every request begins */
	struct map vars; /* of the prompts; values in arena */
	struct arena arena;

	/* What was answered; root NULL: not asked. */
	struct tree ideas[2]; /* the manager's, the developer's */
	struct tree synthesis;
	struct tree compare;
	struct tree architecture;
	struct tree workflow;
	struct tree phases;
	struct tree review; /* of the phases */

	/* What the documents are written on top of. */
	struct oid parent; /* commit */
	struct oid tree; /* its tree, a template's documents included */
	struct oid old_branch; /* zero: the branch is new */
	int builtin; /* the template is of this binary */
	struct strings kept; /* phases whose work is done or under way */
};

/* Which of two is asked. */
enum planner { PLANNER_MANAGER, PLANNER_DEVELOPER };

/* One answer that is wanted, as struct tree. */
struct question {
	struct planning *planning;
	const char *stage; /* prompt stage-<stage> */
	const char *schema; /* "reply/phases" */
	enum planner who;
	/* Adds findings; may be NULL. */
	struct error *(*judge)(struct findings *findings,
			       const struct value *answer,
			       struct planning *planning);
	struct tree answer;

	struct request request;
	struct strings depends;
	struct findings refused; /* what judge said last */
	const struct model *answered; /* who gave the last answer */
	struct error *err;
	int done;
};
void question_release(struct question *question);

/* planner-ask.c */
/* Sets a variable of the prompts; text is copied. */
void planner_var(struct planning *p, const char *name, const char *text);
/* The same, as JSON in a fence. */
void planner_var_json(struct planning *p, const char *name, const char *label,
		      const struct value *value);
/*
 * Renders the stage's prompt with the variables as they are now.  Stage,
 * schema and who are set, the rest is zero.
 */
struct error *question_open(struct question *question, struct planning *p)
	MUST_USE;
/*
 * Asks all of them at once.  An answer that the judge never let pass is
 * ERROR_NO, its findings go to p->out.
 */
struct error *ask_all(struct planning *p, struct question *questions, size_t n)
	MUST_USE;
/* One question, opened, asked and released; *out is replaced. */
struct error *ask_one(struct tree *out, struct planning *p,
		      const struct question *question) MUST_USE;

/* planner-goal.c */
/* What everybody is told: who and what there is, and how large things are. */
void planner_describe(struct planning *p);

/* planner-steps.c: each asks and leaves its answer in p. */
struct error *step_brainstorm(struct planning *p) MUST_USE;
struct error *step_synthesis(struct planning *p) MUST_USE;
struct error *step_architecture(struct planning *p) MUST_USE;
struct error *step_workflow(struct planning *p) MUST_USE;
/* The phases, until rules and manager are content; stage says which prompt. */
struct error *step_phases(struct planning *p, const char *stage) MUST_USE;

/* planner-rules.c */
#define MOST_PHASES      64
#define MOST_PHASE_FILES 24
/* The deterministic judgement of a breakdown: the judge of step_phases(). */
struct error *rules_phases(struct findings *findings,
			   const struct value *answer,
			   struct planning *planning) MUST_USE;

/* planner-overlap.c */
/*
 * Phases that touch the same file, or one a file where the other needs a
 * folder, and do not wait for each other.
 */
void overlap_check(const struct plan *plan, struct findings *findings);

/* planner-write.c */
/* The documents of the answers, as a tree on top of p->tree. */
struct error *write_documents(struct oid *out, struct planning *p,
			      const struct value *phases) MUST_USE;
/* A document without what a phase's work left in it: for prompts. */
struct error *document_intent(struct buf *out, struct repo *repo,
			      const struct oid *tree, const char *path)
	MUST_USE;

/* planner-pages.c */
void page_brainstorm(struct buf *out, const struct planning *p,
		     const struct value *phases);
void page_architecture(struct buf *out, const struct planning *p);
/* What a change of a plan in progress adds to brainstorm.md. */
void page_change(struct buf *out, const struct planning *p,
		 const struct value *answer);

/* planner-spend.c */
/* Chooses who is charged. */
void spend_choose(struct planning *p);
/* The goal is a plan from here on: what it used is the plan's. */
struct error *spend_move(struct planning *p) MUST_USE;

/* planner-replan.c */
struct error *replan_open(struct planning *p) MUST_USE;

/* planner-estimate.c */
void estimate(struct planning *p);

/* planner.c: the parts that drafts from templates share. */
struct error *draft_name(struct draft *draft, struct project *project,
			 const char *id) MUST_USE;
struct error *draft_require_free(struct project *project,
				 const struct draft *draft) MUST_USE;
struct error *draft_examine(struct draft *draft, struct project *project,
			    const struct oid *tree) MUST_USE;
/* The branch is made, or moved from old (zero: made). */
struct error *draft_commit(struct draft *draft, struct project *project,
			   const struct oid *tree, const struct oid *parent,
			   const struct oid *old) MUST_USE;
struct error *draft_pin(struct draft *draft, struct project *project,
			const struct oid *tree) MUST_USE;

#endif
