/*
 * `git orch completion <shell>`: a script made from the command table, so that
 * it cannot know less than the program.  The frame of each script is text in
 * templates/completion/; its rows are written here, one form per shell.
 */
#include "cmd/cmd.h"
#include "core/embed.h"
#include "core/expand.h"

#include <string.h>

/* How a shell writes one command and one option. */
struct shell {
	const char *name;
	void (*command)(struct buf *out, const char *parent,
			const struct cmd *cmd);
	void (*option)(struct buf *out, const char *path,
		       const struct opt *opt);
	void (*operands)(struct buf *out, const char *path, const char *words);
};

/* For a single-quoted string: summaries have no quotes, a test sees to it. */
static void bash_command(struct buf *out, const char *parent,
			 const struct cmd *cmd)
{
	buf_addf(out, "\t\t'%s') words+=' %s' ;;&\n", parent, cmd->name);
}

static void bash_option(struct buf *out, const char *path,
			const struct opt *opt)
{
	buf_addf(out, "\t\t'%s') options+=' --%s%s' ;;&\n", path, opt->name,
		 opt->arg ? "=" : "");
}

static void bash_operands(struct buf *out, const char *path, const char *words)
{
	buf_addf(out, "\t\t'%s') operands=%s ;;&\n", path, words);
}

static void zsh_command(struct buf *out, const char *parent,
			const struct cmd *cmd)
{
	buf_addf(out, "\t\t'%s') words_found+=('%s:%s') ;|\n", parent,
		 cmd->name, cmd->summary);
}

static void zsh_option(struct buf *out, const char *path, const struct opt *opt)
{
	buf_addf(out, "\t\t'%s') options_found+=('--%s%s:%s') ;|\n", path,
		 opt->name, opt->arg ? "=" : "", opt->help);
}

static void zsh_operands(struct buf *out, const char *path, const char *words)
{
	buf_addf(out, "\t\t'%s') operands=%s ;|\n", path, words);
}

static void fish_command(struct buf *out, const char *parent,
			 const struct cmd *cmd)
{
	buf_addf(out, "__git_orch_command '%s' %s '%s'\n", parent, cmd->name,
		 cmd->summary);
}

static void fish_option(struct buf *out, const char *path,
			const struct opt *opt)
{
	buf_addf(out, "__git_orch_option '%s' %s '%s' %s\n", path, opt->name,
		 opt->help, opt->arg ? "-x" : "");
}

static void fish_operands(struct buf *out, const char *path, const char *words)
{
	buf_addf(out, "__git_orch_operands '%s' %s\n", path, words);
}

static const struct shell shells[] = {
	{ "bash", bash_command, bash_option, bash_operands },
	{ "zsh", zsh_command, zsh_option, zsh_operands },
	{ "fish", fish_command, fish_option, fish_operands },
};

static void write_options(struct buf *out, const struct shell *shell,
			  const char *path, const struct opt *opts)
{
	for (; opts && opts->name; opts++)
		shell->option(out, path, opts);
}

static void write_table(struct buf *out, const struct shell *shell,
			const char *parent, const struct cmd *const *table)
{
	for (; *table; table++) {
		const struct cmd *cmd = *table;
		CLEANUP(free_str)
		char *path = xasprintf("%s%s%s", parent, *parent ? " " : "",
				       cmd->name);

		if (cmd->hidden)
			continue;
		shell->command(out, parent, cmd);
		write_options(out, shell, path, cmd->opts);
		if (cmd->complete)
			shell->operands(out, path, cmd->complete);
		if (cmd->subs)
			write_table(out, shell, path, cmd->subs);
	}
}

static const struct shell *find_shell(const char *name)
{
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (!strcmp(shells[i].name, name))
			return &shells[i];
	return NULL;
}

static struct error *run(struct session *session)
{
	const char *name = operand(session, 0);
	const struct shell *shell = find_shell(name);
	CLEANUP(buf_release) struct buf rows = BUF_INIT;
	CLEANUP(buf_release) struct buf globals = BUF_INIT;
	CLEANUP(buf_release) struct buf script = BUF_INIT;
	CLEANUP(map_release) struct map vars = MAP_INIT;
	struct embed frame;

	if (!shell)
		return error_hint(
			error_new(ERROR_USAGE, "no completion for '%s'", name),
			"there is one for bash, zsh and fish");
	CLEANUP(free_str)
	char *path = xasprintf("completion/git-orch.%s", shell->name);
	if (!embed_find(&frame, path))
		BUG("no template %s", path);
	write_table(&rows, shell, "", commands);
	write_options(&globals, shell, "", global_opts);
	map_set(&vars, "rows", rows.data);
	map_set(&vars, "globals", globals.data);
	TRY(expand(&script, frame.data, frame.len, &vars));
	out_buf(&session->out, &script);
	return NULL;
}

const struct cmd cmd_completion = {
	.name = "completion",
	.summary = "Print the completion script of a shell",
	.args = "bash|zsh|fish",
	.min = 1,
	.max = 1,
	.complete = "shells",
	.run = run,
};
