/*
 * Whoever is killed cannot end what it started.  A keeper stands between us
 * and the command: what loses its parent below becomes the keeper's child, and
 * the kernel tells it when we are gone.  It has a copy of our memory and none
 * of our descriptors: locks end with us.
 *
 * It is in the command's process group, and lets pass whatever is sent to that
 * but SIGKILL, so that it ends when the command does, and as it does.
 */
#include "core/proc-orphans.h"
#include "core/proc-spawn.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PARENT_DIED SIGUSR1
#define MOST_ROUNDS 1000
#define LOOK_MS     2
#define MOST_FILES  4096

/* Only children are killed: nobody else can take their numbers. */
static void end_all(void)
{
	for (int i = 0; i < MOST_ROUNDS; i++) {
		struct pids children = ARRAY_INIT;

		proc_children(&children);
		FOR_EACH (int, pid, &children)
			kill(*pid, SIGKILL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		free(children.items);
		if (!children.len)
			return;
		poll(NULL, 0, LOOK_MS);
	}
}

static void close_all(void)
{
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, 0U, ~0U, 0U))
		return;
#endif
	for (int fd = 0; fd < MOST_FILES; fd++)
		close(fd);
}

/* As the command ended. */
static void leave(int status)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t none;

	if (WIFSIGNALED(status)) {
		setrlimit(RLIMIT_CORE, &no_core);
		signal(WTERMSIG(status), SIG_DFL);
		sigemptyset(&none);
		raise(WTERMSIG(status));
		sigprocmask(SIG_SETMASK, &none, NULL);
	}
	_exit(WEXITSTATUS(status));
}

static void keep(int command, int parent)
{
	const struct timespec second = { 1, 0 };
	sigset_t wanted;
	int pid, status;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, PARENT_DIED);
	for (;;) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid != command)
				continue;
			end_all();
			leave(status);
		}
		if (getppid() != parent) {
			end_all();
			_exit(1);
		}
		sigtimedwait(&wanted, NULL, &second);
	}
}

int proc_keeper(int parent)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, PARENT_DIED);
	int pid = fork();
	if (pid < 0)
		return -1;
	if (!pid)
		return prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_all();
	keep(pid, parent);
	return -1;
}
