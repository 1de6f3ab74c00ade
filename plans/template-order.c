/*
 * The phases of a template in the order of a plan that is made from it.  Its
 * documents are read without giving the variables their values: one that does
 * not parse like that counts as depending on nothing.
 */
#include "plans/graph.h"
#include "plans/template.h"

#include <stdlib.h>
#include <string.h>

/* The id of the phase that a file is the document of; NULL: of none. */
static char *phase_of(const char *path)
{
	static const char folder[] = "phases/", ending[] = ".yaml";
	size_t len = strlen(path);
	size_t around = strlen(folder) + strlen(ending);

	if (strncmp(path, folder, strlen(folder)) != 0 || len <= around ||
	    strcmp(path + len - strlen(ending), ending) != 0)
		return NULL;
	return xstrndup(path + strlen(folder), len - around);
}

/* In the order of the files where phases depend on each other in a circle. */
static void order_phases(size_t *order, const struct plan *plan)
{
	struct error *err = graph_order(order, plan);

	for (size_t i = 0; err && i < plan->phases.len; i++)
		order[i] = i;
	error_free(err);
}

struct error *template_phases(struct strings *out,
			      const struct template *template)
{
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(findings_release) struct findings ignored = FINDINGS_INIT;

	FOR_EACH (struct template_file, file, &template->files) {
		CLEANUP(free_str) char *id = phase_of(file->path);

		if (id)
			TRY(plan_take_phase(&plan, id, file->path, &file->text,
					    &ignored));
	}
	plan_map_ids(&plan);
	size_t *order = xcalloc(plan.phases.len + 1, sizeof *order);
	order_phases(order, &plan);
	for (size_t i = 0; i < plan.phases.len; i++)
		strings_add(out, plan.phases.items[order[i]].id);
	free(order);
	return NULL;
}
