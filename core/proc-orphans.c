/* Ends what a child left behind outside its process group. */
#include "core/proc-orphans.h"

#include "core/clock.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define MOST_MS 2000
#define LOOK_MS 2

void orphans_adopt(struct orphans *orphans)
{
	*orphans = (struct orphans){ 0 };
	prctl(PR_GET_CHILD_SUBREAPER, &orphans->adopted);
	proc_children(&orphans->before);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static int was_there(const struct orphans *orphans, int pid)
{
	FOR_EACH (int, it, &orphans->before)
		if (*it == pid)
			return 1;
	return 0;
}

/*
 * One round: how many there were.  Only children are killed, never what hangs
 * below them: nobody else can take the number of a child before we reap it.
 */
static size_t end_children(const struct orphans *orphans,
			   const struct loop *loop)
{
	struct pids children = ARRAY_INIT;
	size_t n = 0;

	proc_children(&children);
	FOR_EACH (int, pid, &children) {
		if (was_there(orphans, *pid) || loop_has_child(loop, *pid))
			continue;
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, WNOHANG);
		n++;
	}
	free(children.items);
	return n;
}

void orphans_end(struct orphans *orphans, const struct loop *loop)
{
	int64_t most = clock_ms() + MOST_MS;

	while (end_children(orphans, loop) && clock_ms() < most)
		poll(NULL, 0, LOOK_MS);
	prctl(PR_SET_CHILD_SUBREAPER, orphans->adopted);
	free(orphans->before.items);
}
