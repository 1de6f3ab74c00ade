/*
 * Compare-and-swap is git_reference_create_matching() with force and an
 * expected id: libgit2 compares under the ref's own lock file, and takes the
 * zero id to mean that the ref must not exist.  Without force it would look
 * before it locks.
 */
#include "gitops/ref.h"

#include "core/clock.h"
#include "gitops/git2.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_STEPS     5
#define LOCK_WAIT_MS  1000
#define LOCK_SLEEP_MS 5

/* Also of what is ours: git itself cannot delete a ref without an id. */
static struct error *unreadable(struct error *err, const char *name)
{
	if (!strncmp(name, "refs/orch/", strlen("refs/orch/")))
		return error_hint(err, "remove it: git orch doctor --fix");
	return error_hint(err, "see what git fsck says of it");
}

struct error *ref_read(struct oid *out, const struct repo *repo,
		       const char *name)
{
	git_oid id;
	int code = git_reference_name_to_id(&id, repo_handle(repo), name);

	if (code == GIT_ENOTFOUND)
		return error_new(ERROR_NOT_FOUND, "ref '%s' does not exist",
				 name);
	if (code)
		return unreadable(git2_error(code, "reading ref '%s'", name),
				  name);
	*out = git2_to_oid(&id);
	return NULL;
}

struct error *ref_read_maybe(struct oid *out, const struct repo *repo,
			     const char *name)
{
	struct oid oid = oid_zero;
	struct error *err = ref_read(&oid, repo, name);

	if (err && !error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	*out = oid;
	return NULL;
}

struct error *ref_symbolic(char **out, const struct repo *repo,
			   const char *name)
{
	git_reference *ref = NULL;
	int code = git_reference_lookup(&ref, repo_handle(repo), name);

	if (code && code != GIT_ENOTFOUND)
		return git2_error(code, "reading ref '%s'", name);
	*out = ref ? xstrdup(git_reference_symbolic_target(ref)) : NULL;
	if (ref)
		git_reference_free(ref);
	return NULL;
}

int ref_name_valid(const char *name)
{
	int valid = 0;

	return !git_reference_name_is_valid(&valid, name) && valid;
}

struct error *ref_chain(struct strings *out, const struct repo *repo,
			const char *name)
{
	CLEANUP(free_str) char *here = xstrdup(name);

	for (int steps = 0; here; steps++) {
		CLEANUP(free_str) char *next = NULL;

		strings_add(out, here);
		if (steps > MAX_STEPS)
			return error_hint(
				error_new(ERROR_INVALID,
					  "ref '%s' leads through too many "
					  "symbolic refs",
					  name),
				"git symbolic-ref %s <ref> ends it", name);
		TRY(ref_symbolic(&next, repo, here));
		free(here);
		here = next;
		next = NULL;
	}
	return NULL;
}

static void add_ref(struct refs *out, git_reference *ref)
{
	git_reference *direct = NULL;

	/* A symbolic ref that leads nowhere has no id to show. */
	if (!git_reference_resolve(&direct, ref)) {
		struct ref *item = PUSH(out);

		item->name = xstrdup(git_reference_name(ref));
		item->oid = git2_to_oid(git_reference_target(direct));
		git_reference_free(direct);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ref *)a)->name,
		      ((const struct ref *)b)->name);
}

struct error *ref_list(struct refs *out, const struct repo *repo,
		       const char *prefix)
{
	CLEANUP(refs_release) struct refs refs = REFS_INIT;
	CLEANUP(free_str) char *glob = xasprintf("%s*", prefix);
	git_reference_iterator *it = NULL;
	git_reference *ref;
	int code =
		git_reference_iterator_glob_new(&it, repo_handle(repo), glob);

	while (!code && !(code = git_reference_next(&ref, it))) {
		if (!strncmp(git_reference_name(ref), prefix, strlen(prefix)))
			add_ref(&refs, ref);
		git_reference_free(ref);
	}
	if (it)
		git_reference_iterator_free(it);
	if (code != GIT_ITEROVER)
		return git2_error(code, "listing refs below '%s'", prefix);
	if (refs.len)
		qsort(refs.items, refs.len, sizeof *refs.items, by_name);
	*out = refs;
	refs = (struct refs)REFS_INIT;
	return NULL;
}

void refs_release(struct refs *refs)
{
	FOR_EACH (struct ref, ref, refs)
		free(ref->name);
	free(refs->items);
	*refs = (struct refs)REFS_INIT;
}

static struct error *stale(const char *name)
{
	return error_new(ERROR_STALE, "ref '%s' was moved by somebody else",
			 name);
}

/* libgit2 deletes the reflog before it compares: hence the look ahead. */
static int delete_once(git_repository *repo, const char *name,
		       const git_oid *old_id)
{
	git_reference *ref = NULL;
	int code = git_reference_lookup(&ref, repo, name);

	if (!code && (git_reference_type(ref) != GIT_REFERENCE_DIRECT ||
		      !git_oid_equal(git_reference_target(ref), old_id)))
		code = GIT_EMODIFIED;
	if (!code)
		code = git_reference_delete(ref);
	if (ref)
		git_reference_free(ref);
	return code;
}

/*
 * Is "not found" about the ref?  It also comes up when another process prunes
 * the directory in which the lock file was about to be made.
 */
static int is_gone(git_repository *repo, const char *name,
		   const git_oid *old_id)
{
	git_oid now;

	if (git_reference_name_to_id(&now, repo, name))
		return !git_oid_is_zero(old_id);
	return !git_oid_equal(&now, old_id);
}

/*
 * libgit2 says of a new target that is not there only that it is not.  It was
 * written a moment ago: the disk did not take it.
 */
static int is_unwritten(git_repository *repo, const struct oid *oid)
{
	git_oid id = git2_from_oid(oid);
	git_odb *odb = NULL;

	if (oid_is_zero(oid) || git_repository_odb(&odb, repo))
		return 0;
	int there = git_odb_exists(odb, &id);
	git_odb_free(odb);
	return !there;
}

static struct error *unwritten(const char *name, const struct oid *oid)
{
	char hex[OID_HEX];

	return error_hint(error_new(ERROR_FAILURE,
				    "ref '%s' cannot move to commit %.7s: the "
				    "commit could not be written",
				    name, oid_hex(hex, oid)),
			  "see whether the disk is full; with space, run the "
			  "same command again");
}

static int cas_once(git_repository *repo, const char *name,
		    const struct oid *new_oid, const struct oid *old_oid,
		    const char *why)
{
	git_oid new_id = git2_from_oid(new_oid);
	git_oid old_id = git2_from_oid(old_oid);
	int code;

	if (oid_is_zero(new_oid))
		code = delete_once(repo, name, &old_id);
	else
		code = git_reference_create_matching(NULL, repo, name, &new_id,
						     1, &old_id, why);
	if (code == GIT_ENOTFOUND)
		code = is_gone(repo, name, &old_id) ? GIT_EMODIFIED
						    : GIT_ELOCKED;
	return code;
}

struct error *ref_cas(struct repo *repo, const char *name,
		      const struct oid *new_oid, const struct oid *old_oid,
		      const char *why)
{
	static const struct timespec pause = { 0, LOCK_SLEEP_MS * 1000000L };
	int64_t end = clock_ms() + LOCK_WAIT_MS;
	int code = cas_once(repo_handle(repo), name, new_oid, old_oid, why);

	while (code == GIT_ELOCKED && clock_ms() < end) {
		nanosleep(&pause, NULL);
		code = cas_once(repo_handle(repo), name, new_oid, old_oid, why);
	}
	if (code == GIT_EMODIFIED)
		return stale(name);
	if (code == GIT_ELOCKED)
		return error_hint(git2_error(code, "ref '%s' is locked", name),
				  "when no git is at work here, remove the "
				  "lock file and try again");
	if (!code)
		return NULL;
	/* Before the look, which leaves an error of its own. */
	struct error *err = git2_error(code, "moving ref '%s'", name);
	if (!is_unwritten(repo_handle(repo), new_oid))
		return err;
	error_free(err);
	return unwritten(name, new_oid);
}
