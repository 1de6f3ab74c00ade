/* Refs without an id and locks nobody holds: found, and removed. */
#include "tests/unit/test.h"

#include "core/file.h"
#include "gitops/claim.h"
#include "gitops/mend.h"
#include "gitops/ref.h"
#include "tests/unit/repo.h"

#define RUN "20260102T030405Z-00000000"

static struct scratch box;
static struct repo *repo;

static int start(void **state)
{
	(void)state;
	sandbox_open(&box);
	sh(&box, "git init -q -b main . && git commit -q --allow-empty -m x && "
		 "git update-ref refs/orch/base/p/good main && "
		 "mkdir -p .git/refs/orch/claim/p .git/orch/lock/p");
	ok(repo_open(&repo, box.dir));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	repo_release(&repo);
	sandbox_close(&box);
	return 0;
}

static void only_refs_without_an_id_are_listed(void **state)
{
	CLEANUP(strings_release) struct strings broken = STRINGS_INIT;

	(void)state;
	sh(&box, ": >.git/refs/orch/claim/p/empty && "
		 "echo words >.git/refs/orch/claim/p/words && "
		 "head -c 41 /dev/zero >.git/refs/orch/base/p/nul && "
		 "echo half >.git/refs/orch/base/p/good.lock && "
		 ": >.git/refs/heads/not-ours");
	ok(mend_list_refs(&broken, repo));
	assert_int_equal(broken.len, 3);
	same(broken.items[0], "refs/orch/base/p/nul");
	same(broken.items[1], "refs/orch/claim/p/empty");
	same(broken.items[2], "refs/orch/claim/p/words");
}

static void a_repository_without_refs_of_ours_has_none_broken(void **state)
{
	CLEANUP(strings_release) struct strings broken = STRINGS_INIT;

	(void)state;
	sh(&box, "rm -r .git/refs/orch");
	ok(mend_list_refs(&broken, repo));
	assert_int_equal(broken.len, 0);
}

static void a_ref_that_can_be_read_is_never_removed(void **state)
{
	struct oid oid;

	(void)state;
	ok(mend_ref(repo, "refs/orch/base/p/good"));
	ok(ref_read(&oid, repo, "refs/orch/base/p/good"));
}

static void an_error_about_a_broken_ref_has_a_hint(void **state)
{
	struct oid oid;

	(void)state;
	sh(&box, ": >.git/refs/orch/claim/p/a && : >.git/refs/heads/b");
	struct error *ours = ref_read(&oid, repo, "refs/orch/claim/p/a");
	struct error *other = ref_read(&oid, repo, "refs/heads/b");
	assert_non_null(strstr(ours->message, "refs/orch/claim/p/a"));
	same(ours->hint, "remove it: git orch doctor --fix");
	same(other->hint, "see what git fsck says of it");
	error_free(ours);
	error_free(other);
}

static void a_broken_claim_goes_when_no_runner_holds_it(void **state)
{
	CLEANUP(file_unlock) struct file_lock held = FILE_LOCK_INIT;
	char *path = path_join(box.dir, ".git/orch/lock/p/a");

	(void)state;
	sh(&box, ": >.git/refs/orch/claim/p/a");
	ok(file_lock(&held, path, 0));
	fails(ERROR_CLAIMED, "lock/p/a", mend_ref(repo, "refs/orch/claim/p/a"));
	sh(&box, "test -e .git/refs/orch/claim/p/a");
	file_unlock(&held);
	ok(mend_ref(repo, "refs/orch/claim/p/a"));
	sh(&box, "test ! -e .git/refs/orch/claim/p/a");
	free(path);
}

static void locks_with_a_holder_or_a_claim_are_left(void **state)
{
	CLEANUP(file_unlock) struct file_lock held = FILE_LOCK_INIT;
	struct claim claim = { .lock = FILE_LOCK_INIT };
	char *path = path_join(box.dir, ".git/orch/lock/p/held");
	int n = 0;

	(void)state;
	ok(claim_take(&claim, repo, "p", "dead", RUN));
	claim_release(&claim); /* as its process dying would */
	ok(file_lock(&held, path, 0));
	sh(&box, "touch .git/orch/lock/p/left .git/orch/lock/refs.lock");
	ok(mend_locks(&n, repo, 0));
	assert_int_equal(n, 1);
	ok(mend_locks(&n, repo, 1));
	assert_int_equal(n, 1);
	ok(mend_locks(&n, repo, 1));
	assert_int_equal(n, 0);
	char *left = sh_out(&box, "cd .git/orch/lock && echo * p/*");
	same(left, "p refs.lock runner.lock p/dead p/held");
	free(left);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_refs_without_an_id_are_listed),
		TEST(a_repository_without_refs_of_ours_has_none_broken),
		TEST(a_ref_that_can_be_read_is_never_removed),
		TEST(an_error_about_a_broken_ref_has_a_hint),
		TEST(a_broken_claim_goes_when_no_runner_holds_it),
		TEST(locks_with_a_holder_or_a_claim_are_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
