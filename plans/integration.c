/*
 * The report onto the base, by lease.  When the base has moved meanwhile all
 * of it is found out anew: a check of the old source is none of the new one,
 * and what did not change is known already.
 */
#include "plans/integration-step.h"

#include "core/clock.h"
#include "core/json.h"
#include "gitops/commit.h"
#include "gitops/land.h"
#include "gitops/layout.h"
#include "gitops/shared.h"
#include "plans/propose.h"

#include <stdlib.h>
#include <string.h>

#define REPORT    "integration.md"
#define MOST_LOST 20

static void clear(struct integration *out)
{
	free(out->path);
	strings_release(&out->open);
	check_outcomes_release(&out->checks);
	free(out->agent);
	free(out->silent);
	free(out->pull_url);
	*out = (struct integration){ .path = NULL };
}

void integration_release(struct integration *integration)
{
	clear(integration);
}

static void release(struct integrating *it)
{
	board_release(&it->board);
	tree_release(&it->facts);
	integration_words_release(&it->words);
}

/* The report on the base; absent: empty. */
static struct error *read_report(struct buf *out, struct project *project,
				 const struct oid *tree, const char *path)
{
	enum file_mode mode;
	struct oid blob;

	TRY(tree_entry(&mode, &blob, project->repo, tree, path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	return blob_read(out, project->repo, &blob, 16u << 20);
}

struct error *integration_due(int *out, struct project *project,
			      const char *plan, int landed)
{
	CLEANUP(board_release) struct board board = BOARD_INIT;
	CLEANUP(free_str) char *path = layout_doc_file(plan, REPORT);
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	*out = 0;
	if (!project->config.delivery.report)
		return NULL;
	TRY(board_read_plans(&board, project, plan));
	const struct board_plan *row = board_plan(&board, plan);
	if (!row || row->state != PLAN_FINISHED)
		return NULL;
	TRY(read_report(&text, project, &project->base.tree, path));
	*out = landed || !text.len;
	return NULL;
}

/* Of the facts, and of who would have words for them. */
static void make_hash(struct integrating *it, const char *author)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	json_print_canonical(&text, it->facts.root);
	buf_addf(&text, "\n%s", author);
	sha256_of(text.data, text.len, it->hash);
}

static int is_of(const struct buf *report, const char *hash)
{
	CLEANUP(free_str) char *mark = xasprintf("<!-- facts: %s -->", hash);

	return report->len && strstr(report->data, mark) != NULL;
}

static struct error *make_commit(struct oid *out, const struct integrating *it,
				 const struct buf *page)
{
	struct project *project = it->project;
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(buf_release) struct buf message = BUF_INIT;
	struct commit_spec spec = {
		.parents = &project->base.commit,
		.n_parents = 1,
		.when = clock_now(),
	};

	buf_addf(&message, "docs(%s): integration report\n\nOrch-Plan: %s\n",
		 it->plan_id, it->plan_id);
	if (it->out->agent)
		buf_addf(&message, "Assisted-by: %s\n", it->out->agent);
	TRY(workspace_open(&work, project->repo, &project->base.tree));
	TRY(workspace_write(work, it->out->path, page->data, page->len,
			    MODE_FILE));
	TRY(workspace_write_tree(&spec.tree, work));
	TRY(repo_author(&author, project->repo));
	TRY(repo_committer(&committer, project->repo));
	spec.message = message.data;
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, project->repo, &spec);
}

/* The branch of the plan's documents, unless it has something else. */
static struct error *push_branch(struct oid *tip, const struct integrating *it,
				 const char *ref, const struct buf *page)
{
	struct repo *repo = it->project->repo;
	CLEANUP(push_release) struct push push = { .remote = NULL };
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct oid there, tree;

	TRY(shared_read(&there, repo, ref));
	if (!oid_is_zero(&there)) {
		TRY(commit_tree(&tree, repo, &there));
		TRY(read_report(&text, it->project, &tree, it->out->path));
		if (is_of(&text, it->hash)) {
			*tip = there;
			return NULL;
		}
	}
	TRY(make_commit(tip, it, page));
	push_add(&push, ref, tip, &there);
	return shared_move(repo, &push, "integration report");
}

static struct error *propose(struct integrating *it, const struct buf *page,
			     struct error *refusal)
{
	struct project *project = it->project;
	CLEANUP(error_release) struct error *why = refusal;
	CLEANUP(pull_release) struct pull pull = { 0 };
	CLEANUP(free_str)
	char *ref =
		xasprintf("refs/heads/%s/report-%s",
			  project->config.delivery.branch_prefix, it->plan_id);
	CLEANUP(free_str)
	char *title = xasprintf("docs(%s): integration report", it->plan_id);
	struct oid tip;

	if (!strcmp(project->config.delivery.forge, "local")) {
		why = NULL;
		return error_hint(refusal,
				  "the base is protected: set delivery.forge, "
				  "and the report becomes a pull request");
	}
	TRY(push_branch(&tip, it, ref, page));
	const struct change_proposal what = {
		.branch = ref + strlen("refs/heads/"),
		.title = title,
		.body = page->data,
		.text = "a plan's integration report",
	};
	TRY(propose_change(&pull, project, &tip, &what));
	it->out->pull = pull.number;
	it->out->pull_url = xstrdup(pull.url);
	return NULL;
}

static struct error *bring(struct integrating *it)
{
	struct project *project = it->project;
	CLEANUP(buf_release) struct buf page = BUF_INIT;
	struct oid commit;

	integration_page(&page, it);
	TRY(make_commit(&commit, it, &page));
	struct error *err =
		base_advance(project->repo, &project->base, &commit);
	if (error_is(err, ERROR_REFUSED))
		return propose(it, &page, err);
	TRY(err);
	it->out->commit = commit;
	return project_reload(project);
}

static struct error *find_plan(struct integrating *it)
{
	TRY(board_load(&it->board, it->project, it->plan_id));
	const struct board_plan *row = board_plan(&it->board, it->plan_id);
	if (!row || row->state == PLAN_DRAFT)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "there is no plan '%s' on the base",
					    it->plan_id),
				  "git orch status lists the plans");
	it->plan = &row->plan;
	return NULL;
}

static struct error *make_once(struct integrating *it)
{
	CLEANUP(free_str) char *author = integration_author(it->project);
	CLEANUP(buf_release) struct buf old = BUF_INIT;

	TRY(land_recover(it->project->repo));
	TRY(project_reload(it->project));
	TRY(find_plan(it));
	it->out->path = layout_doc_file(it->plan_id, REPORT);
	TRY(integration_facts(it));
	TRY(read_report(&old, it->project, &it->project->base.tree,
			it->out->path));
	make_hash(it, author);
	if (is_of(&old, it->hash))
		return NULL;
	TRY(integration_ask(it));
	if (*author && !it->words.summary) {
		make_hash(it, "");
		if (is_of(&old, it->hash))
			return NULL;
	}
	return bring(it);
}

struct error *integration_make(struct integration *out, struct project *project,
			       const char *plan)
{
	for (int lost = 0;; lost++) {
		CLEANUP(release)
		struct integrating it = { .project = project,
					  .plan_id = plan,
					  .board = BOARD_INIT,
					  .out = out };

		clear(out);
		struct error *err = make_once(&it);
		if (project->progress)
			progress_drop(project->progress, plan);
		if (!error_is(err, ERROR_STALE) || lost >= MOST_LOST)
			return err;
		error_free(err);
		TRY(sync_fetch(project->repo));
	}
}
