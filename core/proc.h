/*
 * Child processes: bounded capture, wall and idle timeouts, a process group
 * that is killed as a whole, an environment that is built and never inherited.
 *
 * The caller ignores SIGPIPE (loop_catch_signals()) and has descriptors 0 to
 * 2 open.  A child gets an empty signal mask, the default actions, and no
 * other descriptor than 0 to 2 and keep_fd.
 */
#ifndef CORE_PROC_H
#define CORE_PROC_H

#include "core/array.h"
#include "core/loop.h"

enum proc_end {
	PROC_EXITED,
	PROC_SIGNALED,
	PROC_TIMEOUT, /* the wall limit */
	PROC_IDLE, /* no output for the idle limit */
	PROC_FLOODED, /* more output than max_output, with PROC_KILL_FLOOD */
	PROC_MEMORY, /* the tree's resident memory passed max_rss */
	PROC_CROWD, /* the tree has more than max_processes */
	PROC_CANCELED, /* proc_kill() */
};

/* What to start.  Zeroed fields mean: none, no limit, inherit nothing. */
struct proc_spec {
	struct strings argv; /* argv[0] is looked up in env's PATH, then in
				/usr/local/bin:/usr/bin:/bin if it has none */
	struct strings env; /* "NAME=value"; the whole environment */
	const char *cwd;
	const char *input; /* for stdin; NULL: /dev/null */
	size_t input_len;
	int64_t wall_ms;
	int64_t idle_ms;
	size_t max_output; /* bytes kept of stdout and of stderr; 0: 1 MiB */
	int keep_tail; /* keep the last bytes instead of the first */
	int kill_flood; /* end the child when it writes more */
	int merge_stderr; /* stderr goes into out, in order */
	uint64_t max_rss; /* bytes, over the child and all its descendants */
	uint64_t max_processes; /* of them; looked at like max_rss */
	void (*in_child)(void *data); /* after fork, before exec; may _exit */
	void *in_child_data;
	/* Called per chunk; NULL: only captured. */
	void (*on_output)(void *data, int is_stderr, const char *bytes,
			  size_t len);
	void *on_output_data;
	int keep_fd; /* one descriptor to leave open in the child; 0: none */
	/*
	 * End what it leaves behind outside its group as well.  Meanwhile
	 * whatever anybody leaves behind becomes our child and is ended with
	 * it, so only one at a time is to ask for this.
	 */
	int end_orphans;
	/*
	 * End it and all it starts when we die, by SIGKILL as well; and when it
	 * has ended, what it left behind.
	 */
	int die_with_us;
	const struct loop_tick *tick; /* goes on meanwhile; for proc_run() */
};

struct proc_result {
	enum proc_end end;
	int exit; /* PROC_EXITED */
	int signal; /* PROC_SIGNALED */
	struct buf out;
	struct buf err;
	size_t dropped; /* bytes not kept */
	uint64_t limit; /* the one that ended it, in ms or bytes */
	double seconds;
};

void proc_spec_release(struct proc_spec *spec);
void proc_result_init(struct proc_result *result);
void proc_result_release(struct proc_result *result);

/*
 * Starts, waits, collects.  A program that is absent is ERROR_NOT_FOUND; one
 * that ran and failed is no error: look at *result, which is initialised.  On
 * ERROR_INTERRUPT the group was ended and reaped first.
 *
 * What a limit ends gets TERM and after 2 s KILL, as a group (KILL at once
 * for memory).  When the child has ended the group is killed once more, so
 * what it left behind goes too, with end_orphans wherever it went; output of
 * a descendant that left the group is not waited for.
 */
struct error *proc_run(struct proc_result *result, const struct proc_spec *spec)
	MUST_USE;

/*
 * The same on a loop, for many at once.  done is called once, after the child
 * was reaped; proc and result are freed when it returns.  A loop that ended
 * early (an error, an interrupt) still has its children: proc_kill() them and
 * loop_drain().
 */
struct proc;
typedef struct error *(*proc_done_fn)(struct loop *loop, struct proc *proc,
				      struct proc_result *result, void *data);
struct error *proc_start(struct proc **out, struct loop *loop,
			 const struct proc_spec *spec, proc_done_fn done,
			 void *data) MUST_USE;
void proc_kill(struct proc *proc); /* TERM, after 2 s KILL */

/* Adds "exit 2", "killed by SIGSEGV", "still running after 600 s", ... */
void proc_describe(struct buf *out, const struct proc_result *result);

/*
 * Adds the variables children may see: HOME, PATH (/usr/local/bin:/usr/bin:
 * /bin when unset), USER, LOGNAME, LANG, LC_*, TERM, TMPDIR, XDG_*, the proxy
 * and certificate variables, and what extra lists (exact names, or prefixes
 * that end in '*'; to NULL; may be NULL).  Never keys.
 */
void proc_env(struct strings *env, const char *const *extra);

/*
 * The program's path, looked up in our own PATH, owned; NULL when absent.
 * Relative folders in PATH are passed over: a repository could fill them.
 */
char *proc_find(const char *name) MUST_USE;
/* The same in a given PATH; NULL is the default one. */
char *proc_find_in(const char *path, const char *name) MUST_USE;

/* Of a process, its descendants and its group; zeros: unknown. */
struct proc_usage {
	uint64_t rss; /* bytes */
	uint64_t processes;
};
void proc_tree_usage(struct proc_usage *out, int pid);

#endif
