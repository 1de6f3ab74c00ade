/*
 * Setting a forge up for a repository, as `git orch init --create` does: one
 * step after the other, each of which looks first and changes nothing where
 * all is as it should be.  So a run that failed or was killed is made again.
 */
#ifndef PLANS_INIT_FORGE_H
#define PLANS_INIT_FORGE_H

#include "plans/project.h"

struct forge_setup {
	const char *forge; /* "github" */
	const char
		*organization; /* NULL: the user's own, or as the remote says */
	const char *name; /* NULL: as the remote, else the folder says */
	const char *base; /* branch; NULL: HEAD is detached */
	int open; /* a repository that is made is public */
	int dry_run; /* only list the steps; asks nobody */
};

enum setup_state {
	SETUP_LEFT, /* not come to */
	SETUP_DONE,
	SETUP_KEPT, /* it was so already */
	SETUP_FAILED,
};
const char *setup_state_name(enum setup_state state);

struct setup_step {
	const char *name; /* "repository", "remote", "push", ... */
	enum setup_state state;
	char *text; /* what it does, or what came of it */
};
struct setup_steps {
	struct setup_step *items;
	size_t len, cap;
};
void setup_steps_release(struct setup_steps *steps);

/*
 * Finds or makes the repository, adds the remote where there is none, pushes
 * the base where it is not there, makes it the default branch, makes labels,
 * and asks for our marks on what is merged (proposal_contexts()).
 *
 * out has all the steps, also beside an error, which is that of the one that
 * failed.  Errors as in forge-open.h and forge.h; ERROR_FAILURE besides: the
 * remote leads to another repository, or there is nothing to push.
 */
struct error *forge_set_up(struct setup_steps *out, struct project *project,
			   const struct forge_setup *setup) MUST_USE;

#endif
