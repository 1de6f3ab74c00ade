/*
 * Entry, tag, release, in that order: what the tag leads to has the entry in
 * it, and a forge knows no release without its tag.
 *
 * The entry is a commit like any other, so the checks pass on it before the
 * base is moved there.
 */
#include "plans/release.h"

#include "core/clock.h"
#include "gitops/commit.h"
#include "gitops/forge-admin.h"
#include "gitops/land.h"
#include "gitops/shared.h"
#include "gitops/tag.h"
#include "plans/changelog.h"
#include "plans/forge-open.h"
#include "plans/gate.h"
#include "plans/propose.h"

#include <stdlib.h>
#include <string.h>

#define CHANGELOG  "CHANGELOG.md"
#define MOST_BYTES (8 << 20)
#define MOST_LOST  20
#define MOST_BACK  200 /* commits of the changelog that are looked at */

struct releasing {
	struct project *project;
	const struct release_options *options;
	struct release_report *out;
	struct tags tags;
	struct oid last; /* commit of the last release; zero: none */
	struct semver last_version;
};

void release_report_release(struct release_report *report)
{
	char *texts[] = { report->version, report->tag,   report->previous,
			  report->summary, report->notes, report->url,
			  report->pull,    report->agent };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	release_items_release(&report->items);
	*report = (struct release_report)RELEASE_REPORT_INIT;
}

static char *tag_of(const char *version)
{
	return xasprintf("v%s", version);
}

/* The greatest version on the way to the base; one to be tried is none. */
static struct error *find_last(struct releasing *r)
{
	struct repo *repo = r->project->repo;

	tags_release(&r->tags);
	r->last = oid_zero;
	r->last_version = (struct semver){ 0, 0, 0, "" };
	TRY(tags_list(&r->tags, repo, "v"));
	FOR_EACH (struct tag, tag, &r->tags) {
		struct semver version;
		int on_base = 0;

		if (!semver_parse(&version, tag->name + 1) || *version.pre ||
		    !commit_exists(repo, &tag->commit) ||
		    (!oid_is_zero(&r->last) &&
		     semver_compare(&version, &r->last_version) <= 0))
			continue;
		TRY(commit_is_ancestor(&on_base, repo, &tag->commit,
				       &r->project->base.commit));
		if (!on_base)
			continue;
		r->last = tag->commit;
		r->last_version = version;
	}
	return NULL;
}

static struct error *name_version(struct releasing *r, const char *version)
{
	struct release_report *out = r->out;
	char last[SEMVER_TEXT];

	semver_text(last, &r->last_version);
	free(out->version);
	free(out->tag);
	free(out->previous);
	out->version = xstrdup(version);
	out->tag = tag_of(version);
	out->previous = oid_is_zero(&r->last) ? NULL : tag_of(last);
	return NULL;
}

/* "" where there is none. */
static struct error *read_changelog(struct buf *out, struct repo *repo,
				    const struct oid *commit)
{
	enum file_mode mode;
	struct oid tree, blob;

	buf_clear(out);
	TRY(commit_tree(&tree, repo, commit));
	TRY(tree_entry(&mode, &blob, repo, &tree, CHANGELOG));
	if (mode == MODE_NONE)
		return NULL;
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return error_hint(error_new(ERROR_FAILURE,
					    "'%s' is no file on the base",
					    CHANGELOG),
				  "make it one, or take it away");
	return error_wrap(blob_read(out, repo, &blob, MOST_BYTES), CHANGELOG);
}

static int has_version(const struct buf *text, const char *version)
{
	CLEANUP(buf_release) struct buf section = BUF_INIT;

	return changelog_section(&section, text->data, version);
}

/* The commit that brought the version's entry; zero: not found. */
static struct error *find_entry(struct oid *out, struct project *project,
				const char *version)
{
	CLEANUP(commit_lines_release)
	struct commit_lines lines = { NULL, 0, 0 };
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	*out = oid_zero;
	TRY(commit_history(&lines, project->repo, &project->base.commit,
			   CHANGELOG, MOST_BACK));
	FOR_EACH (struct commit_line, line, &lines) {
		TRY(read_changelog(&text, project->repo, &line->oid));
		if (!has_version(&text, version))
			break;
		*out = line->oid;
	}
	return NULL;
}

/* An entry of ours says so, also when a forge has squashed or merged it. */
static struct error *is_ours(int *out, struct project *project,
			     const struct oid *commit, const char *version)
{
	CLEANUP(free_str) char *message = NULL;
	CLEANUP(free_str) char *words = xasprintf("chore: release %s", version);
	CLEANUP(free_str) char *branch = xasprintf("release-%s", version);

	TRY(commit_message(&message, project->repo, commit));
	*out = strstr(message, words) || strstr(message, branch);
	return NULL;
}

/* One that was begun: an entry of ours on the base, and no tag of it. */
static struct error *find_begun(int *out, struct releasing *r)
{
	struct project *project = r->project;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(free_str) char *version = NULL;
	CLEANUP(free_str) char *tag = NULL;
	struct semver parsed;
	struct oid commit;

	*out = 0;
	TRY(read_changelog(&text, project->repo, &project->base.commit));
	version = changelog_newest(text.data);
	if (!version || !semver_parse(&parsed, version))
		return NULL;
	tag = tag_of(version);
	if (tags_find(&r->tags, tag))
		return NULL;
	TRY(find_entry(&commit, project, version));
	if (oid_is_zero(&commit))
		return NULL;
	TRY(is_ours(out, project, &commit, version));
	if (!*out)
		return NULL;
	r->out->commit = commit;
	return name_version(r, version);
}

static struct error *bad_version(const char *version, const char *what)
{
	return error_hint(
		error_new(ERROR_USAGE, "--version %s: %s", version, what),
		"three numbers, as in 1.2.0 or 1.2.0-rc.1");
}

static struct error *choose_version(struct releasing *r)
{
	const char *asked = r->options->version;
	struct semver version = r->last_version;
	char text[SEMVER_TEXT];

	if (asked && !semver_parse(&version, asked))
		return bad_version(asked, "it is no version");
	if (asked && !oid_is_zero(&r->last) &&
	    semver_compare(&version, &r->last_version) <= 0)
		return bad_version(asked, "it is not above the last one");
	if (!asked)
		semver_bump(&version, release_bump(&r->out->items));
	semver_text(text, &version);
	return name_version(r, text);
}

/* The changelog with the entry; notes are what it says then. */
static struct error *write_entry(struct buf *text, struct releasing *r)
{
	struct release_report *out = r->out;
	ARRAY(struct changelog_item) items = ARRAY_INIT;
	CLEANUP(buf_release) struct buf notes = BUF_INIT;
	struct project *project = r->project;
	char today[CLOCK_TEXT];

	TRY(read_changelog(text, project->repo, &project->base.commit));
	if (has_version(text, out->version))
		return error_hint(error_new(ERROR_FAILURE,
					    "'%s' has an entry of %s already, "
					    "and there is no tag %s",
					    CHANGELOG, out->version, out->tag),
				  "tag that one by hand, or choose another "
				  "with --version");
	clock_format(today, clock_now());
	today[strlen("2026-01-01")] = '\0';
	FOR_EACH (const struct release_item, item, &out->items)
		*PUSH(&items) = (struct changelog_item){ release_group(item),
							 item->words };
	const struct changelog_entry entry = {
		.version = out->version,
		.tag = out->tag,
		.date = today,
		.summary = out->summary,
		.items = items.items,
		.n = items.len,
	};
	changelog_add(text, &entry);
	free(items.items);
	changelog_section(&notes, text->data, out->version);
	free(out->notes);
	out->notes = buf_steal(&notes);
	return NULL;
}

static struct error *commit_entry(struct oid *out, struct releasing *r,
				  const struct buf *text)
{
	struct project *project = r->project;
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(identity_release) struct identity author = { NULL, NULL };
	CLEANUP(identity_release) struct identity committer = { NULL, NULL };
	CLEANUP(free_str)
	char *message = xasprintf("chore: release %s\n\nOrch-Release: %s\n",
				  r->out->version, r->out->version);
	struct commit_spec spec = {
		.parents = &project->base.commit,
		.n_parents = 1,
		.message = message,
		.when = clock_now(),
	};

	TRY(workspace_open(&work, project->repo, &project->base.tree));
	TRY(workspace_write(work, CHANGELOG, text->data, text->len, MODE_NONE));
	TRY(workspace_write_tree(&spec.tree, work));
	TRY(repo_author(&author, project->repo));
	TRY(repo_committer(&committer, project->repo));
	spec.author = author;
	spec.committer = committer;
	return commit_create(out, project->repo, &spec);
}

/* Those of the configuration; a plan's own are its phases'. */
static struct error *check_entry(struct releasing *r, const struct oid *commit)
{
	struct project *project = r->project;
	CLEANUP(check_outcomes_release)
	struct check_outcomes done = { NULL, 0, 0 };
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(plan_release) struct plan plan = { 0 };
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	struct oid tree, source;

	FOR_EACH (struct check, check, &project->config.checks)
		strings_add(&names, check->name);
	TRY(plan_read(&plan, project->repo, &project->base.tree,
		      r->out->items.items[0].plan, NULL));
	TRY(commit_tree(&tree, project->repo, commit));
	TRY(tree_without(&source, project->repo, &tree, ".orch"));
	TRY(gate_landing_checks(&done, project, &plan, &names, &source, 0,
				&findings));
	if (!findings_failing(&findings))
		return NULL;
	return error_hint(error_new(ERROR_NO,
				    "the base with the entry of %s: "
				    "%s",
				    r->out->version, findings.items[0].message),
			  "mend the base first; nothing was released");
}

/* A branch of its own, moved by lease: only releases are made on it. */
static struct error *push_branch(const char *ref, struct releasing *r,
				 const struct oid *commit)
{
	struct repo *repo = r->project->repo;
	CLEANUP(push_release) struct push push = { .remote = NULL };
	struct oid there;

	TRY(shared_read(&there, repo, ref));
	push_add(&push, ref, commit, &there);
	return shared_move(repo, &push, "release");
}

static struct error *propose_entry(struct releasing *r,
				   const struct oid *commit,
				   struct error *refusal)
{
	struct project *project = r->project;
	struct release_report *out = r->out;
	CLEANUP(error_release) struct error *why = refusal;
	CLEANUP(pull_release) struct pull pull = { 0 };
	CLEANUP(free_str)
	char *ref =
		xasprintf("refs/heads/%s/release-%s",
			  project->config.delivery.branch_prefix, out->version);
	CLEANUP(free_str)
	char *title = xasprintf("chore: release %s", out->version);

	if (!strcmp(project->config.delivery.forge, "local")) {
		why = NULL;
		return error_hint(refusal,
				  "the base is protected: set delivery.forge, "
				  "and the entry becomes a pull request");
	}
	TRY(push_branch(ref, r, commit));
	const struct change_proposal what = {
		.branch = ref + strlen("refs/heads/"),
		.title = title,
		.body = out->notes,
		.text = "the changelog's entry of a release",
	};
	TRY(propose_change(&pull, project, commit, &what));
	out->pull = xstrdup(pull.url);
	return NULL;
}

static struct error *bring_entry(struct releasing *r)
{
	struct release_report *out = r->out;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct oid commit;

	TRY(write_entry(&text, r));
	if (r->options->dry_run)
		return NULL;
	TRY(commit_entry(&commit, r, &text));
	TRY(check_entry(r, &commit));
	struct error *err =
		base_advance(r->project->repo, &r->project->base, &commit);
	if (error_is(err, ERROR_REFUSED))
		return propose_entry(r, &commit, err);
	TRY(err);
	out->commit = commit;
	return NULL;
}

static struct error *make_tag(struct releasing *r)
{
	struct release_report *out = r->out;
	CLEANUP(free_str)
	char *message = xasprintf("%s\n\n%s\n", out->tag, out->notes);

	return tag_make(r->project->repo, out->tag, &out->commit, message);
}

struct counter {
	struct loop *loop;
	struct forge_session session;
};

static void counter_release(struct counter *counter)
{
	forge_session_close(&counter->session);
	loop_release(&counter->loop);
}

static struct error *make_release(struct releasing *r)
{
	struct project *project = r->project;
	struct release_report *out = r->out;
	CLEANUP(counter_release)
	struct counter counter = { loop_new(), FORGE_SESSION_INIT };
	struct semver version = { 0, 0, 0, "" };
	const struct forge *forge;

	loop_every(counter.loop, project->tick);
	TRY(forge_open(&counter.session, project, counter.loop));
	forge = counter.session.forge;
	if (!forge || !forge->admin)
		return NULL;
	(void)semver_parse(&version, out->version);
	const struct forge_release_spec spec = {
		.tag = out->tag,
		.title = out->tag,
		.notes = out->notes,
		.draft = r->options->draft,
		.prerelease = *version.pre != '\0',
	};
	return forge->admin->release(&out->url, counter.session.client, &spec);
}

/* What the entry on the base says, where it was not written just now. */
static struct error *read_notes(struct releasing *r)
{
	struct project *project = r->project;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf notes = BUF_INIT;

	TRY(read_changelog(&text, project->repo, &project->base.commit));
	changelog_section(&notes, text.data, r->out->version);
	free(r->out->notes);
	r->out->notes = buf_steal(&notes);
	return NULL;
}

static struct error *finish(struct releasing *r)
{
	if (!r->out->notes)
		TRY(read_notes(r));
	if (r->options->dry_run)
		return NULL;
	TRY(make_tag(r));
	return make_release(r);
}

/* Killed between the tag and the forge, the last one has no release there. */
static struct error *nothing(struct releasing *r)
{
	char last[SEMVER_TEXT];
	int ours = 0;

	if (oid_is_zero(&r->last))
		return error_hint(
			error_new(ERROR_NOTHING, "no phase is done yet"),
			"git orch status shows where they stand");
	semver_text(last, &r->last_version);
	TRY(is_ours(&ours, r->project, &r->last, last));
	TRY(name_version(r, last));
	r->out->commit = r->last;
	if (ours && !r->options->dry_run) {
		TRY(read_notes(r));
		TRY(make_release(r));
	}
	return error_hint(error_new(ERROR_NOTHING,
				    "no phase was finished since v%s", last),
			  "git orch status shows what is next");
}

/* Asked for by its version, and its tag is there: only the rest is made. */
static struct error *find_asked(int *out, struct releasing *r)
{
	const char *version = r->options->version;
	CLEANUP(free_str) char *tag = version ? tag_of(version) : NULL;
	const struct tag *there = tag ? tags_find(&r->tags, tag) : NULL;

	*out = there != NULL;
	if (!there)
		return NULL;
	r->out->commit = there->commit;
	return name_version(r, version);
}

static struct error *release_once(struct releasing *r)
{
	struct release_report *out = r->out;
	int known = 0;

	TRY(land_recover(r->project->repo));
	TRY(project_reload(r->project));
	TRY(find_last(r));
	TRY(find_asked(&known, r));
	if (!known)
		TRY(find_begun(&known, r));
	if (known)
		return finish(r);
	TRY(release_collect(&out->items, r->project, &r->last,
			    r->options->plan));
	if (!out->items.len)
		return nothing(r);
	TRY(choose_version(r));
	release_words(&out->items);
	if (!r->options->plain && !r->options->dry_run)
		TRY(release_ask(out, r->project));
	TRY(bring_entry(r));
	return out->pull ? NULL : finish(r);
}

struct error *release_make(struct release_report *out, struct project *project,
			   const struct release_options *options)
{
	struct releasing r = { .project = project,
			       .options = options,
			       .out = out };
	struct error *err = release_once(&r);

	/* The base moved meanwhile: what came with it belongs to this one. */
	for (int lost = 0; lost < MOST_LOST && error_is(err, ERROR_STALE);
	     lost++) {
		error_free(err);
		release_report_release(out);
		err = release_once(&r);
	}
	tags_release(&r.tags);
	return err;
}
