/*
 * Refs: read, listed, and moved by compare-and-swap only.  A ref that is
 * locked by somebody is retried for up to a second and then an error that
 * names the lock file; that is never "lost".
 */
#ifndef GITOPS_REF_H
#define GITOPS_REF_H

#include "gitops/repo.h"

struct ref {
	char *name; /* in full */
	struct oid oid;
};

struct refs {
	struct ref *items;
	size_t len;
	size_t cap;
};
#define REFS_INIT                                                              \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* Absent is ERROR_NOT_FOUND. */
struct error *ref_read(struct oid *out, const struct repo *repo,
		       const char *name) MUST_USE;
/* Absent gives the zero id. */
struct error *ref_read_maybe(struct oid *out, const struct repo *repo,
			     const char *name) MUST_USE;
/* Where a symbolic ref points, owned; NULL: absent, or not symbolic. */
struct error *ref_symbolic(char **out, const struct repo *repo,
			   const char *name) MUST_USE;
/* Is it well formed, as git-check-ref-format(1) has it? */
int ref_name_valid(const char *name);
/*
 * name and the refs it leads to, one by one, where it is symbolic; the last
 * may be absent.  HEAD is read as the repository was opened.  More steps than
 * git takes (5, its SYMREF_MAXDEPTH) are ERROR_INVALID.
 */
struct error *ref_chain(struct strings *out, const struct repo *repo,
			const char *name) MUST_USE;
/* All below prefix ("refs/orch/claim/"), sorted by name. */
struct error *ref_list(struct refs *out, const struct repo *repo,
		       const char *prefix) MUST_USE;
void refs_release(struct refs *refs);

/*
 * Moves name from old to new; old zero: must not exist; new zero: deletes.
 * ERROR_STALE when it stands elsewhere (also when it already is at new but
 * old differs).  why goes to the reflog.
 */
struct error *ref_cas(struct repo *repo, const char *name,
		      const struct oid *new_oid, const struct oid *old_oid,
		      const char *why) MUST_USE;

#endif
