/* Agents as they are set up: what is there for each, and whether it answers. */
#ifndef PLANS_AGENTS_H
#define PLANS_AGENTS_H

#include "plans/models.h"

/* Of the worker cli: the word that starts it, owned; NULL: none is named. */
char *agent_program(const struct agent *agent) MUST_USE;
/*
 * Where the program is in PATH; NULL: nowhere.  A name with a slash counts as
 * it is.  Owned by the caller.
 */
char *program_path(const char *program) MUST_USE;
/*
 * The first line of what it says to --version; what fails within ten seconds
 * or says nothing is ERROR_FAILURE.  It runs the program: require trust.
 */
struct error *program_version(char **out, const char *path) MUST_USE;

/* Does the agent ask a model itself, or start a program? */
int agent_is_cli(const struct agent *agent);
int agent_asks(const struct config *config, const struct agent *agent);

/* How a tiny call went. */
struct agent_test {
	const struct agent *agent;
	struct error *failed; /* NULL: it answered */
	char *model; /* who answered; NULL for a program */
	char *detail; /* of a program: its version */
	enum stop stop;
	struct usage usage;
	int64_t micros;
	int64_t millis;
};
void agent_test_release(struct agent_test *test);

/*
 * Asks the agent's model, and none of its fallbacks, one short question, once;
 * journalled as the stage "test" and counted by the budgets of the day.  Of a
 * program only the version is asked for: a run of it needs a task.  What goes
 * wrong is out->failed; an error is a failure of our own.
 */
struct error *agent_try(struct agent_test *out, struct project *project,
			const struct agent *agent) MUST_USE;

#endif
