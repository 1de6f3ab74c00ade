/*
 * Fork and exec.  posix_spawn(3) would be shorter, but has no place for the
 * sandbox's hook.  The child tells what went wrong through a pipe that exec
 * closes, so that a missing program is an error and not exit status 127.
 */
#include "core/proc-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum step { STEP_PREPARE, STEP_CWD, STEP_EXEC };

/* What a child that could not exec says. */
struct failure {
	enum step step;
	int cause; /* errno */
};

enum { READ, WRITE };

struct pipes {
	int in[2];
	int out[2];
	int err[2];
	int failure[2];
};

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++) {
		if (pair[i] >= 0)
			close(pair[i]);
		pair[i] = -1;
	}
}

static void pipes_release(struct pipes *pipes)
{
	close_pair(pipes->in);
	close_pair(pipes->out);
	close_pair(pipes->err);
	close_pair(pipes->failure);
}

static int take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static struct error *make_pipes(struct pipes *pipes,
				const struct proc_spec *spec)
{
	int bad = pipe2(pipes->failure, O_CLOEXEC) ||
		  pipe2(pipes->out, O_CLOEXEC);

	if (!bad && !spec->merge_stderr)
		bad = pipe2(pipes->err, O_CLOEXEC);
	if (!bad && spec->input)
		bad = pipe2(pipes->in, O_CLOEXEC);
	else if (!bad)
		bad = (pipes->in[READ] =
			       open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0;
	if (bad)
		return error_errno("cannot make pipes for a child");
	/* Only our ends: the child's programs expect blocking ones. */
	fcntl(pipes->out[READ], F_SETFL, O_NONBLOCK);
	if (!spec->merge_stderr)
		fcntl(pipes->err[READ], F_SETFL, O_NONBLOCK);
	if (spec->input)
		fcntl(pipes->in[WRITE], F_SETFL, O_NONBLOCK);
	return NULL;
}

/* Libraries may have opened descriptors without O_CLOEXEC. */
static void close_others(int keep_fd)
{
#ifdef SYS_close_range
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
#endif
	if (keep_fd > 2)
		fcntl(keep_fd, F_SETFD, 0);
}

static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL); /* KILL, STOP: EINVAL */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Runs in the child; returns only the step that failed. */
static enum step become(const struct proc_spec *spec, const char *program,
			char **argv, char **env, const struct pipes *pipes)
{
	int err = spec->merge_stderr ? pipes->out[WRITE] : pipes->err[WRITE];

	if (dup2(pipes->in[READ], 0) < 0 || dup2(pipes->out[WRITE], 1) < 0 ||
	    dup2(err, 2) < 0)
		return STEP_PREPARE;
	close_others(spec->keep_fd);
	reset_signals();
	if (spec->cwd && chdir(spec->cwd))
		return STEP_CWD;
	if (spec->in_child)
		spec->in_child(spec->in_child_data);
	execve(program, argv, env);
	return STEP_EXEC;
}

static struct error *explain(const struct failure *failure,
			     const struct proc_spec *spec)
{
	errno = failure->cause;
	if (failure->step == STEP_CWD)
		return error_errno("cannot enter '%s'", spec->cwd);
	if (failure->step == STEP_EXEC && failure->cause == ENOENT)
		return error_new(ERROR_NOT_FOUND,
				 "there is no program '%s', or not the "
				 "interpreter it names",
				 spec->argv.items[0]);
	return error_errno("cannot start '%s'", spec->argv.items[0]);
}

/* Waits for the exec; a child that could not is reaped here. */
static struct error *wait_for_exec(int pid, int fd,
				   const struct proc_spec *spec)
{
	struct failure failure;
	ssize_t n;

	do
		n = read(fd, &failure, sizeof failure);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof failure)
		return NULL;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return explain(&failure, spec);
}

static const char *path_of(const struct strings *env)
{
	FOR_EACH (char *, it, env)
		if (!strncmp(*it, "PATH=", 5))
			return *it + 5;
	return NULL;
}

static struct error *find_program(char **out, const struct proc_spec *spec)
{
	const char *name = spec->argv.items[0];

	if (strchr(name, '/'))
		*out = xstrdup(name);
	else
		*out = proc_find_in(path_of(&spec->env), name);
	if (*out)
		return NULL;
	return error_hint(
		error_new(ERROR_NOT_FOUND, "there is no program '%s'", name),
		"install it, or add its folder to PATH");
}

/* A NULL-terminated copy of the pointers, for execve(). */
static char **vector(const struct strings *list)
{
	char **copy = xcalloc(list->len + 1, sizeof *copy);

	if (list->len)
		memcpy(copy, list->items, list->len * sizeof *copy);
	return copy;
}

static struct error *start(int *pid, const struct proc_spec *spec,
			   const char *program, struct pipes *pipes)
{
	char **argv = vector(&spec->argv);
	char **env = vector(&spec->env);
	int parent = getpid();

	*pid = fork();
	if (!*pid) {
		struct failure failure = { .step = STEP_PREPARE };

		setpgid(0, 0);
		if (!spec->die_with_us || !proc_keeper(parent))
			failure.step = become(spec, program, argv, env, pipes);
		failure.cause = errno;
		ssize_t n =
			write(pipes->failure[WRITE], &failure, sizeof failure);
		_exit(n > 0 ? 127 : 126);
	}
	int cause = errno;
	free(argv);
	free(env);
	errno = cause;
	if (*pid < 0)
		return error_errno("cannot start '%s'", program);
	/* Both do it: whoever comes first, the group is there. */
	setpgid(*pid, *pid);
	close(take(&pipes->failure[WRITE]));
	return wait_for_exec(*pid, pipes->failure[READ], spec);
}

struct error *proc_spawn(struct spawned *out, const struct proc_spec *spec)
{
	CLEANUP(pipes_release)
	struct pipes pipes = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
	CLEANUP(free_str) char *program = NULL;
	int pid;

	if (!spec->argv.len)
		BUG("a child without argv");
	TRY(find_program(&program, spec));
	TRY(make_pipes(&pipes, spec));
	TRY(start(&pid, spec, program, &pipes));
	*out = (struct spawned){ pid, take(&pipes.in[WRITE]),
				 take(&pipes.out[READ]),
				 take(&pipes.err[READ]) };
	return NULL;
}
