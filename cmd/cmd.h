/*
 * Commands: one file per command, one exported const descriptor.  main.c
 * holds the table; the dispatcher parses, checks arity, answers -h, opens the
 * project and prints errors before and after the body runs.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "cmd/out.h"
#include "core/args.h"
#include "plans/project.h"

enum cmd_needs {
	NEED_NOTHING = 0,
	NEED_REPO = 1, /* an open project: repository, base, configuration */
	NEED_TRUST = 2, /* and its content is pinned */
	NEED_NO_BASE = 4, /* a repository, but it may have no commit yet */
	NEED_ANY_CONFIG = 32, /* a broken configuration opens all the same */
	NEED_PROGRESS = 8, /* project.progress shows what goes on */
	MOVES_REFS =
		16, /* signals wait for a safe place; a remote is not used */
};

/* What a command is given. */
struct session {
	struct args globals; /* options before the command's name */
	struct args args; /* those behind it, and its operands */
	struct project project;
	struct out out;
	struct project_options options;
	struct strings settings; /* of -c, borrowed by options */
	char *pager; /* core.pager, or NULL */
	struct log *log; /* of this run */
	char *program; /* this binary */
	char *path; /* "git orch config list" */
	int no_input;
	int status; /* what to exit with when no error is returned */
};

struct cmd {
	const char *name;
	const char *summary; /* one line, no full stop */
	const char *args; /* "[<plan>]", or NULL */
	int min; /* operands */
	int max; /* -1: any number */
	const struct opt *opts; /* may be NULL */
	const struct cmd *const *subs; /* "list", "show"; NULL: none */
	unsigned needs;
	const char *complete; /* what operands are: a word of complete.c */
	const char *details; /* what -h adds below the options; may be NULL */
	int hidden; /* not listed in help */
	struct error *(*run)(struct session *session);
};

extern const struct cmd *const commands[]; /* to NULL */
extern const struct opt global_opts[];

/* The option row of commands that print for programs too. */
#define OPT_JSON                                                               \
	{                                                                      \
		0, "json", NULL, "print JSON, as git-orch(1) describes"        \
	}

/* NULL when there is none of that name. */
const struct cmd *cmd_find(const struct cmd *const *table, const char *name);
/* ERROR_USAGE for a name that no row has, with the nearest one. */
struct error *cmd_unknown(const struct cmd *const *table, const char *what,
			  const char *name) MUST_USE;

/* The i-th operand, or NULL. */
const char *operand(const struct session *session, size_t i);
/*
 * ERROR_USAGE when more than one of these options is on; names ends with
 * NULL.
 */
struct error *at_most_one(const struct session *session,
			  const char *const *names) MUST_USE;
/* A global option, wherever it stood; the one behind the command wins. */
const char *global_text(const struct session *session, const char *name);
int global_flag(const struct session *session, const char *name);
/* The plan a command is about: its first operand, else --plan, else NULL. */
const char *plan_operand(const struct session *session);

/* Opens what the command needs; NEED_NOTHING opens nothing. */
struct error *session_open(struct session *session, unsigned needs) MUST_USE;
void session_release(struct session *session);
/* Reads the options that hold for every command. */
struct error *session_globals(struct session *session) MUST_USE;

/*
 * Asks on the terminal; yes at once with --yes, no where nobody can be asked
 * (--no-input).
 */
int confirmed(struct session *session, const char *fmt, ...) PRINTF(2, 3);

/* The pager, unless --no-pager, for commands whose output may be long. */
void start_pager(struct session *session);
/* Live lines; NEED_PROGRESS begins with them. */
void begin_progress(struct session *session);
/* Takes them away: what comes now is the command's result. */
void end_progress(struct session *session);

/* What `git orch -h` and `git orch <cmd> -h` print. */
void help_program(struct out *out);
void help_command(struct out *out, const char *path, const struct cmd *cmd);

/* The last lines of a command that changed something: what to do next. */
struct error *print_next(struct session *session, const char *plan) MUST_USE;

#endif
