/* The base branch: who names it, and where its tip is. */
#include "gitops/base.h"

#include "core/alloc.h"
#include "gitops/commit.h"
#include "gitops/land.h"
#include "gitops/shared.h"

#include <stdlib.h>
#include <string.h>

/* *out stays as it is when the key is absent. */
static struct error *config_maybe(char **out, const struct repo *repo,
				  const char *key)
{
	struct error *err = repo_config(out, repo, key);

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

/* "refs/remotes/<remote>/HEAD" leads to "refs/remotes/<remote>/<branch>". */
static struct error *remote_head(char **out, const struct repo *repo,
				 const char *remote)
{
	CLEANUP(free_str)
	char *head = xasprintf("refs/remotes/%s/HEAD", remote);
	CLEANUP(free_str) char *target = NULL;
	CLEANUP(free_str) char *prefix = xasprintf("refs/remotes/%s/", remote);

	TRY(ref_symbolic(&target, repo, head));
	if (target && !strncmp(target, prefix, strlen(prefix)))
		*out = xstrdup(target + strlen(prefix));
	return NULL;
}

static struct error *current_branch(char **out, const struct repo *repo)
{
	CLEANUP(free_str) char *head = NULL;

	TRY(repo_head(&head, repo));
	if (!head || strncmp(head, "refs/heads/", 11))
		return error_hint(error_new(ERROR_FAILURE,
					    "HEAD is detached, and nothing "
					    "names the base branch"),
				  "git config orch.base <branch>, or use "
				  "--base <branch>");
	*out = xstrdup(head + 11);
	return NULL;
}

/* branch and origin of *base. */
static struct error *find_branch(struct base *base, const struct repo *repo,
				 const char *flag)
{
	const char *env = getenv("ORCH_BASE");

	if (flag || (env && *env)) {
		base->branch = xstrdup(flag ? flag : env);
		base->origin = flag ? "--base" : "ORCH_BASE";
		return NULL;
	}
	TRY(config_maybe(&base->branch, repo, "orch.base"));
	base->origin = "git config orch.base";
	if (base->branch)
		return NULL;
	if (base->remote)
		TRY(remote_head(&base->branch, repo, base->remote));
	base->origin = "the remote's HEAD";
	if (base->branch)
		return NULL;
	base->origin = "the current branch";
	return current_branch(&base->branch, repo);
}

/* As in a bare clone, whose branches are no tracking refs. */
static struct error *never_fetched(int *out, const struct repo *repo,
				   const char *remote)
{
	CLEANUP(free_str) char *prefix = xasprintf("refs/remotes/%s/", remote);
	CLEANUP(refs_release) struct refs refs = REFS_INIT;

	TRY(ref_list(&refs, repo, prefix));
	*out = !refs.len;
	return NULL;
}

/* Pushed is what a base has to be before others can work on it. */
static struct error *missing_there(const struct base *base,
				   const struct repo *repo)
{
	CLEANUP(free_str)
	char *local = xasprintf("refs/heads/%s", base->branch);
	struct error *err = error_new(ERROR_FAILURE,
				      "base branch '%s' (from %s) is not on "
				      "'%s', as far as it was fetched",
				      base->branch, base->origin, base->remote);
	struct oid here;
	int blind;

	TRY(ref_read_maybe(&here, repo, local));
	TRY(never_fetched(&blind, repo, base->remote));
	if (blind && !oid_is_zero(&here))
		return error_hint(err,
				  "look there first: git orch status --fetch; "
				  "or put it there: git push -u %s %s",
				  base->remote, base->branch);
	if (!oid_is_zero(&here))
		return error_hint(err,
				  "git push -u %s %s, or without that remote: "
				  "git config orch.remote .",
				  base->remote, base->branch);
	return error_hint(err, "git fetch %s, or name another with --base",
			  base->remote);
}

static struct error *missing(const struct base *base, const struct repo *repo)
{
	CLEANUP(strings_release) struct strings head = STRINGS_INIT;
	struct error *err;

	if (base->remote)
		return missing_there(base, repo);
	TRY(ref_chain(&head, repo, "HEAD"));
	if (strings_has(&head, base->ref))
		err = error_hint(error_new(ERROR_FAILURE,
					   "branch '%s' has no commits yet",
					   base->branch),
				 "git commit --allow-empty -m 'first commit'");
	else
		err = error_hint(error_new(ERROR_FAILURE,
					   "base branch '%s' (from %s) does "
					   "not exist",
					   base->branch, base->origin),
				 "git branch %s <commit>, or name another "
				 "with --base",
				 base->branch);
	return err;
}

/* Another name of a branch (git symbolic-ref) stands for that branch. */
static struct error *follow(struct base *base, const struct repo *repo)
{
	CLEANUP(strings_release) struct strings chain = STRINGS_INIT;
	const char *last;

	TRY(ref_chain(&chain, repo, base->ref));
	last = chain.items[chain.len - 1];
	if (strncmp(last, "refs/heads/", 11) != 0)
		return error_hint(error_new(ERROR_FAILURE,
					    "base branch '%s' (from %s) leads "
					    "to '%s', which is no branch",
					    base->branch, base->origin, last),
				  "name another with --base");
	free(base->ref);
	free(base->branch);
	base->ref = xstrdup(last);
	base->branch = xstrdup(last + 11);
	return NULL;
}

static struct error *find_ref(struct base *base, const struct repo *repo)
{
	base->ref = xasprintf("refs/heads/%s", base->branch);
	if (!ref_name_valid(base->ref))
		return error_hint(error_new(ERROR_USAGE,
					    "'%s' (from %s) is no name of a "
					    "branch",
					    base->branch, base->origin),
				  "the base is a branch, not a revision");
	if (!base->remote)
		return follow(base, repo);
	free(base->ref);
	base->ref = xasprintf("refs/remotes/%s/%s", base->remote, base->branch);
	return NULL;
}

static struct error *resolve(struct base *base, struct repo *repo,
			     const char *flag)
{
	TRY(remote_choose(&base->remote, repo, NULL));
	repo_set_remote(repo, base->remote);
	TRY(find_branch(base, repo, flag));
	if (!strncmp(base->branch, "refs/heads/", 11))
		memmove(base->branch, base->branch + 11,
			strlen(base->branch) - 10);
	TRY(find_ref(base, repo));
	TRY(ref_read_maybe(&base->commit, repo, base->ref));
	if (oid_is_zero(&base->commit))
		return missing(base, repo);
	return commit_tree(&base->tree, repo, &base->commit);
}

struct error *base_resolve(struct base *out, struct repo *repo,
			   const char *flag)
{
	CLEANUP(base_release) struct base base = BASE_INIT;

	TRY(resolve(&base, repo, flag));
	*out = base;
	base = (struct base)BASE_INIT;
	return NULL;
}

void base_release(struct base *base)
{
	free(base->branch);
	free(base->ref);
	free(base->remote);
	*base = (struct base)BASE_INIT;
}

struct error *base_advance(struct repo *repo, const struct base *base,
			   const struct oid *commit)
{
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(free_str) char *ref = NULL;

	if (!base->remote)
		return land_advance(repo, base->ref, commit, &base->commit);
	ref = xasprintf("refs/heads/%s", base->branch);
	push_add(&push, ref, commit, &base->commit);
	return shared_move(repo, &push, "land");
}
