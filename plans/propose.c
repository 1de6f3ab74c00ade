/*
 * What is said comes from the branch's own documents (proposal.h); here it is
 * said to the forge.
 */
#include "plans/propose.h"

#include "core/yaml.h"
#include "gitops/commit.h"
#include "gitops/forge-review.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "plans/forge-open.h"
#include "plans/integrate.h"
#include "plans/proposal.h"
#include "plans/pulls.h"

#include <string.h>

#define MOST_NOTED 50 /* of files in one mark: what a forge takes at once */

/* A document of a commit. */
static struct error *read_document(struct tree *out, struct repo *repo,
				   const struct oid *commit, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct oid tree, blob;
	enum file_mode mode;

	TRY(commit_tree(&tree, repo, commit));
	TRY(tree_entry(&mode, &blob, repo, &tree, path));
	if (mode == MODE_NONE)
		return error_new(ERROR_NOT_FOUND, "there is no '%s'", path);
	TRY(blob_read(&text, repo, &blob, YAML_MAX_BYTES));
	return error_wrap(yaml_parse(out, text.data, text.len, NULL), "%s",
			  path);
}

static struct error *ask(struct pull *out, struct forge_desk *desk,
			 struct project *project, const struct proposed *what)
{
	const struct delivery *delivery = &project->config.delivery;
	CLEANUP(proposal_release) struct proposal proposal = { NULL, NULL };
	CLEANUP(pull_release) struct pull pull = { 0 };
	struct pull_spec spec = {
		.head = what->branch,
		.base = what->base,
		.draft = what->draft,
		.labels = &delivery->labels,
		.reviewers = &delivery->reviewers,
		.assignees = &delivery->assignees,
	};

	proposal_make(&proposal, what);
	spec.title = proposal.title;
	spec.body = proposal.body;
	TRY(desk->session.forge->propose(&pull, desk->session.client, &spec));
	pulls_keep(project, &pull);
	*out = pull;
	pull = (struct pull){ 0 };
	return NULL;
}

/* The files of a phase that it did not declare, for their first lines. */
static size_t note_undeclared(struct annotation *out, const struct value *files)
{
	size_t n = 0;

	VALUE_EACH(row, files)
	if (!value_bool(value_get(row, "declared"), 1) && n < MOST_NOTED)
		out[n++] = (struct annotation){
			.path = value_text(value_get(row, "path"), ""),
			.line = 1,
			.mark = MARK_SUCCESS,
			.text = "the phase did not declare this file",
		};
	return n;
}

static struct error *mark(struct forge_desk *desk, const char *oid,
			  const struct gate_word *word,
			  const struct value *files)
{
	const struct forge *forge = desk->session.forge;
	struct forge_client *client = desk->session.client;
	struct annotation notes[MOST_NOTED];
	size_t n = !strcmp(word->context, "git-orch/paths")
			   ? note_undeclared(notes, files)
			   : 0;

	return forge->review && forge->review->annotate
		       ? forge->review->annotate(client, oid, word->context,
						 MARK_SUCCESS, word->text,
						 notes, n)
		       : forge->mark(client, oid, word->context, MARK_SUCCESS,
				     word->text, NULL);
}

/* A token may propose and yet not mark; that is no reason to fail. */
static struct error *mark_words(struct forge_desk *desk,
				struct project *project, const struct oid *tip,
				const struct gate_words *words,
				const struct value *files)
{
	char hex[OID_HEX];

	FOR_EACH (struct gate_word, word, words) {
		struct error *err = mark(desk, oid_hex(hex, tip), word, files);

		if (!error_is(err, ERROR_REFUSED) &&
		    !error_is(err, ERROR_NOT_FOUND) &&
		    !error_is(err, ERROR_FAILURE))
			TRY(err);
		if (err)
			log_write(project->log, LOG_WARN, err->message, "mark",
				  word->context, NULL);
		error_free(err);
	}
	return NULL;
}

/* A forge may wait for every check; a phase need not ask for each. */
static struct error *mark_all(struct forge_desk *desk, struct project *project,
			      const struct oid *tip,
			      const struct value *document)
{
	CLEANUP(gate_words_release) struct gate_words words = { NULL, 0, 0 };

	proposal_gates(&words, document);
	proposal_gates_rest(&words, &project->config,
			    "the phase does not ask for it");
	return mark_words(desk, project, tip, &words,
			  value_path(document, "result.files"));
}

/* What no phase did: only what a forge may wait for. */
static struct error *mark_rest(struct forge_desk *desk, struct project *project,
			       const struct oid *tip, const char *text)
{
	CLEANUP(gate_words_release) struct gate_words words = { NULL, 0, 0 };

	proposal_gates_rest(&words, &project->config, text);
	return mark_words(desk, project, tip, &words, NULL);
}

/*
 * Whoever goes on after a kill may find that a person has closed or merged it
 * by now: then there is nothing to make, and *out is that one.
 */
static struct error *find_ended(struct pull *out, struct forge_desk *desk,
				struct project *project, const char *branch,
				const struct oid *tip)
{
	CLEANUP(pull_release) struct pull pull = { 0 };
	char hex[OID_HEX];

	TRY(desk->session.forge->find(&pull, desk->session.client, branch));
	if (!pull.number || pull.state == PULL_OPEN ||
	    strcmp(pull.head_oid, oid_hex(hex, tip)) != 0)
		return NULL;
	pulls_keep(project, &pull);
	*out = pull;
	pull = (struct pull){ 0 };
	return NULL;
}

struct error *propose_phase(struct pull *out, struct project *project,
			    const struct plan *plan, const struct phase *phase,
			    const struct oid *tip,
			    const struct proposal_base *base)
{
	CLEANUP(forge_desk_close) struct forge_desk desk = FORGE_DESK_INIT;
	CLEANUP(tree_release) struct tree document = TREE_INIT;
	CLEANUP(free_str) char *path = layout_phase_file(plan->id, phase->id);
	CLEANUP(free_str)
	char *branch =
		xasprintf("%s/%s/%s", project->config.delivery.branch_prefix,
			  plan->id, phase->id);
	struct proposed what = {
		.plan = plan,
		.phase = phase,
		.branch = branch,
		.base = base->branch,
		.draft = base->draft,
	};

	TRY(forge_desk_open(&desk, project));
	if (!desk.session.forge)
		return NULL;
	TRY(read_document(&document, project->repo, tip, path));
	what.document = document.root;
	TRY(find_ended(out, &desk, project, branch, tip));
	if (out->number)
		return NULL;
	TRY(ask(out, &desk, project, &what));
	return mark_all(&desk, project, tip, document.root);
}

struct error *propose_plan(struct pull *out, struct project *project,
			   const char *id)
{
	CLEANUP(forge_desk_close) struct forge_desk desk = FORGE_DESK_INIT;
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(tree_release) struct tree document = TREE_INIT;
	CLEANUP(free_str) char *path = layout_plan_file(id);
	CLEANUP(free_str)
	char *ref = layout_branch(project->config.delivery.branch_prefix, id,
				  "plan");
	struct proposed what = {
		.plan = &plan,
		.branch = ref + strlen("refs/heads/"),
		.base = project->base.branch,
	};
	struct oid tip, tree;

	TRY(forge_desk_open(&desk, project));
	if (!desk.session.forge)
		return NULL;
	TRY(shared_read(&tip, project->repo, ref));
	TRY(commit_tree(&tree, project->repo, &tip));
	TRY(plan_read(&plan, project->repo, &tree, id, NULL));
	TRY(read_document(&document, project->repo, &tip, path));
	what.document = document.root;
	TRY(ask(out, &desk, project, &what));
	return mark_rest(&desk, project, &tip, "a plan's documents");
}

struct error *propose_change(struct pull *out, struct project *project,
			     const struct oid *tip,
			     const struct change_proposal *what)
{
	CLEANUP(forge_desk_close) struct forge_desk desk = FORGE_DESK_INIT;
	const struct pull_spec spec = {
		.head = what->branch,
		.base = project->base.branch,
		.title = what->title,
		.body = what->body,
		.labels = &project->config.delivery.labels,
		.reviewers = &project->config.delivery.reviewers,
		.assignees = &project->config.delivery.assignees,
	};

	TRY(forge_desk_open(&desk, project));
	if (!desk.session.forge)
		return NULL;
	TRY(desk.session.forge->propose(out, desk.session.client, &spec));
	return mark_rest(&desk, project, tip, what->text);
}

struct error *propose_or_approve(int *landed, struct pull *out,
				 struct project *project, const char *plan,
				 struct findings *findings)
{
	struct error *err = approve(landed, project, plan, findings);

	if (!error_is(err, ERROR_REFUSED))
		return err;
	if (!strcmp(project->config.delivery.forge, "local"))
		return error_hint(err,
				  "open a pull request of %s/%s/plan by hand, "
				  "or set delivery.forge",
				  project->config.delivery.branch_prefix, plan);
	error_free(err);
	*landed = 0;
	return propose_plan(out, project, plan);
}
