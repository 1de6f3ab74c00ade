/*
 * Every git child comes from here.  Each errand asks the configuration first
 * (git config runs nothing) and is then given overrides through
 * GIT_CONFIG_COUNT: unlike -c it takes any key, also one whose subsection has
 * a '=' in it.
 */
#include "gitops/git.h"

#include "core/file.h"
#include "gitops/git-config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OLDEST_MINOR 38
#define MAX_OUTPUT   (256u << 20)

static const char *const kept[] = {
	"SSH_AUTH_SOCK",       "SSH_ASKPASS",
	"GIT_ASKPASS",         "GIT_SSH",
	"GIT_SSH_COMMAND",     "GNUPGHOME",
	"GIT_CONFIG_GLOBAL",   "GIT_CONFIG_SYSTEM",
	"GIT_CONFIG_NOSYSTEM", NULL,
};

void git_call_release(struct git_call *call)
{
	strings_release(&call->args);
	strings_release(&call->env);
	strings_release(&call->config);
}

/* Replaces a variable: of two with one name either may count. */
static void set(struct strings *env, const char *name, const char *value)
{
	size_t len = strlen(name);

	FOR_EACH (char *, it, env)
		if (!strncmp(*it, name, len) && (*it)[len] == '=') {
			free_str(it);
			*it = xasprintf("%s=%s", name, value);
			return;
		}
	strings_addf(env, "%s=%s", name, value);
}

static void add_environment(struct strings *env, const char *dir)
{
	CLEANUP(free_str) char *above = dir ? path_parent(dir) : NULL;

	proc_env(env, kept);
	set(env, "LC_ALL", "C");
	set(env, "GIT_TERMINAL_PROMPT", "0");
	set(env, "GIT_OPTIONAL_LOCKS", "0");
	set(env, "GIT_MERGE_AUTOEDIT", "no");
	if (above)
		set(env, "GIT_CEILING_DIRECTORIES", above);
}

/* Which repository: found from dir only where nothing is known of it. */
static void add_place(struct strings *argv, const struct repo *repo,
		      const struct git_call *call)
{
	const char *work = repo_work_dir(repo);
	const char *git_dir = call->git_dir;

	if (!call->dir)
		git_dir = repo_common_dir(repo);
	else if (!git_dir && work && !strcmp(work, call->dir))
		git_dir = repo_git_dir(repo);
	if (git_dir)
		strings_addf(argv, "--git-dir=%s", git_dir);
	if (git_dir && call->dir)
		strings_addf(argv, "--work-tree=%s", call->dir);
}

static void begin(struct proc_spec *spec, const struct repo *repo,
		  const struct git_call *call)
{
	strings_addv(&spec->argv, "git", "--no-pager", "--literal-pathspecs",
		     NULL);
	add_place(&spec->argv, repo, call);
	add_environment(&spec->env, call->dir);
	spec->cwd = call->dir ? call->dir : repo_common_dir(repo);
	spec->max_output = MAX_OUTPUT;
	spec->kill_flood = 1;
}

static struct error *hand_over(struct loop *loop, struct proc *proc,
			       struct proc_result *result, void *data)
{
	(void)loop;
	(void)proc;
	proc_result_release(data);
	*(struct proc_result *)data = *result;
	proc_result_init(result);
	return NULL;
}

/* proc_run() that a signal does not end: git is left to finish. */
static struct error *run_to_end(struct proc_result *result,
				const struct proc_spec *spec)
{
	CLEANUP(loop_release) struct loop *loop = loop_new();
	struct proc *proc;

	TRY(proc_start(&proc, loop, spec, hand_over, result));
	return loop_drain(loop);
}

static struct error *start(struct proc_result *result,
			   const struct proc_spec *spec,
			   const struct git_call *call)
{
	struct error *err = call->finish ? run_to_end(result, spec)
					 : proc_run(result, spec);

	if (error_is(err, ERROR_NOT_FOUND))
		return error_hint(err, "install git 2.%d or newer",
				  OLDEST_MINOR);
	return err;
}

static struct error *ask_overrides(struct strings *pairs,
				   const struct repo *repo,
				   const struct git_call *call)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	CLEANUP(proc_result_release) struct proc_result result;

	proc_result_init(&result);
	begin(&spec, repo, call);
	strings_addv(&spec.argv, "config", "--list", "--show-scope", "-z",
		     NULL);
	TRY(start(&result, &spec, call));
	if (result.end != PROC_EXITED || result.exit)
		return error_wrap(git_failure(call, &result),
				  "reading git's configuration");
	git_overrides(pairs, &result.out);
	if (!call->signing)
		git_override(pairs, "commit.gpgSign", "false");
	return NULL;
}

static void add_pairs(struct strings *env, size_t *n,
		      const struct strings *pairs)
{
	for (size_t i = 0; i < pairs->len; i += 2, (*n)++) {
		strings_addf(env, "GIT_CONFIG_KEY_%zu=%s", *n, pairs->items[i]);
		strings_addf(env, "GIT_CONFIG_VALUE_%zu=%s", *n,
			     pairs->items[i + 1]);
	}
}

/* Of two values for one key the later counts. */
static void add_config(struct strings *env, const struct strings *overrides,
		       const struct strings *config)
{
	size_t n = 0;

	add_pairs(env, &n, overrides);
	add_pairs(env, &n, config);
	strings_addf(env, "GIT_CONFIG_COUNT=%zu", n);
}

struct error *git_call(struct proc_result *result, const struct repo *repo,
		       const struct git_call *call)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	CLEANUP(strings_release) struct strings own = STRINGS_INIT;
	struct strings *pairs = call->overrides ? call->overrides : &own;

	if (!pairs->len)
		TRY(ask_overrides(pairs, repo, call));
	begin(&spec, repo, call);
	add_config(&spec.env, pairs, &call->config);
	FOR_EACH (char *, arg, &call->args)
		strings_add(&spec.argv, *arg);
	FOR_EACH (char *, variable, &call->env)
		strings_add(&spec.env, *variable);
	spec.input = call->input;
	spec.input_len = call->input_len;
	spec.keep_fd = call->keep_fd;
	spec.wall_ms = call->wall_ms;
	return start(result, &spec, call);
}

/* The text of a line that git marks as its reason, else NULL. */
static const char *tagged(const char *line)
{
	static const char *const tags[] = { "fatal: ", "error: " };

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (!strncmp(line, tags[i], strlen(tags[i])))
			return line + strlen(tags[i]);
	return NULL;
}

/* The last line with a tag; without any the last that is no hint. */
static char *reason_in(const struct buf *text)
{
	const char *found = NULL;
	int has_tag = 0;

	for (const char *line = text->data; *line;) {
		const char *reason = tagged(line);
		size_t len = strcspn(line, "\n");

		if (reason)
			found = reason;
		else if (!has_tag && len && strncmp(line, "hint: ", 6) != 0)
			found = line;
		has_tag |= reason != NULL;
		line += len + (line[len] == '\n');
	}
	return found ? xstrndup(found, strcspn(found, "\n")) : NULL;
}

/* The subcommand: the first word that is no option of git itself. */
static const char *verb(const struct git_call *call)
{
	for (size_t i = 0; i < call->args.len; i++) {
		if (!strcmp(call->args.items[i], "-c"))
			i++;
		else if (*call->args.items[i] != '-')
			return call->args.items[i];
	}
	return "";
}

struct error *git_failure(const struct git_call *call,
			  const struct proc_result *result)
{
	CLEANUP(free_str) char *line = reason_in(&result->err);
	CLEANUP(buf_release) struct buf how = BUF_INIT;
	struct error *err;

	if (!line) {
		proc_describe(&how, result);
		line = buf_steal(&how);
	}
	err = error_new(ERROR_FAILURE, "git %s: %s", verb(call), line);
	if (strstr(result->err.data, "No space left on device") ||
	    strstr(result->err.data, "Disk quota exceeded"))
		return error_hint(err, "the disk is full: make room and try "
				       "again");
	return err;
}

struct error *git_run(struct buf *out, const struct repo *repo, const char *dir,
		      ...)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(proc_result_release) struct proc_result result;
	const char *word;
	va_list args;

	va_start(args, dir);
	while ((word = va_arg(args, const char *)))
		strings_add(&call.args, word);
	va_end(args);
	call.dir = dir;
	proc_result_init(&result);
	TRY(git_call(&result, repo, &call));
	if (result.end != PROC_EXITED || result.exit)
		return git_failure(&call, &result);
	if (result.out.len && result.out.data[result.out.len - 1] == '\n')
		buf_setlen(&result.out, result.out.len - 1);
	if (out)
		buf_add(out, result.out.data, result.out.len);
	return NULL;
}

struct error *git_version(char **out)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	CLEANUP(proc_result_release) struct proc_result result;
	struct git_call call = GIT_CALL_INIT;
	int major = 0, minor = 0;
	char text[32] = "";

	proc_result_init(&result);
	strings_addv(&spec.argv, "git", "--version", NULL);
	add_environment(&spec.env, NULL);
	TRY(start(&result, &spec, &call));
	if (sscanf(result.out.data, "git version %31s", text) != 1 ||
	    sscanf(text, "%d.%d", &major, &minor) != 2)
		return error_new(ERROR_FAILURE, "git does not say its version");
	if (major < 2 || (major == 2 && minor < OLDEST_MINOR))
		return error_hint(error_new(ERROR_FAILURE,
					    "git %s is too old: 2.%d or newer "
					    "is needed",
					    text, OLDEST_MINOR),
				  "install a newer git");
	*out = xstrdup(text);
	return NULL;
}
