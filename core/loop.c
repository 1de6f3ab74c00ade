/*
 * The poll loop.  Watches are an array and timers a sorted list: a run has a
 * few dozen of them, and both orders are the order things were asked for.
 */
#include "core/loop.h"

#include "core/array.h"
#include "core/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_LOOK_MS 10

volatile sig_atomic_t interrupted;

struct watch {
	int fd;
	short events;
	unsigned serial; /* tells a reused descriptor from the one polled */
	loop_fd_fn fn;
	void *data;
};

struct timer {
	struct timer *next;
	int64_t at;
	int64_t every; /* ms; 0: once */
	int id;
	loop_timer_fn fn;
	void *data;
};

struct child {
	struct child *next;
	int pid;
	int pidfd; /* -1: looked at by a timer */
	loop_child_fn fn;
	void *data;
};

struct loop {
	ARRAY(struct watch) watches;
	struct timer *timers;
	size_t once; /* how many of them are no ticks */
	struct child *children;
	unsigned serial;
	int last_id;
	int stopped;
};

static void on_signal(int number)
{
	interrupted = number;
}

void loop_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction normal = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	/* Ignored by whoever started us, it would reap children unseen. */
	sigaction(SIGCHLD, &normal, NULL);
}

int loop_interrupted(void)
{
	sigset_t pending;

	if (interrupted || sigpending(&pending))
		return interrupted != 0;
	if (sigismember(&pending, SIGINT))
		interrupted = SIGINT;
	else if (sigismember(&pending, SIGTERM))
		interrupted = SIGTERM;
	return interrupted != 0;
}

int loop_pause_signal(void)
{
	int number = interrupted;

	interrupted = 0;
	return number;
}

void loop_resume_signal(int number)
{
	if (!interrupted)
		interrupted = number;
}

struct loop *loop_new(void)
{
	return xcalloc(1, sizeof(struct loop));
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	free(loop->watches.items);
	for (struct timer *next, *timer = loop->timers; timer; timer = next) {
		next = timer->next;
		free(timer);
	}
	for (struct child *next, *child = loop->children; child; child = next) {
		next = child->next;
		if (child->pidfd >= 0)
			close(child->pidfd);
		free(child);
	}
	free(loop);
}

void loop_release(struct loop **loop)
{
	loop_free(*loop);
	*loop = NULL;
}

void loop_watch(struct loop *loop, int fd, short events, loop_fd_fn fn,
		void *data)
{
	loop_unwatch(loop, fd);
	*PUSH(&loop->watches) =
		(struct watch){ fd, events, ++loop->serial, fn, data };
}

void loop_unwatch(struct loop *loop, int fd)
{
	struct watch *items = loop->watches.items;

	for (size_t i = 0; i < loop->watches.len; i++)
		if (items[i].fd == fd) {
			memmove(items + i, items + i + 1,
				(loop->watches.len - i - 1) * sizeof *items);
			loop->watches.len--;
			return;
		}
}

static void insert(struct loop *loop, const struct timer *row)
{
	struct timer *timer = xmalloc(sizeof *timer);
	struct timer **at = &loop->timers;

	*timer = *row;
	while (*at && (*at)->at <= timer->at)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
	loop->once += !timer->every;
}

/* Takes one out of the list; the caller frees it. */
static struct timer *take_out(struct loop *loop, struct timer **at)
{
	struct timer *timer = *at;

	*at = timer->next;
	loop->once -= !timer->every;
	return timer;
}

int loop_timer(struct loop *loop, int64_t ms, loop_timer_fn fn, void *data)
{
	loop->last_id = loop->last_id == INT_MAX ? 1 : loop->last_id + 1;
	const struct timer timer = { .at = clock_ms() + ms,
				     .id = loop->last_id,
				     .fn = fn,
				     .data = data };
	insert(loop, &timer);
	return timer.id;
}

void loop_every(struct loop *loop, const struct loop_tick *tick)
{
	if (!tick)
		return;
	const struct timer timer = { .at = clock_ms() + tick->ms,
				     .every = tick->ms,
				     .fn = tick->fn,
				     .data = tick->data };
	insert(loop, &timer);
}

void loop_cancel(struct loop *loop, int id)
{
	for (struct timer **at = &loop->timers; *at; at = &(*at)->next)
		if ((*at)->id == id) {
			free(take_out(loop, at));
			return;
		}
}

static void unlink_child(struct loop *loop, struct child *child)
{
	struct child **at = &loop->children;

	while (*at != child)
		at = &(*at)->next;
	*at = child->next;
	if (child->pidfd >= 0) {
		loop_unwatch(loop, child->pidfd);
		close(child->pidfd);
	}
	free(child);
}

static struct error *look_at_child(struct loop *loop, void *data)
{
	struct child copy = *(struct child *)data;
	int status = 0;
	int pid = waitpid(copy.pid, &status, WNOHANG);

	if (!pid || (pid < 0 && errno == EINTR)) {
		if (copy.pidfd < 0)
			loop_timer(loop, CHILD_LOOK_MS, look_at_child, data);
		return NULL;
	}
	if (pid < 0)
		BUG("child %d is not ours to wait for", copy.pid);
	unlink_child(loop, data);
	return copy.fn(loop, copy.pid, status, copy.data);
}

static struct error *child_ready(struct loop *loop, int fd, short revents,
				 void *data)
{
	(void)fd;
	(void)revents;
	return look_at_child(loop, data);
}

static int open_pidfd(int pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

void loop_child(struct loop *loop, int pid, loop_child_fn fn, void *data)
{
	struct child *child = xmalloc(sizeof *child);

	*child = (struct child){ loop->children, pid, open_pidfd(pid), fn,
				 data };
	loop->children = child;
	if (child->pidfd >= 0)
		loop_watch(loop, child->pidfd, POLLIN, child_ready, child);
	else
		loop_timer(loop, CHILD_LOOK_MS, look_at_child, child);
}

int loop_has_child(const struct loop *loop, int pid)
{
	for (const struct child *it = loop->children; it; it = it->next)
		if (it->pid == pid)
			return 1;
	return 0;
}

static struct error *run_timers(struct loop *loop)
{
	int64_t now = clock_ms();

	while (loop->timers && loop->timers->at <= now && !loop->stopped) {
		struct timer *first = take_out(loop, &loop->timers);
		struct timer timer = *first;

		free(first);
		TRY(timer.fn(loop, timer.data));
		timer.at = clock_ms() + timer.every;
		if (timer.every)
			insert(loop, &timer);
	}
	return NULL;
}

/* The watch of a polled descriptor, unless a callback has ended it since. */
static struct watch *find_watch(struct loop *loop, const struct watch *polled)
{
	FOR_EACH (struct watch, watch, &loop->watches)
		if (watch->serial == polled->serial)
			return watch;
	return NULL;
}

static struct error *run_watches(struct loop *loop, const struct pollfd *polls,
				 const struct watch *polled, size_t n)
{
	for (size_t i = 0; i < n && !loop->stopped; i++) {
		struct watch *watch =
			polls[i].revents ? find_watch(loop, &polled[i]) : NULL;

		if (watch)
			TRY(watch->fn(loop, watch->fd, polls[i].revents,
				      watch->data));
	}
	return NULL;
}

/* Waits for the next thing; the one place where the signals come in. */
static int wait_for_events(const struct loop *loop, struct pollfd *polls,
			   size_t n)
{
	struct timespec until = { 0, 0 };
	sigset_t mask;

	if (loop->timers) {
		int64_t ms = loop->timers->at - clock_ms();

		ms = ms < 0 ? 0 : ms;
		until.tv_sec = (time_t)(ms / 1000);
		until.tv_nsec = (long)(ms % 1000) * 1000000;
	}
	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigdelset(&mask, SIGINT);
	sigdelset(&mask, SIGTERM);
	return ppoll(polls, (nfds_t)n, loop->timers ? &until : NULL, &mask);
}

static struct error *turn(struct loop *loop)
{
	size_t n = loop->watches.len;
	struct pollfd *polls = xcalloc(n, sizeof *polls);
	struct watch *polled = xcalloc(n, sizeof *polled);
	struct error *err = NULL;

	for (size_t i = 0; i < n; i++) {
		polled[i] = loop->watches.items[i];
		polls[i].fd = polled[i].fd;
		polls[i].events = polled[i].events;
	}
	int ready = wait_for_events(loop, polls, n);
	if (ready < 0 && errno != EINTR)
		err = error_errno("cannot poll");
	else if (ready > 0)
		err = run_watches(loop, polls, polled, n);
	free(polls);
	free(polled);
	return err ? err : run_timers(loop);
}

static struct error *run(struct loop *loop, int drain)
{
	loop->stopped = 0;
	while (!loop->stopped && (loop->watches.len || loop->once)) {
		if (!drain && interrupted)
			return error_new(ERROR_INTERRUPT, "interrupted by %s",
					 interrupted == SIGINT ? "SIGINT"
							       : "SIGTERM");
		TRY(turn(loop));
	}
	return NULL;
}

struct error *loop_run(struct loop *loop)
{
	return run(loop, 0);
}

struct error *loop_drain(struct loop *loop)
{
	return run(loop, 1);
}

void loop_stop(struct loop *loop)
{
	loop->stopped = 1;
}
