/*
 * The store of replies (core/replies.h) as a repository has it: looked at,
 * cleared, and shared with other clones.
 *
 * Sharing is off by default (cache.share).  Each runner has one ref,
 * refs/orch/cache/<runner>: a commit without parents whose tree holds the
 * entries under the names they have in the store, with trailers Orch-Cache: 1
 * and Orch-Runner.  What is pulled lies in refs/orch-remotes/<remote>/cache/
 * and is what a model is said to have answered, no more: an entry that is here
 * already is never replaced, verdicts and prices are not taken, and schema and
 * gates apply to it as to any reply.
 */
#ifndef PLANS_CACHE_H
#define PLANS_CACHE_H

#include "core/replies.h"
#include "plans/project.h"

/* The folder of the store; owned by the caller. */
struct error *cache_dir(char **out, struct project *project) MUST_USE;
/* How long entries serve other runs, as configured. */
struct reply_expiry cache_expiry(const struct config *config);
/* Seconds after which no entry serves another run, at least a week. */
int64_t cache_longest(const struct config *config);

/*
 * The key that begins with at least seven hex digits.  ERROR_NOT_FOUND: none;
 * ERROR_USAGE: too short, or several, which it names.
 */
struct error *cache_find(char key[SHA256_HEX], const char *dir,
			 const char *prefix) MUST_USE;

struct cache_verify {
	size_t checked;
	struct strings damaged; /* keys */
};
/* With mend the damaged ones are removed. */
struct error *cache_verify(struct cache_verify *out, const char *dir, int mend)
	MUST_USE;

/* Removes every entry; *n counts them. */
struct error *cache_clear(size_t *n, const char *dir) MUST_USE;

/*
 * Removes what is damaged or expired and the oldest beyond cache.max_bytes,
 * but nothing that a run was answered which holds a claim and has not ended, or
 * which plans a goal that is no plan yet, while entries of its time serve other
 * runs.  What such goals used is forgotten behind that.  gc needs no
 * preparation; its results count.
 */
struct error *cache_gc(struct reply_gc *gc, struct project *project) MUST_USE;
/*
 * The same, at most once a day (the date of <store>/.tidied), and only of a
 * repository that is trusted: for the end of commands that ask models.
 */
struct error *cache_tidy(struct project *project) MUST_USE;

/* What is, or would be, shared. */
struct cache_share {
	char *ref; /* refs/orch/cache/<runner> */
	size_t count;
	int64_t bytes;
	struct strings stages; /* "implement: 12", sorted */
	size_t left_out; /* verdicts, tests, expired, and others' own */
	struct oid commit; /* zero: nothing to share */
};
void cache_share_release(struct cache_share *share);

/*
 * Gathers what may be shared.  ERROR_REFUSED: sharing is off, or entries
 * hold a secret, naming key and rule.  Nothing has left yet.
 */
struct error *cache_gather(struct cache_share *out, struct project *project)
	MUST_USE;
/* Sends it; the runner's ref on the remote becomes exactly this. */
struct error *cache_push(const struct cache_share *share,
			 struct project *project, const char *remote) MUST_USE;

struct cache_pull {
	size_t refs; /* of runners, looked at */
	size_t taken;
	size_t known; /* here already */
	size_t refused; /* damaged, too large, or of another form */
	size_t left_out; /* verdicts */
};
/* Fetches every runner's ref and takes what is new. */
struct error *cache_pull(struct cache_pull *out, struct project *project,
			 const char *remote) MUST_USE;

#endif
