/*
 * Output: rows of cells, printed as aligned text, CSV (RFC 4180) or JSON.
 *
 *	struct output out = OUTPUT_INIT;
 *
 *	output_column(&out, "count", true);
 *	output_column(&out, "value", false);
 *	output_cell(&out, "%lu", 3ul);
 *	output_cell(&out, "%s", "pear");
 *	output_print(&out, stdout);
 *	output_release(&out);
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "util.h"

enum { OUTPUT_COLUMNS = 8 };

enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON };

struct column {
	const char *name;
	bool number; /* to the right in text, without quotes in JSON */
};

struct output {
	enum format format;
	struct column columns[OUTPUT_COLUMNS];
	size_t width; /* columns in use */
	char **cells; /* row after row */
	size_t len;
	size_t cap;
};

#define OUTPUT_INIT                                                            \
	{                                                                      \
		.format = FORMAT_TEXT                                          \
	}

/* The option output_option() knows, for getopt() and for the help. */
#define OUTPUT_OPTIONS "o:"
#define OUTPUT_HELP    "  -o <form>  print text (the default), csv or json\n"

/* Take -o; false, after a message, when the value is no good. */
bool output_option(struct output *out, int option, const char *value);

/* All columns first, then the cells, row by row. */
void output_column(struct output *out, const char *name, bool number);
void output_cell(struct output *out, const char *fmt, ...) PRINTF(2, 3);
/* A cell of marks, as long as share (0 to 1) of the full length. */
void output_bar(struct output *out, double share);

void output_print(const struct output *out, FILE *to);
void output_release(struct output *out);

#endif
