/*
 * From the configuration to models that can be asked: agents by name and by
 * role, their keys, and the caller that all calls of a run share.
 */
#ifndef PLANS_MODELS_H
#define PLANS_MODELS_H

#include "core/call.h"
#include "plans/project.h"

/*
 * The agent of a role: the first of the configuration with that role whose
 * worker or provider can answer; NULL when there is none.
 */
const struct agent *agent_of_role(const struct config *config,
				  const char *role);

/*
 * The model behind an agent, with its fallbacks.  Its key is taken from
 * key_env, key_command or `git credential`, in that order, and told to
 * secrets (may be NULL) and, by way of the project, to gate_rules().  What
 * chooses an endpoint or names a secret is honoured from the user's own
 * configuration or trusted content only: ERROR_REFUSED.  A key that is missing
 * is ERROR_FAILURE with what to set; a variable in its rows that is not set is
 * ERROR_INVALID.
 */
struct error *model_open(struct model **out, struct project *project,
			 const struct agent *agent, struct secrets *secrets)
	MUST_USE;

/*
 * Where a provider's key would come from, without asking for it: no command
 * runs and nobody is asked.
 */
enum key_state {
	KEY_NONE_NEEDED, /* this machine, no HTTP, one in the address */
	KEY_SET, /* key_env has it */
	KEY_COMMAND, /* key_command would give it */
	KEY_MISSING, /* only `git credential` could help */
};
enum key_state provider_key_state(const struct provider *provider);
/* base_url, or the driver's own; NULL: it speaks no HTTP. */
const char *provider_url(const struct provider *provider);

/* The table of prices, with .orch/prices.yaml of the base laid over. */
struct error *project_prices(struct prices **out, struct project *project)
	MUST_USE;
/* The budget of the configuration; phase NULL: planning. */
struct error *project_budget(struct budget **out, struct project *project,
			     const char *plan, const char *phase) MUST_USE;

/*
 * The caller of a run: store, limits, budget, prices, secrets.  phase NULL:
 * planning.  journal is borrowed.  The project's options no_cache, record and
 * replay apply.
 */
struct error *caller_open(struct caller *out, struct project *project,
			  struct journal *journal, const char *plan,
			  const char *phase) MUST_USE;
/* Frees what caller_open() made. */
void caller_close(struct caller *caller);

#endif
