/*
 * Forges: where a phase is proposed, reviewed and landed.  One table of const
 * rows; a further forge is a file and a row.  `local` is complete without any:
 * branches only, the phase's page is the proposal.
 */
#ifndef GITOPS_FORGE_H
#define GITOPS_FORGE_H

#include "core/http.h"
#include "core/log.h"
#include "core/retry.h"

/* Where and as whom; strings owned.  Begin with FORGE_SITE_INIT. */
struct forge_site {
	char *api; /* "https://api.github.com"; no '/' at its end */
	char *web; /* "https://github.com" */
	char *owner;
	char *name;
	char *token; /* NULL: none */
	char *token_origin; /* "GH_TOKEN" */
	int64_t gap_ms; /* between two changes; 0: none */
	struct retry_policy retry; /* zeroed: its defaults */
	int64_t pause_ms; /* after a refusal for asking too often that says no
			     time, twice as long each time; 0: 60,000 */
};
#define FORGE_SITE_INIT                                                        \
	{                                                                      \
		.gap_ms = 1000                                                 \
	}
void forge_site_release(struct forge_site *site);

/*
 * What an open forge needs to ask.  A call returns when it is answered; the
 * loop runs meanwhile, in waits as well, so that timers on it go on.  A client
 * makes one call at a time.
 *
 * Errors of all calls: ERROR_AGAIN for what is transient and was tried often
 * enough, or would have to wait longer than the policy says; ERROR_NOT_FOUND;
 * ERROR_REFUSED with the forge's own words; ERROR_FAILURE for a wrong token,
 * one that may not, and answers that make no sense, naming the field.  None
 * has a token in it.
 */
struct forge_client;

enum pull_state { PULL_OPEN, PULL_CLOSED, PULL_MERGED };
struct pull {
	int64_t number;
	char *url;
	char *title;
	char *body; /* "" where there is none */
	char *head; /* branch */
	char *head_oid;
	char *base; /* branch */
	char *merge_oid; /* NULL: not merged */
	enum pull_state state;
	int draft;
	/* Whose last word it is, of those who may write; -1: not asked. */
	int approvals;
	int changes_wanted;
};
void pull_release(struct pull *pull);
struct pulls {
	struct pull *items;
	size_t len, cap;
};

void pulls_release(struct pulls *pulls);

/* What a proposal should be like; NULL or empty: leave as it is. */
struct pull_spec {
	const char *head; /* never NULL */
	const char *base; /* never NULL */
	const char *title; /* never NULL; cut to what the forge takes */
	const char *body; /* cut as well, which it then says */
	int draft; /* where the forge has them; one that a person made ready
		      stays so */
	/* What is missing is added, nothing taken away. */
	const struct strings *labels;
	const struct strings *reviewers; /* "login" or "org/team" */
	const struct strings *assignees;
};

enum mark { MARK_PENDING, MARK_SUCCESS, MARK_FAILURE, MARK_ERROR };

struct forge_review; /* forge-review.h */
struct forge_admin; /* forge-admin.h */

struct forge {
	const char *name;
	/* Opens a client on a loop; site and log are borrowed. */
	struct error *(*open)(struct forge_client **out, struct loop *loop,
			      const struct forge_site *site, struct log *log);
	void (*close)(struct forge_client **client);

	/*
	 * The open one of a branch, else the newest; number 0: none.  out is
	 * initialised by this.  Branches of forks do not count, whatever
	 * they are called.
	 */
	struct error *(*find)(struct pull *out, struct forge_client *client,
			      const char *head);
	/*
	 * Finds or makes it: a forge that says it exists already has said
	 * yes.  One that differs is brought in line.  Labels and people that
	 * the forge will not have are a line in the log, no error.  Approvals
	 * are not asked for.
	 */
	struct error *(*propose)(struct pull *out, struct forge_client *client,
				 const struct pull_spec *spec);
	/*
	 * The open ones whose branch begins with prefix, by number; adds to
	 * out.  Approvals are not asked for.
	 */
	struct error *(*list)(struct pulls *out, struct forge_client *client,
			      const char *prefix);
	/*
	 * A gate's word on a commit; description is cut to what the forge
	 * takes, url may be NULL.
	 */
	struct error *(*mark)(struct forge_client *client, const char *oid,
			      const char *context, enum mark mark,
			      const char *description, const char *url);
	/*
	 * Merges, guarded by the head's id: ERROR_STALE when it moved,
	 * ERROR_REFUSED when the forge will not have it, ERROR_AGAIN when
	 * only the base moved just now.  One that is merged already, with
	 * this head, is success.  method: merge, squash, rebase.
	 */
	struct error *(*merge)(struct forge_client *client, int64_t number,
			       const char *head_oid, const char *method,
			       const char *title, const char *message);
	struct error *(*retarget)(struct forge_client *client, int64_t number,
				  const char *base);
	/* Says it unless the same text stands there already. */
	struct error *(*comment)(struct forge_client *client, int64_t number,
				 const char *text);
	struct error *(*close_pull)(struct forge_client *client,
				    int64_t number);

	/* NULL where the forge does not have it. */
	const struct forge_review *review;
	const struct forge_admin *admin;
};

/* Unknown: ERROR_INVALID with the names there are.  local has no row. */
struct error *forge_find(const struct forge **out, const char *name) MUST_USE;

extern const struct forge forge_github;

/*
 * Owner, name and API of a remote's address: git@host:owner/name.git,
 * https://host/owner/name, ssh://…; api_flag and git config override it.  out
 * is initialised by this; token and what stands before an '@' are not taken
 * over.  Any other host than github.com and *.ghe.com is taken for GitHub
 * Enterprise.  ERROR_INVALID for all else, without quoting the address: it may
 * hold a password.
 */
struct error *forge_site_from_url(struct forge_site *out, const char *url)
	MUST_USE;

#endif
