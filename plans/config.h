/*
 * The configuration as it applies: flag > ORCH_* environment > git config
 * orch.* > the user's own config.yaml > config.<environment>.yaml >
 * config.yaml > default.
 *
 * Layers are merged by dotted key; rows of a list of named rows are merged by
 * their name ("agents.developer.model"), rows new in a higher layer come
 * behind.  config_origin() tells who said what.
 *
 * Every scalar of policy, delivery and budget is also git config
 * orch.<section>.<key> (underscores fall away) and ORCH_<SECTION>_<KEY>.
 * Values are type-checked by the schema whoever said them; an error names who
 * did.
 *
 * ${NAME} and ${NAME:-default} expand from the environment in base_url, in
 * header values and in model, never in commands; "$$" is one "$".  A variable
 * that is not set is a note: the value stays as it is written, and who needs
 * it asks config_require().
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

struct header {
	char *name;
	char *value;
};
struct header_list {
	struct header *items;
	size_t len, cap;
};

/* Texts are NULL and limits 0 where nothing is said. */
struct provider {
	char *name;
	char *driver; /* anthropic, openai, command, replay */
	char *api; /* responses, chat: of the driver openai */
	char *api_version; /* the driver anthropic has a default */
	char *base_url;
	char *key_env;
	char *key_command;
	char *command; /* of the driver command */
	struct header_list headers;
	int64_t requests_per_minute;
	int64_t requests_per_hour;
	int64_t tokens_per_minute;
};

#define NO_LIMIT (-1)

struct spending {
	int64_t usd; /* micro-dollars; NO_LIMIT, like the others */
	int64_t calls;
	int64_t tokens;
	int64_t seconds;
};

struct spend_limits {
	struct spending phase, plan, day;
};

struct agent {
	char *name;
	char *role;
	char *worker; /* scaffold, tools, cli */
	char *provider; /* NULL: none, like all texts below */
	char *model;
	double temperature; /* negative: the provider's own */
	double top_p; /* the same */
	int64_t max_tokens; /* 0: the provider's own */
	char *effort; /* none, minimal, low, medium, high, xhigh, max */
	int64_t timeout; /* seconds */
	int64_t idle_timeout;
	struct strings strengths;
	struct strings fallback; /* agents */
	struct strings context; /* globs */
	/* Of the worker cli. */
	char *profile; /* claude, codex, gemini, opencode, generic */
	char *command; /* where it is not the profile's own */
	int network;
	struct strings env; /* names that are passed on */
	int64_t budget; /* of one run: micro-dollars or NO_LIMIT */
};

/* What is kept of replies, and how long they serve other runs, in hours. */
struct cache_policy {
	int64_t max_bytes;
	int64_t brainstorm;
	int64_t integration;
	int64_t other;
	int share;
};

/* What looks like a secret and is none. */
struct allowed {
	char *path; /* a glob */
	char *pattern; /* NULL: anything */
	char *reason;
};

struct coverage {
	char *file; /* NULL: nothing is asked */
	char *format; /* lcov, cobertura */
	double minimum; /* percent */
};

enum files_policy { FILES_EXTEND, FILES_STRICT };
enum sandbox_policy { SANDBOX_AUTO, SANDBOX_REQUIRED, SANDBOX_NONE };

struct policy {
	struct strings paths; /* globs an `extend` may grant */
	struct strings always; /* globs every phase may touch */
	struct strings protect_ok; /* policy.protected: see gate.h */
	struct strings readable; /* shown read-only; ~/ is expanded */
	enum files_policy files;
	int attempts;
	enum sandbox_policy sandbox;
	int run_hooks;
	int setup_refuse; /* setup_on_change: refuse */
	int64_t max_file_bytes;
	int64_t max_files;
	uint64_t memory; /* bytes */
	uint64_t processes;
	struct coverage coverage;
};

enum land_method { LAND_SQUASH, LAND_MERGE, LAND_REBASE };
enum land_by { LAND_PUSH, LAND_API };

struct delivery {
	char *forge; /* "local" */
	char *api; /* of the forge; NULL: as the remote's address says */
	enum land_by land; /* who moves the base; api: the forge */
	enum land_method method;
	int stacking;
	int report; /* final integration when a plan is finished */
	char *branch_prefix;
	int64_t lease; /* seconds */
	int64_t deadline; /* seconds for the checks of a landing; 0: none */
	int64_t mutation_gap; /* seconds between two changes on the forge */
	struct strings labels; /* of each pull request */
	struct strings reviewers; /* "login" or "org/team" */
	struct strings assignees;
};

struct check_list {
	struct check *items;
	size_t len, cap;
};
struct setup_list {
	struct setup *items;
	size_t len, cap;
};
struct provider_list {
	struct provider *items;
	size_t len, cap;
};
struct agent_list {
	struct agent *items;
	size_t len, cap;
};
struct allowed_list {
	struct allowed *items;
	size_t len, cap;
};

struct config {
	struct check_list checks;
	struct setup_list setup;
	struct provider_list providers;
	struct agent_list agents;
	struct spend_limits budget;
	struct cache_policy cache;
	struct allowed_list allowed; /* secrets.allow */
	struct policy policy;
	struct delivery delivery;
	char *environment; /* NULL: none */
	struct tree merged;
	struct map origins; /* dotted key to (const char *) origin */
	struct map expanded; /* dotted key to (const char *) variables */
	struct map secret; /* keys of values that are not shown */
	struct map unset; /* dotted key to (const char *) missing variable */
	struct arena arena;
};

struct config_flags {
	const char *environment; /* --env; else ORCH_ENV, else orch.env */
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
/*
 * The same with the repository's documents from a folder on disk (".../.orch"),
 * for files that are not committed yet.  repo NULL: without git config.
 */
struct error *config_load_folder(struct config *out, struct repo *repo,
				 const char *folder,
				 const struct config_flags *flags,
				 struct findings *findings) MUST_USE;
void config_release(struct config *config);

/*
 * Who said a setting ("delivery.lease", "agents.developer.model"), without
 * the variables in it; NULL when nobody did.
 */
const char *config_origin(const struct config *config, const char *key);

/*
 * ERROR_INVALID when a value below a row ("agents.developer") needs a variable
 * that is not set, naming both and where it is written.
 */
struct error *config_require(const struct config *config, const char *row)
	MUST_USE;

/* Adds a note for every orch.* key of git config that nothing reads. */
struct error *config_lint(struct findings *findings, const struct repo *repo)
	MUST_USE;

/*
 * One setting as text, with where it came from.  A header's value is "…" where
 * a variable had a part in it.
 */
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

/* ERROR_NOT_FOUND names the nearest key there is. */
struct error *config_get(struct setting *out, const struct config *config,
			 const char *key) MUST_USE;
void setting_release(struct setting *setting);

/* NULL when there is none of that name. */
const struct check *config_check(const struct config *config, const char *name);
const struct provider *config_provider(const struct config *config,
				       const char *name);
const struct agent *config_agent(const struct config *config, const char *name);

/* Reads `checks:` and `setup:` rows, from a configuration or a plan. */
void check_list_read(struct check_list *out, const struct value *rows,
		     const char *origin);
void setup_list_read(struct setup_list *out, const struct value *rows);
void check_list_release(struct check_list *list);
void setup_list_release(struct setup_list *list);

#endif
