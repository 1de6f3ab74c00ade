/* Commits are those git would write, and history is what git shows. */
#include "tests/unit/repo.h"

#include "gitops/commit.h"

static struct scratch box;
static struct repo *repo;

static int setup(void **state)
{
	(void)state;
	sandbox_open(&box);
	sh(&box, "git init -q -b main . && mkdir -p src/lib doc && "
		 "echo 1 >src/lib/a.c && echo 1 >doc/a && git add . && "
		 "git commit -q -m one");
	ok(repo_open(&repo, box.dir));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	repo_release(&repo);
	sandbox_close(&box);
	return 0;
}

static struct oid oid_of(const char *revision)
{
	char *hex = sh_out(&box, "git rev-parse '%s'", revision);
	struct oid oid;

	ok(oid_parse(&oid, hex));
	free(hex);
	return oid;
}

static void reopen(void)
{
	repo_release(&repo);
	ok(repo_open(&repo, box.dir));
}

static char ada[] = "Ada";
static char ada_mail[] = "ada@example.org";
static char carl[] = "Carl";
static char carl_mail[] = "carl@example.org";

static struct commit_spec spec_on(const struct oid *parents, size_t n,
				  const char *message)
{
	struct commit_spec spec = {
		.tree = oid_of("HEAD^{tree}"),
		.parents = parents,
		.n_parents = n,
		.message = message,
		.author = { ada, ada_mail },
		.committer = { carl, carl_mail },
		.when = 1767323045,
	};

	return spec;
}

static void a_commit_is_the_one_git_writes(void **state)
{
	static const char message[] = "feat: x\n\nBody.\n\nOrch-Plan: p\n";
	struct oid head = oid_of("HEAD");
	struct commit_spec spec = spec_on(&head, 1, message);
	struct oid oid;
	char hex[OID_HEX];
	char *expected;

	(void)state;
	ok(commit_create(&oid, repo, &spec));
	expected = sh_out(
		&box, "printf 'feat: x\\n\\nBody.\\n\\nOrch-Plan: p\\n' | "
		      "GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org "
		      "GIT_COMMITTER_NAME=Carl "
		      "GIT_COMMITTER_EMAIL=carl@example.org "
		      "GIT_AUTHOR_DATE='@1767323045 +0000' "
		      "GIT_COMMITTER_DATE='@1767323045 +0000' "
		      "git commit-tree -p HEAD HEAD^{tree}");
	same(oid_hex(hex, &oid), expected);
	free(expected);
	sh(&box, "git fsck --strict 2>/dev/null");
}

static void equal_specs_give_equal_ids(void **state)
{
	struct commit_spec spec = spec_on(NULL, 0, "claim p/a\n");
	struct oid one, two;

	(void)state;
	ok(commit_create(&one, repo, &spec));
	ok(commit_create(&two, repo, &spec));
	assert_true(oid_equal(&one, &two));
	spec.when++;
	ok(commit_create(&two, repo, &spec));
	assert_false(oid_equal(&one, &two));
}

static void a_merge_has_its_parents_in_order(void **state)
{
	struct oid parents[2] = { oid_of("HEAD"), oid_of("HEAD") };
	struct commit_spec spec = spec_on(parents, 1, "two\n");
	struct oid merge, parent;

	(void)state;
	ok(commit_create(&parents[1], repo, &spec));
	spec = spec_on(parents, 2, "merge\n");
	ok(commit_create(&merge, repo, &spec));
	for (unsigned n = 0; n < 2; n++) {
		ok(commit_parent(&parent, repo, &merge, n));
		assert_true(oid_equal(&parent, &parents[n]));
	}
	ok(commit_parent(&parent, repo, &merge, 2));
	assert_true(oid_is_zero(&parent));
}

static void an_identity_without_a_name_is_an_error(void **state)
{
	static char blank[] = " ";
	struct commit_spec spec = spec_on(NULL, 0, "x\n");
	struct oid oid;

	(void)state;
	spec.author.name = blank;
	fails(ERROR_FAILURE, "cannot sign a commit",
	      commit_create(&oid, repo, &spec));
}

static void a_tree_that_is_not_here_is_an_error(void **state)
{
	struct commit_spec spec = spec_on(NULL, 0, "x\n");
	struct oid oid;

	(void)state;
	memset(&spec.tree, 1, sizeof spec.tree);
	fails(ERROR_FAILURE, "writing a commit",
	      commit_create(&oid, repo, &spec));
}

static void commits_are_signed_where_the_user_says_so(void **state)
{
	struct oid head = oid_of("HEAD");
	struct commit_spec spec = spec_on(&head, 1, "feat: signed\n\nBody.\n");
	struct oid oid;
	char hex[OID_HEX];
	char *message;

	(void)state;
	if (sh_status(&box, "ssh-keygen -q -t ed25519 -N '' -f key"))
		skip();
	sh(&box, "git config gpg.format ssh && git config commit.gpgSign yes "
		 "&& git config user.signingKey \"$PWD/key\" && "
		 "printf 'carl@example.org %%s\\n' \"$(cat key.pub)\" >signers "
		 "&& git config gpg.ssh.allowedSignersFile \"$PWD/signers\"");
	reopen();
	ok(commit_create(&oid, repo, &spec));
	sh(&box, "git verify-commit %s 2>/dev/null", oid_hex(hex, &oid));
	message = sh_out(&box,
			 "git log -1 --format='%%an %%ae %%at %%cn %%ct "
			 "%%s' %s",
			 hex);
	same(message, "Ada ada@example.org 1767323045 Carl 1767323045 "
		      "feat: signed");
	free(message);
}

static void a_signature_that_fails_is_an_error(void **state)
{
	struct commit_spec spec = spec_on(NULL, 0, "x\n");
	struct oid oid;
	struct error *err;

	(void)state;
	sh(&box, "git config gpg.format ssh && git config commit.gpgSign yes "
		 "&& git config user.signingKey \"$PWD/absent\"");
	reopen();
	err = commit_create(&oid, repo, &spec);
	assert_non_null(err);
	assert_int_equal(err->code, ERROR_FAILURE);
	assert_non_null(strstr(err->message, "could not sign"));
	assert_non_null(strstr(err->hint, "commit.gpgSign"));
	error_free(err);
}

static void a_commit_can_be_read_back(void **state)
{
	struct oid head = oid_of("HEAD");
	struct oid tree, expected = oid_of("HEAD^{tree}");
	struct identity author = { NULL, NULL };
	int64_t when;
	char *message;

	(void)state;
	ok(commit_tree(&tree, repo, &head));
	assert_true(oid_equal(&tree, &expected));
	ok(commit_time(&when, repo, &head));
	assert_int_equal(when, 1767323045);
	ok(commit_author(&author, &when, repo, &head));
	same(author.name, "Ada Author");
	same(author.email, "ada@example.org");
	identity_release(&author);
	ok(commit_message(&message, repo, &head));
	same(message, "one\n");
	free(message);
	assert_true(commit_exists(repo, &head));
	assert_false(commit_exists(repo, &expected));
	assert_false(commit_exists(repo, &oid_zero));
	fails(ERROR_NOT_FOUND, "reading commit",
	      commit_tree(&tree, repo, &oid_zero));
}

static void the_last_trailer_of_a_name_counts(void **state)
{
	struct commit_spec spec =
		spec_on(NULL, 0,
			"x\n\nOrch-Plan: no, this is the body\n\nbody\n\n"
			"Orch-Run: r1\nOrch-Plan: one\norch-plan: two\n");
	struct oid oid;
	char *value;

	(void)state;
	ok(commit_create(&oid, repo, &spec));
	ok(commit_trailer(&value, repo, &oid, "Orch-Plan"));
	same(value, "two");
	free(value);
	ok(commit_trailer(&value, repo, &oid, "Orch-Run"));
	same(value, "r1");
	free(value);
	ok(commit_trailer(&value, repo, &oid, "Orch-Phase"));
	assert_null(value);
}

static void revisions_resolve_as_in_git(void **state)
{
	static const char *const good[] = { "HEAD", "main",   "refs/heads/main",
					    "tag",  "HEAD^0", "HEAD@{0}" };
	struct oid head = oid_of("HEAD");
	struct oid oid;
	char hex[OID_HEX];

	(void)state;
	sh(&box, "git tag -a -m t tag");
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ok(commit_resolve(&oid, repo, good[i]));
		assert_true(oid_equal(&oid, &head));
	}
	oid_hex(hex, &head);
	hex[10] = '\0';
	ok(commit_resolve(&oid, repo, hex));
	assert_true(oid_equal(&oid, &head));
	fails(ERROR_NOT_FOUND, "there is no commit 'nowhere'",
	      commit_resolve(&oid, repo, "nowhere"));
	fails(ERROR_INVALID, "does not name a commit",
	      commit_resolve(&oid, repo, "HEAD^{tree}"));
	fails(ERROR_INVALID, "does not name a commit",
	      commit_resolve(&oid, repo, "a..b"));
}

static void ancestry_is_that_of_git(void **state)
{
	struct oid one, two, side, base;
	int yes;

	(void)state;
	sh(&box, "git commit -q --allow-empty -m two && "
		 "git checkout -q -b side HEAD^ && "
		 "git commit -q --allow-empty -m side && "
		 "git checkout -q --orphan alone && "
		 "git commit -q --allow-empty -m alone");
	one = oid_of("main^");
	two = oid_of("main");
	side = oid_of("side");
	ok(commit_is_ancestor(&yes, repo, &one, &two));
	assert_true(yes);
	ok(commit_is_ancestor(&yes, repo, &two, &two));
	assert_true(yes);
	ok(commit_is_ancestor(&yes, repo, &two, &one));
	assert_false(yes);
	ok(commit_is_ancestor(&yes, repo, &two, &side));
	assert_false(yes);
	ok(commit_merge_base(&base, repo, &two, &side));
	assert_true(oid_equal(&base, &one));
	base = one;
	side = oid_of("alone");
	ok(commit_merge_base(&base, repo, &two, &side));
	assert_true(oid_is_zero(&base));
}

static void a_shallow_clone_has_an_edge_and_says_so(void **state)
{
	CLEANUP(commit_lines_release)
	struct commit_lines lines = { NULL, 0, 0 };
	char *dir = xasprintf("%s/shallow", box.dir);
	struct oid head, parent, other;
	struct error *err;

	(void)state;
	sh(&box, "git commit -q --allow-empty -m two && git tag old HEAD^ && "
		 "git clone -q --depth 1 file://$PWD shallow 2>/dev/null");
	head = oid_of("HEAD");
	other = oid_of("HEAD^");
	repo_release(&repo);
	ok(repo_open(&repo, dir));
	free(dir);
	ok(commit_parent(&parent, repo, &head, 0));
	assert_true(oid_is_zero(&parent));
	ok(commit_history(&lines, repo, &head, "doc/a", 10));
	assert_int_equal(lines.len, 1);
	err = commit_merge_base(&parent, repo, &head, &other);
	assert_non_null(err);
	assert_non_null(strstr(err->message, "shallow"));
	assert_non_null(strstr(err->hint, "--unshallow"));
	error_free(err);
}

static void history_is_that_of_git_along_first_parents(void **state)
{
	static const char *const paths[] = { "src/lib/a.c", "src/lib", "src",
					     "doc/a",       "doc",     "none",
					     "src/none/x" };

	(void)state;
	sh(&box, "echo 2 >src/lib/a.c && git commit -qam two && "
		 "git checkout -q -b side && echo 3 >src/lib/a.c && "
		 "git commit -qam three && git checkout -q main && "
		 "echo 2 >doc/a && git commit -qam four && "
		 "git merge -q --no-ff -m merge side && "
		 "chmod +x doc/a && git commit -qam mode && "
		 "git rm -q doc/a && mkdir -p doc/a && echo x >doc/a/b && "
		 "git add . && git commit -qam folder && "
		 "git rm -rq src && git commit -qam gone");
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		CLEANUP(commit_lines_release)
		struct commit_lines lines = { NULL, 0, 0 };
		CLEANUP(buf_release) struct buf got = BUF_INIT;
		struct oid head = oid_of("HEAD");
		char *expected = sh_out(&box,
					"git log -s --first-parent "
					"--diff-merges=first-parent "
					"--format='%%H %%at %%an %%s' -- %s",
					paths[i]);

		ok(commit_history(&lines, repo, &head, paths[i], 100));
		FOR_EACH (struct commit_line, line, &lines) {
			char hex[OID_HEX];

			buf_addf(&got, "%s%s %lld %s %s", got.len ? "\n" : "",
				 oid_hex(hex, &line->oid),
				 (long long)line->when, line->author,
				 line->subject);
		}
		same(got.data, expected);
		free(expected);
	}
}

static void history_ends_at_most(void **state)
{
	CLEANUP(commit_lines_release)
	struct commit_lines lines = { NULL, 0, 0 };
	struct oid head;

	(void)state;
	sh(&box, "for i in 2 3 4; do echo $i >doc/a; git commit -qam $i; done");
	head = oid_of("HEAD");
	ok(commit_history(&lines, repo, &head, "doc/a", 2));
	assert_int_equal(lines.len, 2);
	same(lines.items[0].subject, "4");
	same(lines.items[1].subject, "3");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_commit_is_the_one_git_writes),
		TEST(equal_specs_give_equal_ids),
		TEST(a_merge_has_its_parents_in_order),
		TEST(an_identity_without_a_name_is_an_error),
		TEST(a_tree_that_is_not_here_is_an_error),
		TEST(commits_are_signed_where_the_user_says_so),
		TEST(a_signature_that_fails_is_an_error),
		TEST(a_commit_can_be_read_back),
		TEST(the_last_trailer_of_a_name_counts),
		TEST(revisions_resolve_as_in_git),
		TEST(ancestry_is_that_of_git),
		TEST(a_shallow_clone_has_an_edge_and_says_so),
		TEST(history_is_that_of_git_along_first_parents),
		TEST(history_ends_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
