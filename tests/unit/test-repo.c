/*
 * The kinds of repositories there are, each made by git: served without loss,
 * or refused by name.
 */
#include "tests/unit/repo.h"

#include "core/file.h"
#include "gitops/repo.h"

static struct scratch box;
static struct repo *repo;

static int setup(void **state)
{
	(void)state;
	sandbox_open(&box);
	sh(&box, "git init -q -b main plain && cd plain && echo a >a && "
		 "mkdir sub && echo b >sub/b && git add . && "
		 "git commit -q -m one");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	repo_release(&repo);
	sandbox_environment(box.dir);
	sandbox_close(&box);
	return 0;
}

static void open_at(const char *path)
{
	char *dir = xasprintf("%s/%s", box.dir, path);

	repo_release(&repo);
	ok(repo_open(&repo, dir));
	free(dir);
}

static void refused(enum error_code code, const char *path, const char *text,
		    const char *hint)
{
	char *dir = xasprintf("%s/%s", box.dir, path);
	struct error *err = repo_open(&repo, dir);

	free(dir);
	if (!err)
		fail_msg("%s: opened", path);
	if (err->code != code || !strstr(err->message, text) || !err->hint ||
	    !strstr(err->hint, hint))
		fail_msg("%s: code %d: %s (%s)", path, (int)err->code,
			 err->message, err->hint ? err->hint : "no hint");
	error_free(err);
}

/* A path below the sandbox, or NULL, is what the function gave. */
static void is_path(const char *got, const char *path)
{
	char *expected = path ? xasprintf("%s/%s", box.dir, path) : NULL;

	if (!expected || !got) {
		assert_true(!expected && !got);
		return;
	}
	same(got, expected);
	free(expected);
}

static void has_config(const char *key, const char *expected)
{
	char *value = NULL;

	ok(repo_config(&value, repo, key));
	same(value, expected);
	free(value);
}

static void a_plain_repository_is_served(void **state)
{
	CLEANUP(free_str) char *head = NULL;

	(void)state;
	open_at("plain/sub");
	is_path(repo_git_dir(repo), "plain/.git");
	is_path(repo_common_dir(repo), "plain/.git");
	is_path(repo_work_dir(repo), "plain");
	assert_false(repo_is_shallow(repo));
	ok(repo_head(&head, repo));
	same(head, "refs/heads/main");
}

static void a_bare_repository_is_served(void **state)
{
	(void)state;
	sh(&box, "git clone -q --bare plain bare");
	open_at("bare");
	is_path(repo_git_dir(repo), "bare");
	is_path(repo_work_dir(repo), NULL);
}

static void a_linked_worktree_is_served(void **state)
{
	CLEANUP(free_str) char *head = NULL;

	(void)state;
	sh(&box, "git -C plain worktree add -q ../linked -b topic");
	open_at("linked/sub");
	is_path(repo_git_dir(repo), "plain/.git/worktrees/linked");
	is_path(repo_common_dir(repo), "plain/.git");
	is_path(repo_work_dir(repo), "linked");
	ok(repo_head(&head, repo));
	same(head, "refs/heads/topic");
}

static void a_shallow_clone_is_served(void **state)
{
	(void)state;
	sh(&box, "git -C plain commit -q --allow-empty -m two && "
		 "git clone -q --depth 1 file://$PWD/plain shallow");
	open_at("shallow");
	assert_true(repo_is_shallow(repo));
}

static void a_sparse_checkout_is_served(void **state)
{
	(void)state;
	sh(&box, "cd plain && git sparse-checkout set sub && "
		 "git config --worktree orch.base trunk");
	open_at("plain");
	has_config("extensions.worktreeConfig", "true");
	has_config("core.sparseCheckout", "true");
	has_config("orch.base", "trunk");
}

static void a_sparse_index_is_served(void **state)
{
	(void)state;
	sh(&box, "cd plain && git sparse-checkout set --cone --sparse-index "
		 "other");
	open_at("plain");
	has_config("index.sparse", "true");
}

static void a_sparse_worktree_of_a_bare_repository_is_served(void **state)
{
	(void)state;
	sh(&box, "git clone -q --bare plain bare && cd bare && "
		 "git worktree add -q ../linked main && cd ../linked && "
		 "git sparse-checkout set sub");
	open_at("linked");
	is_path(repo_common_dir(repo), "bare");
	is_path(repo_work_dir(repo), "linked");
	open_at("bare");
	is_path(repo_git_dir(repo), "bare");
	is_path(repo_work_dir(repo), NULL);
}

static void a_submodule_and_its_superproject_are_served(void **state)
{
	(void)state;
	sh(&box, "git init -q -b main super && cd super && "
		 "git -c protocol.file.allow=always submodule --quiet add "
		 "../plain part 2>/dev/null && git commit -q -m part");
	open_at("super");
	is_path(repo_work_dir(repo), "super");
	open_at("super/part");
	is_path(repo_git_dir(repo), "super/.git/modules/part");
	is_path(repo_work_dir(repo), "super/part");
}

static void lfs_pointers_are_files_as_others(void **state)
{
	(void)state;
	sh(&box, "cd plain && echo '*.bin filter=lfs -text' >.gitattributes && "
		 "git config filter.lfs.required true && "
		 "git config filter.lfs.clean false");
	open_at("plain");
	has_config("filter.lfs.required", "true");
}

static void a_separate_git_directory_is_served(void **state)
{
	(void)state;
	sh(&box, "git init -q -b main --separate-git-dir elsewhere apart && "
		 "git -C apart commit -q --allow-empty -m one");
	open_at("apart");
	is_path(repo_git_dir(repo), "elsewhere");
	is_path(repo_work_dir(repo), "apart");
}

static void what_is_no_repository_is_not_found(void **state)
{
	(void)state;
	sh(&box, "mkdir none");
	refused(ERROR_NOT_FOUND, "none", "none' is not a git repository",
		"git init");
	refused(ERROR_NOT_FOUND, "absent", "absent' is not a git repository",
		"git init");
}

static void sha256_is_refused_by_name(void **state)
{
	(void)state;
	sh(&box, "git init -q --object-format=sha256 long");
	refused(ERROR_FAILURE, "long", "object ids other than SHA-1",
		"--object-format=sha1");
}

static void a_partial_clone_is_refused_by_name(void **state)
{
	(void)state;
	sh(&box, "git -C plain config uploadpack.allowFilter true && "
		 "git clone -q --no-checkout --filter=blob:none "
		 "file://$PWD/plain partial");
	refused(ERROR_FAILURE, "partial", "a partial clone", "full clone");
	/* The packs tell, whatever the configuration says. */
	sh(&box, "git -C partial config --unset remote.origin.promisor");
	refused(ERROR_FAILURE, "partial", "a partial clone", "full clone");
}

static void a_partial_clone_by_extension_is_refused(void **state)
{
	(void)state;
	sh(&box, "git -C plain config extensions.partialClone origin");
	refused(ERROR_FAILURE, "plain", "a partial clone", "full clone");
}

static void reftable_is_refused_by_name(void **state)
{
	(void)state;
	sh(&box, "f=plain/.git/config && "
		 "git config -f $f core.repositoryFormatVersion 1 && "
		 "git config -f $f extensions.refStorage reftable");
	refused(ERROR_FAILURE, "plain", "ref storage other than files",
		"--ref-format=files");
}

static void an_unknown_extension_is_refused_by_name(void **state)
{
	(void)state;
	sh(&box, "f=plain/.git/config && "
		 "git config -f $f core.repositoryFormatVersion 1 && "
		 "git config -f $f extensions.objectFormat sha1 && "
		 "git config -f $f extensions.refStorage files && "
		 "git config -f $f extensions.preciousObjects true");
	open_at("plain");
	sh(&box, "git config -f plain/.git/config extensions.teleport true");
	refused(ERROR_FAILURE, "plain", "extensions.teleport", "clone");
}

static void a_later_format_is_refused_by_name(void **state)
{
	(void)state;
	sh(&box, "git -C plain config core.repositoryFormatVersion 2");
	refused(ERROR_FAILURE, "plain", "later repository format", "clone");
}

static void another_users_repository_needs_safe_directory(void **state)
{
	char *key = xasprintf("%s/plain", box.dir);

	(void)state;
	if (geteuid()) {
		free(key);
		skip(); /* only root can give a repository away */
	}
	sh(&box, "chown -R 4321 plain");
	refused(ERROR_REFUSED, "plain", "belongs to another user",
		"safe.directory");
	setenv("GIT_CONFIG_COUNT", "1", 1);
	setenv("GIT_CONFIG_KEY_0", "safe.directory", 1);
	setenv("GIT_CONFIG_VALUE_0", "/somewhere/else", 1);
	refused(ERROR_REFUSED, "plain", "belongs to another user",
		"safe.directory");
	setenv("GIT_CONFIG_VALUE_0", key, 1);
	open_at("plain");
	setenv("GIT_CONFIG_VALUE_0", "*", 1);
	open_at("plain/sub");
	free(key);
}

static void the_environment_names_the_repository(void **state)
{
	char *dir = xasprintf("%s/plain/.git", box.dir);
	char *tree = xasprintf("%s/tree", box.dir);

	(void)state;
	sh(&box, "mkdir tree");
	setenv("GIT_DIR", dir, 1);
	ok(repo_open(&repo, NULL));
	is_path(repo_git_dir(repo), "plain/.git");
	is_path(repo_work_dir(repo), "plain");
	repo_release(&repo);
	setenv("GIT_WORK_TREE", tree, 1);
	ok(repo_open(&repo, NULL));
	is_path(repo_work_dir(repo), "tree");
	repo_release(&repo);
	/* Nothing above a GIT_DIR is looked at. */
	sh(&box, "mkdir plain/none");
	free(dir);
	dir = xasprintf("%s/plain/none", box.dir);
	setenv("GIT_DIR", dir, 1);
	fails(ERROR_NOT_FOUND, "none", repo_open(&repo, NULL));
	setenv("GIT_DIR", "/nowhere/at/all", 1);
	fails(ERROR_NOT_FOUND, "/nowhere", repo_open(&repo, NULL));
	free(dir);
	free(tree);
}

/* A folder of the sandbox's as current directory, for what no dir is given. */
static struct error *open_here(const char *name)
{
	char *dir = path_join(box.dir, name);

	assert_int_equal(chdir(dir), 0);
	free(dir);
	struct error *err = repo_open(&repo, NULL);
	assert_int_equal(chdir("/"), 0);
	return err;
}

static void a_variable_that_leads_nowhere_is_named(void **state)
{
	static const char *const names[] = {
		"GIT_DIR",
		"GIT_COMMON_DIR",
		"GIT_WORK_TREE",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *hint = xasprintf("unset %s, or", names[i]);

		setenv(names[i], "/nowhere/at/all", 1);
		struct error *err = open_here("plain");
		unsetenv(names[i]);
		assert_non_null(err);
		assert_memory_equal(err->message, names[i], strlen(names[i]));
		assert_non_null(strstr(err->message, "/nowhere/at/all"));
		assert_memory_equal(err->hint, hint, strlen(hint));
		error_free(err);
		free(hint);
	}
	/* One that is right is no reason to complain. */
	char *common = xasprintf("%s/plain/.git", box.dir);
	setenv("GIT_COMMON_DIR", common, 1);
	ok(open_here("plain"));
	unsetenv("GIT_COMMON_DIR");
	free(common);
}

static void a_work_tree_alone_may_be_named_too(void **state)
{
	char *tree = xasprintf("%s/tree", box.dir);

	(void)state;
	sh(&box, "mkdir tree");
	setenv("GIT_WORK_TREE", tree, 1);
	ok(open_here("plain"));
	is_path(repo_work_dir(repo), "tree");
	free(tree);
}

static void a_ceiling_ends_the_search(void **state)
{
	char *ceiling = xasprintf("%s/plain", box.dir);

	(void)state;
	setenv("GIT_CEILING_DIRECTORIES", ceiling, 1);
	refused(ERROR_NOT_FOUND, "plain/sub", "is not a git repository",
		"git init");
	open_at("plain");
	free(ceiling);
}

static void configuration_has_the_precedence_of_git(void **state)
{
	char *global = xasprintf("%s/global", box.dir);

	(void)state;
	setenv("GIT_CONFIG_GLOBAL", global, 1);
	sh(&box, "git config -f global orch.base global && "
		 "git config -f global orch.only yes");
	open_at("plain");
	has_config("orch.base", "global");
	sh(&box, "git -C plain config orch.base local");
	open_at("plain");
	has_config("orch.base", "local");
	has_config("ORCH.Only", "yes");
	setenv("GIT_CONFIG_COUNT", "1", 1);
	setenv("GIT_CONFIG_KEY_0", "Orch.Base", 1);
	setenv("GIT_CONFIG_VALUE_0", "counted", 1);
	open_at("plain");
	has_config("orch.base", "counted");
	setenv("GIT_CONFIG_PARAMETERS", "'orch.base'='it'\\''s' 'orch.old=1'",
	       1);
	open_at("plain");
	has_config("orch.base", "it's");
	has_config("orch.old", "1");
	free(global);
}

static void what_git_passes_on_is_understood(void **state)
{
	/* Let git itself quote; -c a.b without '=' means true. */
	char *text =
		sh_out(&box, "git -C plain -c orch.one=\"a'b c!\" -c orch.two "
			     "-c orch.Sub.Name=x=y "
			     "-c alias.words='!printenv "
			     "GIT_CONFIG_PARAMETERS' words");

	(void)state;
	setenv("GIT_CONFIG_PARAMETERS", text, 1);
	open_at("plain");
	has_config("orch.one", "a'b c!");
	has_config("orch.two", "true");
	has_config("orch.Sub.name", "x=y");
	free(text);
}

static void bad_configuration_in_the_environment_is_an_error(void **state)
{
	char *dir = xasprintf("%s/plain", box.dir);

	(void)state;
	setenv("GIT_CONFIG_COUNT", "x", 1);
	fails(ERROR_USAGE, "GIT_CONFIG_COUNT", repo_open(&repo, dir));
	setenv("GIT_CONFIG_COUNT", "1", 1);
	unsetenv("GIT_CONFIG_KEY_0");
	fails(ERROR_USAGE, "GIT_CONFIG_KEY_0", repo_open(&repo, dir));
	unsetenv("GIT_CONFIG_COUNT");
	setenv("GIT_CONFIG_PARAMETERS", "orch.base=x", 1);
	fails(ERROR_USAGE, "GIT_CONFIG_PARAMETERS", repo_open(&repo, dir));
	free(dir);
}

static void a_list_names_key_value_and_level(void **state)
{
	static const char *const expected[] = {
		"orch.base", "trunk",     "local",          "orch.flag",
		"true",      "local",     "orch.A.b",       "c",
		"worktree",  "orch.base", "of the command", "command",
	};
	CLEANUP(strings_release) struct strings rows = STRINGS_INIT;

	(void)state;
	sh(&box, "cd plain && git config orch.base trunk && "
		 "printf '\\tflag\\n' >>.git/config && "
		 "git config extensions.worktreeConfig true && "
		 "git config --worktree orch.A.B c");
	setenv("GIT_CONFIG_PARAMETERS", "'orch.base'='of the command'", 1);
	open_at("plain");
	ok(repo_config_list(&rows, repo, "orch."));
	assert_int_equal(rows.len, 12);
	for (size_t i = 0; i < rows.len; i++)
		same(rows.items[i], expected[i]);
}

static void a_key_is_set_for_this_repository(void **state)
{
	char *dir = xasprintf("%s/plain", box.dir);
	char *value = NULL;

	(void)state;
	open_at("plain");
	fails(ERROR_NOT_FOUND, "orch.base",
	      repo_config(&value, repo, "orch.base"));
	ok(repo_config_set(repo, "orch.base", "trunk"));
	has_config("orch.base", "trunk");
	sh(&box, "test $(git -C plain config --local orch.base) = trunk");
	free(dir);
}

static void remotes_come_sorted(void **state)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	(void)state;
	sh(&box, "cd plain && git remote add origin ../o && "
		 "git remote add fork ../f");
	open_at("plain");
	ok(repo_remotes(&names, repo));
	assert_int_equal(names.len, 2);
	same(names.items[0], "fork");
	same(names.items[1], "origin");
}

static void a_detached_head_has_no_branch(void **state)
{
	CLEANUP(free_str) char *head = xstrdup("x");

	(void)state;
	sh(&box, "git -C plain checkout -q --detach");
	open_at("plain");
	free_str(&head);
	ok(repo_head(&head, repo));
	assert_null(head);
}

static void a_branch_without_commits_is_named(void **state)
{
	CLEANUP(free_str) char *head = NULL;

	(void)state;
	sh(&box, "git init -q -b trunk new");
	open_at("new");
	ok(repo_head(&head, repo));
	same(head, "refs/heads/trunk");
}

static void our_directory_has_a_version(void **state)
{
	const char *orch;

	(void)state;
	sh(&box, "git -C plain worktree add -q ../linked -b topic");
	open_at("linked");
	ok(repo_orch_dir(&orch, repo));
	is_path(orch, "plain/.git/orch");
	sh(&box, "test $(cat plain/.git/orch/version) = 1");
	ok(repo_orch_dir(&orch, repo));
	is_path(orch, "plain/.git/orch");
}

static void a_newer_directory_is_refused(void **state)
{
	const char *orch;

	(void)state;
	sh(&box, "mkdir plain/.git/orch && echo 2 >plain/.git/orch/version");
	open_at("plain");
	fails(ERROR_FAILURE, "version 2, this git-orch knows 1",
	      repo_orch_dir(&orch, repo));
}

static void the_id_is_that_of_the_common_directory(void **state)
{
	char id[17];
	char *expected;

	(void)state;
	sh(&box, "git -C plain worktree add -q ../linked -b topic");
	open_at("plain");
	snprintf(id, sizeof id, "%s", repo_id(repo));
	open_at("linked");
	same(repo_id(repo), id);
	expected = sh_out(&box, "printf %%s \"$PWD/plain/.git\" | sha256sum | "
				"cut -c1-16");
	same(id, expected);
	free(expected);
}

static void a_runner_keeps_its_name(void **state)
{
	char *first = NULL;
	char *again = NULL;

	(void)state;
	open_at("plain");
	ok(repo_runner(&first, repo));
	open_at("plain");
	ok(repo_runner(&again, repo));
	same(first, again);
	assert_true(strlen(first) > 9);
	assert_int_equal(strspn(first, "abcdefghijklmnopqrstuvwxyz0123456789-"),
			 strlen(first));
	assert_int_equal(first[strlen(first) - 9], '-');
	free(first);
	free(again);
}

static void a_runner_is_named_by_user_or_configuration(void **state)
{
	char *name = NULL;

	(void)state;
	sh(&box, "git -C plain config orch.runner 'Build Host.7'");
	open_at("plain");
	ok(repo_runner(&name, repo));
	same(name, "build-host-7");
	free(name);
	setenv("ORCH_RUNNER", "CI/42", 1);
	ok(repo_runner(&name, repo));
	same(name, "ci-42");
	free(name);
}

static void an_identity_comes_as_git_finds_it(void **state)
{
	struct identity who = { NULL, NULL };

	(void)state;
	sh(&box, "cd plain && git config user.name U && "
		 "git config user.email u@example.org && "
		 "git config author.name A");
	open_at("plain");
	ok(repo_author(&who, repo));
	same(who.name, "Ada Author");
	same(who.email, "ada@example.org");
	identity_release(&who);
	unsetenv("GIT_AUTHOR_NAME");
	unsetenv("GIT_COMMITTER_NAME");
	unsetenv("GIT_COMMITTER_EMAIL");
	ok(repo_author(&who, repo));
	same(who.name, "A");
	identity_release(&who);
	ok(repo_committer(&who, repo));
	same(who.name, "U");
	same(who.email, "u@example.org");
	identity_release(&who);
}

static void nobody_is_an_error_that_says_what_to_do(void **state)
{
	struct identity who = { NULL, NULL };
	struct error *err;

	(void)state;
	unsetenv("GIT_AUTHOR_NAME");
	open_at("plain");
	err = repo_author(&who, repo);
	assert_non_null(err);
	same(err->message, "git does not know your name");
	assert_non_null(strstr(err->hint, "user.name"));
	error_free(err);
	assert_null(who.name);
	assert_null(who.email);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_plain_repository_is_served),
		TEST(a_bare_repository_is_served),
		TEST(a_linked_worktree_is_served),
		TEST(a_shallow_clone_is_served),
		TEST(a_sparse_checkout_is_served),
		TEST(a_sparse_index_is_served),
		TEST(a_sparse_worktree_of_a_bare_repository_is_served),
		TEST(a_submodule_and_its_superproject_are_served),
		TEST(lfs_pointers_are_files_as_others),
		TEST(a_separate_git_directory_is_served),
		TEST(what_is_no_repository_is_not_found),
		TEST(sha256_is_refused_by_name),
		TEST(a_partial_clone_is_refused_by_name),
		TEST(a_partial_clone_by_extension_is_refused),
		TEST(reftable_is_refused_by_name),
		TEST(an_unknown_extension_is_refused_by_name),
		TEST(a_later_format_is_refused_by_name),
		TEST(another_users_repository_needs_safe_directory),
		TEST(the_environment_names_the_repository),
		TEST(a_variable_that_leads_nowhere_is_named),
		TEST(a_work_tree_alone_may_be_named_too),
		TEST(a_ceiling_ends_the_search),
		TEST(configuration_has_the_precedence_of_git),
		TEST(what_git_passes_on_is_understood),
		TEST(bad_configuration_in_the_environment_is_an_error),
		TEST(a_list_names_key_value_and_level),
		TEST(a_key_is_set_for_this_repository),
		TEST(remotes_come_sorted),
		TEST(a_detached_head_has_no_branch),
		TEST(a_branch_without_commits_is_named),
		TEST(our_directory_has_a_version),
		TEST(a_newer_directory_is_refused),
		TEST(the_id_is_that_of_the_common_directory),
		TEST(a_runner_keeps_its_name),
		TEST(a_runner_is_named_by_user_or_configuration),
		TEST(an_identity_comes_as_git_finds_it),
		TEST(nobody_is_an_error_that_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
