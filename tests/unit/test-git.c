#include "tests/unit/test.h"

#include "core/file.h"
#include "gitops/git.h"
#include "gitops/oid.h"
#include "tests/unit/repo.h"

static int start(void **state)
{
	static struct scratch box;

	sandbox_open(&box);
	sh(&box, "git init -q -b main repo && cd repo && "
		 "printf '* filter=evil diff=evil merge=evil\\n' "
		 ">.gitattributes && echo one >a && git add . && "
		 "git commit -qm one && git branch side && "
		 "echo two >a && git commit -qam two && "
		 "git checkout -q side && echo three >a && "
		 "git commit -qam three && git checkout -q main");
	*state = &box;
	return 0;
}

static int stop(void **state)
{
	sandbox_close(*state);
	return 0;
}

static struct repo *open_repo(const struct scratch *box)
{
	struct repo *repo = NULL;
	char *dir = path_join(box->dir, "repo");

	ok(repo_open(&repo, dir));
	free(dir);
	return repo;
}

/* Keys by which a repository's own configuration could run something. */
static const char *const keys[] = {
	"core.fsmonitor",
	"core.sshCommand",
	"core.editor",
	"core.pager",
	"core.askPass",
	"core.gitProxy",
	"core.alternateRefsCommand",
	"sequence.editor",
	"diff.external",
	"diff.evil.command",
	"diff.evil.textconv",
	"filter.evil.clean",
	"filter.evil.smudge",
	"filter.evil.process",
	"merge.evil.driver",
	"gpg.program",
	"gpg.ssh.program",
	"gpg.ssh.defaultKeyCommand",
	"credential.helper",
	"pager.status",
	"pager.config",
	"uploadpack.packObjectsHook",
	"trailer.evil.command",
	"alias.status",
	"alias.config",
};

/* What git-orch starts, or could. */
static const char *const commands[] = {
	"git merge-tree --write-tree main side",
	"git merge --ff-only --no-overwrite-ignore main",
	"git status --porcelain=v1 -z",
	"git diff-index --cached --name-only main",
	"git ls-files -t -z",
	"git cat-file --filters --path=a HEAD:a",
	"git checkout-index -f -u a",
	"git read-tree --reset -u main",
	"git clean -ffdxq",
	"git add -A",
	"git write-tree",
	"git worktree add --detach --no-checkout ../slot main",
	"git commit-tree -m x main^{tree}",
	"git commit --allow-empty -m x",
	"git update-ref refs/orch/x main",
	"git rev-parse HEAD",
};

static void words_of(struct git_call *call, const char *line)
{
	line += strlen("git ");
	while (*line) {
		size_t len = strcspn(line, " ");

		strings_take(&call->args, xstrndup(line, len));
		line += len + (line[len] == ' ');
	}
}

/* Runs one command; nobody asks how it ended, only what else ran. */
static void run(const struct repo *repo, const char *line)
{
	struct git_call call = GIT_CALL_INIT;
	struct proc_result result;

	proc_result_init(&result);
	words_of(&call, line);
	call.dir = repo_work_dir(repo);
	error_free(git_call(&result, repo, &call));
	proc_result_release(&result);
	git_call_release(&call);
}

static void plant(const struct scratch *box, const char *key)
{
	sh(box,
	   "cd repo && printf '#!/bin/sh\\ntouch %s/canary\\ncat\\n' >../evil "
	   "&& chmod +x ../evil && git config '%s' '%s/evil' && "
	   "git config filter.evil.required true && "
	   "git config commit.gpgSign %s && echo dirty >a && touch b",
	   box->dir, key, box->dir, strncmp(key, "gpg", 3) ? "false" : "true");
}

static void unplant(const struct scratch *box, const char *key)
{
	sh(box,
	   "cd repo && git config --unset-all '%s'; "
	   "git config --unset filter.evil.required; "
	   "git config --unset commit.gpgSign; "
	   "git checkout -qf main; rm -rf ../slot; git worktree prune",
	   key);
}

static int canary(const struct scratch *box)
{
	char *path = path_join(box->dir, "canary");
	int ran = file_exists(path);

	ok(file_remove(path));
	free(path);
	return ran;
}

static void a_hostile_configuration_runs_nothing(void **state)
{
	struct scratch *box = *state;
	size_t n = 0, ran = 0;

	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		plant(box, keys[k]);
		struct repo *repo = open_repo(box);
		for (size_t c = 0; c < sizeof commands / sizeof *commands;
		     c++) {
			run(repo, commands[c]);
			n++;
			if (canary(box)) {
				printf("%s runs in: %s\n", keys[k],
				       commands[c]);
				ran++;
			}
		}
		repo_free(repo);
		unplant(box, keys[k]);
	}
	printf("hostile configuration: %zu/%zu ran nothing\n", n - ran, n);
	assert_int_equal(ran, 0);
}

/* The control: the same cells with plain git, or the canary may be mute. */
static void plain_git_would_have_run_some(void **state)
{
	struct scratch *box = *state;
	size_t n = 0, ran = 0;

	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		plant(box, keys[k]);
		for (size_t c = 0; c < sizeof commands / sizeof *commands;
		     c++, n++) {
			sh_status(box, "cd repo && %s >/dev/null 2>&1",
				  commands[c]);
			ran += (size_t)canary(box);
		}
		unplant(box, keys[k]);
	}
	printf("plain git: %zu/%zu ran something\n", ran, n);
	assert_true(ran > 10);
}

static void hooks_of_the_repository_do_not_run(void **state)
{
	struct scratch *box = *state;
	static const char *const names[] = {
		"pre-commit",        "post-checkout",         "post-merge",
		"post-index-change", "reference-transaction", "post-commit",
		"commit-msg",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		sh(box,
		   "printf '#!/bin/sh\\ntouch %s/canary\\n' "
		   ">repo/.git/hooks/%s && chmod +x repo/.git/hooks/%s",
		   box->dir, names[i], names[i]);
	struct repo *repo = open_repo(box);
	for (size_t c = 0; c < sizeof commands / sizeof *commands; c++)
		run(repo, commands[c]);
	repo_free(repo);
	assert_false(canary(box));
	sh(box, "rm -f repo/.git/hooks/*; cd repo && git reset -q --hard main; "
		"rm -rf ../slot; git worktree prune");
}

static void a_key_with_an_equals_sign_is_overridden_too(void **state)
{
	struct scratch *box = *state;

	plant(box, "filter.e=v.clean");
	sh(box,
	   "cd repo && echo '* filter=e=v' >.git/info/attributes; "
	   "printf '[filter \"e=v\"]\\nsmudge = %s/evil\\n' "
	   ">>.git/config",
	   box->dir);
	struct repo *repo = open_repo(box);
	run(repo, "git add -A");
	run(repo, "git read-tree --reset -u side");
	repo_free(repo);
	assert_false(canary(box));
	sh(box, "cd repo && rm .git/info/attributes && git config "
		"--remove-section filter.e=v; git reset -q --hard main");
}

static void what_the_user_configured_still_runs(void **state)
{
	struct scratch *box = *state;

	plant(box, "filter.evil.clean");
	sh(box, "printf '[filter \"evil\"]\\nclean = tr a-z A-Z\\n' >user");
	char *user = path_join(box->dir, "user");
	setenv("GIT_CONFIG_GLOBAL", user, 1);
	struct repo *repo = open_repo(box);
	run(repo, "git add a");
	repo_free(repo);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	free(user);
	assert_false(canary(box));
	char *staged = sh_out(box, "cd repo && git cat-file blob :a");
	same(staged, "DIRTY");
	free(staged);
	unplant(box, "filter.evil.clean");
}

static void the_callers_environment_does_not_lead_git_astray(void **state)
{
	struct scratch *box = *state;
	struct repo *repo = open_repo(box);
	struct buf out = BUF_INIT;

	setenv("GIT_DIR", "/nonexistent", 1);
	setenv("GIT_INDEX_FILE", "/nonexistent/index", 1);
	setenv("GIT_EXEC_PATH", "/nonexistent", 1);
	ok(git_run(&out, repo, repo_work_dir(repo), "rev-parse", "--abbrev-ref",
		   "HEAD", NULL));
	unsetenv("GIT_DIR");
	unsetenv("GIT_INDEX_FILE");
	unsetenv("GIT_EXEC_PATH");
	same(out.data, "main");
	buf_release(&out);
	repo_free(repo);
}

static void a_folder_that_is_no_worktree_is_not_searched_upwards(void **state)
{
	struct scratch *box = *state;
	struct repo *repo = open_repo(box);

	sh(box, "mkdir -p repo/inner");
	char *inner = path_join(repo_work_dir(repo), "inner");
	fails(ERROR_FAILURE, "not a git repository",
	      git_run(NULL, repo, inner, "status", NULL));
	free(inner);
	repo_free(repo);
}

static void a_failure_says_what_git_said(void **state)
{
	struct scratch *box = *state;
	struct repo *repo = open_repo(box);

	fails(ERROR_FAILURE, "git rev-parse: Needed a single revision",
	      git_run(NULL, repo, NULL, "rev-parse", "--verify", "none", NULL));
	repo_free(repo);
}

static void the_version_is_read(void **state)
{
	char *version = NULL;

	(void)state;
	ok(git_version(&version));
	assert_true(strchr(version, '.') != NULL);
	free(version);
}

static void an_old_git_is_refused_with_what_to_do(void **state)
{
	struct scratch *box = *state;
	char *path = xstrdup(getenv("PATH"));
	char *with = xasprintf("%s/bin:%s", box->dir, path);
	char *version = NULL;

	sh(box, "mkdir bin && printf '#!/bin/sh\\necho git version 2.30.1\\n' "
		">bin/git && chmod +x bin/git");
	setenv("PATH", with, 1);
	struct error *err = git_version(&version);
	setenv("PATH", path, 1);
	assert_non_null(err);
	assert_non_null(err->hint);
	assert_non_null(strstr(err->message, "2.30.1"));
	error_free(err);
	free(with);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_git_would_have_run_some),
		cmocka_unit_test(a_hostile_configuration_runs_nothing),
		cmocka_unit_test(hooks_of_the_repository_do_not_run),
		cmocka_unit_test(a_key_with_an_equals_sign_is_overridden_too),
		cmocka_unit_test(what_the_user_configured_still_runs),
		cmocka_unit_test(
			the_callers_environment_does_not_lead_git_astray),
		cmocka_unit_test(
			a_folder_that_is_no_worktree_is_not_searched_upwards),
		cmocka_unit_test(a_failure_says_what_git_said),
		cmocka_unit_test(the_version_is_read),
		cmocka_unit_test(an_old_git_is_refused_with_what_to_do),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
