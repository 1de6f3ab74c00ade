/*
 * Sharing the store through git.  What leaves is looked at entry by entry; of
 * what comes in nothing is believed but that somebody says a model answered
 * it: names are checked and made anew, prices are ours, a date lies not in the
 * future.
 */
#include "plans/cache.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/price.h"
#include "gitops/commit.h"
#include "gitops/git.h"
#include "gitops/ref.h"
#include "gitops/workspace.h"
#include "plans/gate.h"
#include "plans/models.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_PREFIX "refs/orch/cache/"
#define MOST_BYTES   ((size_t)8 << 20) /* of one entry */
#define MOST_COUNT   100000 /* entries of one runner */
#define MOST_WORD    256
#define MOST_DEPENDS 10000

void cache_share_release(struct cache_share *share)
{
	free(share->ref);
	strings_release(&share->stages);
	*share = (struct cache_share){ .ref = NULL };
}

/* A verdict is each runner's own; a test says nothing to anybody. */
static int is_private(const char *stage)
{
	return !stage || !strcmp(stage, "verdict") || !strcmp(stage, "test");
}

/* A gathering under way. */
struct gathering {
	struct cache_share *out;
	struct project *project;
	struct workspace *work;
	struct secrets *secrets;
	struct strings found; /* "<key>: <rule>" */
	struct map stages; /* name to how many */
	char *dir;
	int64_t newest;
};

static void gathering_release(struct gathering *g)
{
	workspace_free(g->work);
	secrets_free(&g->secrets);
	strings_release(&g->found);
	map_release(&g->stages);
	free(g->dir);
}

/* Every text by itself: as JSON a line break would hide what spans it. */
static struct error *scan(struct gathering *g, const char *key,
			  const struct value *value)
{
	CLEANUP(secret_hits_release) struct secret_hits hits = { NULL, 0, 0 };

	VALUE_EACH(child, value)
	TRY(scan(g, key, child));
	if (value->kind != VALUE_STRING || !value->len)
		return NULL;
	TRY(secrets_scan(&hits, g->secrets, NULL, value->text, value->len));
	FOR_EACH (struct secret, hit, &hits)
		strings_addf(&g->found, "%.12s (%s)", key, hit->rule);
	return NULL;
}

static void count_stage(struct gathering *g, const char *stage)
{
	uintptr_t n = (uintptr_t)map_get(&g->stages, stage) + 1;

	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the map counts */
	map_set(&g->stages, stage, (void *)n);
}

static struct error *add_entry(struct gathering *g,
			       const struct reply_entry *entry)
{
	const char *key = entry->key;
	CLEANUP(free_str) char *path = reply_entry_path(g->dir, key);
	CLEANUP(free_str) char *name = xasprintf("%.2s/%s", key, key + 2);
	CLEANUP(reply_entry_release) struct reply_entry again = { .at = 0 };
	CLEANUP(reply_release) struct reply reply;
	CLEANUP(buf_release) struct buf file = BUF_INIT;

	reply_init(&reply);
	TRY(file_read(&file, path, MOST_BYTES));
	TRY(reply_entry_parse(&reply, &again, &file));
	TRY(scan(g, key, reply.tree.root));
	TRY(workspace_write(g->work, name, file.data, file.len, MODE_FILE));
	count_stage(g, entry->stage);
	g->out->count++;
	g->out->bytes += (int64_t)file.len;
	if (entry->at > g->newest)
		g->newest = entry->at;
	return NULL;
}

static struct error *add_entries(struct gathering *g)
{
	CLEANUP(reply_entries_release)
	struct reply_entries all = { NULL, 0, 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;
	const struct reply_expiry expiry = cache_expiry(&g->project->config);
	int64_t now = clock_now();

	TRY(replies_list(&all, &damaged, g->dir));
	FOR_EACH (struct reply_entry, entry, &all) {
		if (is_private(entry->stage) || entry->shared ||
		    entry->size > (int64_t)MOST_BYTES ||
		    reply_expired(entry, &expiry, now)) {
			g->out->left_out++;
			continue;
		}
		TRY(add_entry(g, entry));
	}
	return NULL;
}

static struct error *refuse_secrets(const struct strings *found)
{
	CLEANUP(buf_release) struct buf list = BUF_INIT;

	strings_join(&list, found, ", ");
	return error_hint(error_new(ERROR_REFUSED,
				    "replies hold what looks like a secret, "
				    "nothing was shared: %s",
				    list.data),
			  "git orch cache show <key> shows it redacted, cache "
			  "invalidate <key> drops it; secrets.allow names what "
			  "is none");
}

static void name_stages(struct gathering *g)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	map_keys(&names, &g->stages);
	FOR_EACH (char *, it, &names)
		strings_addf(
			&g->out->stages, "%s: %lu", *it,
			(unsigned long)(uintptr_t)map_get(&g->stages, *it));
}

/* Equal entries make the same commit, whenever it is made. */
static struct error *commit(struct gathering *g, const char *runner)
{
	struct repo *repo = g->project->repo;
	CLEANUP(free_str)
	char *message = xasprintf(
		"cache %s\n\nOrch-Cache: 1\nOrch-Runner: %s\n", runner, runner);
	CLEANUP(identity_release) struct identity who = { NULL, NULL };
	struct commit_spec spec = { .message = message,
				    .when = g->newest,
				    .plain = 1 };
	struct oid old;

	TRY(repo_committer(&who, repo));
	spec.author = spec.committer = who;
	TRY(workspace_write_tree(&spec.tree, g->work));
	TRY(commit_create(&g->out->commit, repo, &spec));
	TRY(ref_read_maybe(&old, repo, g->out->ref));
	if (oid_equal(&old, &g->out->commit))
		return NULL;
	return ref_cas(repo, g->out->ref, &g->out->commit, &old,
		       "cache: what is shared");
}

static struct error *check_sharing(const struct project *project)
{
	if (project->config.cache.share)
		return NULL;
	return error_hint(
		error_new(ERROR_REFUSED, "replies are not shared here"),
		"set cache: {share: true} in .orch/config.yaml, or "
		"in ~/.config/git-orch/config.yaml for yourself");
}

struct error *cache_gather(struct cache_share *out, struct project *project)
{
	CLEANUP(gathering_release)
	struct gathering g = { .out = out, .project = project };
	CLEANUP(free_str) char *runner = NULL;

	TRY(check_sharing(project));
	TRY(cache_dir(&g.dir, project));
	TRY(gate_rules(&g.secrets, project));
	TRY(workspace_open(&g.work, project->repo, &oid_zero));
	TRY(add_entries(&g));
	if (g.found.len)
		return refuse_secrets(&g.found);
	name_stages(&g);
	TRY(repo_runner(&runner, project->repo));
	out->ref = xasprintf(CACHE_PREFIX "%s", runner);
	return out->count ? commit(&g, runner) : NULL;
}

/* The user's git, in the worktree: a remote's path may be relative to it. */
static struct error *run_git(struct repo *repo, struct git_call *call,
			     const char *remote, const char *refspec)
{
	CLEANUP(proc_result_release) struct proc_result result;

	strings_addv(&call->args, "--", remote, refspec, NULL);
	call->dir = repo_work_dir(repo);
	proc_result_init(&result);
	TRY(git_call(&result, repo, call));
	if (result.end == PROC_EXITED && !result.exit)
		return NULL;
	return git_failure(call, &result);
}

struct error *cache_push(const struct cache_share *share,
			 struct project *project, const char *remote)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(free_str)
	char *refspec = xasprintf("+%s:%s", share->ref, share->ref);

	strings_addv(&call.args, "push", "--quiet", "--no-verify",
		     "--recurse-submodules=no", "--no-follow-tags", NULL);
	return error_wrap(run_git(project->repo, &call, remote, refspec),
			  "cannot share replies with '%s'", remote);
}

/* A pull under way. */
struct pulling {
	struct cache_pull *out;
	struct project *project;
	struct prices *prices;
	char *dir;
	int64_t now;
	int64_t bytes; /* taken so far */
};

static void pulling_release(struct pulling *p)
{
	prices_free(&p->prices);
	free(p->dir);
}

/* "ab/cdef…" as a key; 0: it is none. */
static int key_of(char key[SHA256_HEX], const char *path)
{
	if (strlen(path) != SHA256_HEX || path[2] != '/')
		return 0;
	memcpy(key, path, 2);
	memcpy(key + 2, path + 3, SHA256_HEX - 2);
	return reply_key_valid(key);
}

/* Words go into tables and file names are made of none of them. */
static int is_word(const char *text)
{
	if (!text)
		return 1;
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return 0;
	return strlen(text) <= MOST_WORD;
}

static int is_sound(const struct reply_entry *entry, const char *key)
{
	const char *const words[] = { entry->stage, entry->plan, entry->phase,
				      entry->agent, entry->model };
	const struct usage *usage = &entry->usage;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!is_word(words[i]))
			return 0;
	FOR_EACH (char *, it, &entry->depends)
		if (!reply_key_valid(*it))
			return 0;
	return !strcmp(entry->key, key) && entry->depends.len <= MOST_DEPENDS &&
	       usage->input >= 0 && usage->cached >= 0 &&
	       usage->cache_write >= 0 && usage->output >= 0 &&
	       usage->reasoning >= 0;
}

/* *sound 0: nothing that could be taken. */
static struct error *read_entry(struct reply *reply, struct reply_entry *entry,
				int *sound, const struct pulling *p,
				const struct oid *blob, const char *key)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT;
	struct error *err =
		blob_read(&file, p->project->repo, blob, MOST_BYTES);

	if (!err)
		err = reply_entry_parse(reply, entry, &file);
	if (!err)
		entry->usage = reply->usage;
	*sound = !err && is_sound(entry, key);
	if (!error_is(err, ERROR_INVALID))
		return err;
	error_free(err);
	return NULL;
}

/* What others say of it is kept where it can do no harm. */
static struct error *take(struct pulling *p, struct reply_entry *entry,
			  const struct reply *reply)
{
	entry->shared = 1;
	entry->at = entry->at > p->now || entry->at < 0 ? p->now : entry->at;
	entry->micros =
		price_of(p->prices, entry->model, &entry->usage, entry->at);
	TRY(replies_put(p->dir, entry, reply));
	p->bytes += entry->size;
	p->out->taken++;
	return NULL;
}

static struct error *pull_entry(struct pulling *p, const struct workspace *work,
				const char *path)
{
	CLEANUP(reply_entry_release) struct reply_entry entry = { .at = 0 };
	CLEANUP(reply_release) struct reply reply;
	char key[SHA256_HEX] = "";
	enum file_mode mode;
	struct oid blob;
	int sound = 0;

	reply_init(&reply);
	TRY(workspace_stat(&mode, &blob, work, path));
	if (!key_of(key, path) || mode != MODE_FILE) {
		p->out->refused++;
		return NULL;
	}
	CLEANUP(free_str) char *here = reply_entry_path(p->dir, key);
	if (file_exists(here)) {
		p->out->known++;
		return NULL;
	}
	TRY(read_entry(&reply, &entry, &sound, p, &blob, key));
	if (!sound)
		p->out->refused++;
	else if (is_private(entry.stage))
		p->out->left_out++;
	else
		return take(p, &entry, &reply);
	return NULL;
}

static struct error *pull_ref(struct pulling *p, const struct ref *ref)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;
	CLEANUP(free_str) char *version = NULL;
	struct repo *repo = p->project->repo;
	int64_t most = p->project->config.cache.max_bytes;
	struct oid tree;

	TRY(commit_trailer(&version, repo, &ref->oid, "Orch-Cache"));
	if (!version || strcmp(version, "1") != 0) {
		p->out->refused++;
		return NULL;
	}
	p->out->refs++;
	TRY(commit_tree(&tree, repo, &ref->oid));
	TRY(workspace_open(&work, repo, &tree));
	TRY(workspace_list(&paths, work, ""));
	for (size_t i = 0; i < paths.len; i++) {
		if (i >= MOST_COUNT || p->bytes >= most) {
			p->out->refused += paths.len - i;
			break;
		}
		TRY(pull_entry(p, work, paths.items[i]));
	}
	return NULL;
}

static struct error *fetch(struct project *project, const char *remote,
			   const char *prefix)
{
	CLEANUP(git_call_release) struct git_call call = GIT_CALL_INIT;
	CLEANUP(free_str)
	char *refspec = xasprintf("+" CACHE_PREFIX "*:%s*", prefix);

	strings_addv(&call.args, "fetch", "--quiet", "--no-tags", "--prune",
		     "--refmap=", "--no-write-fetch-head", "--no-auto-gc",
		     "--recurse-submodules=no", NULL);
	return error_wrap(run_git(project->repo, &call, remote, refspec),
			  "cannot fetch replies from '%s'", remote);
}

struct error *cache_pull(struct cache_pull *out, struct project *project,
			 const char *remote)
{
	CLEANUP(pulling_release)
	struct pulling p = { .out = out,
			     .project = project,
			     .now = clock_now() };
	CLEANUP(free_str)
	char *prefix = xasprintf("refs/orch-remotes/%s/cache/", remote);
	CLEANUP(refs_release) struct refs refs = REFS_INIT;

	*out = (struct cache_pull){ .refs = 0 };
	TRY(check_sharing(project));
	TRY(cache_dir(&p.dir, project));
	TRY(project_prices(&p.prices, project));
	TRY(fetch(project, remote, prefix));
	TRY(ref_list(&refs, project->repo, prefix));
	FOR_EACH (const struct ref, ref, &refs)
		TRY(pull_ref(&p, ref));
	return NULL;
}
