/*
 * What a person sees: tables, colour, --json, the pager.  stdout is data,
 * stderr is for people.
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
	int tty_err; /* stderr is a terminal: progress may be live */
	int width; /* of stdout's terminal; 80 elsewhere */
	int quiet;
	int pager_pid; /* 0: none */
};

/*
 * --color=auto|always|never, NO_COLOR, CLICOLOR_FORCE, TERM=dumb, git config
 * color.ui; in this order.
 */
void out_init(struct out *out);

/* To stdout; a closed pipe ends quietly, a full disk is an error at exit. */
void out_text(struct out *out, const char *fmt, ...) PRINTF(2, 3);
void out_colour(struct out *out, enum colour colour, const char *fmt, ...)
	PRINTF(3, 4);
void out_buf(struct out *out, const struct buf *buf);
void out_json(struct out *out, const struct value *value);
struct error *out_flush(struct out *out) MUST_USE;

/* Starts GIT_PAGER, core.pager or PAGER as git does; only on a terminal. */
void out_pager(struct out *out, const char *configured);
void out_pager_end(struct out *out);

/* Columns, aligned by display width; the last may be cut to the terminal. */
struct table {
	ARRAY(struct strings) rows;
	ARRAY(enum colour *) colours;
};
void table_row(struct table *table, ...); /* colour, text pairs, to -1 */
void table_print(struct out *out, struct table *table);
void table_release(struct table *table);

/* To stderr, for people: "hint: ...", "warning: ...". */
void say(struct out *out, const char *fmt, ...) PRINTF(2, 3);
void hint(struct out *out, const char *fmt, ...) PRINTF(2, 3);
void warn(struct out *out, const char *fmt, ...) PRINTF(2, 3);

/* "error: message" and its hint. */
void out_error(struct out *out, const struct error *err);
/* file:line:column: message lines, with their hints. */
void out_findings(struct out *out, const struct findings *findings);

#endif
