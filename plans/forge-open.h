/*
 * The forge a project is configured for, open: where it is, and as whom.
 *
 * Where: delivery.api, else what the remote's address says.  As whom:
 * ORCH_GITHUB_TOKEN, GH_TOKEN, GITHUB_TOKEN, else what `git credential` knows
 * for the API's host; none is no error, as much can be read without.
 *
 * A remote's address may be anybody's, so it never decides where a token of
 * the environment goes: that is sent to github.com and *.ghe.com, and to any
 * other host only when delivery.api names it, or GITHUB_API_URL or GH_HOST.
 * delivery.api is taken from trusted content, the user's own configuration,
 * the environment and flags, and not from the clone's .git/config.
 */
#ifndef PLANS_FORGE_OPEN_H
#define PLANS_FORGE_OPEN_H

#include "gitops/forge.h"
#include "plans/project.h"

/* The client points into it: not to be copied. */
struct forge_session {
	const struct forge *forge; /* NULL: local, which has no client */
	struct forge_client *client;
	struct forge_site site;
};
#define FORGE_SESSION_INIT                                                     \
	{                                                                      \
		.forge = NULL                                                  \
	}

/*
 * Opens what delivery.forge names, at the remote that is in use, on a loop
 * that outlives it; asks nothing of the network.  From then on the token is
 * one of the project's keys, which the gates look for.  ERROR_REFUSED: the
 * content is not trusted, or the token may not go there.  ERROR_NOT_FOUND:
 * there is no remote.  ERROR_INVALID: its address is not of a forge, or there
 * is no such forge.
 */
struct error *forge_open(struct forge_session *out, struct project *project,
			 struct loop *loop) MUST_USE;
/*
 * The same for a forge and an address that a person typed, whatever is
 * configured: for a repository that has no remote yet.
 */
struct error *forge_open_at(struct forge_session *out, struct project *project,
			    struct loop *loop, const char *forge,
			    const char *url) MUST_USE;
void forge_session_close(struct forge_session *session); /* for CLEANUP */

/* The configured one on a loop of its own, on which project->tick goes on. */
struct forge_desk {
	struct loop *loop;
	struct forge_session session;
};
#define FORGE_DESK_INIT                                                        \
	{                                                                      \
		.loop = NULL, .session = FORGE_SESSION_INIT                    \
	}
struct error *forge_desk_open(struct forge_desk *out, struct project *project)
	MUST_USE;
void forge_desk_close(struct forge_desk *desk); /* for CLEANUP */

#endif
