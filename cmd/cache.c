/* `git orch cache`: the store of replies, looked at, cleaned and shared. */
#include "cmd/cache.h"

static struct error *run_invalidate(struct session *session)
{
	CLEANUP(free_str) char *dir = NULL;
	CLEANUP(strings_release) struct strings removed = STRINGS_INIT;
	char key[SHA256_HEX];

	TRY(cache_dir(&dir, &session->project));
	TRY(cache_find(key, dir, operand(session, 0)));
	TRY(replies_invalidate(&removed, dir, key,
			       args_flag(&session->args, "cascade")));
	FOR_EACH (char *, it, &removed)
		out_text(&session->out, "%s\n", *it);
	return NULL;
}

static struct error *run_clear(struct session *session)
{
	CLEANUP(free_str) char *dir = NULL;
	size_t n;

	TRY(cache_dir(&dir, &session->project));
	if (!confirmed(session, "Remove every reply that is kept?"))
		return error_hint(
			error_new(ERROR_REFUSED, "nothing was removed"),
			"what is removed is paid for again when it "
			"is asked; --yes removes it");
	TRY(cache_clear(&n, dir));
	say(&session->out, "%zu removed", n);
	return NULL;
}

static struct error *run_gc(struct session *session)
{
	struct reply_gc gc;
	char left[32];

	TRY(cache_gc(&gc, &session->project));
	size_format(left, sizeof left, gc.bytes);
	say(&session->out, "%zu removed, %zu damaged; %zu kept, %s", gc.removed,
	    gc.damaged, gc.kept, left);
	return NULL;
}

static void verify_json(struct out *out, const struct cache_verify *found,
			int fixed)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *list;

	value_add_int(&tree, root, "version", 1);
	value_add_int(&tree, root, "checked", (int64_t)found->checked);
	list = value_list(&tree, root, "damaged");
	FOR_EACH (char *, key, &found->damaged)
		value_add_string(&tree, list, NULL, *key);
	value_add_bool(&tree, root, "fixed", fixed);
	out_json(out, root);
}

static struct error *run_verify(struct session *session)
{
	struct cache_verify found = { .damaged = STRINGS_INIT };
	CLEANUP(free_str) char *dir = NULL;
	int fix = args_flag(&session->args, "fix");

	TRY(cache_dir(&dir, &session->project));
	struct error *err = cache_verify(&found, dir, fix);
	if (!err && found.damaged.len && !fix)
		session->status = 1;
	if (!err && session->out.json)
		verify_json(&session->out, &found, fix);
	else if (!err)
		FOR_EACH (char *, key, &found.damaged)
			out_text(&session->out, "%s\n", *key);
	if (!err)
		say(&session->out, "%zu looked at, %zu damaged%s",
		    found.checked, found.damaged.len,
		    fix && found.damaged.len ? " and removed" : "");
	if (session->status)
		hint(&session->out, "git orch cache verify --fix removes them");
	strings_release(&found.damaged);
	return err;
}

static const struct opt stats_opts[] = {
	{ 0, "days", "n", "look back this many days; default 30" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};
static const struct opt list_opts[] = {
	{ 0, "stage", "stage", "only those of this stage" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};
static const struct opt json_opts[] = { OPT_JSON, { 0, NULL, NULL, NULL } };
static const struct opt invalidate_opts[] = {
	{ 0, "cascade", NULL, "also what was derived from it" },
	{ 0, NULL, NULL, NULL },
};
static const struct opt clear_opts[] = {
	{ 'y', "yes", NULL, "without a question" },
	{ 0, NULL, NULL, NULL },
};
static const struct opt verify_opts[] = {
	{ 0, "fix", NULL, "remove the damaged ones" },
	OPT_JSON,
	{ 0, NULL, NULL, NULL },
};
static const struct opt push_opts[] = {
	{ 'n', "dry-run", NULL, "only show what would be shared" },
	{ 0, NULL, NULL, NULL },
};

static const struct cmd stats = {
	.name = "stats",
	.summary = "Show what the store saved, and how large it is",
	.opts = stats_opts,
	.needs = NEED_REPO,
	.run = cache_run_stats,
};
static const struct cmd list = {
	.name = "list",
	.summary = "List the replies, the newest first",
	.opts = list_opts,
	.needs = NEED_REPO,
	.run = cache_run_list,
};
static const struct cmd show = {
	.name = "show",
	.summary = "Print one reply",
	.args = "<key>",
	.min = 1,
	.max = 1,
	.opts = json_opts,
	.needs = NEED_REPO,
	.run = cache_run_show,
};
static const struct cmd invalidate = {
	.name = "invalidate",
	.summary = "Remove one reply",
	.args = "<key>",
	.min = 1,
	.max = 1,
	.opts = invalidate_opts,
	.needs = NEED_REPO,
	.run = run_invalidate,
};
static const struct cmd clear = {
	.name = "clear",
	.summary = "Remove every reply",
	.opts = clear_opts,
	.needs = NEED_REPO,
	.run = run_clear,
};
static const struct cmd gc = {
	.name = "gc",
	.summary = "Remove what is damaged, expired or too much",
	.needs = NEED_REPO,
	.run = run_gc,
};
static const struct cmd verify = {
	.name = "verify",
	.summary = "Look for damaged replies",
	.opts = verify_opts,
	.needs = NEED_REPO,
	.run = run_verify,
};
static const struct cmd push = {
	.name = "push",
	.summary = "Share replies with those who use the remote",
	.opts = push_opts,
	.needs = NEED_REPO | NEED_TRUST,
	.run = cache_run_push,
};
static const struct cmd pull = {
	.name = "pull",
	.summary = "Take what others share",
	.needs = NEED_REPO | NEED_TRUST,
	.run = cache_run_pull,
};
static const struct cmd *const subs[] = { &stats, &list, &show,   &invalidate,
					  &clear, &gc,   &verify, &push,
					  &pull,  NULL };

const struct cmd cmd_cache = {
	.name = "cache",
	.summary = "Look at the replies that are kept, clean and share them",
	.args = "stats|list|show|invalidate|clear|gc|verify|push|pull",
	.subs = subs,
};
