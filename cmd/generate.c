/* `git orch generate`: plan, approve and run --land in one go. */
#include "cmd/outcome.h"
#include "cmd/plan.h"
#include "cmd/run.h"
#include "plans/propose.h"

/* The steps under way, and what came of each. */
struct generation {
	char *plan;
	int planned; /* now, and not by an earlier call */
	struct draft draft;
	struct run_report report;
	int ran;
	struct pull pull; /* of the plan, where the base is protected */
};

static void generation_release(struct generation *all)
{
	free_str(&all->plan);
	draft_release(&all->draft);
	run_report_release(&all->report);
	pull_release(&all->pull);
}

/* The plan that an earlier call made for this goal, else a new one. */
static struct error *plan_once(struct generation *all, struct session *session,
			       const struct plan_request *request)
{
	CLEANUP(free_str) char *goal = planner_goal_text(request);

	if (!request->dry_run)
		TRY(planner_find(&all->plan, &session->project, goal));
	if (all->plan)
		return NULL;
	TRY(plan_make(&all->draft, session, request));
	all->planned = 1;
	if (all->draft.plan)
		all->plan = xstrdup(all->draft.plan);
	return NULL;
}

static struct error *approve_plan(struct generation *all,
				  struct session *session)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	int landed = 0;

	struct error *err = propose_or_approve(
		&landed, &all->pull, &session->project, all->plan, &findings);
	if (findings_failing(&findings))
		out_findings(&session->out, &findings);
	TRY(err);
	return project_reload(&session->project);
}

static struct error *run_plan(struct generation *all, struct session *session,
			      int jobs)
{
	const struct run_options options = { .plan = all->plan,
					     .jobs = jobs,
					     .land = 1 };

	begin_progress(session);
	TRY(runner(&all->report, &session->project, &options));
	all->ran = 1;
	session->status = run_status(&all->report);
	/* Nothing was ready because nothing is left. */
	if (all->report.finished && session->status == 3)
		session->status = 0;
	return NULL;
}

static void print_json(struct out *out, const struct generation *all)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	value_add_bool(&tree, root, "planned", all->planned);
	if (all->planned)
		plan_json(&tree, value_object(&tree, root, "draft"),
			  &all->draft);
	else
		value_add_null(&tree, root, "draft");
	if (all->ran)
		run_json(&tree, value_object(&tree, root, "run"), all->plan,
			 &all->report);
	else
		value_add_null(&tree, root, "run");
	pull_json(&tree, root, &all->pull);
	out_json(out, root);
}

static struct error *finish(struct generation *all, struct session *session)
{
	end_progress(session);
	if (session->out.json) {
		print_json(&session->out, all);
		return NULL;
	}
	if (all->pull.number)
		pull_print_plan(&session->out, &all->pull);
	if (!all->ran)
		return NULL;
	run_print(&session->out, all->plan, &all->report);
	return print_next(session, all->plan);
}

/* The plan is told before its phases begin: that may take hours. */
static void tell_plan(struct generation *all, struct session *session)
{
	if (session->out.json)
		return;
	if (all->planned)
		plan_print(&session->out, &all->draft);
	else
		out_text(&session->out, "%s  is the plan for this goal\n",
			 all->plan);
}

static struct error *run(struct session *session)
{
	CLEANUP(plan_order_release)
	struct plan_order order = { .source = BUF_INIT };
	CLEANUP(generation_release)
	struct generation all = { .draft = DRAFT_INIT };
	int64_t jobs;

	TRY(args_int(&jobs, &session->args, "jobs", 1, 1, MOST_JOBS));
	TRY(plan_order_read(&order, session));
	if (!order.request.goal && !order.request.source)
		return error_new(ERROR_USAGE, "git orch generate needs a goal");
	TRY(plan_once(&all, session, &order.request));
	tell_plan(&all, session);
	if (!order.request.dry_run) {
		TRY(approve_plan(&all, session));
		if (!all.pull.number)
			TRY(run_plan(&all, session, (int)jobs));
	}
	return finish(&all, session);
}

static const struct opt opts[] = {
	OPTS_PLAN,
	{ 'j', "jobs", "n", "work on up to <n> phases at once" },
	{ 'n', "dry-run", NULL, "show the steps of planning and their cost" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};

const struct cmd cmd_generate = {
	.name = "generate",
	.summary = "Plan a goal, approve the plan, do and land its phases",
	.args = "[<goal>]",
	.max = 1,
	.opts = opts,
	.needs = NEED_REPO | NEED_TRUST | NEED_PROGRESS | MOVES_REFS,
	.run = run,
};
