/*
 * The configuration as it applies: flag > ORCH_* environment > git config
 * orch.* > the user's own config.yaml > config.<environment>.yaml >
 * config.yaml > default.
 *
 * Layers are merged by dotted key; rows of a list of named rows are merged by
 * their name ("agents.developer.model"), rows new in a higher layer come
 * behind.  config_setting() tells who said what.
 *
 * Every scalar of policy, delivery and budget is also git config
 * orch.<section>.<key> (underscores fall away) and ORCH_<SECTION>_<KEY>.
 * ${NAME} expands in base_url, header values and model, never in commands; an
 * unset NAME is an error when the value is asked for.
 */
#ifndef PLANS_CONFIG_H
#define PLANS_CONFIG_H

#include "core/schema.h"
#include "gitops/base.h"

struct check {
	char *name;
	char *run; /* for sh -c */
	int64_t timeout; /* seconds */
	int network;
	const char *origin; /* "config" or "plan" */
};

struct setup {
	char *name;
	char *run;
	struct strings key; /* globs of the files it depends on */
	struct strings keep; /* folders it makes */
	int network;
	int64_t timeout;
};

struct agent {
	char *name;
	char *role;
	char *worker; /* scaffold, tools, cli */
	char *provider;
	char *model;
	int64_t timeout;
	struct strings strengths;
};

enum files_policy { FILES_EXTEND, FILES_STRICT };
enum sandbox_policy { SANDBOX_AUTO, SANDBOX_REQUIRED, SANDBOX_NONE };

struct policy {
	struct strings paths; /* globs an `extend` may grant */
	struct strings always; /* globs every phase may touch */
	struct strings protect_ok; /* policy.protected: see gate.h */
	struct strings readable; /* shown read-only in the sandbox */
	enum files_policy files;
	int attempts;
	enum sandbox_policy sandbox;
	int run_hooks;
	int setup_refuse; /* setup_on_change: refuse */
	int64_t max_file_bytes;
	int64_t max_files;
	uint64_t memory;
	uint64_t processes;
};

enum land_method { LAND_SQUASH, LAND_MERGE, LAND_REBASE };

struct delivery {
	char *forge; /* "local" */
	enum land_method method;
	int stacking;
	char *branch_prefix;
	int64_t lease; /* seconds */
};

struct check_list {
	struct check *items;
	size_t len, cap;
};
struct setup_list {
	struct setup *items;
	size_t len, cap;
};
struct agent_list {
	struct agent *items;
	size_t len, cap;
};

struct config {
	struct check_list checks;
	struct setup_list setup;
	struct agent_list agents;
	struct policy policy;
	struct delivery delivery;
	char *environment; /* NULL: none */
	struct tree merged;
	struct map origins; /* dotted key to (const char *) origin */
	struct arena arena;
};

struct config_flags {
	const char *environment; /* --env */
	const struct strings *set; /* "key=value" from flags, may be NULL */
};

/*
 * Reads all layers: the repository's from the base's tree.  What is wrong in
 * a document goes to findings (may be NULL: then the first is an error
 * ERROR_INVALID that names file and line).
 */
struct error *config_load(struct config *out, struct repo *repo,
			  const struct base *base,
			  const struct config_flags *flags,
			  struct findings *findings) MUST_USE;
void config_release(struct config *config);

/* One setting as text, with where it came from. */
struct setting {
	char *key;
	char *value;
	char *origin; /* "default", ".orch/config.yaml:12", "ORCH_ENV", ... */
};
struct settings {
	struct setting *items;
	size_t len, cap;
};
struct error *config_settings(struct settings *out, const struct config *config)
	MUST_USE;
void settings_release(struct settings *settings);

/* NULL when there is none of that name. */
const struct check *config_check(const struct config *config, const char *name);
const struct agent *config_agent(const struct config *config, const char *name);

/* Reads `checks:` and `setup:` rows, from a configuration or a plan. */
void check_list_read(struct check_list *out, const struct value *rows,
		     const char *origin);
void setup_list_read(struct setup_list *out, const struct value *rows);
void check_list_release(struct check_list *list);
void setup_list_release(struct setup_list *list);

#endif
