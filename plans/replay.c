/* Replaying commits: one by one, else all as one. */
#include "plans/replay.h"

#include "gitops/commit.h"
#include "plans/integrate.h"

#include <stdlib.h>

void replay_release(struct replay *replay)
{
	strings_release(&replay->conflicts);
	strings_release(&replay->reasons);
}

struct range {
	struct oid *items; /* newest first */
	size_t len, cap;
	int merges; /* there are some among them */
};

static void range_release(struct range *range)
{
	free(range->items);
}

/* A merge by hand can lead past fork: what is older is not the branch's. */
static struct error *read_range(struct range *out, struct repo *repo,
				const struct oid *fork, const struct oid *tip)
{
	struct oid at = *tip, second;

	while (!oid_is_zero(&at)) {
		int known = 0;

		TRY(commit_is_ancestor(&known, repo, &at, fork));
		if (known)
			break;
		*PUSH(out) = at;
		TRY(commit_parent(&second, repo, &at, 1));
		out->merges |= !oid_is_zero(&second);
		TRY(commit_parent(&at, repo, &at, 0));
	}
	return NULL;
}

/* The commit's words, author and date, with another tree and parent. */
static struct error *copy_commit(struct oid *out, struct repo *repo,
				 const struct oid *commit,
				 const struct oid *tree,
				 const struct oid *parent, int plain)
{
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(free_str) char *message = NULL;
	const struct oid onto = *parent;
	struct commit_spec spec = {
		.tree = *tree,
		.parents = &onto,
		.n_parents = 1,
		.plain = plain,
	};

	TRY(commit_message(&message, repo, commit));
	TRY(commit_author(&author, &spec.when, repo, commit));
	TRY(repo_committer(&committer, repo));
	spec.message = message;
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, repo, &spec);
}

static void take_conflicts(struct replay *out, const struct oid *commit,
			   const struct merge *merge)
{
	out->stopped = *commit;
	FOR_EACH (char *, path, &merge->conflicts)
		strings_add(&out->conflicts, *path);
	FOR_EACH (char *, reason, &merge->reasons)
		strings_add(&out->reasons, *reason);
}

/* change is what is merged, words the commit it gets its message from. */
static struct error *apply(struct replay *out, struct repo *repo,
			   const struct oid *change, const struct oid *words)
{
	CLEANUP(merge_release) struct merge merge = MERGE_INIT;
	struct oid before;

	TRY(merge_replay(&merge, repo, &out->tip, change,
			 document_merge_driver()));
	if (merge.conflicts.len) {
		take_conflicts(out, words, &merge);
		return NULL;
	}
	TRY(commit_tree(&before, repo, &out->tip));
	if (oid_equal(&before, &merge.tree))
		return NULL; /* nothing of it is left */
	out->commits++;
	return copy_commit(&out->tip, repo, words, &merge.tree, &out->tip, 0);
}

static struct error *one_by_one(struct replay *out, struct repo *repo,
				const struct range *range)
{
	for (size_t i = range->len; i > 0 && !out->conflicts.len; i--)
		TRY(apply(out, repo, &range->items[i - 1],
			  &range->items[i - 1]));
	return NULL;
}

/* The words of the phase's own commit, also where others are on top of it. */
static struct error *find_words(struct oid *out, struct repo *repo,
				const struct range *range)
{
	*out = range->items[0];
	for (size_t i = 0; i < range->len; i++) {
		CLEANUP(free_str) char *phase = NULL;

		TRY(commit_trailer(&phase, repo, &range->items[i],
				   "Orch-Phase"));
		if (!phase)
			continue;
		*out = range->items[i];
		break;
	}
	return NULL;
}

/* A commit that has tip's tree, and fork for its parent, is all of them. */
static struct error *as_one(struct replay *out, struct repo *repo,
			    const struct range *range, const struct oid *fork)
{
	struct oid words, tree, change;

	TRY(find_words(&words, repo, range));
	TRY(commit_tree(&tree, repo, &range->items[0]));
	TRY(copy_commit(&change, repo, &words, &tree, fork, 1));
	return apply(out, repo, &change, &words);
}

struct error *replay_range(struct replay *out, struct repo *repo,
			   const struct oid *fork, const struct oid *tip,
			   const struct oid *onto)
{
	CLEANUP(range_release) struct range range = { 0 };
	CLEANUP(replay_release) struct replay whole = REPLAY_INIT;

	out->tip = whole.tip = *onto;
	TRY(read_range(&range, repo, fork, tip));
	if (!range.len)
		return NULL;
	if (!range.merges)
		TRY(one_by_one(out, repo, &range));
	if (!range.merges && (!out->conflicts.len || range.len == 1))
		return NULL;
	TRY(as_one(&whole, repo, &range, fork));
	/* In conflict either way: the first of the commits says more. */
	if (whole.conflicts.len && out->conflicts.len)
		return NULL;
	replay_release(out);
	*out = whole;
	whole = (struct replay)REPLAY_INIT;
	return NULL;
}

struct error *replay_fork(struct oid *out, struct repo *repo,
			  const struct oid *tip, const struct oid *places,
			  size_t n)
{
	struct oid best = oid_zero;

	for (size_t i = 0; i < n; i++) {
		struct oid meets = oid_zero;
		int nearer = 1;

		if (oid_is_zero(&places[i]) || !commit_exists(repo, &places[i]))
			continue;
		TRY(commit_merge_base(&meets, repo, tip, &places[i]));
		if (oid_is_zero(&meets))
			continue;
		if (!oid_is_zero(&best))
			TRY(commit_is_ancestor(&nearer, repo, &best, &meets));
		if (nearer)
			best = meets;
	}
	*out = best;
	return NULL;
}
