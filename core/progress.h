/*
 * Progress for people: live lines on a terminal, plain lines elsewhere.
 * Writes only to the descriptor it is given (stderr, by cmd/).
 */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include "core/error.h"

struct progress;

/*
 * live: redraw in place (a terminal); else one line per change.  fd -1: no
 * output.  Control characters in texts become blanks.
 */
struct progress *progress_new(int fd, int live, int colour);
void progress_free(struct progress *progress); /* clears the live lines */
int progress_is_live(const struct progress *progress);

/*
 * One row per name; text replaces what the row said.  Rows are drawn in the
 * order they were first named, as "name  text  12 s" with the seconds since
 * the row began, cut to the terminal's width (TIOCGWINSZ, else COLUMNS, else
 * 80) by characters.  Of more rows than the terminal is high the first are
 * shown.
 */
void progress_set(struct progress *progress, const char *name, const char *fmt,
		  ...) PRINTF(3, 4);
/* Ends a row: its last text stays as a plain line above the live ones. */
void progress_done(struct progress *progress, const char *name, const char *fmt,
		   ...) PRINTF(3, 4);
/* Ends a row with the line "text  0.4 s", where its name is part of text. */
void progress_end(struct progress *progress, const char *name, const char *fmt,
		  ...) PRINTF(3, 4);
/* Ends a row without a word; there may be none. */
void progress_drop(struct progress *progress, const char *name);
/* A line of its own above the live ones. */
void progress_note(struct progress *progress, const char *fmt, ...)
	PRINTF(2, 3);

#endif
