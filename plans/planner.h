/*
 * From a goal to a plan's draft: documents on the branch <prefix>/<plan>/plan,
 * one commit on top of the base.  The documents come from a template, or from
 * agents: brainstorm, synthesis, architecture, phases, each judged before the
 * next one rests on it.
 */
#ifndef PLANS_PLANNER_H
#define PLANS_PLANNER_H

#include "plans/report.h"
#include "plans/template.h"

/* How much of the work is broken down. */
enum plan_workflow {
	WORKFLOW_MICRO, /* all of it, with every step of planning */
	WORKFLOW_SINGLE, /* one phase, and fewer steps before it */
	WORKFLOW_HYBRID, /* the manager decides for each feature */
};
/* ERROR_USAGE names those there are. */
struct error *workflow_parse(enum plan_workflow *out, const char *name)
	MUST_USE;

#define MOST_CANDIDATES 5
#define MOST_SOURCE     (256 << 10) /* bytes of plan_request.source */

struct plan_request {
	const char *template; /* its name; NULL: none */
	const char *id; /* NULL: the variable `name`, else the template's;
			 * without a template the manager's */
	const char *goal; /* NULL: the template's, or what source begins with */
	const struct strings *vars; /* "name=value", may be NULL */
	int dry_run; /* write nothing that a ref reaches, ask nobody */
	/* What only agents need. */
	const struct buf *source; /* a longer text on the goal; may be NULL */
	enum plan_workflow workflow;
	int candidates; /* architectures to choose from; 0: one */
	const char *replan; /* the plan in progress that goal is to change */
};

/* A step of planning, as --dry-run shows it. */
struct plan_step {
	const char *stage;
	const char *agent; /* borrowed from the configuration */
	int calls;
	int64_t tokens; /* about, of prompts and answers */
	int64_t micros; /* at most, for so many; UNPRICED */
};

struct draft {
	char *plan;
	char *title;
	char *branch; /* short name */
	struct oid commit; /* zero on a dry run */
	struct strings phases; /* ids, in scheduling order */
	struct strings agents; /* of each of them; "": the plan's default */
	int pinned; /* its checks are trusted: they come from this binary */
	struct findings findings; /* what is wrong with the documents */
	/* With agents. */
	struct {
		struct plan_step *items;
		size_t len, cap;
	} steps; /* a dry run's */
	struct report report; /* what was used */
};
#define DRAFT_INIT                                                             \
	{                                                                      \
		.phases = STRINGS_INIT                                         \
	}
void draft_release(struct draft *draft);

/*
 * ERROR_NOT_FOUND: no such template; ERROR_INVALID: an id or variable that
 * cannot be; ERROR_FAILURE: the id is in use on the base or as a draft.
 * Documents that do not validate are not written: look at out->findings.
 */
struct error *planner_template(struct draft *out, struct project *project,
			       const struct plan_request *request) MUST_USE;

/* Is an agent configured that can be asked to plan? */
int planner_can_ask(const struct config *config);

/*
 * The same by agents.  Those of the roles manager and developer plan; where
 * only one of them can be asked it does the other's part.  Beside the errors of
 * calls (core/call.h): ERROR_NO with out->findings when no breakdown, or no
 * architecture, is found right within PLANNER_ROUNDS; then nothing was written.
 * Equal requests of an earlier run are taken from the store, so a run that was
 * killed and is repeated goes on where it was.
 *
 * A dry run fills out->steps and nothing else.
 */
#define PLANNER_ROUNDS 3
struct error *planner_goal(struct draft *out, struct project *project,
			   const struct plan_request *request) MUST_USE;

/* The goal as plan.yaml says it: the request's, else how source begins. */
char *planner_goal_text(const struct plan_request *request) MUST_USE;
/*
 * The plan that was made for a goal: its id, on the base or a draft, owned;
 * NULL when there is none that is not abandoned.
 */
struct error *planner_find(char **out, struct project *project,
			   const char *goal) MUST_USE;

/*
 * Removes what goals used that became no plan, when no reply to them can still
 * be taken from the store.  The journals, and `cost`, keep it.
 */
struct error *planner_forget_goals(struct project *project) MUST_USE;

#endif
