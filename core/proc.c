/*
 * Supervision of children on the poll loop.  A child is over when it has been
 * reaped, not when its pipes close: a daemon it left behind may hold those
 * open for ever.
 */
#include "core/proc.h"

#include "core/clock.h"
#include "core/proc-orphans.h"
#include "core/proc-spawn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_MS       2000
#define USAGE_LOOK_MS  250
#define DEFAULT_OUTPUT (1 << 20)
/* As much as the largest pipe holds: what is read after the child's end. */
#define LAST_BYTES (1 << 20)

struct proc {
	struct loop *loop;
	struct spawned child;
	struct proc_result result;
	char *input;
	size_t input_len;
	size_t input_at;
	int64_t begin;
	int64_t last_output;
	int64_t wall_ms;
	int64_t idle_ms;
	uint64_t max_rss;
	uint64_t max_processes;
	size_t max_output;
	int keep_tail;
	int kill_flood;
	int ending; /* result.end is decided, the group got its signal */
	int reaped;
	int end_orphans;
	struct orphans orphans;
	int timers[4];
	void (*on_output)(void *data, int is_stderr, const char *bytes,
			  size_t len);
	void *on_output_data;
	proc_done_fn done;
	void *data;
};

enum { TIMER_WALL, TIMER_IDLE, TIMER_USAGE, TIMER_KILL };

void proc_spec_release(struct proc_spec *spec)
{
	strings_release(&spec->argv);
	strings_release(&spec->env);
}

void proc_result_init(struct proc_result *result)
{
	memset(result, 0, sizeof *result);
	buf_init(&result->out);
	buf_init(&result->err);
}

void proc_result_release(struct proc_result *result)
{
	buf_release(&result->out);
	buf_release(&result->err);
}

static void close_watched(struct proc *proc, int *fd)
{
	if (*fd < 0)
		return;
	loop_unwatch(proc->loop, *fd);
	close(*fd);
	*fd = -1;
}

static void proc_free(struct proc *proc)
{
	for (size_t i = 0; i < sizeof proc->timers / sizeof *proc->timers; i++)
		loop_cancel(proc->loop, proc->timers[i]);
	close_watched(proc, &proc->child.in);
	close_watched(proc, &proc->child.out);
	close_watched(proc, &proc->child.err);
	proc_result_release(&proc->result);
	free(proc->input);
	free(proc);
}

static struct error *on_grace_over(struct loop *loop, void *data)
{
	struct proc *proc = data;

	(void)loop;
	kill(-proc->child.pid, SIGKILL);
	return NULL;
}

/* Begins the end, for the first reason that comes. */
static void end(struct proc *proc, enum proc_end why, uint64_t limit)
{
	if (proc->ending)
		return;
	proc->ending = 1;
	proc->result.end = why;
	proc->result.limit = limit;
	if (proc->reaped)
		return;
	if (why == PROC_MEMORY || why == PROC_CROWD) {
		kill(-proc->child.pid, SIGKILL);
		return;
	}
	kill(-proc->child.pid, SIGTERM);
	/* A stopped process takes TERM only when it goes on. */
	kill(-proc->child.pid, SIGCONT);
	proc->timers[TIMER_KILL] =
		loop_timer(proc->loop, GRACE_MS, on_grace_over, proc);
}

static struct error *on_wall(struct loop *loop, void *data)
{
	struct proc *proc = data;

	(void)loop;
	end(proc, PROC_TIMEOUT, (uint64_t)proc->wall_ms);
	return NULL;
}

static struct error *on_idle(struct loop *loop, void *data)
{
	struct proc *proc = data;
	int64_t left = proc->last_output + proc->idle_ms - clock_ms();

	if (left > 0)
		proc->timers[TIMER_IDLE] =
			loop_timer(loop, left, on_idle, proc);
	else
		end(proc, PROC_IDLE, (uint64_t)proc->idle_ms);
	return NULL;
}

static struct error *on_usage(struct loop *loop, void *data)
{
	struct proc *proc = data;
	struct proc_usage usage;

	proc_tree_usage(&usage, proc->child.pid);
	if (proc->max_rss && usage.rss > proc->max_rss)
		end(proc, PROC_MEMORY, proc->max_rss);
	else if (proc->max_processes && usage.processes > proc->max_processes)
		end(proc, PROC_CROWD, proc->max_processes);
	else
		proc->timers[TIMER_USAGE] =
			loop_timer(loop, USAGE_LOOK_MS, on_usage, proc);
	return NULL;
}

static void cut_front(struct proc *proc, struct buf *buf)
{
	if (buf->len <= proc->max_output)
		return;
	proc->result.dropped += buf->len - proc->max_output;
	buf_splice(buf, 0, buf->len - proc->max_output, NULL, 0);
}

static void keep(struct proc *proc, struct buf *buf, const char *bytes,
		 size_t len)
{
	size_t room =
		buf->len < proc->max_output ? proc->max_output - buf->len : 0;

	if (proc->kill_flood && len > room)
		end(proc, PROC_FLOODED, proc->max_output);
	if (proc->keep_tail) {
		buf_add(buf, bytes, len);
		/* Twice the size before it is cut: each byte moves once. */
		if (buf->len / 2 > proc->max_output)
			cut_front(proc, buf);
		return;
	}
	buf_add(buf, bytes, len < room ? len : room);
	proc->result.dropped += len < room ? 0 : len - room;
}

/* Reads once; 0 when there is nothing more now, or ever. */
static size_t read_some(struct proc *proc, int *fd)
{
	int is_stderr = fd == &proc->child.err;
	char chunk[65536];
	ssize_t n = read(*fd, chunk, sizeof chunk);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		close_watched(proc, fd);
		return 0;
	}
	proc->last_output = clock_ms();
	keep(proc, is_stderr ? &proc->result.err : &proc->result.out, chunk,
	     (size_t)n);
	if (proc->on_output)
		proc->on_output(proc->on_output_data, is_stderr, chunk,
				(size_t)n);
	return (size_t)n;
}

static struct error *on_readable(struct loop *loop, int fd, short revents,
				 void *data)
{
	struct proc *proc = data;

	(void)loop;
	(void)revents;
	read_some(proc,
		  fd == proc->child.err ? &proc->child.err : &proc->child.out);
	return NULL;
}

static struct error *on_writable(struct loop *loop, int fd, short revents,
				 void *data)
{
	struct proc *proc = data;
	ssize_t n = write(fd, proc->input + proc->input_at,
			  proc->input_len - proc->input_at);

	(void)loop;
	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	/* EPIPE: it does not want the rest, which is its own affair. */
	proc->input_at += n < 0 ? 0 : (size_t)n;
	if (n < 0 || proc->input_at == proc->input_len)
		close_watched(proc, &proc->child.in);
	return NULL;
}

static void read_rest(struct proc *proc, int *fd)
{
	size_t n, total = 0;

	while (*fd >= 0 && total < LAST_BYTES && (n = read_some(proc, fd)))
		total += n;
	close_watched(proc, fd);
}

static struct error *on_exit_of(struct loop *loop, int pid, int status,
				void *data)
{
	struct proc *proc = data;
	struct proc_result *result = &proc->result;

	kill(-pid, SIGKILL);
	if (!proc->ending)
		result->end = WIFSIGNALED(status) ? PROC_SIGNALED : PROC_EXITED;
	proc->reaped = 1;
	if (proc->end_orphans)
		orphans_end(&proc->orphans, loop);
	read_rest(proc, &proc->child.out);
	read_rest(proc, &proc->child.err);
	cut_front(proc, &result->out);
	cut_front(proc, &result->err);
	result->exit = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	result->seconds = (double)(clock_ms() - proc->begin) / 1000;
	struct error *err = proc->done(loop, proc, result, proc->data);
	proc_free(proc);
	return err;
}

static struct proc *proc_new(struct loop *loop, const struct proc_spec *spec)
{
	struct proc *proc = xcalloc(1, sizeof *proc);

	proc_result_init(&proc->result);
	proc->loop = loop;
	proc->idle_ms = spec->idle_ms;
	proc->max_rss = spec->max_rss;
	proc->max_processes = spec->max_processes;
	proc->max_output = spec->max_output ? spec->max_output : DEFAULT_OUTPUT;
	proc->keep_tail = spec->keep_tail;
	proc->kill_flood = spec->kill_flood;
	proc->on_output = spec->on_output;
	proc->on_output_data = spec->on_output_data;
	proc->wall_ms = spec->wall_ms;
	if (spec->input) {
		proc->input = xmalloc(spec->input_len);
		memcpy(proc->input, spec->input, spec->input_len);
		proc->input_len = spec->input_len;
	}
	return proc;
}

static void watch(struct proc *proc)
{
	struct loop *loop = proc->loop;

	loop_child(loop, proc->child.pid, on_exit_of, proc);
	loop_watch(loop, proc->child.out, POLLIN, on_readable, proc);
	if (proc->child.err >= 0)
		loop_watch(loop, proc->child.err, POLLIN, on_readable, proc);
	if (proc->child.in >= 0)
		loop_watch(loop, proc->child.in, POLLOUT, on_writable, proc);
	if (proc->wall_ms)
		proc->timers[TIMER_WALL] =
			loop_timer(loop, proc->wall_ms, on_wall, proc);
	if (proc->idle_ms)
		proc->timers[TIMER_IDLE] =
			loop_timer(loop, proc->idle_ms, on_idle, proc);
	if (proc->max_rss || proc->max_processes)
		proc->timers[TIMER_USAGE] =
			loop_timer(loop, USAGE_LOOK_MS, on_usage, proc);
}

struct error *proc_start(struct proc **out, struct loop *loop,
			 const struct proc_spec *spec, proc_done_fn done,
			 void *data)
{
	struct orphans orphans = { 0 };
	struct spawned child;

	if (spec->end_orphans)
		orphans_adopt(&orphans);
	struct error *err = proc_spawn(&child, spec);
	if (err) {
		if (spec->end_orphans)
			orphans_end(&orphans, loop);
		return err;
	}
	struct proc *proc = proc_new(loop, spec);
	proc->child = child;
	proc->end_orphans = spec->end_orphans;
	proc->orphans = orphans;
	proc->done = done;
	proc->data = data;
	proc->begin = proc->last_output = clock_ms();
	watch(proc);
	*out = proc;
	return NULL;
}

void proc_kill(struct proc *proc)
{
	end(proc, PROC_CANCELED, 0);
}

/* Takes the result out of the proc that is about to be freed. */
static struct error *hand_over(struct loop *loop, struct proc *proc,
			       struct proc_result *result, void *data)
{
	(void)loop;
	(void)proc;
	proc_result_release(data);
	*(struct proc_result *)data = *result;
	proc_result_init(result);
	return NULL;
}

struct error *proc_run(struct proc_result *result, const struct proc_spec *spec)
{
	CLEANUP(loop_release) struct loop *loop = loop_new();
	struct proc *proc;

	loop_every(loop, spec->tick);
	TRY(proc_start(&proc, loop, spec, hand_over, result));
	struct error *err = loop_run(loop);
	if (!err)
		return NULL;
	proc_kill(proc);
	error_free(loop_drain(loop));
	proc_result_release(result);
	proc_result_init(result);
	return err;
}
