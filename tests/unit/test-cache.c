/* Sharing the store: what leaves, what comes in, and what is not believed. */
#include "tests/unit/opened.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/journal.h"
#include "gitops/claim.h"
#include "gitops/ref.h"
#include "plans/cache.h"
#include "plans/trust.h"

#include "core/price.h"

static char *store(void)
{
	return xasprintf("%s/repo/.git/orch/replies", box.dir);
}

static const char *key_of(const char *name)
{
	static char key[SHA256_HEX];

	sha256_of(name, strlen(name), key);
	return key;
}

/* Keeps a reply; its key is over its name. */
static void keep(const char *dir, const char *name, const char *stage,
		 const char *text)
{
	struct reply_entry entry = { .stage = (char *)stage,
				     .plan = (char *)"p",
				     .agent = (char *)"dev",
				     .model = (char *)"claude-haiku-4-5",
				     .at = clock_now() + 80000,
				     .micros = 1,
				     .usage = { .input = 1000 } };
	struct reply reply;

	memcpy(entry.key, key_of(name), sizeof entry.key);
	reply_init(&reply);
	reply_add_text(&reply, text, strlen(text));
	reply.usage = entry.usage;
	ok(replies_put(dir, &entry, &reply));
	reply_release(&reply);
}

static void open_sharing(const char *share)
{
	char *text = xasprintf("version: 1\ncache: {share: %s}\n", share);

	put(&box, ".orch/config.yaml", text);
	commit_all(&box);
	sh(&box, "git init -q --bare remote.git && "
		 "git -C repo remote add origin ../remote.git && "
		 "git -C repo update-ref refs/remotes/origin/main main");
	project_release(&project);
	ok(open_at(&project, &box, NULL));
	free(text);
}

static void push(struct cache_share *share)
{
	ok(cache_gather(share, &project));
	ok(cache_push(share, &project, "origin"));
}

/* The clone becomes the project, with an empty store. */
static void turn_into_another(void)
{
	sh(&box, "rm -rf repo/.git/orch && git -C repo config orch.runner two");
	project_release(&project);
	ok(open_at(&project, &box, NULL));
}

static struct error *get(struct reply_entry *entry, const char *name)
{
	struct reply reply;
	char *dir = store();

	reply_init(&reply);
	struct error *err =
		replies_get(&reply, entry, dir, key_of(name), NULL, 0);
	reply_release(&reply);
	free(dir);
	return err;
}

static void sharing_is_off_unless_configured(void **state)
{
	struct cache_share share = { .ref = NULL };
	struct cache_pull pull;

	(void)state;
	open_sharing("false");
	fails(ERROR_REFUSED, "not shared here", cache_gather(&share, &project));
	fails(ERROR_REFUSED, "not shared here",
	      cache_pull(&pull, &project, "origin"));
	cache_share_release(&share);
}

static void what_is_pushed_is_pulled_but_verdicts(void **state)
{
	struct cache_share share = { .ref = NULL };
	struct reply_entry entry = { .at = 0 };
	struct cache_pull pull;
	char *dir = store();

	(void)state;
	open_sharing("true");
	sh(&box, "git -C repo config orch.runner one");
	keep(dir, "a", "implement", "hello");
	keep(dir, "b", "implement", "world");
	keep(dir, "c", "verdict", "good");
	push(&share);
	assert_int_equal(share.count, 2);
	assert_int_equal(share.left_out, 1);
	same(share.ref, "refs/orch/cache/one");
	same(share.stages.items[0], "implement: 2");
	turn_into_another();
	ok(cache_pull(&pull, &project, "origin"));
	assert_int_equal(pull.refs, 1);
	assert_int_equal(pull.taken, 2);
	assert_int_equal(pull.refused + pull.left_out, 0);
	ok(get(&entry, "a"));
	assert_true(entry.shared);
	assert_true(entry.at <= clock_now());
	/* 1,000 tokens at one dollar a million: our own table says so. */
	assert_int_equal(entry.micros, 1000);
	reply_entry_release(&entry);
	fails(ERROR_NOT_FOUND, "no file", get(&entry, "c"));
	ok(cache_pull(&pull, &project, "origin"));
	assert_int_equal(pull.taken, 0);
	assert_int_equal(pull.known, 2);
	/* What came from others is not ours to share. */
	cache_share_release(&share);
	ok(cache_gather(&share, &project));
	assert_int_equal(share.count, 0);
	cache_share_release(&share);
	free(dir);
}

static void an_equal_store_is_an_equal_commit(void **state)
{
	struct cache_share share = { .ref = NULL };
	struct oid first;
	char *dir = store();

	(void)state;
	open_sharing("true");
	keep(dir, "a", "implement", "hello");
	push(&share);
	first = share.commit;
	cache_share_release(&share);
	push(&share);
	assert_true(oid_equal(&first, &share.commit));
	cache_share_release(&share);
	free(dir);
}

static void a_secret_stops_the_push_and_is_named_by_its_rule(void **state)
{
	struct cache_share share = { .ref = NULL };
	char *dir = store();
	struct error *err;

	(void)state;
	open_sharing("true");
	keep(dir, "a", "implement",
	     "key = \"ghp_"
	     "16C7e42F292c6912E7710c838347Ae178B4a\"");
	err = cache_gather(&share, &project);
	assert_non_null(err);
	assert_int_equal(err->code, ERROR_REFUSED);
	assert_non_null(strstr(err->message, "github"));
	assert_null(strstr(err->message, "16C7e42F"));
	error_free(err);
	assert_int_equal(sh_status(&box, "git -C remote.git show-ref"), 1);
	cache_share_release(&share);
	free(dir);
}

static void our_own_entry_is_never_replaced(void **state)
{
	struct cache_share share = { .ref = NULL };
	struct reply_entry entry = { .at = 0 };
	struct cache_pull pull;
	char *dir = store();

	(void)state;
	open_sharing("true");
	keep(dir, "a", "implement", "theirs");
	push(&share);
	turn_into_another();
	keep(dir, "a", "implement", "ours");
	ok(cache_pull(&pull, &project, "origin"));
	assert_int_equal(pull.taken, 0);
	assert_int_equal(pull.known, 1);
	ok(get(&entry, "a"));
	assert_false(entry.shared);
	reply_entry_release(&entry);
	cache_share_release(&share);
	free(dir);
}

/* Damaged, under another's name, with a path that leads out, a link. */
static void what_is_not_an_entry_is_refused(void **state)
{
	struct cache_share share = { .ref = NULL };
	struct cache_pull pull;
	char *dir = store();
	char *key = xstrdup(key_of("a"));

	(void)state;
	open_sharing("true");
	keep(dir, "a", "implement", "hello");
	push(&share);
	sh(&box,
	   "cd remote.git && good=$(git rev-parse %s:%.2s/%s) && "
	   "bad=$(git cat-file blob $good | sed 's/hello/hallo/' | "
	   "git hash-object -w --stdin) && "
	   "x=$(printf %%062d 0) && y=$(printf %%061d 0) && "
	   "inner=$(printf '100644 blob %%s\\t%%s\\n100644 blob %%s\\t%%s\\n"
	   "120000 blob %%s\\t%%s\\n' $bad $x $good ${y}1 $good ${y}2 | "
	   "git mktree) && "
	   "tree=$(printf '040000 tree %%s\\tab\\n100644 blob %%s\\tREADME\\n' "
	   "$inner $good | git mktree) && "
	   "git update-ref refs/orch/cache/evil $(git commit-tree -m 'cache\n\n"
	   "Orch-Cache: 1' $tree) && git update-ref -d %s",
	   share.ref, key, key + 2, share.ref);
	turn_into_another();
	ok(cache_pull(&pull, &project, "origin"));
	assert_int_equal(pull.taken, 0);
	assert_int_equal(pull.refused, 4);
	sh(&box,
	   "test -z \"$(find repo/.git/orch -path '*/replies/*' -type f)\"");
	cache_share_release(&share);
	free(key);
	free(dir);
}

static void a_newer_form_is_left_alone(void **state)
{
	struct cache_pull pull;

	(void)state;
	open_sharing("true");
	sh(&box, "cd remote.git && git update-ref refs/orch/cache/new "
		 "$(git commit-tree -m 'cache\n\nOrch-Cache: 2' "
		 "$(git mktree </dev/null))");
	ok(cache_pull(&pull, &project, "origin"));
	assert_int_equal(pull.refs, 0);
	assert_int_equal(pull.refused, 1);
}

static void a_key_is_found_by_its_beginning(void **state)
{
	char key[SHA256_HEX];
	char *dir = store();
	char *full = xstrdup(key_of("a"));
	char *start = xstrndup(full, 7);
	char *other, *path;

	(void)state;
	open_sharing("false");
	keep(dir, "a", "implement", "hello");
	ok(cache_find(key, dir, start));
	same(key, full);
	ok(cache_find(key, dir, full));
	fails(ERROR_USAGE, "is no key", cache_find(key, dir, "abc"));
	fails(ERROR_USAGE, "is no key", cache_find(key, dir, "../../x"));
	fails(ERROR_NOT_FOUND, "no reply", cache_find(key, dir, "0123456"));
	other = xstrdup(full);
	other[63] = other[63] == '0' ? '1' : '0';
	path = reply_entry_path(dir, other);
	ok(file_write(path, "x", 1, FILE_PLAIN));
	fails(ERROR_USAGE, "2 keys begin with", cache_find(key, dir, start));
	free(dir);
	free(full);
	free(start);
	free(other);
	free(path);
}

static void journal_closes(const char *run, const char *name, int end)
{
	CLEANUP(journal_close) struct journal *journal = NULL;
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	char *dir = xasprintf("%s/repo/.git/orch/journal", box.dir);

	ok(journal_open(&journal, dir, run));
	value_add_string(&line, value_object(&line, NULL, NULL), "key",
			 key_of(name));
	ok(journal_append(journal, "closed", line.root));
	if (end)
		ok(journal_append(journal, "end", NULL));
	free(dir);
}

static int is_kept(const char *name)
{
	struct reply_entry entry = { .at = 0 };
	struct error *err = get(&entry, name);
	int kept = !err;

	error_free(err);
	reply_entry_release(&entry);
	return kept;
}

#define HELD  "20260102T030405Z-00000001"
#define ENDED "20260102T030405Z-00000002"
#define LOOSE "20260102T030405Z-00000003"

static void gc_leaves_what_an_unfinished_run_goes_on_from(void **state)
{
	struct claim held = { .lock = FILE_LOCK_INIT };
	struct claim ended = { .lock = FILE_LOCK_INIT };
	struct reply_gc gc;
	char *dir = store();

	(void)state;
	open_sharing("false");
	keep(dir, "a", "implement", "of a run that holds its phase");
	keep(dir, "b", "implement", "of a run that has ended");
	keep(dir, "c", "implement", "of a run without a claim");
	ok(claim_take(&held, project.repo, "p", "one", HELD));
	ok(claim_take(&ended, project.repo, "p", "two", ENDED));
	journal_closes(HELD, "a", 0);
	journal_closes(ENDED, "b", 1);
	journal_closes(LOOSE, "c", 0);
	project.config.cache.max_bytes = 1;
	ok(cache_gc(&gc, &project));
	assert_int_equal(gc.removed, 2);
	assert_int_equal(gc.kept, 1);
	assert_true(is_kept("a"));
	ok(claim_drop(&held, project.repo));
	ok(cache_gc(&gc, &project));
	assert_false(is_kept("a"));
	claim_release(&held);
	claim_release(&ended);
	free(dir);
}

/* A run of planning that was answered, and how it ended; NULL: it did not. */
static void journal_plans(const char *run, const char *goal, const char *name,
			  const char *end)
{
	CLEANUP(journal_close) struct journal *journal = NULL;
	CLEANUP(tree_release) struct tree line = TREE_INIT;
	struct value *root = value_object(&line, NULL, NULL);
	char *dir = xasprintf("%s/repo/.git/orch/journal", box.dir);

	value_add_string(&line, root, "plan", goal);
	value_add_null(&line, root, "phase");
	value_add_string(&line, root, "goal", goal);
	value_add_string(&line, root, "key", key_of(name));
	value_add_maybe(&line, root, "status", end);
	ok(journal_open(&journal, dir, run));
	ok(journal_append(journal, "start", root));
	ok(journal_append(journal, "closed", root));
	if (end)
		ok(journal_append(journal, "end", root));
	free(dir);
}

static void gc_leaves_what_goals_are_planned_from(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	struct reply_gc gc;
	char *dir = store();

	(void)state;
	open_sharing("false");
	for (size_t i = 0; i < 5; i++)
		keep(dir, names[i], "brainstorm", "an idea");
	journal_plans("20260102T030405Z-00000001", "goal.under-way", "a", NULL);
	journal_plans("20260102T030405Z-00000002", "goal.stopped", "b",
		      "failed");
	journal_plans("20260102T030405Z-00000003", "goal.planned", "c", NULL);
	journal_plans("20260103T030405Z-00000004", "goal.planned", "d", "done");
	journal_plans("20260101T030405Z-00000005", "goal.old", "e", NULL);
	sh(&box, "touch -d '8 days ago' repo/.git/orch/journal/*5.jsonl");
	project.config.cache.max_bytes = 1;
	ok(cache_gc(&gc, &project));
	assert_true(is_kept("a"));
	assert_true(is_kept("b"));
	assert_false(is_kept("c"));
	assert_false(is_kept("d"));
	assert_false(is_kept("e"));
	free(dir);
}

static void gc_forgets_what_old_goals_used(void **state)
{
	struct reply_gc gc;

	(void)state;
	open_sharing("false");
	put(&box, ".git/orch/spend/goal.old.jsonl", "{}\n");
	put(&box, ".git/orch/spend/goal.new.jsonl", "{}\n");
	put(&box, ".git/orch/spend/plan.jsonl", "{}\n");
	sh(&box, "touch -d '8 days ago' repo/.git/orch/spend/goal.old.jsonl "
		 "repo/.git/orch/spend/plan.jsonl");
	sh(&box, "touch -d '6 days ago' repo/.git/orch/spend/goal.new.jsonl");
	ok(cache_gc(&gc, &project));
	char *left = sh_out(&box, "ls repo/.git/orch/spend");
	same(left, "goal.new.jsonl\nplan.jsonl");
	free(left);
}

static void the_store_is_tidied_once_a_day(void **state)
{
	struct trust trust = TRUST_INIT;
	char *dir = store();

	(void)state;
	open_sharing("false");
	ok(cache_tidy(&project));
	assert_false(file_is_dir(dir));
	keep(dir, "a", "implement", "hello");
	project.config.cache.max_bytes = 1;
	fails(ERROR_REFUSED, "not trusted", cache_tidy(&project));
	assert_true(is_kept("a"));
	ok(trust_read(&trust, &project, &project.base.tree));
	ok(trust_pin(&trust, &project));
	trust_release(&trust);
	ok(cache_tidy(&project));
	assert_false(is_kept("a"));
	keep(dir, "a", "implement", "hello");
	ok(cache_tidy(&project));
	assert_true(is_kept("a"));
	sh(&box, "touch -d '25 hours ago' repo/.git/orch/replies/.tidied");
	ok(cache_tidy(&project));
	assert_false(is_kept("a"));
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sharing_is_off_unless_configured),
		TEST(what_is_pushed_is_pulled_but_verdicts),
		TEST(an_equal_store_is_an_equal_commit),
		TEST(a_secret_stops_the_push_and_is_named_by_its_rule),
		TEST(our_own_entry_is_never_replaced),
		TEST(what_is_not_an_entry_is_refused),
		TEST(a_newer_form_is_left_alone),
		TEST(a_key_is_found_by_its_beginning),
		TEST(gc_leaves_what_an_unfinished_run_goes_on_from),
		TEST(gc_leaves_what_goals_are_planned_from),
		TEST(gc_forgets_what_old_goals_used),
		TEST(the_store_is_tidied_once_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
