#include "tests/unit/test.h"

#include "core/clock.h"
#include "core/file.h"
#include "gitops/sighting.h"
#include "tests/unit/repo.h"

static struct scratch box;
static const struct oid one = { .id = { 1 } }, two = { .id = { 2 } };

static int start(void **state)
{
	(void)state;
	sandbox_open(&box);
	sh(&box, "git init -q -b main . && git commit -q --allow-empty -m x");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	sandbox_close(&box);
	return 0;
}

static struct repo *open_repo(void)
{
	struct repo *repo = NULL;

	ok(repo_open(&repo, box.dir));
	return repo;
}

static int64_t note(const char *phase, const struct oid *claim)
{
	CLEANUP(repo_release) struct repo *repo = open_repo();
	int64_t ms = -1;

	ok(sighting_note(&ms, repo, "p", phase, claim));
	return ms;
}

/* Writes the file by hand: claim of p/a since so long, in this boot or not. */
static void seen(const struct oid *claim, const char *boot, int64_t ago_ms)
{
	char hex[OID_HEX];

	sh(&box,
	   "mkdir -p .git/orch && "
	   "boot=%s && echo \"p/a %s ${boot:-$(cat "
	   "/proc/sys/kernel/random/boot_id)} %lld\" >.git/orch/sightings",
	   boot, oid_hex(hex, claim), (long long)(clock_ms() - ago_ms));
}

static void a_first_sight_is_zero_and_time_goes_on(void **state)
{
	int64_t later;

	(void)state;
	assert_int_equal(note("a", &one), 0);
	sh(&box, "sleep 0.05");
	later = note("a", &one);
	assert_true(later >= 50 && later < 60000);
	assert_int_equal(note("b", &one), 0);
	assert_true(note("a", &one) >= later);
}

static void a_change_begins_anew(void **state)
{
	(void)state;
	seen(&one, "", 5000);
	assert_true(note("a", &one) >= 5000);
	assert_int_equal(note("a", &two), 0);
	/* Back to what it was is a change, too. */
	assert_int_equal(note("a", &one), 0);
}

static void another_boot_begins_anew(void **state)
{
	(void)state;
	seen(&one, "00000000-0000-0000-0000-000000000000", 5000);
	assert_int_equal(note("a", &one), 0);
	assert_true(note("a", &one) < 5000);
}

static void a_time_to_come_is_not_believed(void **state)
{
	(void)state;
	seen(&one, "", -600000);
	assert_int_equal(note("a", &one), 0);
	sh(&box, "sleep 0.02");
	assert_true(note("a", &one) >= 20);
}

static void the_wall_clock_changes_nothing(void **state)
{
	(void)state;
	seen(&one, "", 5000);
	sh(&box, "touch -d 2036-01-01 .git/orch/sightings");
	assert_true(note("a", &one) < 60000);
}

static void a_damaged_file_is_begun_anew(void **state)
{
	static const char *const damage[] = {
		"printf 'p/a' >>.git/orch/sightings",
		"printf 'p/b x y 1\\n' >>.git/orch/sightings",
		"printf '\\n' >>.git/orch/sightings",
		"printf 'p/b 0 b -1\\n' >>.git/orch/sightings",
		"printf '\\0p\\n' >>.git/orch/sightings",
		"truncate -s -1 .git/orch/sightings",
		"sed -i 's/$/ more/' .git/orch/sightings",
		"sed -i 's/p.a/p /' .git/orch/sightings",
		"truncate -s 20M .git/orch/sightings",
	};

	(void)state;
	for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
		seen(&one, "", 5000);
		sh(&box, "%s", damage[i]);
		if (note("a", &one) != 0)
			fail_msg("believed after: %s", damage[i]);
		sh(&box, "test $(wc -l <.git/orch/sightings) = 1");
	}
}

static void gone_claims_are_forgotten(void **state)
{
	CLEANUP(repo_release) struct repo *repo = open_repo();
	CLEANUP(strings_release) struct strings keep = STRINGS_INIT;

	(void)state;
	seen(&one, "", 5000);
	assert_int_equal(note("b", &one), 0);
	assert_int_equal(note("c", &one), 0);
	strings_addv(&keep, "p/a", "p/c", NULL);
	ok(sighting_prune(repo, &keep));
	sh(&box, "! grep -q p/b .git/orch/sightings && "
		 "test $(wc -l <.git/orch/sightings) = 2");
	assert_true(note("a", &one) >= 5000);
	strings_release(&keep);
	ok(sighting_prune(repo, &keep));
	sh(&box, "test ! -s .git/orch/sightings");
}

static void many_at_once_lose_nothing(void **state)
{
	int pids[8];

	(void)state;
	for (int n = 0; n < 8; n++) {
		pids[n] = fork();
		if (!pids[n]) {
			for (int i = 0; i < 10; i++) {
				char *phase = xasprintf("r%d-%d", n, i);

				if (note(phase, &one) != 0)
					_exit(1);
				free(phase);
			}
			_exit(0);
		}
	}
	for (int n = 0; n < 8; n++) {
		int status;

		assert_int_equal(waitpid(pids[n], &status, 0), pids[n]);
		assert_int_equal(status, 0);
	}
	sh(&box, "test $(sort -u .git/orch/sightings | wc -l) = 80");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_first_sight_is_zero_and_time_goes_on),
		TEST(a_change_begins_anew),
		TEST(another_boot_begins_anew),
		TEST(a_time_to_come_is_not_believed),
		TEST(the_wall_clock_changes_nothing),
		TEST(a_damaged_file_is_begun_anew),
		TEST(gone_claims_are_forgotten),
		TEST(many_at_once_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
