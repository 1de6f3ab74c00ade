/* Lines of files, and one field of each. */
#include "input.h"
#include "util.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

static bool take_delim(struct input *in, const char *value)
{
	if (!strcmp(value, "\\t"))
		value = "\t";
	if (strlen(value) != 1) {
		warn("-d takes one character, not '%s'", value);
		return false;
	}
	in->delim = *value;
	return true;
}

bool input_option(struct input *in, int option, const char *value)
{
	if (option == 'd')
		return take_delim(in, value);
	if (option == 'f' && parse_long(&in->field, value, -INT_MAX, INT_MAX))
		return true;
	if (option == 'f')
		warn("-f takes a number, not '%s'", value);
	return false;
}

/*
 * Where the field at text begins and how long it is; NULL when no field is
 * left.  Text moves behind it, to NULL after the last one.
 */
static char *next_field(char **text, char delim, size_t *len)
{
	const char separators[] = { delim, '\0' };
	char *start = *text;

	if (start && !delim)
		start += strspn(start, BLANKS);
	if (!start || (!delim && !*start))
		return NULL;
	*len = strcspn(start, delim ? separators : BLANKS);
	*text = start[*len] ? start + *len + 1 : NULL;
	return start;
}

static long count_fields(char *line, char delim)
{
	size_t len;
	long n = 0;

	while (next_field(&line, delim, &len))
		n++;
	return n;
}

char *field_pick(char *line, char delim, long n)
{
	char *field = line;
	size_t len = 0;

	if (n == 0)
		return line;
	if (n < 0)
		n += count_fields(line, delim) + 1;
	if (n < 1)
		return NULL;
	while (n-- > 0 && field)
		field = next_field(&line, delim, &len);
	if (field)
		field[len] = '\0';
	return field;
}

void input_open(struct input *in, char **paths)
{
	static char *from_stdin[] = { "-", NULL };

	in->paths = paths[0] ? paths : from_stdin;
}

static void report(struct input *in)
{
	warn("cannot read '%s': %s", in->path, strerror(errno));
	in->failed = true;
}

static void close_file(struct input *in)
{
	if (in->file && in->file != stdin)
		fclose(in->file);
	in->file = NULL;
}

/* Go on to the next file that opens; false when there is none. */
static bool next_file(struct input *in)
{
	while (!in->file && *in->paths) {
		in->path = *in->paths++;
		in->file = strcmp(in->path, "-") ? fopen(in->path, "r") : stdin;
		if (!in->file)
			report(in);
	}
	return in->file;
}

static char *next_line(struct input *in)
{
	ssize_t len;

	while (next_file(in)) {
		errno = 0;
		len = getline(&in->line, &in->cap, in->file);
		if (len >= 0) {
			in->line[strcspn(in->line, "\r\n")] = '\0';
			return in->line;
		}
		if (ferror(in->file))
			report(in);
		close_file(in);
	}
	return NULL;
}

char *input_next(struct input *in)
{
	char *line;
	char *field;

	while ((line = next_line(in))) {
		field = field_pick(line, in->delim, in->field);
		if (field)
			return field;
	}
	return NULL;
}

int input_close(struct input *in)
{
	close_file(in);
	free(in->line);
	in->line = NULL;
	in->cap = 0;
	return in->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
