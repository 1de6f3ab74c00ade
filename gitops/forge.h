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

/* Where and as whom; strings owned. */
struct forge_site {
	char *api; /* "https://api.github.com" */
	char *web; /* "https://github.com" */
	char *owner;
	char *name;
	char *token; /* NULL: none */
	char *token_origin; /* "GH_TOKEN" */
	int64_t gap_ms; /* between two changes; 1,000 */
};
void forge_site_release(struct forge_site *site);

/* What an open forge needs to ask. */
struct forge_client;

enum pull_state { PULL_OPEN, PULL_CLOSED, PULL_MERGED };
struct pull {
	int64_t number;
	char *url;
	char *title;
	char *body;
	char *head; /* branch */
	char *head_oid;
	char *base; /* branch */
	char *merge_oid; /* NULL: not merged */
	enum pull_state state;
	int draft;
	int approvals; /* of people who may */
	int changes_wanted;
};
void pull_release(struct pull *pull);
struct pulls {
	struct pull *items;
	size_t len, cap;
};

/* What a proposal should be like; NULL or empty: leave as it is. */
struct pull_spec {
	const char *head;
	const char *base;
	const char *title;
	const char *body;
	int draft; /* where the forge has them */
	const struct strings *labels;
	const struct strings *reviewers;
	const struct strings *assignees;
};

enum mark { MARK_PENDING, MARK_SUCCESS, MARK_FAILURE, MARK_ERROR };

struct forge {
	const char *name;
	/* Opens a client on a loop; site is borrowed. */
	struct error *(*open)(struct forge_client **out, struct loop *loop,
			      const struct forge_site *site, struct log *log);
	void (*close)(struct forge_client **client);

	/* The open one of a branch, else the newest; number 0: none. */
	struct error *(*find)(struct pull *out, struct forge_client *client,
			      const char *head);
	/*
	 * Finds or makes it: a forge that says it exists already has said
	 * yes.  One that differs is brought in line.
	 */
	struct error *(*propose)(struct pull *out, struct forge_client *client,
				 const struct pull_spec *spec);
	struct error *(*list)(struct pulls *out, struct forge_client *client,
			      const char *prefix);
	/* A gate's word on a commit. */
	struct error *(*mark)(struct forge_client *client, const char *oid,
			      const char *context, enum mark mark,
			      const char *description, const char *url);
	/*
	 * Merges, guarded by the head's id: ERROR_STALE when it moved,
	 * ERROR_REFUSED when the forge will not have it.
	 */
	struct error *(*merge)(struct forge_client *client, int64_t number,
			       const char *head_oid, const char *method,
			       const char *title, const char *message);
	struct error *(*retarget)(struct forge_client *client, int64_t number,
				  const char *base);
	struct error *(*comment)(struct forge_client *client, int64_t number,
				 const char *text);
	struct error *(*close_pull)(struct forge_client *client,
				    int64_t number);
};

/* Unknown: ERROR_INVALID with the names there are.  local has no row. */
struct error *forge_find(const struct forge **out, const char *name) MUST_USE;

extern const struct forge forge_github;

/*
 * Owner, name and API of a remote's address: git@host:owner/name.git,
 * https://host/owner/name, ssh://…; api_flag and git config override it.
 */
struct error *forge_site_from_url(struct forge_site *out, const char *url)
	MUST_USE;

#endif
