/*
 * Project templates: a folder with template.yaml, plan.yaml,
 * phases/<phase>.yaml, and files/<phase>/<path>, in the binary or below
 * .orch/templates/ of the base, which wins.  {{var}} is expanded in paths and
 * text.
 */
#ifndef PLANS_TEMPLATE_H
#define PLANS_TEMPLATE_H

#include "gitops/workspace.h"
#include "plans/project.h"

struct template_var {
	char *name;
	char *value; /* the default; NULL: must be given */
	char *pattern;
	char *help;
};

struct template_file {
	char *path; /* within the template, not expanded */
	struct buf text;
	int exec;
};

struct template
{
	char *name;
	char *title;
	char *summary;
	int builtin;
	struct {
		struct template_var *items;
		size_t len, cap;
	} vars;
	struct {
		struct template_file *items;
		size_t len, cap;
	} files;
};
void template_release(struct template *template);

/* The names there are, sorted; with a project, its own ones too. */
struct error *template_names(struct strings *out, struct project *project)
	MUST_USE;
/* Unknown: ERROR_NOT_FOUND with the names there are. */
struct error *template_open(struct template *out, struct project *project,
			    const char *name) MUST_USE;

/* A file by its path within the template; NULL when there is none. */
const struct template_file *template_file(const struct template *template,
					  const char *path);

/* The ids of its phases, each after what it depends on. */
struct error *template_phases(struct strings *out,
			      const struct template *template) MUST_USE;

/*
 * The variables for an expansion: defaults, then given ("name=value"), each
 * against its pattern.  The map's values live in arena.
 */
struct error *template_vars(struct map *out, struct arena *arena,
			    const struct template *template,
			    const struct strings *given) MUST_USE;

/*
 * The plan's documents below .orch/plans/<id>/, written into work: id, title
 * and goal replaced where given, template and vars recorded.
 */
struct error *template_plan(struct workspace *work,
			    const struct template *template, const char *id,
			    const char *goal, const struct map *vars) MUST_USE;

/* What the files/<phase>/ folder writes, expanded, into work. */
struct error *template_render(struct workspace *work,
			      const struct template *template,
			      const char *phase, const struct map *vars)
	MUST_USE;

#endif
