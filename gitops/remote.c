/*
 * Choosing a remote and fetching from it.  --refmap= keeps git from also
 * moving what the user's own fetch configuration would map the refs to.
 */
#include "gitops/remote.h"

#include "core/clock.h"
#include "gitops/layout.h"
#include "gitops/remote-call.h"
#include "gitops/remote-track.h"

#include <stdlib.h>
#include <string.h>

#define OWN "refs/orch/"

static struct error *configured(char **out, const struct repo *repo)
{
	struct error *err = repo_config(out, repo, "orch.remote");

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

static struct error *with_names(struct error *err, const struct strings *names)
{
	CLEANUP(buf_release) struct buf list = BUF_INIT;

	strings_join(&list, names, ", ");
	if (!names->len)
		return error_hint(err, "add one: git remote add origin <url>");
	return error_hint(err, "name one of these with --remote: %s",
			  list.data);
}

struct error *remote_choose(char **out, const struct repo *repo,
			    const char *flag)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(free_str) char *config = NULL;
	const char *env = getenv("ORCH_REMOTE");

	*out = NULL;
	const char *name = flag && *flag ? flag : env && *env ? env : NULL;

	TRY(repo_remotes(&names, repo));
	if (!name)
		TRY(configured(&config, repo));
	if (!name && config && *config)
		name = config;
	if (!name && strings_has(&names, "origin"))
		name = "origin";
	if (!name && names.len == 1)
		name = names.items[0];
	if (name && !strcmp(name, "."))
		return NULL;
	if (name && !strings_has(&names, name))
		return with_names(
			error_new(ERROR_USAGE, "there is no remote '%s'", name),
			&names);
	if (!name && names.len)
		return with_names(error_new(ERROR_USAGE,
					    "which of the remotes is meant?"),
				  &names);
	*out = xstrdup(name);
	return NULL;
}

char *remote_tracking(const char *remote, const char *ref)
{
	if (!strncmp(ref, "refs/heads/", strlen("refs/heads/")))
		return xasprintf("refs/remotes/%s/%s", remote,
				 ref + strlen("refs/heads/"));
	if (!strncmp(ref, OWN, strlen(OWN)))
		return xasprintf("refs/orch-remotes/%s/%s", remote,
				 ref + strlen(OWN));
	return NULL;
}

static void add_refspec(struct strings *args, const char *remote,
			const char *pattern)
{
	CLEANUP(free_str) char *to = remote_tracking(remote, pattern);

	strings_addf(args, "+%s:%s", pattern, to);
}

static void add_words(struct git_call *call, const struct remote_fetch *fetch,
		      const char *option)
{
	strings_addv(&call->args, "--quiet", "--no-progress", "--no-tags",
		     "--no-write-fetch-head",
		     "--refmap=", "--no-recurse-submodules",
		     "--no-auto-maintenance", "--no-show-forced-updates",
		     fetch->prune ? "--prune" : "--no-prune", NULL);
	if (option)
		strings_add(&call->args, option);
	strings_addv(&call->args, "--", fetch->remote, NULL);
	add_refspec(&call->args, fetch->remote, "refs/heads/*");
	add_refspec(&call->args, fetch->remote, CLAIM_PREFIX "*");
	add_refspec(&call->args, fetch->remote, BASE_PREFIX "*");
	if (fetch->cache)
		add_refspec(&call->args, fetch->remote, OWN "cache/*");
}

/* After try n.  A lock that a killed git left goes, and nobody waits for it. */
static struct error *mend(int *again, struct repo *repo,
			  const struct remote_fetch *fetch,
			  enum remote_fault fault, int n)
{
	int found = 0;

	*again = 0;
	if (fault == FAULT_BUSY)
		TRY(track_clear(&found, repo, fetch->remote));
	if (found && n <= REMOTE_TRIES)
		*again = 1;
	else if (remote_transient(fault))
		TRY(remote_wait(again, n, fetch->tries));
	return NULL;
}

static struct error *fetch_locked(struct repo *repo,
				  const struct remote_fetch *fetch,
				  const char *option)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(proc_result_release) struct proc_result result;
	CLEANUP(free_str) char *line = NULL;

	proc_result_init(&result);
	TRY(remote_begin(&call, repo, fetch->remote, "fetch"));
	add_words(&call, fetch, option);
	for (int n = 1, again;; n++) {
		enum remote_fault fault;

		TRY(remote_once(&fault, &line, &result, repo, &call));
		if (fault == FAULT_NONE)
			return NULL;
		TRY(mend(&again, repo, fetch, fault, n));
		if (!again)
			return remote_error(fault, line, fetch->remote);
	}
}

static struct error *fetch(struct repo *repo, const struct remote_fetch *fetch,
			   const char *option)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str)
	char *words = xasprintf(
		"%s%s%s%s", fetch->remote, fetch->prune ? " prune" : "",
		fetch->cache ? " cache" : "", option ? option : "");
	int64_t began;
	int done;

	TRY(remote_known(repo, fetch->remote));
	TRY(track_lock(&lock, &done, repo, words));
	if (done)
		return NULL;
	began = clock_ms();
	TRY(fetch_locked(repo, fetch, option));
	track_fetched(&lock, words, began);
	return NULL;
}

struct error *remote_fetch(struct repo *repo, const struct remote_fetch *spec)
{
	return fetch(repo, spec, NULL);
}

struct error *remote_deepen(struct repo *repo, const char *remote)
{
	const struct remote_fetch spec = { .remote = remote };
	struct error *err;

	if (!repo_is_shallow(repo))
		return NULL;
	err = fetch(repo, &spec, "--unshallow");
	/* Somebody else may have been quicker. */
	if (err && err->code == ERROR_FAILURE && !repo_is_shallow(repo))
		error_release(&err);
	if (err)
		return err;
	if (repo_is_shallow(repo))
		return error_hint(error_new(ERROR_FAILURE,
					    "remote '%s' is shallow itself",
					    remote),
				  "fetch from one that has the whole history");
	return NULL;
}
