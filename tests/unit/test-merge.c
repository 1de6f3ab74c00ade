#include "tests/unit/test.h"

#include "core/file.h"
#include "gitops/commit.h"
#include "gitops/merge.h"
#include "gitops/workspace.h"
#include "tests/unit/repo.h"

/* Starts a repository whose branches ours and theirs begin at main. */
static int start(void **state)
{
	static struct scratch box;

	sandbox_open(&box);
	sh(&box, "git init -q -b main . && printf '1\\n2\\n3\\n4\\n5\\n' >a && "
		 "printf '0\\n' >gone && mkdir d && echo x >d/f && "
		 "printf 'one\\n' >doc.yaml && git add . && "
		 "git commit -qm base && git branch ours && git branch theirs");
	*state = &box;
	return 0;
}

static int stop(void **state)
{
	sandbox_close(*state);
	return 0;
}

/* Commits on a branch what a shell command did to its files. */
static void on(const struct scratch *box, const char *branch,
	       const char *command)
{
	sh(box,
	   "git checkout -q %s && { %s; } && git add -A && git commit -qm "
	   "%s && git checkout -q main",
	   branch, command, branch);
}

struct merging {
	struct repo *repo;
	struct oid ours;
	struct oid theirs;
	struct merge merge;
};

static void merging_release(struct merging *m)
{
	merge_release(&m->merge);
	repo_release(&m->repo);
}

static void merging_open(struct merging *m, const struct scratch *box)
{
	*m = (struct merging){ .merge = MERGE_INIT };
	ok(repo_open(&m->repo, box->dir));
	ok(commit_resolve(&m->ours, m->repo, "ours"));
	ok(commit_resolve(&m->theirs, m->repo, "theirs"));
}

static void merge_both(struct merging *m, const struct scratch *box,
		       const struct merge_driver *driver)
{
	merging_open(m, box);
	ok(merge_commits(&m->merge, m->repo, &m->ours, &m->theirs, driver));
}

static void holds(const struct merging *m, const char *path,
		  const char *content)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	enum file_mode mode;
	struct oid oid;

	ok(tree_entry(&mode, &oid, m->repo, &m->merge.tree, path));
	assert_int_not_equal(mode, MODE_NONE);
	ok(blob_read(&text, m->repo, &oid, 1 << 20));
	same(text.data, content);
}

/* Exactly this one conflict, for a reason that says kind. */
static void conflicts(const struct merging *m, const char *path,
		      const char *kind)
{
	assert_int_equal(m->merge.conflicts.len, 1);
	assert_int_equal(m->merge.reasons.len, 1);
	same(m->merge.conflicts.items[0], path);
	const char *reason = m->merge.reasons.items[0];
	assert_non_null(reason);
	if (!strstr(reason, kind))
		fail_msg("%s", reason);
}

static void changes_in_different_lines_merge(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "ours", "sed -i s/1/one/ a");
	on(*state, "theirs", "sed -i s/5/five/ a && echo new >new");
	merge_both(&m, *state, NULL);
	assert_int_equal(m.merge.conflicts.len, 0);
	holds(&m, "a", "one\n2\n3\n4\nfive\n");
	holds(&m, "new", "new\n");
}

static void a_merge_equals_what_git_merge_makes(void **state)
{
	struct scratch *box = *state;
	CLEANUP(merging_release) struct merging m;
	char hex[OID_HEX];

	on(box, "ours", "git mv d e && chmod +x a");
	on(box, "theirs", "echo y >>d/f && git rm -q gone");
	merge_both(&m, box, NULL);
	sh(box, "git checkout -q ours && git merge -q -m m theirs");
	char *tree = sh_out(box, "git rev-parse 'HEAD^{tree}'");
	same(oid_hex(hex, &m.merge.tree), tree);
	free(tree);
}

static void the_same_line_is_a_conflict(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "ours", "sed -i s/3/drei/ a");
	on(*state, "theirs", "sed -i s/3/trois/ a");
	merge_both(&m, *state, NULL);
	conflicts(&m, "a", "content");
}

static void adding_the_same_file_twice_is_a_conflict(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "ours", "echo 1 >n");
	on(*state, "theirs", "echo 2 >n");
	merge_both(&m, *state, NULL);
	conflicts(&m, "n", "add/add");
}

static void changing_what_the_other_deleted_is_a_conflict(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "ours", "git rm -q gone");
	on(*state, "theirs", "echo 1 >>gone");
	merge_both(&m, *state, NULL);
	conflicts(&m, "gone", "modify/delete");
}

static void a_file_where_the_other_has_a_folder_is_a_conflict(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "ours", "echo 1 >n");
	on(*state, "theirs", "mkdir n && echo 2 >n/f");
	merge_both(&m, *state, NULL);
	assert_true(m.merge.conflicts.len >= 1);
}

static void binary_files_conflict_as_a_whole(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "ours", "printf '\\0one' >a");
	on(*state, "theirs", "printf '\\0two' >a");
	merge_both(&m, *state, NULL);
	conflicts(&m, "a", "");
}

static void several_conflicts_come_sorted_with_their_reasons(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "ours", "sed -i s/3/drei/ a; git rm -q gone; echo 1 >z");
	on(*state, "theirs", "sed -i s/3/trois/ a; echo 1 >>gone; echo 2 >z");
	merge_both(&m, *state, NULL);
	assert_int_equal(m.merge.conflicts.len, 3);
	same(m.merge.conflicts.items[0], "a");
	same(m.merge.conflicts.items[1], "gone");
	same(m.merge.conflicts.items[2], "z");
	assert_non_null(strstr(m.merge.reasons.items[1], "modify/delete"));
}

static void two_merge_bases_are_merged_first(void **state)
{
	struct scratch *box = *state;
	CLEANUP(merging_release) struct merging m;

	on(box, "ours", "sed -i s/1/one/ a");
	on(box, "theirs", "sed -i s/5/five/ a");
	sh(box, "git tag o ours && git tag t theirs && git checkout -q ours && "
		"git merge -q -m m t && git checkout -q theirs && "
		"git merge -q -m m o && git checkout -q main");
	on(box, "ours", "sed -i s/3/three/ a");
	on(box, "theirs", "echo new >new");
	merge_both(&m, box, NULL);
	assert_int_equal(m.merge.conflicts.len, 0);
	holds(&m, "a", "one\n2\nthree\n4\nfive\n");
}

static void odd_names_survive(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "ours", "printf 1 >'q\"\tu\nx'");
	on(*state, "theirs", "printf 2 >'q\"\tu\nx'");
	merge_both(&m, *state, NULL);
	conflicts(&m, "q\"\tu\nx", "add/add");
}

static void unrelated_histories_say_what_to_do(void **state)
{
	struct scratch *box = *state;
	CLEANUP(merging_release) struct merging m;

	sh(box, "git branch -f theirs $(git commit-tree -m x 'main^{tree}')");
	merging_open(&m, box);
	fails(ERROR_CONFLICT, "nothing in common",
	      merge_commits(&m.merge, m.repo, &m.ours, &m.theirs, NULL));
}

static void a_shallow_history_says_to_deepen_it(void **state)
{
	struct scratch *box = *state;
	CLEANUP(merging_release) struct merging m = { .merge = MERGE_INIT };

	on(box, "ours", "echo 1 >>a");
	on(box, "theirs", "echo 1 >>gone");
	sh(box, "git clone -q --depth 1 --no-single-branch file://$PWD shallow "
		"&& cd shallow && git branch -q ours origin/ours && "
		"git branch -q theirs origin/theirs");
	char *dir = path_join(box->dir, "shallow");
	ok(repo_open(&m.repo, dir));
	free(dir);
	ok(commit_resolve(&m.ours, m.repo, "ours"));
	ok(commit_resolve(&m.theirs, m.repo, "theirs"));
	struct error *err =
		merge_commits(&m.merge, m.repo, &m.ours, &m.theirs, NULL);
	assert_non_null(err);
	same(err->hint, "git fetch --unshallow");
	error_free(err);
}

static void drivers_of_the_configuration_do_not_run(void **state)
{
	struct scratch *box = *state;
	CLEANUP(merging_release) struct merging m;

	sh(box,
	   "git config merge.evil.driver 'touch %s/canary; true' && "
	   "echo '* merge=evil' >.git/info/attributes",
	   box->dir);
	on(box, "ours", "sed -i s/1/one/ a");
	on(box, "theirs", "sed -i s/5/five/ a");
	merge_both(&m, box, NULL);
	sh(box, "test ! -e canary");
	assert_int_equal(m.merge.conflicts.len, 0);
	holds(&m, "a", "one\n2\n3\n4\nfive\n");
}

static void a_driver_of_the_configuration_cannot_hide_a_conflict(void **state)
{
	struct scratch *box = *state;
	CLEANUP(merging_release) struct merging m;

	sh(box, "git config merge.evil.driver true && "
		"echo '* merge=evil' >.git/info/attributes");
	on(box, "ours", "sed -i s/3/drei/ a");
	on(box, "theirs", "sed -i s/3/trois/ a");
	merge_both(&m, box, NULL);
	conflicts(&m, "a", "content");
}

static void the_index_of_a_worktree_has_no_say(void **state)
{
	struct scratch *box = *state;
	CLEANUP(merging_release) struct merging m;

	sh(box, "echo '* merge=union' >.gitattributes && git add -A");
	sh(box, "git stash -q");
	on(box, "ours", "sed -i s/3/drei/ a");
	on(box, "theirs", "sed -i s/3/trois/ a");
	sh(box, "git stash pop -q");
	merge_both(&m, box, NULL);
	conflicts(&m, "a", "content");
}

/* Our driver: joins both sides, unless one of them says "no". */

static int wants_yaml(const char *path, void *data)
{
	(void)data;
	return strstr(path, ".yaml") != NULL;
}

static struct error *join(struct buf *out, const char *path,
			  const struct buf *base, const struct buf *ours,
			  const struct buf *theirs, void *data)
{
	(*(int *)data)++;
	if (!strcmp(theirs->data, "no\n"))
		return error_new(ERROR_CONFLICT, "field 'status' of %s", path);
	buf_addf(out, "%s+%s+%s", base ? base->data : "none\n", ours->data,
		 theirs->data);
	return NULL;
}

static void our_driver_merges_what_git_cannot(void **state)
{
	CLEANUP(merging_release) struct merging m;
	int calls = 0;
	struct merge_driver driver = { wants_yaml, join, &calls };

	on(*state, "ours", "echo two >doc.yaml");
	on(*state, "theirs", "echo three >doc.yaml; echo 1 >>a");
	merge_both(&m, *state, &driver);
	assert_int_equal(m.merge.conflicts.len, 0);
	assert_int_equal(calls, 1);
	holds(&m, "doc.yaml", "one\n+two\n+three\n");
	holds(&m, "a", "1\n2\n3\n4\n5\n1\n");
}

static void our_driver_is_asked_where_git_would_merge_by_line(void **state)
{
	CLEANUP(merging_release) struct merging m;
	int calls = 0;
	struct merge_driver driver = { wants_yaml, join, &calls };

	on(*state, "main", "printf '1\\n2\\n3\\n4\\n5\\n' >l.yaml");
	sh(*state, "git branch -f ours main && git branch -f theirs main");
	on(*state, "ours", "sed -i s/1/one/ l.yaml");
	on(*state, "theirs", "sed -i s/5/five/ l.yaml");
	merge_both(&m, *state, &driver);
	assert_int_equal(calls, 1);
	assert_int_equal(m.merge.conflicts.len, 0);
}

static void our_driver_is_not_asked_for_one_sided_changes(void **state)
{
	CLEANUP(merging_release) struct merging m;
	int calls = 0;
	struct merge_driver driver = { wants_yaml, join, &calls };

	on(*state, "ours", "echo two >doc.yaml");
	on(*state, "theirs", "echo 1 >>a");
	merge_both(&m, *state, &driver);
	assert_int_equal(calls, 0);
	holds(&m, "doc.yaml", "two\n");
}

static void our_driver_has_no_base_for_a_file_both_added(void **state)
{
	CLEANUP(merging_release) struct merging m;
	int calls = 0;
	struct merge_driver driver = { wants_yaml, join, &calls };

	on(*state, "ours", "echo a >d/n.yaml");
	on(*state, "theirs", "echo b >d/n.yaml");
	merge_both(&m, *state, &driver);
	assert_int_equal(m.merge.conflicts.len, 0);
	holds(&m, "d/n.yaml", "none\n+a\n+b\n");
}

static void a_conflict_of_our_driver_says_why(void **state)
{
	CLEANUP(merging_release) struct merging m;
	int calls = 0;
	struct merge_driver driver = { wants_yaml, join, &calls };

	on(*state, "ours", "echo two >doc.yaml");
	on(*state, "theirs", "echo no >doc.yaml");
	merge_both(&m, *state, &driver);
	conflicts(&m, "doc.yaml", "field 'status' of doc.yaml");
}

static void a_deleted_document_is_gits_conflict(void **state)
{
	CLEANUP(merging_release) struct merging m;
	int calls = 0;
	struct merge_driver driver = { wants_yaml, join, &calls };

	on(*state, "ours", "git rm -q doc.yaml");
	on(*state, "theirs", "echo two >doc.yaml");
	merge_both(&m, *state, &driver);
	conflicts(&m, "doc.yaml", "modify/delete");
	assert_int_equal(calls, 0);
}

static void a_replayed_commit_brings_only_its_own_change(void **state)
{
	struct scratch *box = *state;
	CLEANUP(merging_release) struct merging m;
	int calls = 0;
	struct merge_driver driver = { wants_yaml, join, &calls };

	on(box, "theirs", "echo lower >lower");
	on(box, "theirs", "echo upper >upper; echo two >doc.yaml");
	on(box, "ours", "sed -i s/1/one/ a; echo three >doc.yaml");
	merging_open(&m, box);
	ok(merge_replay(&m.merge, m.repo, &m.ours, &m.theirs, &driver));
	assert_int_equal(m.merge.conflicts.len, 0);
	holds(&m, "a", "one\n2\n3\n4\n5\n");
	holds(&m, "upper", "upper\n");
	holds(&m, "doc.yaml", "one\n+three\n+two\n");
	enum file_mode mode;
	struct oid oid;
	ok(tree_entry(&mode, &oid, m.repo, &m.merge.tree, "lower"));
	assert_int_equal(mode, MODE_NONE);
}

static void a_replay_can_conflict(void **state)
{
	CLEANUP(merging_release) struct merging m;

	on(*state, "theirs", "sed -i s/3/trois/ a");
	on(*state, "ours", "sed -i s/3/drei/ a");
	merging_open(&m, *state);
	ok(merge_replay(&m.merge, m.repo, &m.ours, &m.theirs, NULL));
	conflicts(&m, "a", "content");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changes_in_different_lines_merge),
		TEST(a_merge_equals_what_git_merge_makes),
		TEST(the_same_line_is_a_conflict),
		TEST(adding_the_same_file_twice_is_a_conflict),
		TEST(changing_what_the_other_deleted_is_a_conflict),
		TEST(a_file_where_the_other_has_a_folder_is_a_conflict),
		TEST(binary_files_conflict_as_a_whole),
		TEST(several_conflicts_come_sorted_with_their_reasons),
		TEST(two_merge_bases_are_merged_first),
		TEST(odd_names_survive),
		TEST(unrelated_histories_say_what_to_do),
		TEST(a_shallow_history_says_to_deepen_it),
		TEST(drivers_of_the_configuration_do_not_run),
		TEST(a_driver_of_the_configuration_cannot_hide_a_conflict),
		TEST(the_index_of_a_worktree_has_no_say),
		TEST(our_driver_merges_what_git_cannot),
		TEST(our_driver_is_asked_where_git_would_merge_by_line),
		TEST(our_driver_is_not_asked_for_one_sided_changes),
		TEST(our_driver_has_no_base_for_a_file_both_added),
		TEST(a_conflict_of_our_driver_says_why),
		TEST(a_deleted_document_is_gits_conflict),
		TEST(a_replayed_commit_brings_only_its_own_change),
		TEST(a_replay_can_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
