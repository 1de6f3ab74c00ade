/*
 * Help: -h is printed from the tables, `help <command>` opens the man page
 * and falls back on the same text.
 */
#include "cmd/cmd.h"
#include "core/proc.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELP_COLUMN 30

static void print_option(struct out *out, const struct opt *opt)
{
	CLEANUP(buf_release) struct buf left = BUF_INIT;

	if (opt->letter)
		buf_addf(&left, "-%c, ", opt->letter);
	buf_addf(&left, "--%s", opt->name);
	if (opt->arg)
		buf_addf(&left, "=<%s>", opt->arg);
	out_text(out, "    %-*s", HELP_COLUMN - 4, left.data);
	if (left.len + 4 >= HELP_COLUMN)
		out_text(out, "\n%*s", HELP_COLUMN, "");
	out_text(out, "%s\n", opt->help);
}

static void print_options(struct out *out, const char *title,
			  const struct opt *opts)
{
	if (!opts || !opts->name)
		return;
	out_text(out, "\n");
	out_colour(out, COLOUR_BOLD, "%s\n", title);
	for (; opts->name; opts++)
		print_option(out, opts);
}

static void print_table(struct out *out, const struct cmd *const *table)
{
	for (; *table; table++)
		if (!(*table)->hidden)
			out_text(out, "    %-14s  %s\n", (*table)->name,
				 (*table)->summary);
}

void help_program(struct out *out)
{
	out_text(out, "usage: git orch [<options>] <command> [<args>]\n\n"
		      "From a goal to a reviewed plan, from the plan to small "
		      "commits, each checked.\n\n");
	out_colour(out, COLOUR_BOLD, "Commands\n");
	print_table(out, commands);
	print_options(out, "Options of every command", global_opts);
	out_text(out, "    %-*s%s\n", HELP_COLUMN - 4, "--version",
		 "print the version");
	out_text(out, "\ngit orch <command> -h shows a command, "
		      "git orch help <command> its man page.\n");
}

void help_command(struct out *out, const char *path, const struct cmd *cmd)
{
	out_text(out, "usage: %s", path);
	if (cmd->opts && cmd->opts->name)
		out_text(out, " [<options>]");
	if (cmd->args)
		out_text(out, " %s", cmd->args);
	out_text(out, "\n\n%s.\n", cmd->summary);
	if (cmd->subs) {
		out_text(out, "\n");
		print_table(out, cmd->subs);
	}
	print_options(out, "Options", cmd->opts);
	if (cmd->details)
		out_text(out, "\n%s", cmd->details);
	out_text(out, "\ngit orch -h lists the options of every command.\n");
}

/* Only when there is a page: man's own message would come too late. */
static int has_page(const char *page)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	CLEANUP(proc_result_release) struct proc_result result;

	proc_result_init(&result);
	strings_addv(&spec.argv, "man", "-w", page, (char *)NULL);
	proc_env(&spec.env, (const char *const[]){ "MANPATH", NULL });
	struct error *err = proc_run(&result, &spec);
	int found = !err && result.end == PROC_EXITED && result.exit == 0;
	error_free(err);
	return found;
}

static struct error *open_page(const char *page)
{
	char *const argv[] = { (char *)"man", (char *)page, NULL };

	fflush(stdout);
	signal(SIGPIPE, SIG_DFL);
	execvp("man", argv);
	return error_errno("cannot start man");
}

static struct error *run(struct session *session)
{
	const char *name = operand(session, 0);

	if (!name) {
		help_program(&session->out);
		return NULL;
	}
	const struct cmd *cmd = cmd_find(commands, name);
	if (!cmd)
		return cmd_unknown(commands, "command", name);
	CLEANUP(free_str) char *page = xasprintf("git-orch-%s", name);
	if (has_page(page))
		return open_page(page);
	CLEANUP(free_str) char *path = xasprintf("git orch %s", name);
	help_command(&session->out, path, cmd);
	return NULL;
}

const struct cmd cmd_help = {
	.name = "help",
	.summary = "Open the man page of a command",
	.args = "[<command>]",
	.max = 1,
	.complete = "commands",
	.run = run,
};
