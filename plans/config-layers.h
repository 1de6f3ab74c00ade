/*
 * How layers of configuration are laid over one another, and the settings
 * that have a name in git config and in the environment.  For config*.c.
 */
#ifndef PLANS_CONFIG_LAYERS_H
#define PLANS_CONFIG_LAYERS_H

#include "plans/config.h"
#include "plans/document.h"

/*
 * Lays the members of root over what is there.  Their origin is
 * "<origin>:<line>" where lines is set, else origin.
 */
void layer_put(struct config *config, const struct value *root,
	       const char *origin, int lines);
/* What the schema has as `default`, and the agents that always exist. */
struct error *layer_defaults(struct config *config) MUST_USE;
/* An agent named after its role for every role that nobody configured. */
void layer_roles(struct config *config);
/*
 * Lays one setting over, given as text.  A text that is not of its type goes
 * to findings, with origin as its path.
 */
struct error *layer_text(struct config *config, const char *key,
			 const char *text, const char *origin,
			 struct findings *findings) MUST_USE;

/*
 * Replaces ${NAME} in the values that are meant for it (a table says which),
 * and notes in config which those were, and which variables are not set; the
 * latter go to findings as notes.
 */
struct error *layer_expand(struct config *config, struct findings *findings)
	MUST_USE;

/*
 * Adds a finding at a value of the merged tree, whose key tells the document;
 * the address holds until the next one is added.
 */
struct finding *layer_finding(const struct config *config,
			      struct findings *findings, const char *rule,
			      const char *key, const struct value *at,
			      const char *fmt, ...) PRINTF(6, 7);

/*
 * Rules between the rows of all layers: an agent's provider and its fallbacks
 * exist, what runs a program has one.
 */
void layer_check(const struct config *config, struct findings *findings);

/* A scalar of policy, budget or delivery. */
struct setting_key {
	char *key; /* delivery.branch_prefix */
	char *git; /* orch.delivery.branchprefix */
	char *env; /* ORCH_DELIVERY_BRANCH_PREFIX */
	int boolean;
};
struct setting_keys {
	struct setting_key *items;
	size_t len, cap;
};
struct error *setting_keys(struct setting_keys *out) MUST_USE;
void setting_keys_release(struct setting_keys *keys);

/* Fills the structures the rest of the program reads from the merged tree. */
void config_fill(struct config *config);
/* The part of it that is about models: providers, agents, budget, cache. */
void config_fill_models(struct config *config);
void config_release_models(struct config *config);

#endif
