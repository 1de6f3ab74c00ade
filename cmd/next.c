/* What to do next, as the last lines of a command that changed something. */
#include "cmd/next.h"
#include "cmd/cmd.h"

#include <string.h>

#define MOST_ADVICE 3

/* The command is to be copied: where why has no room it goes below. */
void print_advice(struct out *out, const char *label,
		  const struct advice *advice)
{
	size_t indent = strlen(label);
	size_t takes = indent + text_width(advice->command) + 4 +
		       text_width(advice->why);
	int below = out->tty && takes > (size_t)out->width;

	out_text(out, "%s", label);
	out_colour(out, COLOUR_BOLD, "%s", advice->command);
	if (below)
		out_text(out, "\n%*s", (int)indent, "");
	else
		out_text(out, "  ");
	out_wrap(out, below ? indent : 0, indent, "(%s)", advice->why);
	out_text(out, "\n");
}

struct error *print_next(struct session *session, const char *plan)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(advices_release) struct advices advices = { NULL, 0, 0 };

	if (session->out.quiet || session->out.json)
		return NULL;
	TRY(project_reload(&session->project));
	TRY(board_load(&board, &session->project, plan));
	TRY(board_conflicts(&board, &session->project));
	TRY(board_others(&board, &session->project));
	board_next(&advices, &board);
	for (size_t i = 0; i < advices.len && i < MOST_ADVICE; i++)
		print_advice(&session->out, "next: ", &advices.items[i]);
	return NULL;
}
