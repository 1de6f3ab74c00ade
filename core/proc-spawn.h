/* Fork and exec for proc.c: what happens until the program itself runs. */
#ifndef CORE_PROC_SPAWN_H
#define CORE_PROC_SPAWN_H

#include "core/proc.h"

/* Our ends of the child's pipes, non-blocking; -1: there is none. */
struct spawned {
	int pid;
	int in;
	int out;
	int err;
};

/*
 * Starts spec in a process group of its own.  Returns when the program has
 * been exec'd; ERROR_NOT_FOUND when there is none by that name, any other
 * reason why it did not start is ERROR_FAILURE.  Nothing is left then.
 */
struct error *proc_spawn(struct spawned *out, const struct proc_spec *spec)
	MUST_USE;

/*
 * proc-keeper.c: forks in the child, which stays as the keeper; returns 0 in
 * the process that is to be the command, -1 where that could not be had.
 * parent is whose death ends it all.
 */
int proc_keeper(int parent);

#endif
