/* What to do next, as the last lines of a command that changed something. */
#include "cmd/cmd.h"
#include "plans/board.h"

#define MOST_ADVICE 3

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
		out_text(&session->out, "next: %s  (%s)\n",
			 advices.items[i].command, advices.items[i].why);
	return NULL;
}
