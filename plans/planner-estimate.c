/*
 * What planning would cost: the steps in their order, with the size of what is
 * shown and a guess at the size of what is answered.  Rounds of correction are
 * not counted; they are what nobody knows before.
 */
#include "core/clock.h"
#include "core/embed.h"
#include "plans/planner-step.h"

#include <string.h>

static const struct row {
	const char *stage;
	enum planner who;
	int64_t answer; /* tokens */
} rows[] = {
	{ "brainstorm", PLANNER_MANAGER, 1500 },
	{ "brainstorm", PLANNER_DEVELOPER, 1500 },
	{ "synthesis", PLANNER_MANAGER, 2000 },
	{ "architecture", PLANNER_DEVELOPER, 4000 },
	{ "compare", PLANNER_MANAGER, 800 },
	{ "review", PLANNER_MANAGER, 500 },
	{ "workflow", PLANNER_MANAGER, 400 },
	{ "phases", PLANNER_DEVELOPER, 6000 },
	{ "replan", PLANNER_DEVELOPER, 3000 },
	{ "phases-review", PLANNER_MANAGER, 500 },
};

static int is(const struct row *row, const char *stage)
{
	return !strcmp(row->stage, stage);
}

static int is_taken(const struct row *row, const struct plan_request *request)
{
	int single = request->workflow == WORKFLOW_SINGLE;

	if (is(row, "replan"))
		return request->replan != NULL;
	if (is(row, "phases-review"))
		return 1;
	if (request->replan)
		return 0;
	if (is(row, "brainstorm") || is(row, "review"))
		return !single;
	if (is(row, "compare"))
		return request->candidates > 1;
	if (is(row, "workflow"))
		return request->workflow == WORKFLOW_HYBRID;
	return 1;
}

static int64_t prompt_of(const char *stage)
{
	CLEANUP(free_str) char *path = xasprintf("prompts/stage-%s.md", stage);
	struct embed file;

	return embed_find(&file, path) ? token_estimate(file.len) : 0;
}

static void add_step(struct planning *p, const struct row *row,
		     int64_t material, int calls)
{
	const struct agent *agent =
		row->who == PLANNER_MANAGER ? p->manager : p->developer;
	const char *model = agent->model ? agent->model : agent->provider;
	struct plan_step *step = PUSH(&p->out->steps);
	int64_t prompt = material + prompt_of(row->stage);
	int64_t most = price_most(p->caller.prices, model, prompt, row->answer,
				  clock_now());

	step->stage = row->stage;
	step->agent = agent->name;
	step->calls = calls;
	step->tokens = (prompt + row->answer) * calls;
	step->micros = most == UNPRICED ? UNPRICED : most * calls;
}

void estimate(struct planning *p)
{
	int candidates = p->request->candidates;
	int64_t shown = token_estimate(p->material.len);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		int calls = is(row, "architecture") && candidates > 1
				    ? candidates
				    : 1;

		if (!is_taken(row, p->request))
			continue;
		add_step(p, row, shown, calls);
		shown += row->answer * calls;
	}
}
