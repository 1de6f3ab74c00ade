/*
 * Agents as they are set up.  A test is a call like any other, but that its
 * reply is not kept: who tests wants to know of now.
 */
#include "plans/agents.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/proc.h"
#include "plans/cli-profile.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

/* The ledger of what belongs to no plan: an id has no dot. */
#define LEDGER       "agent.test"
#define ANSWER       64 /* tokens */
#define VERSION_MS   10000
#define MOST_VERSION 120

int agent_is_cli(const struct agent *agent)
{
	return !strcmp(agent->worker, "cli");
}

int agent_asks(const struct config *config, const struct agent *agent)
{
	return !agent_is_cli(agent) && agent->provider &&
	       config_provider(config, agent->provider);
}

char *agent_program(const struct agent *agent)
{
	const struct cli_profile *profile = NULL;
	const char *text = agent->command;

	if (!text) {
		error_free(cli_profile_find(&profile, agent->profile));
		text = profile ? profile->program : NULL;
	}
	return text ? xstrndup(text, strcspn(text, " \t\n")) : NULL;
}

char *program_path(const char *program)
{
	return strchr(program, '/') ? xstrdup(program) : proc_find(program);
}

struct error *program_version(char **out, const char *path)
{
	CLEANUP(proc_result_release) struct proc_result result;
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	CLEANUP(buf_release) struct buf why = BUF_INIT;
	size_t len;

	strings_addv(&spec.argv, path, "--version", NULL);
	proc_env(&spec.env, NULL);
	spec.wall_ms = VERSION_MS;
	proc_result_init(&result);
	TRY(proc_run(&result, &spec));
	len = strcspn(result.out.len ? result.out.data : "", "\r\n");
	if (result.end == PROC_EXITED && !result.exit && len) {
		*out = xstrndup(result.out.data,
				len > MOST_VERSION ? MOST_VERSION : len);
		return NULL;
	}
	proc_describe(&why, &result);
	return error_hint(error_new(ERROR_FAILURE,
				    "'%s --version' gave no version (%s)", path,
				    why.data),
			  "run it by hand");
}

void agent_test_release(struct agent_test *test)
{
	error_free(test->failed);
	free(test->model);
	free(test->detail);
	*test = (struct agent_test){ .agent = NULL };
}

static struct error *try_program(struct agent_test *out)
{
	CLEANUP(free_str) char *name = agent_program(out->agent);
	CLEANUP(free_str) char *path = name ? program_path(name) : NULL;

	if (!name)
		return error_new(ERROR_INVALID,
				 "agent '%s' names no program to run",
				 out->agent->name);
	if (!path)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no program '%s'", name),
				  "install it, or say where it is: command: of "
				  "the agent");
	return program_version(&out->detail, path);
}

/* A run of its own, so that `cost` sees what it came to. */
static struct error *open_journal(struct journal **out, struct project *project)
{
	CLEANUP(free_str) char *run = journal_new_run();
	const char *orch;

	TRY(repo_orch_dir(&orch, project->repo));
	CLEANUP(free_str) char *dir = path_join(orch, "journal");
	TRY(journal_open(out, dir, run));
	return journal_append(*out, "start", NULL);
}

static void prepare(struct caller *caller)
{
	free(caller->replies);
	caller->replies = NULL;
	caller->retry.tries = 1;
	caller->retry.longest_ms = 1; /* nobody is told of a wait here */
	caller->notice = NULL;
}

static struct error *call(struct agent_test *out, struct caller *caller,
			  const struct model *model)
{
	CLEANUP(call_result_release) struct call_result result;
	CLEANUP(request_release) struct request request;
	const struct call_spec spec = { .request = &request,
					.model = model,
					.stage = "test",
					.no_cache = 1 };

	call_result_init(&result);
	request_init(&request);
	request_user(&request, "Answer with one word: ok.\nStage: test\n");
	TRY(call_run(&result, caller, &spec));
	out->model = xstrdup(model->model);
	out->stop = result.reply.stop;
	out->usage = result.reply.usage;
	out->micros = result.micros;
	return NULL;
}

static struct error *ask(struct agent_test *out, struct project *project,
			 struct caller *caller, struct journal *journal)
{
	struct agent alone = *out->agent;
	CLEANUP(model_free) struct model *model = NULL;

	alone.fallback = (struct strings)STRINGS_INIT;
	TRY(caller_open(caller, project, journal, LEDGER, NULL));
	TRY(model_open(&model, project, &alone, caller->secrets));
	model->max_tokens = ANSWER;
	free_str(&model->effort);
	prepare(caller);
	return call(out, caller, model);
}

static struct error *try_model(struct agent_test *out, struct project *project)
{
	CLEANUP(journal_close) struct journal *journal = NULL;
	CLEANUP(caller_close) struct caller caller = CALLER_INIT;

	TRY(open_journal(&journal, project));
	out->failed = ask(out, project, &caller, journal);
	return journal_append(journal, "end", NULL);
}

struct error *agent_try(struct agent_test *out, struct project *project,
			const struct agent *agent)
{
	int64_t began = clock_ms();

	*out = (struct agent_test){ .agent = agent, .micros = UNPRICED };
	TRY(trust_require(project));
	if (agent_is_cli(agent))
		out->failed = try_program(out);
	else if (agent_asks(&project->config, agent))
		TRY(try_model(out, project));
	else
		out->failed = error_hint(
			error_new(ERROR_INVALID, "agent '%s' asks no model",
				  agent->name),
			"give it a provider, or the worker cli");
	out->millis = clock_ms() - began;
	if (error_is(out->failed, ERROR_INTERRUPT)) {
		struct error *err = out->failed;

		out->failed = NULL;
		return err;
	}
	return NULL;
}
