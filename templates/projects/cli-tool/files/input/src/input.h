/*
 * Input: lines of files or of stdin, and one field of each line.
 *
 *	struct input in = INPUT_INIT;
 *	char *text;
 *
 *	input_open(&in, argv + optind);
 *	while ((text = input_next(&in)))
 *		use(text);
 *	return input_close(&in);
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stdio.h>

struct input {
	char **paths; /* files still to be opened, NULL behind the last */
	const char *path; /* the one being read, for messages */
	FILE *file;
	char *line;
	size_t cap;
	long field; /* from 1; from the end when negative; 0: whole lines */
	char delim; /* between fields; '\0': any run of blanks */
	bool failed;
};

#define INPUT_INIT                                                             \
	{                                                                      \
		.paths = NULL                                                  \
	}

/* The options input_option() knows, for getopt() and for the help. */
#define INPUT_OPTIONS "d:f:"
#define INPUT_HELP                                                             \
	"  -d <char>  what separates fields (\\t: a tab; default: blanks)\n"   \
	"  -f <n>     use field <n> of each line; -1 is the last\n"

/* Take -d or -f; false, after a message, when the value is no good. */
bool input_option(struct input *in, int option, const char *value);

/* Read these files in turn; no file, or the name "-", means stdin. */
void input_open(struct input *in, char **paths);

/*
 * The next line's field, to be used until the next call; NULL at the end.
 * Lines that lack the field are passed over, line ends are cut off.
 * A file that cannot be read is reported and left out.
 */
char *input_next(struct input *in);

/* EXIT_SUCCESS, or EXIT_FAILURE when a file could not be read. */
int input_close(struct input *in);

/* Cut field n out of line, in place; NULL when there is none. */
char *field_pick(char *line, char delim, long n);

#endif
