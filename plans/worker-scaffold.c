/*
 * The offline worker: renders what the plan's template has for a phase, with
 * the variables recorded in the plan.  No model, no network; through the same
 * workspace, gates and commit as any other worker.
 */
#include "core/regex.h"
#include "plans/template.h"
#include "plans/worker.h"

/* What a phase declares as deleted, a template needs no file to say. */
static struct error *delete_declared(size_t *n, struct workspace *work,
				     const struct phase *phase)
{
	CLEANUP(globs_release) struct globs *globs = NULL;
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;

	if (!phase->del.len)
		return NULL;
	TRY(globs_compile(&globs, &phase->del));
	TRY(workspace_list(&paths, work, ""));
	FOR_EACH (char *, path, &paths) {
		if (!globs_match(globs, *path))
			continue;
		TRY(workspace_delete(work, *path));
		++*n;
	}
	return NULL;
}

static struct error *run(struct workspace *work, const struct task *task)
{
	CLEANUP(template_release) struct template template = { 0 };
	size_t deleted = 0;

	if (!task->plan->template)
		return error_hint(
			error_new(ERROR_NO,
				  "plan '%s' was not made from a template, so "
				  "the scaffold worker has nothing to write",
				  task->plan->id),
			"give phase '%s' an agent with another worker",
			task->phase->id);
	TRY(template_open(&template, task->project, task->plan->template));
	TRY(delete_declared(&deleted, work, task->phase));
	struct error *err = template_render(work, &template, task->phase->id,
					    &task->plan->vars);
	if (!deleted || !error_is(err, ERROR_NO))
		return err;
	error_free(err);
	return NULL;
}

const struct worker worker_scaffold = {
	.name = "scaffold",
	.run = run,
	.deterministic = 1,
};
