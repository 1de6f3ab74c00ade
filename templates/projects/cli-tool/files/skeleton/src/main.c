/* {{name}}: find the command and run it. */
#include "command.h"
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND(name) extern const struct command command_##name;
#include "commands.def"
#undef COMMAND

#define COMMAND(name) &command_##name,
static const struct command *const commands[] = {
#include "commands.def"
	NULL
};
#undef COMMAND

static void print_usage(FILE *to)
{
	fprintf(to, "usage: %s <command> [<option>...] [<file>...]\n", PROGRAM);
	fprintf(to, "       %s --help | --version\n", PROGRAM);
	if (commands[0])
		fputs("\ncommands:\n", to);
	for (size_t i = 0; commands[i]; i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name,
			commands[i]->summary);
}

static void print_command(const struct command *command, FILE *to)
{
	fprintf(to, "usage: %s %s %s\n", PROGRAM, command->name, command->args);
	if (to == stdout)
		fprintf(to, "\n%s\n\n%s", command->summary, command->help);
}

int command_misused(const struct command *command)
{
	print_command(command, stderr);
	return EXIT_USAGE;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static bool asks(const char *arg, const char *brief, const char *full)
{
	return arg && (!strcmp(arg, brief) || !strcmp(arg, full));
}

static int run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (asks(argv[1], "-h", "--help")) {
		print_usage(stdout);
		return EXIT_SUCCESS;
	}
	if (asks(argv[1], "-V", "--version")) {
		printf("%s %s\n", PROGRAM, VERSION);
		return EXIT_SUCCESS;
	}
	command = find(argv[1]);
	if (!command) {
		warn("'%s' is not a command; see %s --help", argv[1], PROGRAM);
		return EXIT_USAGE;
	}
	if (asks(argv[2], "-h", "--help")) {
		print_command(command, stdout);
		return EXIT_SUCCESS;
	}
	return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	/* A full disk shows only now: what was printed may still be buffered.
	 */
	if (fflush(stdout) || ferror(stdout)) {
		warn("cannot write the output");
		return EXIT_FAILURE;
	}
	return status;
}
