/*
 * Entry, tag, release, in that order: what the tag leads to has the entry in
 * it, and a forge knows no release without its tag.
 */
#include "plans/release-step.h"

#include "gitops/commit.h"
#include "gitops/forge-admin.h"
#include "gitops/land.h"
#include "plans/changelog.h"
#include "plans/forge-open.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LOST 20
#define MOST_BACK 200 /* commits of the changelog that are looked at */

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
		TRY(entry_read(&text, project->repo, &line->oid));
		if (!entry_has(&text, version))
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
	TRY(entry_read(&text, project->repo, &project->base.commit));
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

	TRY(entry_read(&text, project->repo, &project->base.commit));
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
	TRY(entry_drop_branch(r));
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
	TRY(entry_bring(r));
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
