/*
 * What reviewers and CI say of a pull request, and answering them: the part of
 * a forge that `git orch revise` needs.  A forge without it has no row here.
 *
 * Calls and errors as in forge.h.  All texts were written by strangers: they
 * are cut, valid UTF-8, and nothing in them is believed.
 */
#ifndef GITOPS_FORGE_REVIEW_H
#define GITOPS_FORGE_REVIEW_H

#include "gitops/forge.h"

/* Something a person wants answered. */
struct remark {
	int64_t id; /* of the comment that began it: what an answer goes to */
	char *thread; /* what the forge calls the thread; NULL: it has none */
	char *author; /* who waits for an answer the longest */
	char *path; /* NULL: about the whole */
	int line; /* 0: none, or the line is gone */
	/*
	 * All of the thread that counts, oldest first, "author: text"; a long
	 * one is cut in the middle, to some 40 KiB, and says so.
	 */
	char *text;
	char *url; /* of what waits; or NULL */
};
void remark_release(struct remark *remark);
struct remarks {
	struct remark *items;
	size_t len, cap;
};
void remarks_release(struct remarks *remarks);

/* What CI says of a commit: a check run, or a commit status. */
struct ci_check {
	char *name;
	enum mark mark;
	char *summary; /* one line; "" where it says nothing */
	char *url; /* or NULL */
	char *log; /* the end of its log, cut; NULL: none to be had */
};
struct ci_checks {
	struct ci_check *items;
	size_t len, cap;
};
void ci_checks_release(struct ci_checks *checks);

/* A place in a file that a gate has something to say about. */
struct annotation {
	const char *path;
	int line; /* from 1 */
	enum mark mark; /* MARK_FAILURE, else a warning */
	const char *text;
};

struct forge_review {
	/*
	 * What is not resolved: threads on lines, and reviews that ask for
	 * changes with a text of their own, of people who may write.  Not our
	 * own words, nor what our last word was an answer to.  out is set by
	 * this, and untouched on failure.
	 */
	struct error *(*remarks)(struct remarks *out,
				 struct forge_client *client, int64_t number);
	/*
	 * Answers in its thread, unless the same text stands there already;
	 * resolve: marks it resolved where the forge can.
	 */
	struct error *(*answer)(struct forge_client *client, int64_t number,
				const struct remark *remark, const char *text,
				int resolve);
	/*
	 * The newest word of each check on a commit, but those whose name
	 * begins with not_ours (NULL, "": of all).  Logs only of what failed,
	 * of twenty at most, the last log_bytes of them (1 MiB at most; 0:
	 * none), without control characters.  out is set by this.
	 */
	struct error *(*checks)(struct ci_checks *out,
				struct forge_client *client, const char *oid,
				const char *not_ours, size_t log_bytes);
	/*
	 * A check run with annotations, the first 500, where the token is an
	 * App's; for any other token this is `mark`, which has none.  The same
	 * again changes nothing; one that was MARK_PENDING is brought to its
	 * end.
	 */
	struct error *(*annotate)(struct forge_client *client, const char *oid,
				  const char *context, enum mark mark,
				  const char *summary,
				  const struct annotation *items, size_t n);
};

#endif
