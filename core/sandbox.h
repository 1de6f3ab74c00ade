/*
 * Where checks run: bubblewrap, with Landlock and seccomp as second layer;
 * where bubblewrap cannot work, Landlock, seccomp and rlimits alone, by name.
 *
 * Inside bwrap: the system read-only, of the rest only what is asked for, an
 * empty HOME, no other process, a loopback of its own and no network unless
 * asked for, the work tree at SANDBOX_WORK, its .git read-only.
 *
 * Inside landlock: the same paths as outside, the system and what is asked for
 * readable, the work tree and a private TMPDIR writable, no network and no
 * Unix sockets.  Weaker, and known to be: names of other processes and files
 * are seen, and the .git file of the work tree can be written, so whoever uses
 * the work tree afterwards must write that file anew first.
 *
 * The environment is fixed in both: TZ=UTC, LC_ALL=C.UTF-8, SOURCE_DATE_EPOCH,
 * PATH as far as it is visible inside.
 */
#ifndef CORE_SANDBOX_H
#define CORE_SANDBOX_H

#include "core/proc.h"

#define SANDBOX_WORK  "/tmp/work"
#define SANDBOX_HOME  "/home/agent"
#define SANDBOX_EPOCH "315532800" /* 1980-01-01, the earliest zip knows */

enum sandbox_level {
	SANDBOX_OFF,
	SANDBOX_LANDLOCK, /* named fallback */
	SANDBOX_BWRAP,
};

/* "off", "landlock", "bwrap": what goes into results. */
const char *sandbox_name(enum sandbox_level level);

/* What this machine can do, found by trying once per process. */
struct sandbox_probe {
	enum sandbox_level best;
	char *cause; /* why not bwrap; NULL when it works */
	char *fix; /* what to do about it */
};
void sandbox_probe(struct sandbox_probe *out);
void sandbox_probe_release(struct sandbox_probe *probe);

struct sandbox {
	enum sandbox_level level;
	int network;
	const char *work; /* the directory that may be written */
	/*
	 * A folder to be HOME, writable, at every level; inside bwrap it is
	 * SANDBOX_HOME.  NULL: an empty one, and the caller's at level off.
	 */
	const char *home;
	/*
	 * Further paths to show, read-only: absolute, or below HOME when they
	 * begin with "~/"; absent ones are left out.
	 */
	struct strings readonly;
	/*
	 * Pairs: source, target, ...; shown read-only.  Targets lie below
	 * SANDBOX_WORK.  Without mounts (landlock, off) a symbolic link stands
	 * in the work tree where nothing is there yet.
	 */
	struct strings binds;
	uint64_t memory; /* bytes; 0: 4 GiB */
	/*
	 * 0: 512.  The kernel does not count those of root; there memory and
	 * time are the bounds.
	 */
	uint64_t processes;
	uint64_t file_size; /* 0: 1 GiB */
	const char *helper; /* whose sandbox-exec is called; NULL: ourselves */
};
void sandbox_release(struct sandbox *sandbox);

/*
 * Turns a command (its argv) into what proc_run() starts: fills argv, env, cwd
 * and max_rss of spec.  cmd_argv is copied.  At level landlock TMPDIR and HOME
 * are <work>.tmp, emptied by each call.  At level off the command gets the
 * caller's HOME and PATH, and no limit but memory.
 */
struct error *sandbox_wrap(struct proc_spec *spec,
			   const struct sandbox *sandbox,
			   const struct strings *cmd_argv) MUST_USE;

/*
 * The second layer, from inside: applies Landlock, seccomp and rlimits as
 * argv says ("key=value" words, "--", the command; see sandbox-exec.c), then
 * execs.  `git-orch sandbox-exec` calls it; it returns only on failure.
 */
struct error *sandbox_exec(char **argv) MUST_USE;

#endif
