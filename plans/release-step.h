/* What the files of release share. */
#ifndef PLANS_RELEASE_STEP_H
#define PLANS_RELEASE_STEP_H

#include "gitops/tag.h"
#include "plans/release.h"

#define CHANGELOG "CHANGELOG.md"

struct releasing {
	struct project *project;
	const struct release_options *options;
	struct release_report *out;
	struct tags tags;
	struct oid last; /* commit of the last release; zero: none */
	struct semver last_version;
};

/* release-entry.c */
/* The changelog of a commit; "" where there is none. */
struct error *entry_read(struct buf *out, struct repo *repo,
			 const struct oid *commit) MUST_USE;
/* Has it an entry of this version? */
int entry_has(const struct buf *text, const char *version);
/*
 * Writes it and brings it to the base, or proposes it where the base is
 * protected: then out->pull is set, else out->commit.
 */
struct error *entry_bring(struct releasing *r) MUST_USE;
/* The branch of that proposal has served when the tag is there. */
struct error *entry_drop_branch(struct releasing *r) MUST_USE;

#endif
