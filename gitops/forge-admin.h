/*
 * Setting a forge up and releasing: the part that `init --create`, `release`,
 * `doctor --forge` and the merge queue need.  A forge without it has no row
 * here.  Calls and errors as in forge.h.
 */
#ifndef GITOPS_FORGE_ADMIN_H
#define GITOPS_FORGE_ADMIN_H

#include "core/array.h"
#include "gitops/forge.h"

struct forge_repository {
	char *clone_url; /* https */
	char *ssh_url; /* NULL where there is none */
	char *web;
	char *default_branch; /* NULL: it is not there, mostly for emptiness */
	int private_;
	int deletes_branches; /* a merged branch is deleted by the forge */
	int made; /* just now */
};
void forge_repository_release(struct forge_repository *repository);

struct forge_repository_spec {
	const char *description; /* may be NULL */
	int private_;
	int organization; /* site->owner is one, else the token's user */
};

/* What guards a branch. */
struct branch_rules {
	int protected_;
	int approvals; /* how many a pull request needs */
	struct strings checks; /* the names that must be green */
	int pulls_only; /* nobody pushes to it */
	int merge_queue; /* the forge's own is on */
};
void branch_rules_release(struct branch_rules *rules);

struct forge_label {
	const char *name;
	const char *color; /* "0e8a16" */
	const char *description;
};

struct forge_release_spec {
	const char *tag; /* "v1.2.0", there already */
	const char *title;
	const char *notes; /* Markdown; cut to what the forge takes */
	int draft;
	int prerelease;
};

/* One thing that doctor looked at. */
struct forge_finding {
	const char *name; /* "token", "pull-requests", "workflows", ... */
	int bad; /* 0: as it should be; 1: worth knowing; 2: wrong */
	char *text; /* what is so */
	char *fix; /* what to do; NULL: nothing */
};
struct forge_findings {
	struct forge_finding *items;
	size_t len, cap;
};
void forge_findings_release(struct forge_findings *findings);
/* Adds one, for the forges; the address holds until the next one. */
struct forge_finding *forge_found(struct forge_findings *out, const char *name,
				  int bad, const char *fmt, ...) PRINTF(4, 5);

/* What the forge will be used for; NULL: not known. */
struct forge_use {
	const char *prefix; /* of branches: "orch" */
	const char *base; /* branch */
	const char *method; /* merge, squash, rebase */
	int stacking;
};

struct forge_admin {
	/*
	 * Finds it or makes it; site names owner and name.  An owner of "" is
	 * the token's user, for this call alone: out says where it is.
	 */
	struct error *(*create)(struct forge_repository *out,
				struct forge_client *client,
				const struct forge_repository_spec *spec);
	struct error *(*repository)(struct forge_repository *out,
				    struct forge_client *client);
	struct error *(*set_default)(struct forge_client *client,
				     const char *branch);
	/*
	 * Rules of a branch, those of rule sets included; one without any is
	 * no error.  A token that may not see them: what can be seen.
	 */
	struct error *(*rules)(struct branch_rules *out,
			       struct forge_client *client, const char *branch);
	/*
	 * Asks for these checks to be green and this many approvals before a
	 * merge; what is stricter already, or has to do with neither, stays.
	 * Rules that the token may not see are not replaced: ERROR_REFUSED.
	 */
	struct error *(*protect)(struct forge_client *client,
				 const char *branch,
				 const struct strings *checks, int approvals);
	/* Makes those that are missing; the rest stay as they are. */
	struct error *(*labels)(struct forge_client *client,
				const struct forge_label *labels, size_t n);
	/*
	 * Finds it by its tag, drafts as well, or makes it; *url is owned.  A
	 * tag that the forge does not have: ERROR_NOT_FOUND.
	 */
	struct error *(*release)(char **url, struct forge_client *client,
				 const struct forge_release_spec *spec);
	/*
	 * Puts a pull request into the forge's own merge queue; one that is in
	 * it or merged, with this head, is success.  ERROR_STALE: another head.
	 */
	struct error *(*enqueue)(struct forge_client *client, int64_t number,
				 const char *head_oid);
	/*
	 * What commonly goes wrong, each with its fix: a token that may not
	 * open pull requests, push workflow files or start CI (events of a
	 * workflow's own GITHUB_TOKEN start none), a private repository
	 * without drafts, automatic deletion of branches, a branch that is in
	 * the way of "<prefix>/…".  Adds to out.  Only a forge that cannot be
	 * reached is an error.  Changes nothing.
	 */
	struct error *(*probe)(struct forge_findings *out,
			       struct forge_client *client,
			       const struct forge_use *use);
};

#endif
