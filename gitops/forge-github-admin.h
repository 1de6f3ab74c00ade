/* The parts of the forge github's set-up, for forge-github-*.c. */
#ifndef GITOPS_FORGE_GITHUB_ADMIN_H
#define GITOPS_FORGE_GITHUB_ADMIN_H

#include "gitops/forge-admin.h"
#include "gitops/forge-github-step.h"

/* forge-github-admin.c */
extern const struct forge_admin github_admin;
/* "/repos/<owner>/<name>/branches/<branch>" and what follows; owned. */
char *github_branch_path(const struct forge_client *client, const char *branch,
			 const char *rest) MUST_USE;
/* Of "heads/<branch>", which the description has as one part; owned. */
char *github_ref_path(const struct forge_client *client, const char *kind,
		      const char *name) MUST_USE;
/* Who the token is, as GET /user says it; owned. */
struct error *github_login(char **out, struct forge_client *client) MUST_USE;

/* forge-github-protect.c */
struct error *github_protect(struct forge_client *client, const char *branch,
			     const struct strings *checks, int approvals)
	MUST_USE;
/*
 * The rules of a branch as they are answered; *seen: 0 where the token may not
 * see them, and then *guarded tells whether there are any, as far as that can
 * be seen (out: the branch), else out has the rules or no root.
 */
struct error *github_protection(struct forge_reply *out, int *seen,
				int *guarded, struct forge_client *client,
				const char *branch) MUST_USE;
/* Adds the names of "contexts" and "checks". */
void github_add_checks(struct strings *out, const struct value *status_checks);

/* forge-github-rules.c */
struct error *github_rules(struct branch_rules *out,
			   struct forge_client *client, const char *branch)
	MUST_USE;

/* forge-github-release.c */
struct error *github_release(char **url, struct forge_client *client,
			     const struct forge_release_spec *spec) MUST_USE;
struct error *github_enqueue(struct forge_client *client, int64_t number,
			     const char *head_oid) MUST_USE;

/* forge-github-probe.c */
struct error *github_probe(struct forge_findings *out,
			   struct forge_client *client,
			   const struct forge_use *use) MUST_USE;
/* forge-github-probe-token.c: who asks, and what that may do. */
struct token_facts {
	char *login; /* NULL: not known */
	char *plan; /* the user's own; NULL: not said */
	char *scopes; /* of a classic token; NULL: it is none */
	int app; /* a token of an installed App */
	int workflow; /* the one that a workflow of Actions gets */
	int refused; /* it is none: there is nothing else to ask */
	int64_t left, limit;
};
void token_facts_release(struct token_facts *facts);
struct error *github_probe_token(struct token_facts *facts,
				 struct forge_findings *out,
				 struct forge_client *client) MUST_USE;
/* repository: the answer of GET /repos/<owner>/<name>. */
struct error *github_probe_rights(const struct token_facts *facts,
				  struct forge_findings *out,
				  struct forge_client *client,
				  const struct value *repository) MUST_USE;
/*
 * An error of the server's own becomes a finding; one of the way to it stays
 * one.  Takes err; NULL passes.
 */
struct error *github_as_finding(struct forge_findings *out, const char *name,
				struct error *err, int status) MUST_USE;

#endif
