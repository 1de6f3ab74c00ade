/*
 * Tags of releases.  With a remote they stand there, as all that is shared
 * does; a tag of this clone alone is one that was not pushed yet.
 */
#ifndef GITOPS_TAG_H
#define GITOPS_TAG_H

#include "gitops/repo.h"

struct tag {
	char *name; /* "v1.2.0" */
	struct oid commit; /* that it leads to; it may not be in this clone */
};
struct tags {
	struct tag *items;
	size_t len, cap;
};
void tags_release(struct tags *tags);

/*
 * The tags whose names begin with prefix, in no order: the remote's, asked for
 * now, else this clone's.  Errors as in remote.h.
 */
struct error *tags_list(struct tags *out, const struct repo *repo,
			const char *prefix) MUST_USE;
/* NULL: there is none of that name. */
const struct tag *tags_find(const struct tags *tags, const char *name);

/*
 * Makes an annotated tag of a commit, signed where the user's configuration
 * says so (tag.gpgSign), and pushes it.  One that is there and leads to this
 * commit is success; to another one: ERROR_CONFLICT.  ERROR_REFUSED: the
 * remote protects its tags.
 */
struct error *tag_make(struct repo *repo, const char *name,
		       const struct oid *commit, const char *message) MUST_USE;

#endif
