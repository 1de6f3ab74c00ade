/*
 * Planning with agents, from the goal to a draft.
 *
 * Nothing is written before the last judgement: a run that is ended on the way
 * leaves its journal and the replies it paid for, and the same goal finds them
 * in the store.
 */
#include "core/file.h"
#include "gitops/ref.h"
#include "gitops/sync.h"
#include "plans/board.h"
#include "plans/context.h"
#include "plans/planner-step.h"
#include "plans/prompt.h"

#include <stdlib.h>
#include <string.h>

#define CODE_TOKENS  24000 /* of existing code, in every request */
#define LONGEST_GOAL 2000 /* bytes of a source that is its own goal */

static const char *const workflows[] = { "micro", "single", "hybrid" };

struct error *workflow_parse(enum plan_workflow *out, const char *name)
{
	for (int i = 0; i < 3; i++)
		if (!strcmp(name, workflows[i])) {
			*out = (enum plan_workflow)i;
			return NULL;
		}
	return error_hint(
		error_new(ERROR_USAGE, "there is no workflow '%s'", name),
		"there are micro, single and hybrid");
}

static const struct agent *who_plans(const struct config *config,
				     const char *role)
{
	FOR_EACH (struct agent, agent, &config->agents)
		if (!strcmp(agent->role, role) && agent->provider &&
		    config_provider(config, agent->provider))
			return agent;
	return NULL;
}

int planner_can_ask(const struct config *config)
{
	return who_plans(config, "manager") || who_plans(config, "developer");
}

/* Where a role has nobody who can be asked, the other one stands in. */
static void choose_planners(struct planning *p)
{
	const struct config *config = &p->project->config;

	p->manager = who_plans(config, "manager");
	p->developer = who_plans(config, "developer");
	if (!p->manager)
		p->manager = p->developer;
	if (!p->developer)
		p->developer = p->manager;
}

static int does_phases(const struct planning *p, const struct agent *agent)
{
	static const char *const others[] = { "manager", "validator", "git",
					      "integrator" };
	const char *worker = agent->worker ? agent->worker : "tools";

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(agent->role, others[i]))
			return 0;
	if (!strcmp(worker, "scaffold"))
		return p->request->template != NULL;
	return !strcmp(worker, "cli") || agent->provider;
}

static void describe_agents(struct planning *p)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	strings_release(&p->agents);
	FOR_EACH (struct agent, agent, &p->project->config.agents) {
		CLEANUP(buf_release) struct buf strengths = BUF_INIT;
		int scaffold =
			agent->worker && !strcmp(agent->worker, "scaffold");

		if (!does_phases(p, agent))
			continue;
		strings_add(&p->agents, agent->name);
		strings_join(&strengths, &agent->strengths, ", ");
		buf_addf(&text, "- `%s` (%s): %s\n", agent->name, agent->role,
			 strengths.len ? strengths.data
			 : scaffold    ? "writes the files of the template, "
					 "for phases that are the template's own"
				       : "no strengths are declared");
	}
	planner_var(p, "agents", text.data);
}

static void describe_checks(struct planning *p)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	FOR_EACH (struct check, check, &p->project->config.checks)
		if (!strings_has(&p->checks, check->name))
			strings_add(&p->checks, check->name);
	strings_join(&names, &p->checks, "`, `");
	if (p->checks.len)
		buf_addf(&text, "Checks there are: `%s`.\n", names.data);
	else
		buf_str(&text, "The project has no checks: `checks` is always "
			       "empty.\n");
	planner_var(p, "checks", text.data);
}

void planner_describe(struct planning *p)
{
	static const char *const empty[] = {
		"ideas",      "synthesis", "correction", "variant",
		"candidates", "workflow",  "template",   "phases",
		"current",    "change",    "kept",       "architecture",
	};
	CLEANUP(free_str)
	char *limits = xasprintf(
		"There are at most %d phases, and each names at most %d files.",
		MOST_PHASES, MOST_PHASE_FILES);
	int single = p->request->workflow == WORKFLOW_SINGLE;

	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
		planner_var(p, empty[i], "");
	describe_agents(p);
	describe_checks(p);
	planner_var(p, "limits",
		    single ? "There is exactly one phase; it does all of it."
			   : limits);
}

static int is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* The first line that says something, without the marks of a heading. */
static char *first_line(const char *text)
{
	size_t len;

	text += strspn(text, "# \t\r\n");
	for (len = 0; text[len] && !is_line_end(text[len]); len++)
		;
	while (len && strchr(" \t", text[len - 1]))
		len--;
	return xstrndup(text, len > LONGEST_GOAL ? LONGEST_GOAL : len);
}

char *planner_goal_text(const struct plan_request *request)
{
	const char *text = request->goal;
	size_t len;

	if (!text || !*text) {
		text = request->source ? request->source->data : "";
		if (strlen(text) > LONGEST_GOAL)
			return first_line(text);
	}
	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return xstrndup(text, len);
}

struct error *planner_find(char **out, struct project *project,
			   const char *goal)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;

	*out = NULL;
	TRY(board_read_plans(&board, project, NULL));
	FOR_EACH (struct board_plan *, row, &board.plans)
		if (!(*row)->broken && !(*row)->plan.abandoned &&
		    (*row)->plan.goal && !strcmp((*row)->plan.goal, goal)) {
			*out = xstrdup((*row)->plan.id);
			return NULL;
		}
	return NULL;
}

/* The documents of the template, as the tree that all is written on. */
static struct error *open_template(struct planning *p)
{
	CLEANUP(template_release) struct template template = { 0 };
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(map_release) struct map vars = MAP_INIT;
	const struct strings none = STRINGS_INIT;
	const struct plan_request *request = p->request;

	TRY(template_open(&template, p->project, request->template));
	TRY(template_vars(&vars, &p->arena, &template,
			  request->vars ? request->vars : &none));
	if (!p->out->plan) {
		const char *name = map_get(&vars, "name");

		TRY(draft_name(p->out, p->project,
			       name ? name : template.name));
		TRY(draft_require_free(p->project, p->out));
	}
	p->builtin = template.builtin;
	TRY(workspace_open(&work, p->project->repo, &p->tree));
	TRY(template_plan(work, &template, p->out->plan, p->goal, &vars));
	return workspace_write_tree(&p->tree, work);
}

static struct error *quote_document(struct buf *out, const struct planning *p,
				    const char *label, char *path)
{
	CLEANUP(free_str) char *owned = path;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(document_intent(&text, p->project->repo, &p->tree, owned));
	prompt_fence(out, label, text.data, text.len);
	return NULL;
}

static struct error *describe_template(struct planning *p)
{
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(plan_read(&plan, p->project->repo, &p->tree, p->out->plan, NULL));
	FOR_EACH (struct check, check, &plan.checks)
		if (!strings_has(&p->checks, check->name))
			strings_add(&p->checks, check->name);
	buf_addf(&text,
		 "Begin with the plan of the template '%s'. Keep the ids and "
		 "the agent of the phases that fit as they are; change, add "
		 "and leave out where the goal asks for it:\n\n",
		 p->request->template);
	TRY(quote_document(&text, p, "plan.yaml", xstrdup(plan.path)));
	FOR_EACH (struct phase, phase, &plan.phases)
		TRY(quote_document(&text, p, phase->id, xstrdup(phase->path)));
	describe_checks(p);
	planner_var(p, "template", text.data);
	return NULL;
}

/* Goal and code: how every request begins. */
static struct error *gather(struct planning *p)
{
	CLEANUP(context_release)
	struct context context = CONTEXT_INIT(CODE_TOKENS);
	const struct buf *source = p->request->source;

	context.secrets = p->caller.secrets;
	buf_str(&p->material, "# The goal\n\n");
	prompt_fence(&p->material, "the goal", p->goal, strlen(p->goal));
	if (source)
		prompt_fence(&p->material, "the goal at length", source->data,
			     source->len);
	buf_str(&p->material, "# The project as it is\n\n");
	TRY(context_code(&context, p->project->repo, &p->project->base.tree));
	context_end(&context);
	buf_add(&p->material, context.text.data, context.text.len);
	return NULL;
}

static struct error *check_goal(struct planning *p)
{
	if (!*p->goal)
		return error_hint(error_new(ERROR_USAGE, "the goal is empty"),
				  "git orch plan \"<what shall exist>\"");
	if (p->request->replan)
		return NULL;
	if (!p->request->id)
		/* Whatever it will be called; no branch is called that. */
		return sync_unblocked(p->project->repo,
				      p->project->config.delivery.branch_prefix,
				      "<plan>", "plan");
	TRY(draft_name(p->out, p->project, p->request->id));
	return draft_require_free(p->project, p->out);
}

/* All that is known before anybody is asked. */
static struct error *prepare(struct planning *p)
{
	p->goal = planner_goal_text(p->request);
	p->parent = p->project->base.commit;
	p->tree = p->project->base.tree;
	choose_planners(p);
	if (!p->manager)
		return error_new(ERROR_USAGE,
				 "no agent is configured that could plan");
	TRY(check_goal(p));
	spend_choose(p);
	planner_describe(p);
	if (!p->agents.len)
		return error_hint(
			error_new(ERROR_INVALID,
				  "no agent is configured that could do a "
				  "phase"),
			"give an agent of role developer a provider");
	TRY(caller_open(&p->caller, p->project, NULL, p->id, NULL));
	if (p->request->template) {
		TRY(open_template(p));
		TRY(describe_template(p));
	}
	TRY(gather(p));
	return p->request->replan ? replan_open(p) : NULL;
}

static struct error *journal_word(struct planning *p, const char *type,
				  const char *status)
{
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);

	value_add_string(&line, root, "plan",
			 p->out->plan ? p->out->plan : p->id);
	value_add_null(&line, root, "phase");
	value_add_maybe(&line, root, "goal", p->goal_name);
	if (status)
		value_add_string(&line, root, "status", status);
	return journal_append(p->journal, type, root);
}

static struct error *open_run(struct planning *p)
{
	CLEANUP(free_str) char *run = journal_new_run();
	const char *orch;

	TRY(model_open(&p->manager_model, p->project, p->manager,
		       p->caller.secrets));
	TRY(model_open(&p->developer_model, p->project, p->developer,
		       p->caller.secrets));
	TRY(repo_orch_dir(&orch, p->project->repo));
	CLEANUP(free_str) char *dir = path_join(orch, "journal");
	TRY(journal_open(&p->journal, dir, run));
	p->caller.journal = p->journal;
	return journal_word(p, "start", NULL);
}

static struct error *ask_for_new(struct planning *p)
{
	enum plan_workflow workflow = p->request->workflow;

	if (workflow != WORKFLOW_SINGLE)
		TRY(step_brainstorm(p));
	TRY(step_synthesis(p));
	TRY(step_architecture(p));
	if (workflow == WORKFLOW_HYBRID)
		TRY(step_workflow(p));
	return step_phases(p, "phases");
}

static struct error *write_draft(struct planning *p)
{
	struct draft *out = p->out;
	struct oid tree;

	TRY(write_documents(&tree, p, p->phases.root));
	TRY(draft_examine(out, p->project, &tree));
	if (findings_failing(&out->findings))
		return error_new(ERROR_NO,
				 "the documents do not hold together");
	/* Before anybody can do a phase of it. */
	TRY(spend_move(p));
	TRY(draft_commit(out, p->project, &tree, &p->parent, &p->old_branch));
	return p->builtin ? draft_pin(out, p->project, &tree) : NULL;
}

static struct error *run(struct planning *p)
{
	TRY(prepare(p));
	if (p->request->dry_run) {
		estimate(p);
		return NULL;
	}
	TRY(open_run(p));
	struct error *err =
		p->request->replan ? step_phases(p, "replan") : ask_for_new(p);
	if (!err)
		err = write_draft(p);
	if (error_is(err, ERROR_INTERRUPT))
		return err;
	struct error *end = journal_word(p, "end", err ? "failed" : "done");
	if (!err)
		return end;
	error_free(end);
	return err;
}

static void release(struct planning *p)
{
	caller_close(&p->caller);
	model_free(&p->manager_model);
	model_free(&p->developer_model);
	journal_close(&p->journal);
	strings_release(&p->agents);
	strings_release(&p->checks);
	strings_release(&p->kept);
	buf_release(&p->material);
	map_release(&p->vars);
	arena_release(&p->arena);
	tree_release(&p->ideas[0]);
	tree_release(&p->ideas[1]);
	tree_release(&p->synthesis);
	tree_release(&p->compare);
	tree_release(&p->architecture);
	tree_release(&p->workflow);
	tree_release(&p->phases);
	tree_release(&p->review);
	free(p->goal);
	free(p->id);
	free(p->goal_name);
}

struct error *planner_goal(struct draft *out, struct project *project,
			   const struct plan_request *request)
{
	struct planning p = { .project = project,
			      .request = request,
			      .out = out,
			      .material = BUF_INIT };

	struct error *err = run(&p);
	release(&p);
	return err;
}
