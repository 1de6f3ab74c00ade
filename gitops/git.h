/*
 * The user's git, from the one place that starts it.
 *
 * The environment is built, not inherited: HOME, PATH, XDG_*, SSH_AUTH_SOCK,
 * SSH_ASKPASS, GIT_ASKPASS, GIT_SSH, GIT_SSH_COMMAND, GNUPGHOME, *_proxy,
 * SSL_CERT_*, where the user's configuration lies (GIT_CONFIG_GLOBAL, _SYSTEM,
 * _NOSYSTEM), LC_ALL=C, GIT_TERMINAL_PROMPT=0; no GIT_DIR, no GIT_INDEX_FILE.
 *
 * Configuration that could run something is overridden: hooks and fsmonitor
 * always, all else (filters, diff and merge drivers, ssh, signing programs)
 * where the repository's own configuration says it.  What the user's or the
 * system's configuration says of the same key counts instead: the commands in
 * there are the user's, those in .git/config may be anybody's.
 */
#ifndef GITOPS_GIT_H
#define GITOPS_GIT_H

#include "core/proc.h"
#include "gitops/repo.h"

struct git_call {
	struct strings args; /* behind "git" and our own options */
	struct strings env; /* further "NAME=value" */
	/*
	 * Where to run; NULL: the common directory.  Must be the top of a
	 * worktree: nothing above it is looked at.
	 */
	const char *dir;
	/* Its git directory when dir's .git file is not to be believed. */
	const char *git_dir;
	const char *input;
	size_t input_len;
	int signing; /* leave commit.gpgSign as the user has it */
	int finish; /* SIGINT and SIGTERM wait until git has ended */
	int keep_fd; /* a descriptor git inherits; 0: none */
	int64_t wall_ms; /* then it is ended; 0: no limit */
	/* Configuration for this call: key, value, key, value.  It counts
	   before the user's and before what we override. */
	struct strings config;
	/*
	 * Where calls in one place, one right after the other, keep what the
	 * first was told of the configuration; NULL: each asks.  Not across
	 * anything that could write it: a check, a landing.
	 */
	struct strings *overrides;
};
#define GIT_CALL_INIT                                                          \
	{                                                                      \
		.args = STRINGS_INIT, .env = STRINGS_INIT,                     \
		.config = STRINGS_INIT                                         \
	}
void git_call_release(struct git_call *call);

/* Runs git; its exit status is no error: look at *result. */
struct error *git_call(struct proc_result *result, const struct repo *repo,
		       const struct git_call *call) MUST_USE;

/*
 * Runs git with these words (to NULL) in dir (NULL: the common directory) and
 * expects exit 0; out (may be NULL) receives stdout without its last newline.
 * Else git_failure().
 */
struct error *git_run(struct buf *out, const struct repo *repo, const char *dir,
		      ...) MUST_USE;

/*
 * What a git that failed has to say, as ERROR_FAILURE: its last "fatal" or
 * "error" line on stderr, its last line, or how it ended.  A full disk has a
 * hint.
 */
struct error *git_failure(const struct git_call *call,
			  const struct proc_result *result) MUST_USE;

/* "2.39.5"; older than 2.38 is ERROR_FAILURE with what to do. */
struct error *git_version(char **out) MUST_USE;

#endif
