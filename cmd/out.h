/*
 * What a person sees: tables, colour, --json, the pager.  stdout is data,
 * stderr is for people.
 *
 * Text may come from a repository: control characters other than newline and
 * tab are shown as U+FFFD, so that no document can speak to the terminal.
 */
#ifndef CMD_OUT_H
#define CMD_OUT_H

#include "core/progress.h"
#include "core/schema.h"

enum colour {
	COLOUR_NONE,
	COLOUR_BOLD,
	COLOUR_DIM,
	COLOUR_RED,
	COLOUR_GREEN,
	COLOUR_YELLOW,
	COLOUR_BLUE,
	COLOUR_CYAN,
};

struct out {
	int json; /* --json */
	int colour; /* stdout */
	int colour_err; /* stderr */
	int tty; /* stdout is a terminal */
	int tty_err; /* stderr is one: progress may be live */
	int width; /* of stdout's terminal; 80 elsewhere, and 0 means 80 */
	int width_err; /* of stderr's; likewise */
	int quiet;
	int pager_pid; /* 0: none */
	int fault; /* errno of the first write that failed */
};

void out_init(struct out *out);
/*
 * Decides on colour, in this order: --color (when: "auto", "always", "never"
 * or NULL), NO_COLOR, CLICOLOR_FORCE, TERM=dumb, git config color.ui, and
 * whether it is a terminal.  Called again when the configuration is known.
 */
struct error *out_set_colour(struct out *out, const char *when, const char *ui)
	MUST_USE;

/* To stdout; a closed pipe ends quietly, a full disk is an error at exit. */
void out_text(struct out *out, const char *fmt, ...) PRINTF(2, 3);
void out_colour(struct out *out, enum colour colour, const char *fmt, ...)
	PRINTF(3, 4);
void out_buf(struct out *out, const struct buf *buf); /* as it is */
void out_json(struct out *out, const struct value *value);
struct error *out_flush(struct out *out) MUST_USE;

/*
 * Starts GIT_PAGER, configured (core.pager, may be NULL) or PAGER as git does;
 * only on a terminal and not for JSON.
 */
void out_pager(struct out *out, const char *configured);
void out_pager_end(struct out *out);

/* Columns on a terminal: wide characters take two, combining ones none. */
size_t text_width(const char *text);
/* Adds as much of text as fits into width columns. */
void text_cut(struct buf *out, const char *text, size_t width);

/*
 * Adds the words of text, broken where a line of width columns ends and going
 * on at column indent; at columns are taken already.  Quotations and commands
 * of git are not torn.
 */
void text_wrap(struct buf *out, const char *text, size_t at, size_t indent,
	       size_t width);
/* To stdout, wrapped on a terminal; elsewhere in one line. */
void out_wrap(struct out *out, size_t at, size_t indent, const char *fmt, ...)
	PRINTF(4, 5);

struct cell {
	enum colour colour;
	char *text;
	char *note; /* on a line of its own below the row; NULL: none */
};
/* Columns, aligned by display width; the last is cut to the terminal. */
struct table {
	ARRAY(struct cell) cells; /* row by row */
	size_t columns;
	int wrap; /* the last column goes on below rather than being cut */
};
#define TABLE_INIT(n)                                                          \
	{                                                                      \
		ARRAY_INIT, n, 0                                               \
	}
/* The next cell; columns of them make a row. */
void table_cell(struct table *table, enum colour colour, const char *fmt, ...)
	PRINTF(3, 4);
/* A dim line below the row that was begun last, from its second column on. */
void table_note(struct table *table, const char *fmt, ...) PRINTF(2, 3);
void table_print(struct out *out, const struct table *table, int indent);
void table_release(struct table *table);

/*
 * To stderr, for people; the second begins with "hint: ".  On a terminal
 * wrapped as by text_wrap().
 */
void say(struct out *out, const char *fmt, ...) PRINTF(2, 3);
void hint(struct out *out, const char *fmt, ...) PRINTF(2, 3);

/* "error: message" and its hint. */
void out_error(struct out *out, const struct error *err);
/* file:line:column: message lines, with their hints. */
void out_findings(struct out *out, const struct findings *findings);

#endif
