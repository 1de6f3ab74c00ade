/*
 * The pager, as git starts it: GIT_PAGER, core.pager, PAGER, then less; LESS
 * and LV are set only when the user has not.
 */
#include "cmd/out.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *pager_command(const char *configured)
{
	const char *from[] = { getenv("GIT_PAGER"), configured, getenv("PAGER"),
			       "less" };
	size_t i = 0;

	while (!from[i])
		i++;
	return from[i];
}

static void NORETURN become(const char *command, int input)
{
	dup2(input, STDIN_FILENO);
	close(input);
	signal(SIGPIPE, SIG_DFL);
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

void out_pager(struct out *out, const char *configured)
{
	const char *command = pager_command(configured);
	int ends[2];

	if (!out->tty || out->json || out->pager_pid || !*command ||
	    !strcmp(command, "cat") || pipe(ends))
		return;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[1]);
		become(command, ends[0]);
	}
	close(ends[0]);
	if (pid > 0 && dup2(ends[1], STDOUT_FILENO) >= 0)
		out->pager_pid = pid;
	close(ends[1]);
}

void out_pager_end(struct out *out)
{
	if (!out->pager_pid)
		return;
	fflush(stdout);
	close(STDOUT_FILENO);
	while (waitpid(out->pager_pid, NULL, 0) < 0 && errno == EINTR)
		;
	out->pager_pid = 0;
}
