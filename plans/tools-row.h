/*
 * What the files that hold tools share with the table, and with nobody else.
 */
#ifndef PLANS_TOOLS_ROW_H
#define PLANS_TOOLS_ROW_H

#include "plans/tools.h"

extern const struct tool tool_list_files, tool_read_file, tool_search;
extern const struct tool tool_write_file, tool_edit_file, tool_delete_file;
extern const struct tool tool_request_path, tool_run_check, tool_finish;

/* An answer that is an error of the model's, as one line or several. */
void tool_refuse(struct buf *out, int *is_error, const char *fmt, ...)
	PRINTF(3, 4);
/* The same of an error that the model can mend; others are handed on. */
struct error *tool_soften(struct buf *out, int *is_error, struct error *err)
	MUST_USE;

/* "./a" is "a". */
const char *tool_path(const struct value *input);

/*
 * The text of a file; what is none (absent, a folder, a link, binary, hidden)
 * is said in out.
 */
struct error *tool_text(struct buf *content, struct buf *out, int *is_error,
			const struct toolbox *box, const char *path) MUST_USE;

/* What a change is, seen from where the phase's work begins; path borrowed. */
struct error *tool_change(struct change *out, const struct toolbox *box,
			  const char *path, int deletes) MUST_USE;
/*
 * Writes a file if the gates let the phase have it, and says what they will
 * say of the content.  before is the content there was.
 */
struct error *tool_put(struct buf *out, int *is_error, struct toolbox *box,
		       struct change *change, const struct buf *before,
		       const struct buf *now, enum file_mode mode) MUST_USE;

/* A glob of the list matches; one that does not compile matches nothing. */
int tool_listed(const struct strings *globs, const char *path);

/* Adds lines first to last (from 1) of text, each with its number. */
void tool_lines(struct buf *out, const char *text, size_t len, size_t first,
		size_t last);

#endif
