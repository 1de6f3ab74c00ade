/*
 * Trust: what of a repository may run a command, choose an endpoint, name a
 * secret or say what is spent is pinned by the SHA-256 of its content before
 * any of it is used.
 *
 * The items: .orch/config.yaml, its overlays, .orch/prices.yaml (prices of 0
 * would lift every limit in money), everything below .orch/prompts/
 * and .orch/templates/ (byte for byte), and of each plan `checks` and `setup`
 * (as canonical JSON).  An item's digest is over its path, its mode and its
 * content, so that nothing trusted in one place is trusted in another.  Pins
 * are per repository, in <config>/git-orch/trust/<repository>, a line each:
 * digest, blank, path; the path is for people.  A missing config.yaml and
 * plans without checks have nothing to pin and are trusted.
 */
#ifndef PLANS_TRUST_H
#define PLANS_TRUST_H

#include "core/hash.h"
#include "plans/project.h"

struct trust_item {
	char *path; /* ".orch/config.yaml", ".orch/plans/x/plan.yaml" */
	char digest[SHA256_HEX];
	int pinned;
	struct strings runs; /* the commands in it, for people */
};
struct trust {
	struct trust_item *items;
	size_t len;
	size_t cap;
	char digest[SHA256_HEX]; /* over all items: --trust takes this one */
};
#define TRUST_INIT                                                             \
	{                                                                      \
		NULL, 0, 0, ""                                                 \
	}

/* What a tree (the base's, or a draft's) has to be trusted for. */
struct error *trust_read(struct trust *out, struct project *project,
			 const struct oid *tree) MUST_USE;
void trust_release(struct trust *trust);

/*
 * The base's content is pinned, or --trust (else ORCH_TRUST) is the digest
 * over all of it.  ERROR_REFUSED names what is not, with what to do.
 */
struct error *trust_require(struct project *project) MUST_USE;

/* Adds its items to the pins; those of other content stay. */
struct error *trust_pin(const struct trust *trust, struct project *project)
	MUST_USE;
/* Drops every pin of this repository. */
struct error *trust_revoke(struct project *project) MUST_USE;

#endif
