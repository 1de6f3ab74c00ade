/*
 * The poll loop: file descriptors, timers and child processes in one thread.
 * Everything that waits goes through it, so that a claim can be renewed and
 * SIGINT seen while a check or, later, a model call runs.
 *
 * SIGINT and SIGTERM set `interrupted` (the one flag that is global, because
 * a signal handler has no arguments).  loop_run() returns ERROR_INTERRUPT when
 * it finds it set; the signals are blocked outside ppoll(2), so that none is
 * lost between the look and the wait.
 */
#ifndef CORE_LOOP_H
#define CORE_LOOP_H

#include "core/error.h"

#include <signal.h>
#include <stdint.h>

extern volatile sig_atomic_t interrupted; /* the signal's number, or 0 */

/* Installs the handler for SIGINT and SIGTERM and ignores SIGPIPE. */
void loop_catch_signals(void);

/*
 * Tells whether SIGINT or SIGTERM arrived, also one that is still blocked:
 * for long work outside the loop.
 */
int loop_interrupted(void);

/*
 * For what has to be done on the way out: takes the signal away, which is
 * given, until loop_resume_signal() puts it back.  One that comes meanwhile
 * counts as ever.
 */
int loop_pause_signal(void) MUST_USE;
void loop_resume_signal(int number);

struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *loop);
void loop_release(struct loop **loop); /* for CLEANUP */

/*
 * events and revents are poll(2)'s.  One watch per descriptor; callbacks may
 * watch, unwatch and cancel whatever they like.
 */
typedef struct error *(*loop_fd_fn)(struct loop *loop, int fd, short revents,
				    void *data);
void loop_watch(struct loop *loop, int fd, short events, loop_fd_fn fn,
		void *data);
void loop_unwatch(struct loop *loop, int fd);

/* A timer fires once, after ms; returns an id for loop_cancel(). */
typedef struct error *(*loop_timer_fn)(struct loop *loop, void *data);
int loop_timer(struct loop *loop, int64_t ms, loop_timer_fn fn, void *data);
void loop_cancel(struct loop *loop, int id);

/*
 * Something to do every so many ms for as long as a loop runs; it keeps none
 * running, and its error ends it.  tick NULL: nothing.
 */
struct loop_tick {
	int64_t ms;
	loop_timer_fn fn;
	void *data;
};
void loop_every(struct loop *loop, const struct loop_tick *tick);

/*
 * Waits for a child that was started with fork: fn gets waitpid(2)'s status.
 * pidfd_open(2) where the kernel has it, else a 10 ms timer.
 */
typedef struct error *(*loop_child_fn)(struct loop *loop, int pid, int status,
				       void *data);
void loop_child(struct loop *loop, int pid, loop_child_fn fn, void *data);
int loop_has_child(const struct loop *loop, int pid); /* waits for it */

/*
 * Runs until nothing is watched (no descriptor, timer or child; a tick does
 * not count), loop_stop(),
 * an error from a callback, or an interrupt.  It may be run again afterwards.
 */
struct error *loop_run(struct loop *loop) MUST_USE;
/* The same, not ended by an interrupt: for reaping children after one. */
struct error *loop_drain(struct loop *loop) MUST_USE;
void loop_stop(struct loop *loop);

#endif
