/*
 * What a coding agent is run with: our sandbox, a HOME of its own, the
 * variables its profile names, and the program itself made visible.
 *
 * It holds a key and has the network: what it reads may talk it into giving
 * that away.  So it sees the work tree and the system, never the user's HOME.
 */
#include "core/file.h"
#include "plans/check.h"
#include "plans/gate.h"
#include "plans/worker-cli.h"

#include <stdlib.h>
#include <string.h>

static int has_variable(const struct strings *env, const char *name)
{
	size_t len = strlen(name);

	FOR_EACH (char *, it, env)
		if (!strncmp(*it, name, len) && (*it)[len] == '=')
			return 1;
	return 0;
}

/* The first that says a variable counts. */
static void set_variable(struct strings *env, const char *name,
			 const char *value)
{
	if (value && *value && !has_variable(env, name))
		strings_addf(env, "%s=%s", name, value);
}

static void pass_on(struct strings *env, const char *name,
		    struct secrets *secrets)
{
	const char *value = getenv(name);

	set_variable(env, name, value);
	if (value && secrets && names_secret(name))
		secrets_know(secrets, value);
}

static void add_provider(struct strings *env, const struct cli_run *run)
{
	const struct cli_profile *profile = run->profile;

	if (!run->model)
		return;
	if (profile->url_env)
		set_variable(env, profile->url_env,
			     run->model->endpoint.base_url);
	/* A server on loopback may want none; the programs all do. */
	if (profile->key_env)
		set_variable(env, profile->key_env,
			     run->model->endpoint.key ? run->model->endpoint.key
						      : "none");
}

static void add_environment(struct strings *env, const struct cli_run *run)
{
	static const char *const network[] = {
		"http_proxy",    "https_proxy",  "all_proxy",      "no_proxy",
		"HTTP_PROXY",    "HTTPS_PROXY",  "ALL_PROXY",      "NO_PROXY",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", NULL,
	};
	const struct task *task = run->task;
	struct secrets *secrets = task->caller ? task->caller->secrets : NULL;
	const char *const *it;

	for (it = run->profile->set; it && *it; it++)
		strings_add(env, *it);
	set_variable(env, "GIT_OPTIONAL_LOCKS", "0");
	add_provider(env, run);
	for (it = run->profile->env; it && *it; it++)
		pass_on(env, *it, secrets);
	FOR_EACH (char *, name, &task->agent->env)
		pass_on(env, *name, secrets);
	for (it = network; task->agent->network && *it; it++)
		pass_on(env, *it, NULL);
}

/*
 * The file; of a package of npm its folder, where what it needs lies too.  A
 * folder that a word names may be anything: policy.readable is for those.
 */
static void show(struct strings *readonly, const char *path)
{
	static const char mark[] = "/node_modules/";
	struct stat st;
	char *real = NULL;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return;
	struct error *err = file_real(&real, path);
	if (err) {
		error_free(err);
		return;
	}
	char *modules = strstr(real, mark);
	if (modules)
		modules[sizeof mark - 2] = 0;
	strings_take(readonly, real);
}

static int is_plain(const char *word, size_t len)
{
	return len && strspn(word, "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_-+./@,:") >= len;
}

/*
 * Shows every absolute path among the words.  A first word that is looked up
 * in PATH is found here, since the PATH inside is shorter.
 */
static char *visible_command(struct strings *readonly, const char *command)
{
	size_t first = strcspn(command, " \t\n");
	CLEANUP(free_str) char *name = xstrndup(command, first);
	CLEANUP(free_str) char *found = NULL;

	for (const char *at = command; *at;) {
		size_t len = strcspn(at, " \t\n\"'");

		if (*at == '/' && is_plain(at, len)) {
			CLEANUP(free_str) char *path = xstrndup(at, len);
			show(readonly, path);
		}
		at += len + (at[len] != 0);
	}
	if (is_plain(command, first) && !strchr(name, '/'))
		found = proc_find(name);
	if (!found || !strncmp(found, "/usr/", 5) ||
	    !strncmp(found, "/bin/", 5) || !is_plain(found, strlen(found)))
		return xstrdup(command);
	show(readonly, found);
	CLEANUP(free_str) char *real = NULL;
	error_free(file_real(&real, found));
	return xasprintf("%s%s", real ? real : found, command + first);
}

static struct error *not_installed(const struct cli_run *run)
{
	return error_hint(error_new(ERROR_FAILURE,
				    "'%s' is not installed, which agent '%s' "
				    "needs",
				    run->profile->program,
				    run->task->agent->name),
			  "install it, or say where it is: command: of the "
			  "agent");
}

/* A program and its words, by sh: command is text for it. */
static struct error *add_command(struct strings *argv, struct strings *readonly,
				 const struct cli_run *run)
{
	const struct agent *agent = run->task->agent;
	const struct cli_profile *profile = run->profile;
	const char *said = agent->command ? agent->command : profile->program;

	if (!said)
		return error_hint(error_new(ERROR_INVALID,
					    "agent '%s' has no command to run",
					    agent->name),
				  "give it one, or another profile");
	if (!agent->command) {
		CLEANUP(free_str) char *found = proc_find(said);
		if (!found)
			return not_installed(run);
	}
	CLEANUP(free_str) char *command = visible_command(readonly, said);
	strings_addv(argv, "sh", "-c", NULL);
	if (!profile->program) {
		strings_add(argv, command);
		return NULL;
	}
	strings_addf(argv, "exec %s \"$@\"", command);
	strings_add(argv, profile->name);
	cli_profile_args(argv, profile, agent, run->model != NULL,
			 run->level != SANDBOX_OFF);
	return NULL;
}

static struct error *write_settings(const struct cli_run *run, const char *home)
{
	const struct cli_profile *profile = run->profile;
	const struct cli_endpoint endpoint = {
		.url = run->model ? run->model->endpoint.base_url : NULL,
		.model = run->task->agent->model,
	};
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (!profile->settings)
		return NULL;
	CLEANUP(free_str) char *path = path_join(home, profile->settings_path);
	profile->settings(&text, &endpoint);
	return file_write(path, text.data, text.len, FILE_PRIVATE);
}

struct error *cli_box(struct proc_spec *spec, struct strings *binds,
		      struct cli_run *run, const struct worktree *worktree,
		      const char *home)
{
	CLEANUP(sandbox_release) struct sandbox sandbox = { 0 };
	CLEANUP(strings_release) struct strings argv = STRINGS_INIT;
	struct project *project = run->task->project;
	const struct policy *policy = &project->config.policy;

	TRY(file_remove_tree(home));
	TRY(file_mkdirs(home));
	TRY(write_settings(run, home));
	sandbox.level = run->level;
	sandbox.network = run->task->agent->network;
	sandbox.work = worktree->path;
	sandbox.home = home;
	sandbox.memory = policy->memory;
	sandbox.processes = policy->processes;
	strings_add(&sandbox.readonly, repo_common_dir(project->repo));
	FOR_EACH (char *, path, &policy->readable)
		strings_add(&sandbox.readonly, *path);
	FOR_EACH (char *, path, binds)
		strings_add(&sandbox.binds, *path);
	TRY(add_command(&argv, &sandbox.readonly, run));
	TRY(sandbox_wrap(spec, &sandbox, &argv));
	add_environment(&spec->env, run);
	return NULL;
}
