/*
 * Wishes: what is to be done about work that is in review.  Remarks of
 * reviewers, checks of CI that are red, and what a person typed, in one form,
 * for whoever works on the phase again.
 *
 * Their texts are other people's: without secrets and control characters, cut,
 * and shown to a model in fences, under a number that its answer bears.
 */
#ifndef PLANS_WISH_H
#define PLANS_WISH_H

#include "core/secret.h"
#include "gitops/forge-review.h"
#include "plans/report.h"

#define WISH_KEY 13 /* twelve hex digits */

enum wish_kind { WISH_MESSAGE, WISH_REVIEW, WISH_CI };
const char *wish_kind_name(enum wish_kind kind); /* "message", "review", "ci" */

struct wish {
	enum wish_kind kind;
	char *author; /* of a remark; the check's name; NULL: who asks */
	char *path; /* NULL: about the whole */
	int line; /* 0: none */
	char *text;
	char *url; /* or NULL */
	int64_t id; /* of the remark; 0: there is nothing to answer */
	/*
	 * What an answer is an answer to: the same remark is another one when
	 * its reviewer has said more.
	 */
	char key[WISH_KEY];
};
struct wishes {
	struct wish *items;
	size_t len, cap;
	size_t left; /* more than are done at once, for another time */
};
#define WISHES_INIT                                                            \
	{                                                                      \
		NULL, 0, 0, 0                                                  \
	}
void wishes_release(struct wishes *wishes);

/* Of what is said, which changes when more is said.  out has WISH_KEY bytes. */
void remark_key(char *out, const struct remark *remark);

/*
 * Each adds one.  An error is a rule for secrets that ran away: nothing is
 * added.  secrets may be NULL.
 */
struct error *wishes_add_message(struct wishes *wishes,
				 const struct secrets *secrets,
				 const char *text) MUST_USE;
struct error *wishes_add_remark(struct wishes *wishes,
				const struct secrets *secrets,
				const struct remark *remark) MUST_USE;
struct error *wishes_add_check(struct wishes *wishes,
			       const struct secrets *secrets,
			       const struct ci_check *check) MUST_USE;
/*
 * Leaves as many as are done at once, and of each as much as all of them
 * together have room for: the beginning and the end of a remark, the end of a
 * log.
 */
void wishes_fit(struct wishes *wishes);

/* All of them, in twelve hex digits: the same set is the same. */
void wishes_key(char *out, const struct wishes *wishes);

/* In a journal and in --json; reading passes over what it does not know. */
void wishes_write(struct tree *tree, struct value *list,
		  const struct wishes *wishes);
void wishes_read(struct wishes *out, const struct value *list);

/* For a model: what is asked, and how it answers. */
void wishes_tell(struct buf *out, const struct wishes *wishes);
/* "review by ada, a.c:4", on one line. */
void wish_label(struct buf *out, const struct wish *wish);

/* The worker's answer to the n-th wish, from 0; NULL: it gave none. */
const struct worker_answer *wish_answer(const struct report *report, size_t n);

#endif
