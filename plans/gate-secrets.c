/*
 * The gate on secrets in what was written.
 *
 * What stood in the file before is not the phase's: a secret that the old
 * content has as well is passed over, wherever it stands now.  Comparing lines
 * instead would blame a phase for indenting one.
 */
#include "plans/gate.h"

#include <stdlib.h>
#include <string.h>

struct error *gate_rules(struct secrets **out, const struct config *config)
{
	struct secret_allows allows = { NULL, 0, 0 };
	struct error *err;

	/* Borrowed from the configuration; compiled by the scan. */
	FOR_EACH (struct allowed, allowed, &config->allowed) {
		struct secret_allow *row = PUSH(&allows);

		row->path = allowed->path;
		row->pattern = allowed->pattern;
		row->reason = allowed->reason;
	}
	err = secrets_load(out, &allows);
	free(allows.items);
	return err;
}

static void report(struct findings *findings, const struct change *change,
		   const struct secret *secret)
{
	struct finding *finding =
		finding_add(findings, "secret", NULL,
			    "'%s' has what looks like %s in line %u",
			    change->path, secret->title, secret->line);

	finding->path = xstrdup(change->path);
	finding->line = secret->line;
	finding->column = secret->column;
	finding_hint(finding, "take it out; if it is none, a person can name "
			      "the file and the reason in secrets.allow in "
			      ".orch/config.yaml");
}

static struct error *judge(const struct candidate *candidate,
			   const struct change *change,
			   const struct secrets *secrets,
			   struct findings *findings)
{
	struct repo *repo = candidate->project->repo;
	CLEANUP(secret_hits_release) struct secret_hits hits = ARRAY_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf before = BUF_INIT;

	TRY(blob_read(&text, repo, &change->new_oid, SIZE_MAX));
	TRY(error_wrap(
		secrets_scan(&hits, secrets, change->path, text.data, text.len),
		"'%s'", change->path));
	if (hits.len && !oid_is_zero(&change->old_oid) &&
	    change->old_mode != MODE_GITLINK)
		TRY(blob_read(&before, repo, &change->old_oid, SIZE_MAX));
	FOR_EACH (struct secret, hit, &hits)
		if (!memmem(before.data, before.len, text.data + hit->start,
			    hit->end - hit->start))
			report(findings, change, hit);
	return NULL;
}

struct error *gate_secrets(const struct candidate *candidate,
			   struct findings *findings)
{
	const struct config *config = &candidate->project->config;
	CLEANUP(secrets_free) struct secrets *secrets = NULL;

	FOR_EACH (struct change, change, &candidate->changes) {
		size_t size = 0;

		if (change->kind == CHANGE_DELETE ||
		    change->new_mode == MODE_GITLINK)
			continue;
		TRY(blob_size(&size, candidate->project->repo,
			      &change->new_oid));
		/* gate_size() refuses it: it is not read. */
		if ((int64_t)size > config->policy.max_file_bytes)
			continue;
		if (!secrets)
			TRY(gate_rules(&secrets, config));
		TRY(judge(candidate, change, secrets, findings));
	}
	return NULL;
}
