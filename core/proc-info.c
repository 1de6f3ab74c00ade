/*
 * What /proc says of processes (proc(5)); where there is none, nothing.  The
 * name in stat may hold blanks and brackets: fields are counted behind its
 * last bracket.
 */
#include "core/file.h"
#include "core/proc-orphans.h"
#include "core/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct stat_line {
	int pid;
	int parent;
	int group;
	uint64_t pages;
	int counted;
};

static int read_stat(struct stat_line *out, const char *pid)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	char path[64];

	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	CLEANUP(error_release) struct error *err = file_read(&text, path, 8192);
	const char *rest = err ? NULL : strrchr(text.data, ')');
	long pages;

	if (!rest || sscanf(rest,
			    ") %*c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u "
			    "%*u %*d %*d %*d %*d %*d %*d %*u %*u %ld",
			    &out->parent, &out->group, &pages) != 3)
		return 0;
	out->pid = atoi(pid);
	out->pages = pages > 0 ? (uint64_t)pages : 0;
	out->counted = 0;
	return 1;
}

struct processes {
	struct stat_line *items;
	size_t len;
	size_t cap;
};

static int by_pid(const void *a, const void *b)
{
	const struct stat_line *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int is_counted(const struct processes *all, int pid)
{
	const struct stat_line key = { .pid = pid };
	const struct stat_line *line =
		bsearch(&key, all->items, all->len, sizeof key, by_pid);

	return line && line->counted;
}

/* Counts what belongs to root until a round finds nothing new. */
static void count(struct proc_usage *out, struct processes *all, int root)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int found;

	do {
		found = 0;
		FOR_EACH (struct stat_line, it, all) {
			if (it->counted ||
			    (it->pid != root && it->group != root &&
			     !is_counted(all, it->parent)))
				continue;
			it->counted = found = 1;
			out->rss += it->pages * page;
			out->processes++;
		}
	} while (found);
}

static void read_all(struct processes *all)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	error_free(file_list(&names, "/proc")); /* none there: nothing */
	FOR_EACH (char *, name, &names) {
		struct stat_line line;

		if (**name >= '1' && **name <= '9' && read_stat(&line, *name))
			*PUSH(all) = line;
	}
}

void proc_children(struct pids *out)
{
	struct processes all = ARRAY_INIT;

	read_all(&all);
	FOR_EACH (struct stat_line, it, &all)
		if (it->parent == getpid())
			*PUSH(out) = it->pid;
	free(all.items);
}

void proc_tree_usage(struct proc_usage *out, int pid)
{
	struct processes all = ARRAY_INIT;

	*out = (struct proc_usage){ 0, 0 };
	read_all(&all);
	if (all.len)
		qsort(all.items, all.len, sizeof *all.items, by_pid);
	count(out, &all, pid);
	free(all.items);
}
