/*
 * One call of git that talks to a remote: how it is started, what its failure
 * means, and when it is tried again.  For remote*.c.
 */
#ifndef GITOPS_REMOTE_CALL_H
#define GITOPS_REMOTE_CALL_H

#include "gitops/git.h"

#define REMOTE_TRIES 4

/* What went wrong, told from git's own words (LC_ALL=C) and its end. */
enum remote_fault {
	FAULT_NONE,
	FAULT_BROKEN, /* no connection, or it broke: what was sent may count */
	FAULT_BUSY, /* somebody holds a lock, here or there */
	FAULT_KEY, /* password, token, ssh key */
	FAULT_HOST, /* the server does not prove who it is */
	FAULT_ABSENT, /* there is no such repository */
	FAULT_NO_ATOMIC,
	FAULT_OTHER,
};
/* Is the same worth another try? */
int remote_transient(enum remote_fault fault);

/* ERROR_FAILURE naming those there are. */
struct error *remote_known(const struct repo *repo, const char *remote)
	MUST_USE;

/*
 * Sets up a call: its verb, the program at the other end (the user's, or
 * git's own: never the repository's), no prompts, a limit of time.
 */
struct error *remote_begin(struct git_call *call, const struct repo *repo,
			   const char *remote, const char *verb) MUST_USE;

/* Once; line (owned) is the one that says why, NULL when it went well. */
struct error *remote_once(enum remote_fault *fault, char **line,
			  struct proc_result *result, const struct repo *repo,
			  const struct git_call *call) MUST_USE;
/* Until it goes well, or is not worth another try: then remote_error(). */
struct error *remote_run(struct proc_result *result, const struct repo *repo,
			 const struct git_call *call, const char *remote,
			 int tries) MUST_USE;

struct error *remote_error(enum remote_fault fault, const char *line,
			   const char *remote) MUST_USE;

/*
 * After try n, from 1, of most (0: REMOTE_TRIES): waits, and *again is 1; or
 * 0 at once when it was the last.
 */
struct error *remote_wait(int *again, int n, int most) MUST_USE;

/*
 * A line of git's for people: without its tag, the password of an address,
 * and control characters.  Owned.
 */
char *remote_clean(const char *line, size_t len) MUST_USE;

#endif
