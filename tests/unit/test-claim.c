#include "tests/unit/test.h"

#include "core/file.h"
#include "gitops/claim.h"
#include "gitops/ref.h"
#include "tests/unit/repo.h"

#define CLAIM_NONE                                                             \
	{                                                                      \
		.lock = FILE_LOCK_INIT                                         \
	}

static int start(void **state)
{
	static struct scratch box;

	sandbox_open(&box);
	setenv("ORCH_RUNNER", "here", 1);
	sh(&box, "git init -q -b main . && git commit -q --allow-empty -m x");
	*state = &box;
	return 0;
}

static int stop(void **state)
{
	unsetenv("ORCH_RUNNER");
	sandbox_close(*state);
	return 0;
}

static struct repo *open_repo(const struct scratch *box)
{
	struct repo *repo = NULL;

	ok(repo_open(&repo, box->dir));
	return repo;
}

static void a_claim_is_written_as_the_format_says(void **state)
{
	struct scratch *box = *state;
	CLEANUP(repo_release) struct repo *repo = open_repo(box);
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	/* No identity at hand: the runner is enough. */
	unsetenv("GIT_COMMITTER_NAME");
	unsetenv("GIT_AUTHOR_NAME");
	ok(claim_take(&claim, repo, "shop", "cart", "run-1"));
	setenv("GIT_COMMITTER_NAME", "Carl Committer", 1);
	setenv("GIT_AUTHOR_NAME", "Ada Author", 1);

	char *text = sh_out(box, "git log -1 --format='%%an <%%ae>%%n%%B' "
				 "refs/orch/claim/shop/cart");
	char *expected = xasprintf("here <here@git-orch.invalid>\n"
				   "claim shop/cart\n\n"
				   "Orch-Claim: 1\n"
				   "Orch-Runner: here\n"
				   "Orch-Run: run-1\n"
				   "Orch-Nonce: %s\n"
				   "Orch-Generation: 1\n"
				   "Orch-State: working\n"
				   "Orch-Reserved: 0\n"
				   "Orch-Spent: 0\n",
				   claim.nonce);
	same(text, expected);
	assert_int_equal(strlen(claim.nonce), 32);
	free(text);
	free(expected);
	text = sh_out(box, "git log -1 --format='%%T|%%P' "
			   "refs/orch/claim/shop/cart");
	same(text, "4b825dc642cb6eb9a060e54bf8d69288fbee4904|");
	free(text);
	assert_true(claim_alive(repo, "shop", "cart"));
	ok(claim_drop(&claim, repo));
	assert_false(claim_alive(repo, "shop", "cart"));
	assert_int_not_equal(sh_status(box, "git rev-parse -q --verify "
					    "refs/orch/claim/shop/cart"),
			     0);
	assert_int_not_equal(sh_status(box, "test -e .git/orch/lock/shop/cart"),
			     0);
}

static void a_held_claim_names_its_holder(void **state)
{
	CLEANUP(repo_release) struct repo *repo = open_repo(*state);
	CLEANUP(claim_release) struct claim first = CLAIM_NONE;
	CLEANUP(claim_release) struct claim second = CLAIM_NONE;

	ok(claim_take(&first, repo, "shop", "held", "run-1"));
	fails(ERROR_CLAIMED, "claimed by here",
	      claim_take(&second, repo, "shop", "held", "run-2"));
	fails(ERROR_CLAIMED, "claimed by here",
	      claim_take_over(&second, repo, "shop", "held", 600));
	ok(claim_drop(&first, repo));
}

static void a_dead_owners_claim_is_taken_over_with_its_run(void **state)
{
	CLEANUP(repo_release) struct repo *repo = open_repo(*state);
	CLEANUP(claim_release) struct claim dead = CLAIM_NONE;
	CLEANUP(claim_release) struct claim next = CLAIM_NONE;
	struct oid old;

	ok(claim_take(&dead, repo, "shop", "dead", "run-1"));
	old = dead.oid;
	char *nonce = xstrdup(dead.nonce);
	claim_release(&dead); /* the kernel would do as much */
	assert_false(claim_alive(repo, "shop", "dead"));
	fails(ERROR_CLAIMED, "claimed by here",
	      claim_take(&next, repo, "shop", "dead", "run-2"));
	setenv("ORCH_RUNNER", "there", 1);
	ok(claim_take_over(&next, repo, "shop", "dead", 600));
	setenv("ORCH_RUNNER", "here", 1);
	same(next.run, "run-1");
	same(next.runner, "there");
	assert_int_equal(next.generation, 2);
	assert_string_not_equal(next.nonce, nonce);
	assert_false(oid_equal(&next.oid, &old));
	ok(claim_drop(&next, repo));
	free(nonce);
	fails(ERROR_NOT_FOUND, "does not exist",
	      claim_take_over(&dead, repo, "shop", "dead", 600));
}

static void advancing_adds_a_generation_and_publishes(void **state)
{
	CLEANUP(repo_release) struct repo *repo = open_repo(*state);
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	CLEANUP(claim_release) struct claim read = CLAIM_NONE;

	ok(claim_take(&claim, repo, "shop", "go", "run-1"));
	ok(claim_advance(&claim, repo, 1));
	ok(claim_set_run(&claim, repo, "run-2"));
	ok(claim_read(&read, repo, "shop", "go"));
	assert_int_equal(read.generation, 3);
	assert_int_equal(read.published, 1);
	same(read.run, "run-2");
	assert_true(oid_equal(&read.oid, &claim.oid));
	ok(claim_drop(&claim, repo));
}

static void a_lost_claim_is_stale_and_stays_as_it_was(void **state)
{
	struct scratch *box = *state;
	CLEANUP(repo_release) struct repo *repo = open_repo(box);
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;
	struct oid theirs;

	ok(claim_take(&claim, repo, "shop", "lost", "run-1"));
	sh(box, "git update-ref refs/orch/claim/shop/lost main");
	fails(ERROR_STALE, "lost", claim_advance(&claim, repo, 1));
	assert_int_equal(claim.generation, 1);
	assert_int_equal(claim.published, 0);
	ok(claim_drop(&claim, repo)); /* not ours: it is left */
	ok(ref_read(&theirs, repo, "refs/orch/claim/shop/lost"));
	sh(box, "git update-ref -d refs/orch/claim/shop/lost");
}

static void write_claim(const struct scratch *box, const char *phase,
			const char *trailers)
{
	sh(box,
	   "git update-ref refs/orch/claim/shop/%s $(printf 'claim "
	   "shop/%s\\n\\n%s' | git commit-tree "
	   "4b825dc642cb6eb9a060e54bf8d69288fbee4904)",
	   phase, phase, trailers);
}

#define OTHER                                                                  \
	"Orch-Runner: other\\nOrch-Run: r\\nOrch-Nonce: n\\n"                  \
	"Orch-Generation: 7\\nOrch-State: working\\nOrch-Reserved: 5\\n"       \
	"Orch-Spent: 3\\n"

static void unknown_trailers_are_kept(void **state)
{
	struct scratch *box = *state;
	CLEANUP(repo_release) struct repo *repo = open_repo(box);
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	write_claim(box, "kept", "Orch-Claim: 1\\nOrch-Mood: fair\\n" OTHER);
	ok(claim_take_over(&claim, repo, "shop", "kept", 600));
	assert_int_equal(claim.generation, 8);
	assert_int_equal(claim.reserved, 5);
	assert_int_equal(claim.spent, 3);
	char *line = sh_out(box, "git log -1 --format=%%B "
				 "refs/orch/claim/shop/kept | grep -c "
				 "'^Orch-Mood: fair$'");
	same(line, "1");
	free(line);
	ok(claim_drop(&claim, repo));
}

static void a_newer_claim_is_never_taken_over(void **state)
{
	struct scratch *box = *state;
	CLEANUP(repo_release) struct repo *repo = open_repo(box);
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	write_claim(box, "newer", "Orch-Claim: 2\\n" OTHER);
	fails(ERROR_CLAIMED, "newer git-orch",
	      claim_take_over(&claim, repo, "shop", "newer", 600));
	sh(box, "git update-ref -d refs/orch/claim/shop/newer");
}

static void a_claim_that_cannot_be_read_says_so(void **state)
{
	struct scratch *box = *state;
	CLEANUP(repo_release) struct repo *repo = open_repo(box);
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	write_claim(box, "odd", "nothing here\\n");
	fails(ERROR_INVALID, "shop/odd",
	      claim_read(&claim, repo, "shop", "odd"));
	fails(ERROR_INVALID, "shop/odd",
	      claim_take(&claim, repo, "shop", "odd", "run-1"));
	fails(ERROR_INVALID, "shop/odd",
	      claim_take_over(&claim, repo, "shop", "odd", 600));
	sh(box, "git update-ref -d refs/orch/claim/shop/odd");
}

static void a_claim_that_cannot_be_read_does_not_hide_others(void **state)
{
	struct scratch *box = *state;
	CLEANUP(repo_release) struct repo *repo = open_repo(box);
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };

	write_claim(box, "good", "Orch-Claim: 1\\n" OTHER);
	write_claim(box, "odd", "Orch-Claim: -1\\n" OTHER);
	sh(box, "git update-ref refs/orch/claim/shop/tree "
		"4b825dc642cb6eb9a060e54bf8d69288fbee4904");
	sh(box, "echo 1111111111111111111111111111111111111111 "
		">.git/refs/orch/claim/shop/void");
	ok(claim_list(&claims, repo));
	assert_int_equal(claims.len, 4);
	assert_int_equal(claims.items[0].version, CLAIM_VERSION);
	for (size_t i = 1; i < claims.len; i++) {
		assert_int_equal(claims.items[i].version, 0);
		same(claims.items[i].runner, "unknown");
	}
	sh(box, "rm -r .git/refs/orch/claim/shop");
}

static void all_claims_are_listed(void **state)
{
	CLEANUP(repo_release) struct repo *repo = open_repo(*state);
	CLEANUP(claims_release) struct claims claims = { NULL, 0, 0 };
	CLEANUP(claim_release) struct claim a = CLAIM_NONE;
	CLEANUP(claim_release) struct claim b = CLAIM_NONE;

	ok(claim_take(&a, repo, "shop", "two", "run-1"));
	ok(claim_take(&b, repo, "bank", "one", "run-1"));
	ok(claim_list(&claims, repo));
	assert_int_equal(claims.len, 2);
	same(claims.items[0].plan, "bank");
	same(claims.items[1].phase, "two");
	ok(claim_drop(&a, repo));
	ok(claim_drop(&b, repo));
}

static void a_dead_lock_on_a_claim_is_removed(void **state)
{
	struct scratch *box = *state;
	CLEANUP(repo_release) struct repo *repo = open_repo(box);
	CLEANUP(claim_release) struct claim claim = CLAIM_NONE;

	sh(box, "mkdir -p .git/refs/orch/claim/shop && "
		"touch .git/refs/orch/claim/shop/stuck.lock");
	ok(claim_take(&claim, repo, "shop", "stuck", "run-1"));
	sh(box, "git pack-refs --all && touch .git/packed-refs.lock");
	ok(claim_drop(&claim, repo));
	assert_int_not_equal(sh_status(box, "git rev-parse -q --verify "
					    "refs/orch/claim/shop/stuck"),
			     0);
}

#define RUNNERS 16

/* A runner tries once when told to; exit 0: it won, and holds on. */
static void runner(const struct scratch *box, int go, int done)
{
	struct claim claim = CLAIM_NONE;
	struct repo *repo = NULL;
	struct error *err = repo_open(&repo, box->dir);
	char c;

	alarm(60); /* a second winner would wait for ever */
	if (err || read(go, &c, 1) != 0)
		_exit(2);
	err = claim_take(&claim, repo, "race", "one", "run-1");
	if (err)
		_exit(err->code == ERROR_CLAIMED ? 1 : 2);
	if (read(done, &c, 1) != 0) /* until all have tried */
		_exit(2);
	err = claim_drop(&claim, repo);
	_exit(err ? 2 : 0);
}

/* The number of winners; *odd: how many failed in another way. */
static int race(const struct scratch *box, int *odd)
{
	int go[2], done[2], won = 0, ended = 0;
	pid_t pids[RUNNERS];

	assert_int_equal(pipe(go) | pipe(done), 0);
	for (int i = 0; i < RUNNERS; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			close(go[1]);
			close(done[1]);
			runner(box, go[0], done[0]);
		}
	}
	close(go[1]);
	while (ended < RUNNERS - 1) {
		int status;

		assert_true(wait(&status) > 0);
		ended++;
		*odd += !WIFEXITED(status) || WEXITSTATUS(status) != 1;
	}
	close(done[1]);
	int status;
	assert_true(wait(&status) > 0);
	won = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	close(go[0]);
	close(done[0]);
	return won;
}

static void of_sixteen_runners_exactly_one_wins(void **state)
{
	int rounds = loops(20), good = 0;

	for (int i = 0; i < rounds; i++) {
		int odd = 0;
		int won = race(*state, &odd);

		good += won == 1 && !odd;
	}
	printf("race of %d runners: %d/%d rounds with one winner\n", RUNNERS,
	       good, rounds);
	assert_int_equal(good, rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_claim_is_written_as_the_format_says),
		cmocka_unit_test(a_held_claim_names_its_holder),
		cmocka_unit_test(
			a_dead_owners_claim_is_taken_over_with_its_run),
		cmocka_unit_test(advancing_adds_a_generation_and_publishes),
		cmocka_unit_test(a_lost_claim_is_stale_and_stays_as_it_was),
		cmocka_unit_test(unknown_trailers_are_kept),
		cmocka_unit_test(a_newer_claim_is_never_taken_over),
		cmocka_unit_test(a_claim_that_cannot_be_read_says_so),
		cmocka_unit_test(
			a_claim_that_cannot_be_read_does_not_hide_others),
		cmocka_unit_test(all_claims_are_listed),
		cmocka_unit_test(a_dead_lock_on_a_claim_is_removed),
		cmocka_unit_test(of_sixteen_runners_exactly_one_wins),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
