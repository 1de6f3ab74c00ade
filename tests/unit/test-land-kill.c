/*
 * A landing, and the recovery after it, ended by SIGKILL at each write that
 * they or their git children make (tests/faults/kill.c, preloaded).  What
 * runs under it is this program: "test-land-kill <verb> <dir> <new> <old>".
 */
#include "tests/unit/test.h"

#include "core/file.h"
#include "gitops/commit.h"
#include "gitops/land.h"
#include "gitops/ref.h"
#include "tests/unit/repo.h"

#if defined(__SANITIZE_ADDRESS__)
#define PRELOADS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PRELOADS 0
#endif
#endif
#ifndef PRELOADS
#define PRELOADS 1
#endif

/* Every kind of change, with files large enough to be written in pieces. */
#define HISTORY                                                                \
	"git init -q -b main . && seq 1 60000 >big && seq 1 9 >small && "      \
	"seq 1 9 >gone && seq 1 3000 >tool && ln -s small link && "            \
	"mkdir dir out && echo d >dir/f && seq 1 3000 >dir/g && "              \
	"echo f >file && seq 1 3000 >out/f && printf 'a\\nb\\n' >crlf && "     \
	"seq 1 3000 >turn && echo m >mine && echo s >staged && git add . && "  \
	"git commit -qm old && git tag old && seq 2 60001 >big && "            \
	"seq 1 12 >small && git rm -q gone && chmod +x tool && "               \
	"ln -sf big link && git rm -qr dir file out/f && echo file >dir && "   \
	"mkdir -p file/deep && seq 1 3000 >file/in && "                        \
	"seq 1 60000 >file/deep/in && ln -s file out && seq 1 9 >crlf && "     \
	"rm turn && ln -s big turn && mkdir -p new/deep && "                   \
	"seq 1 60000 >new/deep/f && : >empty && git add . && "                 \
	"git commit -qm new && git tag new && git reset -q --hard old"

#define WORK                                                                   \
	"echo edited >>mine && echo edited >>staged && git add staged && "     \
	"echo loose >loose && mkdir -p new && echo mine >new/untracked"

#define CONFIG "git config core.eol crlf && git config core.autocrlf true"

static char *self; /* this program */

/* What is shared with the preload, as kill.c has it. */
struct orders {
	long count;
	long at;
	long pids;
	int pid[4096];
};

static void arm(const struct scratch *box, long at)
{
	struct orders *orders = calloc(1, sizeof *orders);
	char *path = path_join(box->dir, "orders");

	assert_non_null(orders);
	orders->at = at;
	ok(file_write(path, orders, sizeof *orders, FILE_PLAIN));
	free(orders);
	free(path);
}

static long counted(const struct scratch *box)
{
	struct buf text = BUF_INIT;
	char *path = path_join(box->dir, "orders");
	long count;

	ok(file_read(&text, path, sizeof(struct orders)));
	memcpy(&count, text.data, sizeof count);
	buf_release(&text);
	free(path);
	return count;
}

static int start(void **state)
{
	static struct scratch box;
	char *source = realpath("tests/faults/kill.c", NULL);

	assert_non_null(source);
	sandbox_open(&box);
	sh(&box,
	   "cc -std=gnu11 -D_GNU_SOURCE -D_FORTIFY_SOURCE=0 -O1 -shared -fPIC "
	   "-o kill.so '%s' -ldl && mkdir repo && cd repo && " HISTORY
	   " && " WORK,
	   source);
	free(source);
	*state = &box;
	return 0;
}

static int stop(void **state)
{
	sandbox_close(*state);
	return 0;
}

/* Runs this program under the preload, on the copy; its exit status. */
static int under_preload(const struct scratch *box, const char *verb)
{
	return sh_status(box,
			 "LD_PRELOAD=%s/kill.so KILL_STATE=%s/orders '%s' %s "
			 "%s/copy $(git -C repo rev-parse new old) >log 2>&1",
			 box->dir, box->dir, self, verb, box->dir);
}

static void copy(const struct scratch *box)
{
	sh(box, "rm -rf copy && cp -a repo copy");
}

/*
 * Recovers and lands: 0 when all is as if nothing had happened.  What is not
 * is printed, so that a loop can go on and count.
 */
static int is_finished(const struct scratch *box, const char *before)
{
	return !sh_status(
		box,
		"{ '%s' recover %s/copy && '%s' advance %s/copy $(git -C repo "
		"rev-parse new old) && cd copy && git fsck --strict "
		">/dev/null && test $(git rev-parse main) = $(git rev-parse "
		"new) && test \"$(git status --porcelain -uall)\" = '%s' && "
		"git diff --quiet tags/new -- big small gone tool link dir "
		"file out crlf turn new empty && "
		"test ! -e .git/orch/landing && ! find .git -name '*.lock' ! "
		"-path '*/orch/*' | grep .; } >&2",
		self, box->dir, self, box->dir, before);
}

/* The i-th of n points out of total, spread over all. */
static long nth(long i, long n, long total)
{
	return 1 + i * total / n;
}

static long how_many(long reduced, long total)
{
	const char *said = getenv("ORCH_LOOPS");
	long n = said && !strcmp(said, "all") ? total : loops((int)reduced);

	return n < total ? n : total;
}

static char *prepare(const struct scratch *box, long *total)
{
	if (!PRELOADS) {
		printf("land kill: a sanitizer does not like a preload\n");
		skip();
	}
	copy(box);
	char *before = sh_out(box, "git -C copy status --porcelain -uall");
	arm(box, 0);
	assert_int_equal(under_preload(box, "advance"), 0);
	*total = counted(box);
	assert_true(is_finished(box, before));
	return before;
}

static void kill_landings(const struct scratch *box, const char *what)
{
	long total, recovered = 0;
	char *before = prepare(box, &total);
	long n = how_many(15, total);

	for (long i = 0; i < n; i++) {
		copy(box);
		arm(box, nth(i, n, total));
		under_preload(box, "advance");
		if (is_finished(box, before))
			recovered++;
		else
			print_error("killed at write %ld of %ld\n",
				    nth(i, n, total), total);
	}
	printf("land kill (%s): %ld/%ld recovered, of %ld writes\n", what,
	       recovered, n, total);
	free(before);
	assert_int_equal(recovered, n);
}

static void a_landing_killed_at_any_write_is_finished(void **state)
{
	kill_landings(*state, "plain");
}

static void a_landing_that_converts_line_ends_is_finished(void **state)
{
	sh(*state, "cd repo && " CONFIG " && git stash -q -u && "
		   "git rm -rq --cached . && git reset -q --hard && "
		   "git stash pop -q --index 2>/dev/null");
	kill_landings(*state, "line ends");
}

/* The landing is killed at one point, its recovery at each of its writes. */
static long kill_recoveries(const struct scratch *box, long at, long *n,
			    const char *before)
{
	long total, recovered = 0, some;

	copy(box);
	arm(box, at);
	under_preload(box, "advance");
	sh(box, "rm -rf killed && mv copy killed && cp -a killed copy");
	arm(box, 0);
	assert_int_equal(under_preload(box, "recover"), 0);
	total = counted(box);
	some = how_many(3, total);
	for (long i = 0; i < some; i++) {
		long second = nth(i, some, total) + at % (total / some);

		sh(box, "rm -rf copy && cp -a killed copy");
		arm(box, second);
		under_preload(box, "recover");
		if (is_finished(box, before))
			recovered++;
		else
			print_error("killed at %ld, then at %ld of %ld\n", at,
				    second, total);
	}
	*n += some;
	return recovered;
}

static void a_recovery_that_is_killed_is_finished_by_the_next(void **state)
{
	struct scratch *box = *state;
	long total, recovered = 0, n = 0;
	char *before = prepare(box, &total);
	long some = how_many(6, 8);

	for (long i = 0; i < some; i++)
		recovered +=
			kill_recoveries(box, nth(i, some, total), &n, before);
	printf("land kill (twice): %ld/%ld recovered\n", recovered, n);
	free(before);
	assert_int_equal(recovered, n);
}

static int under_test(char **argv)
{
	struct oid new_oid, old_oid;
	struct repo *repo = NULL;
	struct error *err = repo_open(&repo, argv[2]);

	if (!err && !strcmp(argv[1], "recover"))
		err = land_recover(repo);
	else if (!err && !(err = oid_parse(&new_oid, argv[3])) &&
		 !(err = oid_parse(&old_oid, argv[4])))
		err = land_advance(repo, "refs/heads/main", &new_oid, &old_oid);
	if (err)
		fprintf(stderr, "%s: %s\n", argv[1], err->message);
	repo_free(repo);
	int failed = err != NULL;
	error_free(err);
	return failed;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_landing_killed_at_any_write_is_finished),
		TEST(a_landing_that_converts_line_ends_is_finished),
		TEST(a_recovery_that_is_killed_is_finished_by_the_next),
	};

	if (argc > 2)
		return under_test(argv);
	self = realpath("/proc/self/exe", NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(self);
	return failed;
}
