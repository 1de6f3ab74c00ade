/*
 * Coding agents as rows of a table: how each is called so that it works
 * without a person, what it is given, and how its events are read.
 */
#ifndef PLANS_CLI_PROFILE_H
#define PLANS_CLI_PROFILE_H

#include "plans/cli-events.h"
#include "plans/config.h"

/* Where the agent's provider row says that its models are asked. */
struct cli_endpoint {
	const char *url; /* NULL: the program's own */
	const char *model; /* NULL: the same */
};

struct cli_profile {
	const char *name;
	const char *program; /* NULL: only agent.command says */
	const char *const *args; /* the prompt comes on stdin */
	/* Our sandbox is around it, or is not: then it keeps to its own. */
	const char *const *inside;
	const char *const *outside;
	const char *model_flag;
	const char *model_prefix; /* before one of the agent's own provider */
	const char *budget_flag; /* behind it: dollars */
	const char *effort_flag;
	const char *effort_prefix; /* before the level */
	const char *efforts; /* the levels it knows, between blanks */
	const char *const *env; /* names that are passed on */
	const char *const *set; /* variables, NAME=value */
	const char *url_env; /* what tells it a provider's address */
	const char *key_env; /* and its key */
	const char *settings_path; /* below HOME; NULL: it needs none */
	void (*settings)(struct buf *out, const struct cli_endpoint *endpoint);
	int network; /* of no use without */
	cli_event_fn take; /* NULL: it says what it says as plain text */
};

extern const struct cli_profile cli_profiles[]; /* to a row without a name */

/* Unknown: ERROR_INVALID with the names there are. */
struct error *cli_profile_find(const struct cli_profile **out, const char *name)
	MUST_USE;

/*
 * Adds the words behind the program.  own_provider: the agent's row names one;
 * inside: our sandbox is around it.
 */
void cli_profile_args(struct strings *out, const struct cli_profile *profile,
		      const struct agent *agent, int own_provider, int inside);

#endif
