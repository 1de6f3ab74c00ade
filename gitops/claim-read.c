/* Claims as refs say them: one trailer, one row. */
#include "gitops/claim.h"

#include "gitops/commit.h"
#include "gitops/layout.h"
#include "gitops/shared.h"

#include <stdlib.h>
#include <string.h>

static void read_text(char **out, const char *value)
{
	free(*out);
	*out = xstrdup(value);
}

static int read_trailer(struct claim *claim, const char *name,
			const char *value)
{
	const struct {
		const char *name;
		char **text;
		int64_t *number;
	} rows[] = {
		{ "Orch-Runner", &claim->runner, NULL },
		{ "Orch-Run", &claim->run, NULL },
		{ "Orch-Nonce", &claim->nonce, NULL },
		{ "Orch-Generation", NULL, &claim->generation },
		{ "Orch-Reserved", NULL, &claim->reserved },
		{ "Orch-Spent", NULL, &claim->spent },
	};

	if (!strcmp(name, "Orch-Claim"))
		claim->version = atoi(value);
	else if (!strcmp(name, "Orch-State"))
		claim->published = !strcmp(value, "published");
	else
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			if (strcmp(name, rows[i].name))
				continue;
			if (rows[i].text)
				read_text(rows[i].text, value);
			if (rows[i].number)
				*rows[i].number = strtoll(value, NULL, 10);
			return 1;
		}
	return !strcmp(name, "Orch-Claim") || !strcmp(name, "Orch-State");
}

static void read_line(struct claim *claim, const char *line, size_t len)
{
	CLEANUP(free_str) char *text = xstrndup(line, len);
	char *value = strstr(text, ": ");

	if (!value)
		return;
	*value = '\0';
	if (read_trailer(claim, text, value + 2))
		return;
	*value = ':';
	strings_add(&claim->unknown, text);
}

static void read_message(struct claim *claim, const char *message)
{
	const char *line = strstr(message, "\n\n");

	line = line ? line + 2 : "";
	while (*line) {
		size_t len = strcspn(line, "\n");

		read_line(claim, line, len);
		line += len + (line[len] == '\n');
	}
}

static struct error *unreadable(const struct repo *repo, const char *plan,
				const char *phase)
{
	CLEANUP(free_str) char *ref = layout_claim(plan, phase);
	CLEANUP(free_str) char *removal = shared_removal(repo, ref);

	return error_hint(error_new(ERROR_INVALID,
				    "the claim of '%s/%s' cannot be read", plan,
				    phase),
			  "look at it, and if no runner is at work: "
			  "%s",
			  removal);
}

/* Whatever the ref points to may be no commit, or not be there. */
static struct error *read_commit(struct claim *claim, const struct repo *repo,
				 const struct oid *oid)
{
	CLEANUP(free_str) char *message = NULL;
	CLEANUP(error_release) struct error *err = NULL;

	err = commit_message(&message, repo, oid);
	if (!err)
		err = commit_time(&claim->when, repo, oid);
	if (err)
		return unreadable(repo, claim->plan, claim->phase);
	read_message(claim, message);
	claim->oid = *oid;
	/* A later version may say it in other words. */
	if (claim->version > CLAIM_VERSION && !claim->runner)
		claim->runner = xstrdup("another runner");
	if (claim->version > CLAIM_VERSION)
		return NULL;
	if (claim->version < 1 || !claim->runner || !claim->run ||
	    !claim->nonce)
		return unreadable(repo, claim->plan, claim->phase);
	return NULL;
}

struct error *claim_read(struct claim *out, const struct repo *repo,
			 const char *plan, const char *phase)
{
	CLEANUP(claim_release) struct claim claim = { .lock = FILE_LOCK_INIT };
	CLEANUP(free_str) char *called = layout_claim(plan, phase);
	CLEANUP(free_str) char *name = shared_name(repo, called);
	struct oid oid;

	TRY(ref_read(&oid, repo, name));
	claim.plan = xstrdup(plan);
	claim.phase = xstrdup(phase);
	TRY(read_commit(&claim, repo, &oid));
	*out = claim;
	claim = (struct claim){ .lock = FILE_LOCK_INIT };
	return NULL;
}

/* A claim that was dropped between the listing and the look is passed over. */
static struct error *add_claim(struct claims *out, const struct repo *repo,
			       const char *plan, const char *phase)
{
	struct claim claim = { .lock = FILE_LOCK_INIT };
	struct error *err = claim_read(&claim, repo, plan, phase);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	if (error_is(err, ERROR_INVALID)) {
		claim.plan = xstrdup(plan);
		claim.phase = xstrdup(phase);
		claim.runner = xstrdup("unknown");
		error_release(&err);
		CLEANUP(free_str) char *name = layout_claim(plan, phase);
		err = shared_read(&claim.oid, repo, name);
	}
	if (err) {
		claim_release(&claim);
		return err;
	}
	*PUSH(out) = claim;
	return NULL;
}

struct error *claim_list(struct claims *out, const struct repo *repo)
{
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };
	CLEANUP(refs_release) struct refs refs = REFS_INIT;

	TRY(shared_list(&refs, repo, CLAIM_PREFIX));
	FOR_EACH (struct ref, ref, &refs) {
		CLEANUP(free_str) char *plan = NULL;
		CLEANUP(free_str) char *phase = NULL;

		if (layout_split(&plan, &phase, ref->name, CLAIM_PREFIX))
			TRY(add_claim(&claims, repo, plan, phase));
	}
	*out = claims;
	claims = (struct claims){ NULL, 0, 0 };
	return NULL;
}
