/*
 * git-orch: the table of commands, the dispatcher, and the one place where an
 * error becomes a message and an exit status.
 */
#include "cmd/cmd.h"
#include "core/loop.h"
#include "core/nearest.h"
#include "core/sandbox.h"
#include "plans/cache.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct cmd cmd_init, cmd_plan, cmd_generate, cmd_template,
	cmd_approve, cmd_validate, cmd_status, cmd_show, cmd_next_phase,
	cmd_run, cmd_revise, cmd_integrate, cmd_restack, cmd_release,
	cmd_matrix, cmd_claim, cmd_cost, cmd_cache, cmd_agent, cmd_trust,
	cmd_config, cmd_doctor, cmd_completion, cmd_version, cmd_help,
	cmd_complete;

const struct cmd *const commands[] = {
	&cmd_init,     &cmd_plan,       &cmd_generate,
	&cmd_template, &cmd_approve,    &cmd_validate,
	&cmd_status,   &cmd_show,       &cmd_next_phase,
	&cmd_run,      &cmd_revise,     &cmd_integrate,
	&cmd_restack,  &cmd_release,    &cmd_matrix,
	&cmd_claim,    &cmd_cost,       &cmd_cache,
	&cmd_agent,    &cmd_trust,      &cmd_config,
	&cmd_doctor,   &cmd_completion, &cmd_version,
	&cmd_help,     &cmd_complete,   NULL,
};

const struct opt global_opts[] = {
	{ 'C', "directory", "dir", "run as if started in <dir>" },
	{ 'c', "set", "key=value", "a setting for this run only" },
	{ 0, "plan", "plan", "the plan that is meant" },
	{ 0, "base", "branch", "the base branch" },
	{ 0, "remote", "name", "the remote; a dot is none" },
	{ 0, "env", "name", "the overlay config.<name>.yaml" },
	{ 0, "fetch", NULL, "look at the remote first" },
	{ 0, "trust", "sha256", "trust exactly this content, for one run" },
	{ 0, "no-cache", NULL, "take no reply that another run paid for" },
	{ 0, "record", "dir", "write requests and replies to <dir>" },
	{ 0, "replay", "dir", "answer from a recording, ask nobody" },
	{ 0, "no-input", NULL, "never ask" },
	{ 0, "color", "when", "auto, always or never" },
	{ 0, "no-pager", NULL, "print without a pager" },
	{ 'q', "quiet", NULL, "no progress and no hints" },
	{ 'h', "help", NULL, "show this" },
	{ 0, NULL, NULL, NULL },
};

/* Only before a command: `git orch --version`. */
static const struct opt version_opts[] = {
	{ 0, "version", NULL, "print the version" },
	{ 0, NULL, NULL, NULL },
};

const struct cmd *cmd_find(const struct cmd *const *table, const char *name)
{
	for (; *table; table++)
		if (!strcmp((*table)->name, name))
			return *table;
	return NULL;
}

struct error *cmd_unknown(const struct cmd *const *table, const char *what,
			  const char *name)
{
	struct error *err =
		error_new(ERROR_USAGE, "there is no %s '%s'", what, name);
	ARRAY(const char *) names = ARRAY_INIT;

	for (size_t i = 0; table[i]; i++)
		if (!table[i]->hidden)
			*PUSH(&names) = table[i]->name;
	const char *near = nearest(name, names.items, names.len);
	CLEANUP(buf_release) struct buf all = BUF_INIT;
	FOR_EACH (const char *, it, &names)
		buf_addf(&all, "%s%s", all.len ? ", " : "", *it);
	err = near ? error_hint(err, "did you mean '%s'?", near)
		   : error_hint(err, "there are %s", all.data);
	free(names.items);
	return err;
}

static void extend_path(struct session *session, const char *name)
{
	char *path = xasprintf("%s %s", session->path, name);

	free(session->path);
	session->path = path;
}

static struct error *arity(const struct session *session, const struct cmd *cmd)
{
	size_t n = session->args.rest.len;

	if (n < (size_t)cmd->min)
		return error_new(ERROR_USAGE, "%s needs %s", session->path,
				 cmd->args);
	if (cmd->max >= 0 && n > (size_t)cmd->max)
		return error_new(ERROR_USAGE, "'%s' is one argument too many",
				 operand(session, (size_t)cmd->max));
	return NULL;
}

static struct error *run_leaf(struct session *session, const struct cmd *cmd,
			      int argc, char **argv)
{
	const struct opt *const tables[] = { cmd->opts ? cmd->opts
						       : global_opts,
					     global_opts, NULL };

	TRY(args_parse(&session->args, tables, argc, argv, 0));
	if (global_flag(session, "help")) {
		help_command(&session->out, session->path, cmd);
		return NULL;
	}
	TRY(arity(session, cmd));
	TRY(session_globals(session));
	/* All others may end at any place. */
	if (cmd->needs & MOVES_REFS)
		loop_catch_signals();
	TRY(session_open(session, cmd->needs));
	TRY(cmd->run(session));
	/* The work is done: that the store is too large does not undo it. */
	if (cmd->needs & NEED_PROGRESS)
		error_free(cache_tidy(&session->project));
	return NULL;
}

/* Options up to the first operand go to globals; *rest is what follows. */
static struct error *leading(struct session *session,
			     const struct opt *const *tables, int *argc,
			     char ***argv)
{
	CLEANUP(args_release) struct args more = ARGS_INIT;

	TRY(args_parse(&more, tables, *argc, *argv, 1));
	FOR_EACH (struct arg_value, value, &more.values)
		*PUSH(&session->globals.values) = *value;
	*argv += *argc - (int)more.rest.len;
	*argc = (int)more.rest.len;
	return NULL;
}

static struct error *run_sub(struct session *session, const struct cmd *cmd,
			     int argc, char **argv)
{
	const struct opt *const tables[] = { global_opts, NULL };

	TRY(leading(session, tables, &argc, &argv));
	if (args_flag(&session->globals, "help")) {
		help_command(&session->out, session->path, cmd);
		return NULL;
	}
	if (!argc)
		return error_hint(error_new(ERROR_USAGE, "%s needs %s",
					    session->path, cmd->args),
				  "%s -h explains them", session->path);
	const struct cmd *sub = cmd_find(cmd->subs, argv[0]);
	CLEANUP(free_str) char *what = xasprintf("%s command", cmd->name);
	if (!sub)
		return cmd_unknown(cmd->subs, what, argv[0]);
	extend_path(session, sub->name);
	return run_leaf(session, sub, argc, argv);
}

static struct error *dispatch(struct session *session, int argc, char **argv)
{
	const struct opt *const tables[] = { global_opts, version_opts, NULL };

	TRY(leading(session, tables, &argc, &argv));
	if (args_flag(&session->globals, "version"))
		return cmd_version.run(session);
	if (args_flag(&session->globals, "help") && !argc) {
		help_program(&session->out);
		return NULL;
	}
	if (!argc)
		return error_hint(error_new(ERROR_USAGE, "no command given"),
				  "git orch -h lists them; git orch status "
				  "shows where everything stands");
	const struct cmd *cmd = cmd_find(commands, argv[0]);
	if (!cmd)
		return cmd_unknown(commands, "command", argv[0]);
	extend_path(session, cmd->name);
	return cmd->subs ? run_sub(session, cmd, argc, argv)
			 : run_leaf(session, cmd, argc, argv);
}

static char *own_path(const char *fallback)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path);

	if (n > 0 && (size_t)n < sizeof path)
		return xstrndup(path, (size_t)n);
	return xstrdup(fallback);
}

/* Reports err and gives the exit status. */
static int finish(struct session *session, struct error *err)
{
	struct out *out = &session->out;
	int status = err ? error_status(err->code) : session->status;
	CLEANUP(error_release) struct error *held = err;

	end_progress(session);
	out_pager_end(out);
	if (err && err->code == ERROR_USAGE && !err->hint)
		held = error_hint(err, "%s -h shows the usage", session->path);
	CLEANUP(error_release) struct error *unwritten = out_flush(out);
	if (held)
		out_error(out, held);
	if (unwritten) {
		out_error(out, unwritten);
		status = error_status(unwritten->code);
	}
	return status;
}

/* As if it had not been caught: who waits for us sees what ended us. */
static void end_by(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	raise(number);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/*
 * Closed ones are taken, or the next file that is opened gets what was meant
 * for the terminal.  Nobody can write to standard output then, and is told.
 */
static void take_standard_descriptors(void)
{
	static const int modes[] = { O_RDONLY, O_RDONLY, O_WRONLY };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", modes[fd]) != fd)
			exit(128);
}

int main(int argc, char **argv)
{
	struct session session = { .globals = ARGS_INIT, .args = ARGS_INIT };

	/* Runs inside the sandbox: nothing else may be initialised before. */
	if (argc > 1 && !strcmp(argv[1], "sandbox-exec")) {
		struct error *err = sandbox_exec(argv + 2);

		fprintf(stderr, "error: %s\n", err ? err->message : "exec");
		error_free(err);
		return 126;
	}
	take_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	out_init(&session.out);
	session.path = xstrdup("git orch");
	session.program = own_path(argv[0]);
	session.project = (struct project)PROJECT_INIT;
	int status = finish(&session, dispatch(&session, argc, argv));
	session_release(&session);
	if (interrupted)
		end_by(interrupted);
	return status;
}
