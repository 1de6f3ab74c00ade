/*
 * Where checks run: bubblewrap, with Landlock and seccomp as second layer;
 * where bubblewrap cannot work, Landlock, seccomp and rlimits alone, by name.
 *
 * Inside: the system read-only, an empty HOME, no other process, no network
 * unless asked for, the work tree at SANDBOX_WORK, .git read-only, TZ=UTC,
 * LC_ALL=C.UTF-8 and SOURCE_DATE_EPOCH fixed.
 */
#ifndef CORE_SANDBOX_H
#define CORE_SANDBOX_H

#include "core/proc.h"

#define SANDBOX_WORK "/tmp/work"

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
	struct strings readonly; /* further paths to show, read-only */
	struct strings binds; /* "source\0"-free pairs: source, target, ... */
	uint64_t memory; /* bytes; 0: 4 GiB */
	uint64_t processes; /* 0: 512 */
	uint64_t file_size; /* 0: 1 GiB */
};
void sandbox_release(struct sandbox *sandbox);

/*
 * Turns a command (its argv) into what proc_run() starts: fills argv, env,
 * cwd, limits and in_child of spec.  cmd_argv is copied.
 */
struct error *sandbox_wrap(struct proc_spec *spec,
			   const struct sandbox *sandbox,
			   const struct strings *cmd_argv) MUST_USE;

/*
 * The second layer, from inside: applies Landlock, seccomp and rlimits as
 * argv says, then execs.  `git-orch sandbox-exec` calls it; it returns only on
 * failure.
 */
struct error *sandbox_exec(char **argv) MUST_USE;

#endif
