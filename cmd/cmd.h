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
};

/* What a command is given. */
struct session {
	struct args globals;
	struct args args;
	struct project project;
	struct out out;
	struct project_options options;
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
	const char *details; /* what -h adds below the options; may be NULL */
	int hidden; /* not listed in help */
	struct error *(*run)(struct session *session);
};

extern const struct cmd *const commands[]; /* to NULL */
extern const struct opt global_opts[];

/* The i-th operand, or NULL. */
const char *operand(const struct session *session, size_t i);

#endif
