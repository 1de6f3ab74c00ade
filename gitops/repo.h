/*
 * An open repository, through libgit2.  Opening refuses, by name and with
 * what to do, what libgit2 1.5 cannot serve without losing something: SHA-256
 * objects, reftable, partial clones, unknown extensions.
 *
 * GIT_DIR, GIT_WORK_TREE, GIT_COMMON_DIR and GIT_CEILING_DIRECTORIES are
 * honoured as git does.  libgit2 is initialised by the first repo_open() and
 * at no other time.
 */
#ifndef GITOPS_REPO_H
#define GITOPS_REPO_H

#include "core/array.h"
#include "gitops/oid.h"

#include <stdint.h>

struct repo;
struct git_repository;

/* dir NULL: the current directory.  Not in one: ERROR_NOT_FOUND. */
struct error *repo_open(struct repo **out, const char *dir) MUST_USE;
void repo_free(struct repo *repo);
void repo_release(struct repo **repo); /* for CLEANUP */

/* libgit2's version, "1.5.1", owned; after the first repo_open() only. */
char *repo_library(void) MUST_USE;

/* For the other files of gitops/. */
struct git_repository *repo_handle(const struct repo *repo);

/* Absolute, without a trailing slash. */
const char *repo_git_dir(const struct repo *repo);
const char *repo_common_dir(const struct repo *repo);
const char *repo_work_dir(const struct repo *repo); /* NULL: bare */
/* $GIT_COMMON_DIR/orch; made, with its version file, on first use. */
struct error *repo_orch_dir(const char **out, struct repo *repo) MUST_USE;
/* The first 16 hex digits of SHA-256 of the common directory's real path. */
const char *repo_id(const struct repo *repo);

int repo_is_shallow(const struct repo *repo);
/* The remotes' names, sorted. */
struct error *repo_remotes(struct strings *out, const struct repo *repo)
	MUST_USE;
/*
 * The remote that has the shared refs (shared.h); NULL: there is none, or it
 * was not chosen yet, which base_resolve() does.
 */
const char *repo_remote(const struct repo *repo);
void repo_set_remote(struct repo *repo, const char *remote);

/* git config, all levels; absent is ERROR_NOT_FOUND. */
struct error *repo_config(char **out, const struct repo *repo, const char *key)
	MUST_USE;
/*
 * Every key that begins with prefix, as "key" and "value" and the level it
 * came from ("system", "global", "local", "worktree", "command"), in turn.
 */
struct error *repo_config_list(struct strings *out, const struct repo *repo,
			       const char *prefix) MUST_USE;
/* Sets a key in the repository's own configuration. */
struct error *repo_config_set(struct repo *repo, const char *key,
			      const char *value) MUST_USE;

/*
 * This clone's runner id: ORCH_RUNNER, else git config orch.runner, else
 * <host>-<8 hex digits>, made once and kept in <orch>/runner.
 */
struct error *repo_runner(char **out, struct repo *repo) MUST_USE;

/* Who commits: GIT_AUTHOR_*, GIT_COMMITTER_*, user.*; none is an error. */
struct identity {
	char *name;
	char *email;
};
struct error *repo_author(struct identity *out, const struct repo *repo)
	MUST_USE;
struct error *repo_committer(struct identity *out, const struct repo *repo)
	MUST_USE;
void identity_release(struct identity *identity);

/*
 * Where HEAD points: its branch in full ("refs/heads/main"), NULL when
 * detached.  A branch without commits is named all the same.
 */
struct error *repo_head(char **out, const struct repo *repo) MUST_USE;

#endif
