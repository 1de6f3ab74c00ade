/*
 * A command is one file, src/cmd-<name>.c, that defines `command_<name>`.
 * The Makefile lists the files it finds, so adding one is adding a file.
 */
#ifndef COMMAND_H
#define COMMAND_H

enum {
	EXIT_USAGE = 2 /* beside EXIT_SUCCESS and EXIT_FAILURE */
};

struct command {
	const char *name;
	const char *summary; /* one line for the list of commands */
	const char *args; /* what may follow the name */
	const char *help; /* the options, one a line */
	/* argv[0] is the command's name; returns the exit status */
	int (*run)(int argc, char **argv);
};

/* Say on stderr how the command is used; returns EXIT_USAGE. */
int command_misused(const struct command *command);

#endif
