/* What `git orch init` writes: the start of .orch/ in the working tree. */
#ifndef PLANS_INIT_H
#define PLANS_INIT_H

#include "plans/project.h"

struct init_options {
	int force; /* overwrite files that differ */
	int dry_run; /* say what would be written */
	const char *forge; /* becomes delivery.forge; NULL: stays as it is */
};

struct init_report {
	struct strings written; /* paths that are new or were replaced */
	struct strings kept; /* paths that stay as they are */
	char *base; /* what orch.base says now; NULL: HEAD is detached */
	int unborn; /* the repository has no commit yet */
};
#define INIT_REPORT_INIT                                                       \
	{                                                                      \
		STRINGS_INIT, STRINGS_INIT, NULL, 0                            \
	}
void init_report_release(struct init_report *report);

/*
 * Writes .orch/config.yaml and .orch/schema/ into the working tree, stages
 * nothing, sets orch.base when it is not set (or project->options.base says
 * so), and pins what it wrote.  project needs its repository only.  A file
 * that is there and differs is ERROR_FAILURE and nothing is written, except
 * with force; a bare repository is refused.
 *
 * A forge stands in .orch/config.yaml then, edited in place where that is
 * there (and pinned where it was before), and its workflow is written, which
 * stays as it is where there is one.
 */
struct error *init_write(struct init_report *out, struct project *project,
			 const struct init_options *options) MUST_USE;

#endif
