/*
 * The user's git, from the one place that starts it.
 *
 * The environment is built, not inherited: HOME, XDG_*, SSH_AUTH_SOCK,
 * SSH_ASKPASS, GIT_ASKPASS, GIT_SSH, GIT_SSH_COMMAND, GNUPGHOME, *_proxy,
 * SSL_CERT_*, PATH, LC_ALL=C, GIT_TERMINAL_PROMPT=0; no GIT_DIR, no
 * GIT_INDEX_FILE.  Configuration of the repository that could run something is
 * overridden (core.fsmonitor, core.hooksPath, filters, merge and diff drivers,
 * ...), so that a hostile .git/config runs nothing.
 */
#ifndef GITOPS_GIT_H
#define GITOPS_GIT_H

#include "core/proc.h"
#include "gitops/repo.h"

struct git_call {
	struct strings args; /* behind "git" and our own options */
	struct strings env; /* further "NAME=value" */
	const char *dir; /* where to run; NULL: the common directory */
	const char *input;
	size_t input_len;
	int signing; /* leave gpg.* and commit.gpgSign as the user has them */
};
#define GIT_CALL_INIT                                                          \
	{                                                                      \
		STRINGS_INIT, STRINGS_INIT, NULL, NULL, 0, 0                   \
	}
void git_call_release(struct git_call *call);

/* Runs git; its exit status is no error: look at *result. */
struct error *git_call(struct proc_result *result, const struct repo *repo,
		       const struct git_call *call) MUST_USE;

/*
 * Runs git with these words (to NULL) in dir (NULL: the common directory) and
 * expects exit 0; out (may be NULL) receives stdout without its last newline.
 * Else ERROR_FAILURE with git's last line on stderr.
 */
struct error *git_run(struct buf *out, const struct repo *repo, const char *dir,
		      ...) MUST_USE;

/* "2.39.5"; older than 2.38 is ERROR_FAILURE with what to do. */
struct error *git_version(char **out) MUST_USE;

#endif
