/*
 * What the forge says of a phase in review, and what it is told.  Logs and
 * remarks are held against the rules for secrets before anybody sees them: a
 * token may stand in a log.
 */
#include "plans/revision.h"

#include "plans/forge-open.h"
#include "plans/gate.h"
#include "plans/markdown.h"

#include <string.h>

#define LOG_BYTES   16384 /* of each check that is red */
#define MOST_ANSWER 8192

/* An open forge, and the loop it runs on. */
/* NULL: there is nobody to ask. */
static const struct forge_review *reviewed_by(const struct forge_desk *desk)
{
	const struct forge *forge = desk->session.forge;

	return forge ? forge->review : NULL;
}

/* The answer to a remark as it stands; NULL: the document has none. */
static const struct value *answer_to(const struct value *result,
				     const struct remark *remark)
{
	char key[WISH_KEY];

	remark_key(key, remark);
	VALUE_EACH(row, value_get(result, "answers"))
	if (value_int(value_get(row, "remark"), 0) == remark->id &&
	    !strcmp(value_text(value_get(row, "key"), ""), key))
		return row;
	return NULL;
}

static struct error *add_remarks(struct revision *out, struct forge_desk *desk,
				 const struct forge_review *review,
				 const struct secrets *secrets)
{
	CLEANUP(remarks_release) struct remarks remarks = { NULL, 0, 0 };

	TRY(review->remarks(&remarks, desk->session.client, out->pull));
	FOR_EACH (struct remark, remark, &remarks)
		if (answer_to(out->before.root, remark))
			out->pending++;
		else
			TRY(wishes_add_remark(&out->wishes, secrets, remark));
	return NULL;
}

/* The end of its description, in brackets, says for which wishes. */
static int is_about(const struct ci_check *check, const char *key)
{
	return check->summary && strstr(check->summary, key) != NULL;
}

static int is_ours(const struct ci_check *check)
{
	return !strncmp(check->name, "git-orch/", 9);
}

static struct error *add_checks(struct revision *out, struct forge_desk *desk,
				const struct forge_review *review,
				const struct secrets *secrets)
{
	CLEANUP(ci_checks_release) struct ci_checks checks = { NULL, 0, 0 };
	char hex[OID_HEX];

	TRY(review->checks(&checks, desk->session.client,
			   oid_hex(hex, &out->tip), NULL, LOG_BYTES));
	FOR_EACH (struct ci_check, check, &checks)
		if (check->mark >= MARK_FAILURE && !is_ours(check))
			TRY(wishes_add_check(&out->wishes, secrets, check));
	wishes_key(out->key, &out->wishes);
	FOR_EACH (struct ci_check, check, &checks)
		out->refused |= !strcmp(check->name, REVISION_MARK) &&
				check->mark >= MARK_FAILURE &&
				is_about(check, out->key);
	return NULL;
}

static struct error *ask_forge(struct revision *out, struct forge_desk *desk,
			       const struct forge_review *review,
			       const struct secrets *secrets,
			       const struct card *card)
{
	CLEANUP(pull_release) struct pull pull = { .number = 0 };

	TRY(desk->session.forge->find(&pull, desk->session.client,
				      card->branch));
	if (!pull.number || pull.state != PULL_OPEN)
		return NULL;
	out->pull = pull.number;
	TRY(add_remarks(out, desk, review, secrets));
	return add_checks(out, desk, review, secrets);
}

static struct error *look(struct revision *out, struct project *project,
			  const struct card *card,
			  const struct strings *messages)
{
	CLEANUP(forge_desk_close) struct forge_desk desk = FORGE_DESK_INIT;
	CLEANUP(secrets_free) struct secrets *secrets = NULL;
	const struct forge_review *review;
	const char *plan = card->plan->id, *phase = card->phase->id;

	out->tip = card->tip;
	TRY(revision_before(&out->before, project->repo, &card->tip, plan,
			    phase));
	TRY(revision_attempts(&out->attempts, project->repo, out->before.root,
			      &card->tip, plan, phase));
	/* Opening it makes its token one of the keys to look for. */
	TRY(forge_desk_open(&desk, project));
	review = reviewed_by(&desk);
	TRY(gate_rules(&secrets, project));
	if (messages)
		FOR_EACH (char *, text, messages)
			TRY(wishes_add_message(&out->wishes, secrets, *text));
	return review ? ask_forge(out, &desk, review, secrets, card) : NULL;
}

struct error *revision_look(struct revision *out, struct project *project,
			    const struct card *card,
			    const struct strings *messages)
{
	revision_release(out);
	if (project->progress)
		progress_set(project->progress, card->phase->id, "ask");
	struct error *err = look(out, project, card, messages);
	if (project->progress)
		progress_drop(project->progress, card->phase->id);
	wishes_fit(&out->wishes);
	return err;
}

/* Equal whenever it is made again, so that it is said once. */
static char *answer_text(const struct value *row, const struct oid *commit)
{
	struct buf out = BUF_INIT;
	char hex[OID_HEX];

	md_text(&out, value_text(value_get(row, "text"), ""), MOST_ANSWER);
	buf_addf(&out, "\n\n%s %.7s.",
		 value_bool(value_get(row, "changed"), 0) ? "Changed in"
							  : "Left open by",
		 oid_hex(hex, commit));
	return buf_steal(&out);
}

static struct error *post_all(size_t *posted, struct forge_desk *desk,
			      const struct forge_review *review, int64_t pull,
			      const struct value *result,
			      const struct oid *commit)
{
	CLEANUP(remarks_release) struct remarks remarks = { NULL, 0, 0 };
	struct forge_client *client = desk->session.client;

	TRY(review->remarks(&remarks, client, pull));
	FOR_EACH (struct remark, remark, &remarks) {
		const struct value *row = answer_to(result, remark);

		if (!row)
			continue;
		CLEANUP(free_str) char *text = answer_text(row, commit);
		TRY(review->answer(client, pull, remark, text,
				   value_bool(value_get(row, "changed"), 0)));
		++*posted;
	}
	return NULL;
}

struct error *revision_post(size_t *posted, struct project *project,
			    const struct oid *commit, const char *plan,
			    const char *phase)
{
	CLEANUP(forge_desk_close) struct forge_desk desk = FORGE_DESK_INIT;
	CLEANUP(tree_release) struct tree result = TREE_INIT;
	CLEANUP(pull_release) struct pull pull = { .number = 0 };
	CLEANUP(free_str)
	char *branch =
		xasprintf("%s/%s/%s", project->config.delivery.branch_prefix,
			  plan, phase);
	const struct forge_review *review;

	TRY(revision_before(&result, project->repo, commit, plan, phase));
	if (!value_get(result.root, "answers"))
		return NULL;
	TRY(forge_desk_open(&desk, project));
	review = reviewed_by(&desk);
	if (!review)
		return NULL;
	TRY(desk.session.forge->find(&pull, desk.session.client, branch));
	return pull.number && pull.state == PULL_OPEN
		       ? post_all(posted, &desk, review, pull.number,
				  result.root, commit)
		       : NULL;
}

struct error *revision_refused(struct project *project,
			       const struct revision *revision, int attempts,
			       const char *reason)
{
	CLEANUP(forge_desk_close) struct forge_desk desk = FORGE_DESK_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *word = NULL;
	const struct forge_review *review;
	char hex[OID_HEX];

	if (!revision->pull)
		return NULL;
	TRY(forge_desk_open(&desk, project));
	review = reviewed_by(&desk);
	if (!review)
		return NULL;
	word = xasprintf("not accepted after %d attempt%s (%s)", attempts,
			 attempts == 1 ? "" : "s", revision->key);
	TRY(desk.session.forge->mark(desk.session.client,
				     oid_hex(hex, &revision->tip),
				     REVISION_MARK, MARK_FAILURE, word, NULL));
	buf_str(&text, "A revision was tried and not accepted; the branch "
		       "stays as it was. ");
	md_text(&text, reason, MOST_ANSWER);
	return desk.session.forge->comment(desk.session.client, revision->pull,
					   text.data);
}
