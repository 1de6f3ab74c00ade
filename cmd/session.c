/* What is common to all commands: global options, the open project. */
#include "cmd/cmd.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"
#include "gitops/sync.h"
#include "plans/trust.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *operand(const struct session *session, size_t i)
{
	return i < session->args.rest.len ? session->args.rest.items[i] : NULL;
}

struct error *at_most_one(const struct session *session,
			  const char *const *names)
{
	const char *first = NULL;

	for (; *names; names++) {
		if (!args_flag(&session->args, *names))
			continue;
		if (first)
			return error_new(ERROR_USAGE,
					 "--%s and --%s exclude each other",
					 first, *names);
		first = *names;
	}
	return NULL;
}

const char *global_text(const struct session *session, const char *name)
{
	const char *text = args_text(&session->args, name);

	return text ? text : args_text(&session->globals, name);
}

int global_flag(const struct session *session, const char *name)
{
	return args_given(&session->args, name)
		       ? args_flag(&session->args, name)
		       : args_flag(&session->globals, name);
}

const char *plan_operand(const struct session *session)
{
	const char *plan = operand(session, 0);

	return plan ? plan : global_text(session, "plan");
}

static struct error *change_directory(const struct args *args)
{
	FOR_EACH (struct arg_value, value, &args->values)
		if (value->opt->letter == 'C' && *value->text &&
		    chdir(value->text))
			return error_errno("cannot change to '%s'",
					   value->text);
	return NULL;
}

static struct error *add_settings(struct strings *out, const struct args *args)
{
	FOR_EACH (struct arg_value, value, &args->values) {
		if (value->opt->letter != 'c')
			continue;
		if (!strchr(value->text, '='))
			return error_hint(
				error_new(ERROR_USAGE, "-c '%s' has no value",
					  value->text),
				"write it as -c key=value, for instance "
				"-c policy.attempts=1");
		strings_add(out, value->text);
	}
	return NULL;
}

/*
 * A folder of --record or --replay: absolute, and in the environment, where
 * the child processes of `run` see it and it outlives this function.
 */
static struct error *export_folder(const char **out, const char *flag,
				   const char *variable)
{
	const char *text = flag ? flag : getenv(variable);
	CLEANUP(free_str) char *here = NULL;

	*out = NULL;
	if (!text || !*text)
		return NULL;
	if (*text != '/') {
		TRY(file_real(&here, "."));
		CLEANUP(free_str) char *full = path_join(here, text);
		setenv(variable, full, 1);
	} else {
		setenv(variable, text, 1);
	}
	*out = getenv(variable);
	return NULL;
}

/* Set, and not to a word that means no. */
static int variable_is_on(const char *name)
{
	static const char *const no[] = { "", "0", "no", "off", "false" };
	const char *text = getenv(name);

	for (size_t i = 0; text && i < sizeof no / sizeof *no; i++)
		if (!strcmp(text, no[i]))
			return 0;
	return text != NULL;
}

/* Whether replies are kept, recorded or played; after -C. */
static struct error *replies_globals(struct session *session)
{
	struct project_options *options = &session->options;

	TRY(export_folder(&options->record, global_text(session, "record"),
			  "ORCH_RECORD"));
	TRY(export_folder(&options->replay, global_text(session, "replay"),
			  "ORCH_REPLAY"));
	if (global_flag(session, "no-cache"))
		setenv("ORCH_NO_CACHE", "1", 1);
	options->no_cache = variable_is_on("ORCH_NO_CACHE");
	return NULL;
}

struct error *session_globals(struct session *session)
{
	const char *remote = global_text(session, "remote");

	TRY(out_set_colour(&session->out, global_text(session, "color"), NULL));
	TRY(change_directory(&session->globals));
	TRY(change_directory(&session->args));
	TRY(add_settings(&session->settings, &session->globals));
	TRY(add_settings(&session->settings, &session->args));
	/* Child processes of `run` have to see it too. */
	if (remote)
		setenv("ORCH_REMOTE", remote, 1);
	session->options = (struct project_options){
		.base = global_text(session, "base"),
		.environment = global_text(session, "env"),
		.trust = global_text(session, "trust"),
		.set = &session->settings,
		.program = session->program,
	};
	TRY(replies_globals(session));
	session->out.json = args_flag(&session->args, "json");
	session->out.quiet = global_flag(session, "quiet");
	session->no_input =
		global_flag(session, "no-input") || !isatty(STDIN_FILENO);
	return NULL;
}

/* Absent is NULL. */
static struct error *git_setting(char **out, const struct repo *repo,
				 const char *key)
{
	struct error *err = repo_config(out, repo, key);

	if (error_is(err, ERROR_NOT_FOUND))
		error_release(&err);
	return err;
}

static struct error *apply_git_config(struct session *session)
{
	const struct repo *repo = session->project.repo;
	CLEANUP(free_str) char *ui = NULL;

	TRY(git_setting(&ui, repo, "color.ui"));
	TRY(git_setting(&session->pager, repo, "core.pager"));
	return out_set_colour(&session->out, global_text(session, "color"), ui);
}

int confirmed(struct session *session, const char *fmt, ...)
{
	char answer[16] = "";
	va_list args;

	if (args_flag(&session->args, "yes"))
		return 1;
	if (session->no_input)
		return 0;
	fflush(stdout);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs(" [y/N] ", stderr);
	if (!fgets(answer, sizeof answer, stdin))
		return 0;
	return answer[0] == 'y' || answer[0] == 'Y';
}

void start_pager(struct session *session)
{
	if (!global_flag(session, "no-pager"))
		out_pager(&session->out, session->pager);
}

/*
 * One file per run below $GIT_COMMON_DIR/orch/log.  ORCH_LOG is its level:
 * error, warn, info (the default) or debug.
 */
static struct error *open_log(struct session *session)
{
	const char *text = getenv("ORCH_LOG");
	enum log_level level = LOG_INFO;
	char when[CLOCK_TEXT];
	uint32_t random;
	const char *dir;

	if (text && *text)
		TRY(log_level_parse(&level, text));
	TRY(repo_orch_dir(&dir, session->project.repo));
	clock_format(when, clock_now());
	random_bytes(&random, sizeof random);
	CLEANUP(free_str) char *path = path_join(dir, "log");
	CLEANUP(free_str)
	char *run = xasprintf("%.4s%.2s%.2sT%.2s%.2s%.2sZ-%08x", when, when + 5,
			      when + 8, when + 11, when + 14, when + 17,
			      (unsigned)random);
	session->log = log_open(path, run, level);
	session->project.log = session->log;
	return NULL;
}

void begin_progress(struct session *session)
{
	const struct out *out = &session->out;

	if (!out->quiet && !session->project.progress)
		session->project.progress = progress_new(
			STDERR_FILENO, out->tty_err, out->colour_err);
}

void end_progress(struct session *session)
{
	if (session->project.progress)
		progress_free(session->project.progress);
	session->project.progress = NULL;
}

/*
 * What moves shared refs looks at the remote first, what only reads them when
 * it is told to.
 */
static int wants_fetch(const struct session *session, unsigned needs)
{
	return global_flag(session, "fetch") ||
	       ((needs & MOVES_REFS) && !args_flag(&session->args, "dry-run"));
}

static struct error *look_at_remote(struct session *session, unsigned needs)
{
	struct project *project = &session->project;

	if (!project->base.remote || !wants_fetch(session, needs))
		return NULL;
	TRY(sync_fetch(project->repo));
	TRY(project_reload(project));
	return needs & NEED_TRUST ? trust_require(project) : NULL;
}

struct error *session_open(struct session *session, unsigned needs)
{
	struct project *project = &session->project;

	if (!(needs & (NEED_REPO | NEED_NO_BASE)))
		return NULL;
	session->options.no_base = (needs & NEED_NO_BASE) != 0;
	session->options.fetch = wants_fetch(session, needs);
	session->options.any_config =
		(needs & (NEED_NO_BASE | NEED_ANY_CONFIG)) != 0;
	TRY(project_open(project, NULL, &session->options));
	TRY(apply_git_config(session));
	if (needs & NEED_TRUST)
		TRY(trust_require(project));
	TRY(look_at_remote(session, needs));
	if (!(needs & NEED_PROGRESS))
		return NULL;
	begin_progress(session);
	return open_log(session);
}

void session_release(struct session *session)
{
	end_progress(session);
	project_release(&session->project);
	log_close(&session->log);
	args_release(&session->globals);
	args_release(&session->args);
	strings_release(&session->settings);
	free(session->program);
	free(session->path);
	free(session->pager);
}
