/*
 * The offline worker: renders what the plan's template has for a phase, with
 * the variables recorded in the plan.  No model, no network; through the same
 * workspace, gates and commit as any other worker.
 */
#include "plans/template.h"
#include "plans/worker.h"

/* What a phase declares as deleted, a template needs no file to say. */
static struct error *delete_declared(struct workspace *work,
				     const struct phase *phase)
{
	FOR_EACH (char *, path, &phase->del) {
		struct error *err = workspace_delete(work, *path);

		if (!error_is(err, ERROR_NOT_FOUND))
			TRY(err);
		else
			error_free(err);
	}
	return NULL;
}

static struct error *run(struct workspace *work, const struct task *task)
{
	CLEANUP(template_release) struct template template = { 0 };

	if (!task->plan->template)
		return error_hint(
			error_new(ERROR_NO,
				  "plan '%s' was not made from a template, so "
				  "the scaffold worker has nothing to write",
				  task->plan->id),
			"give phase '%s' an agent with another worker",
			task->phase->id);
	TRY(template_open(&template, task->project, task->plan->template));
	TRY(delete_declared(work, task->phase));
	return template_render(work, &template, task->phase->id,
			       &task->plan->vars);
}

const struct worker worker_scaffold = {
	.name = "scaffold",
	.run = run,
	.deterministic = 1,
};
