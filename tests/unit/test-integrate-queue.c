/*
 * Landing in windows: what lands together, who is blamed, what a red check
 * gets another chance for, and that the base only ever is what was checked.
 */
#include "tests/unit/small.h"

#include "core/clock.h"
#include "plans/integrate.h"
#include "plans/queue.h"

#define PHASES 20

static struct scratch box;
static struct project project;
static struct landings landings;

static int setup(void **state)
{
	(void)state;
	project_sandbox(&box);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	landings_release(&landings);
	project_release(&project);
	sandbox_close(&box);
	return 0;
}

/*
 * The check of these tests: red with a file that says red, or that says with
 * whom it is.  It writes down what it saw, as "green a b" in <box>/seen, where
 * names stand for p<name>.txt.
 */
#define JUDGE                                                                  \
	"judge() { ! grep -qx red p*.txt || return 1; "                        \
	"for with in $(sed -n 's/^with //p' p*.txt); do "                      \
	"test ! -e p$with.txt || return 1; done; }; "                          \
	"said=red; ! judge || said=green; "                                    \
	"echo $said $(ls | sed -n 's/^p\\(.*\\)\\.txt$/\\1/p') >>%s/seen; "    \
	"test $said = green"

/* Plan 'small' without phases, and that check; more is configuration. */
static void put_queue(const char *more)
{
	put(&box, "README", "hello\n");
	put_template(&box);
	put_plan(&box, "small", "");
	putf(&box, ".orch/config.yaml",
	     "version: 1\npolicy: {sandbox: \"off\", protected: [.orch/**]}\n"
	     "%schecks:\n  - name: t\n    run: >-\n      " JUDGE "\n",
	     more, box.dir);
}

static void put_queued(const char *name, const char *lines)
{
	char *id = xasprintf("p%s", name);
	char *own =
		xasprintf("files: {create: [p%s.txt], modify: [README]}\n%s",
			  name, lines);

	put_phase(&box, "small", id, own);
	free(own);
	free(id);
}

/* One commit for git-fast-import(1): the phase is done, its file says text. */
static void import_done(struct buf *out, const char *name, const char *text)
{
	char *path = xasprintf(".orch/plans/small/phases/p%s.yaml", name);
	char *document = sh_out(&box, "sed s/planned/done/ repo/%s", path);

	buf_addf(out,
		 "commit refs/heads/orch/small/p%s\n"
		 "committer A <a@example.invalid> 1767225600 +0000\n"
		 "data <<END\nfeat: p%s\nEND\nfrom refs/heads/main^0\n"
		 "M 100644 inline p%s.txt\ndata <<END\n%s\nEND\n"
		 "M 100644 inline %s\ndata <<END\n%s\nEND\n\n",
		 name, name, name, text, path, document);
	free(document);
	free(path);
}

static void import(const struct buf *commits)
{
	char *path = xasprintf("%s/commits", box.dir);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(commits->data, file);
	assert_int_equal(fclose(file), 0);
	sh(&box, "git -C repo fast-import --quiet <commits");
	free(path);
}

/* Phases by name and what their files say, to NULL: all of them in review. */
static void in_review(const char *const *rows)
{
	struct buf commits = BUF_INIT;

	for (size_t i = 0; rows[i]; i += 2)
		put_queued(rows[i], "");
	small_open(&project, &box);
	for (size_t i = 0; rows[i]; i += 2)
		import_done(&commits, rows[i], rows[i + 1]);
	import(&commits);
	buf_release(&commits);
}

static struct error *land(void)
{
	landings_release(&landings);
	return integrate(&landings, &project, "small", NULL);
}

/* What became of whom, in the order it was told: "pa landed, pb red". */
static void told(const char *text)
{
	struct buf got = BUF_INIT;

	FOR_EACH (struct landing, landing, &landings)
		buf_addf(&got, "%s%s %s", got.len ? ", " : "", landing->phase,
			 landing_end_name(landing->end));
	assert_string_equal(got.len ? got.data : "", text);
	buf_release(&got);
}

static void seen(const char *text)
{
	prints(text, &box, "cat seen 2>/dev/null; true");
}

static void tidy(void)
{
	small_tidy(&box);
	prints("", &box, "git -C repo for-each-ref refs/orch");
}

static void what_is_green_together_lands_at_once(void **state)
{
	static const char *const rows[] = { "a",  "ok", "b",  "ok", "c",
					    "ok", "d",  "ok", NULL };

	(void)state;
	put_queue("");
	in_review(rows);
	ok(land());
	told("pa landed, pb landed, pc landed, pd landed");
	seen("green a b c d");
	prints("feat: pd\nfeat: pc\nfeat: pb\nfeat: pa\nx", &box,
	       "git -C repo log --format=%%s main");
	/* One move over four commits. */
	prints("2", &box, "git -C repo reflog show main | wc -l");
	struct oid third = resolve(&project, "main^");
	assert_true(oid_equal(&third, &landings.items[2].commit));
	assert_int_equal(landings.items[0].checks.len, 1);
	prints("", &box, "git -C repo for-each-ref refs/heads/orch");
	tidy();
}

static void each_method_makes_a_commit_of_each_phase(void **state)
{
	static const char *const rows[] = { "a", "ok", "b", "ok", NULL };
	static const char *const methods[] = { "merge", "rebase" };
	static const char *const subjects[] = {
		"Merge phase pb of small: Phase pb\n"
		"Merge phase pa of small: Phase pa\nx",
		"feat: pb\nfeat: pa\nx"
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *more = xasprintf("delivery: {method: %s}\n", methods[i]);

		put_queue(more);
		in_review(rows);
		ok(land());
		told("pa landed, pb landed");
		seen("green a b");
		prints(subjects[i], &box,
		       "git -C repo log --first-parent --format=%%s main");
		tidy();
		free(more);
		project_release(&project);
		sandbox_close(&box);
		project_sandbox(&box);
	}
}

static void of_two_culprits_each_has_its_own_findings(void **state)
{
	static const char *const rows[] = { "a", "red",    "b", "ok", "c", "ok",
					    "d", "with b", "e", "ok", NULL };

	(void)state;
	put_queue("");
	in_review(rows);
	ok(land());
	told("pa red, pb landed, pc landed, pd red, pe landed");
	for (size_t i = 0; i < landings.len; i++) {
		const struct landing *it = &landings.items[i];

		assert_int_equal(it->findings.len, it->end == LANDING_RED);
		assert_int_equal(it->checks.len, 1);
		assert_int_equal(it->checks.items[0].exit,
				 it->end == LANDING_RED);
		assert_int_equal(oid_is_zero(&it->commit),
				 it->end == LANDING_RED);
	}
	prints("orch/small/pa\norch/small/pd", &box,
	       "git -C repo for-each-ref --format='%%(refname:short)' "
	       "refs/heads/orch");
	prints("pb.txt\npc.txt\npe.txt", &box, "cd repo && ls p*");
	assert_int_equal(small_status(&project, "pa"), STATUS_IN_REVIEW);
	assert_int_equal(small_status(&project, "pe"), STATUS_DONE);
	tidy();
}

/* Changes a phase's branch by hand, in one more commit. */
static void by_hand(const char *phase, const char *command)
{
	sh(&box,
	   "cd repo && git switch -q orch/small/%s && %s && git add -A && "
	   "git commit -qm hand && git switch -q main",
	   phase, command);
}

static void a_conflict_waits_for_its_neighbour_to_land(void **state)
{
	static const char *const rows[] = { "a", "ok", "b", "ok",
					    "c", "ok", NULL };

	(void)state;
	put_queue("");
	in_review(rows);
	by_hand("pa", "echo a >README");
	by_hand("pb", "echo b >README");
	ok(land());
	told("pa landed, pb conflict, pc landed");
	assert_int_equal(landings.items[1].conflicts.len, 1);
	same(landings.items[1].conflicts.items[0], "README");
	prints("a", &box, "cat repo/README");
	tidy();
}

static void a_conflict_with_one_that_is_red_is_none(void **state)
{
	static const char *const rows[] = { "a", "red", "b", "ok",
					    "c", "ok",  NULL };

	(void)state;
	put_queue("");
	in_review(rows);
	by_hand("pa", "echo a >README");
	by_hand("pb", "echo b >README");
	ok(land());
	told("pa red, pb landed, pc landed");
	prints("b", &box, "cat repo/README");
	tidy();
}

static void who_is_in_the_way_is_found_among_those_that_land(void **state)
{
	static const char *const rows[] = { "a",  "ok", "b",  "ok", "c",
					    "ok", "d",  "ok", NULL };

	(void)state;
	put_queue("");
	in_review(rows);
	put(&box, "pc.txt", "mine\n");
	ok(land());
	told("pa landed, pb landed, pc conflict, pd landed");
	same(landings.items[2].findings.items[0].rule, "in-the-way");
	prints("mine", &box, "cat repo/pc.txt");
	prints("?? pc.txt", &box, "git -C repo status --porcelain");
	prints("", &box, "git -C repo for-each-ref refs/orch/claim");
}

static void checks_of_an_earlier_window_guard_a_later_one(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	struct buf commits = BUF_INIT;

	(void)state;
	put_queue("");
	for (size_t i = 0; i < 5; i++)
		put_queued(names[i], i ? "checks: []\n" : "checks: [t]\n");
	small_open(&project, &box);
	for (size_t i = 0; i < 5; i++)
		import_done(&commits, names[i], i == 4 ? "with a" : "ok");
	import(&commits);
	buf_release(&commits);
	ok(land());
	told("pa landed, pb landed, pc landed, pd landed, pe red");
	tidy();
}

/* The base says what is checked: who comes after a change of it is not
 * judged by what was said before. */
static void who_changes_the_checks_is_the_last_of_its_window(void **state)
{
	static const char *const rows[] = { "a", "ok", "b", "ok", NULL };

	(void)state;
	put_queue("");
	put_queued("a", "");
	putf(&box, ".orch/plans/small/phases/pa.yaml",
	     "version: 1\nid: pa\ntitle: Phase pa\nagent: scaffold\n"
	     "files: {create: [pa.txt], modify: [.orch/config.yaml]}\n"
	     "status: planned\n");
	put_queued("b", "");
	small_open(&project, &box);
	struct buf commits = BUF_INIT;
	import_done(&commits, rows[0], rows[1]);
	import_done(&commits, rows[2], rows[3]);
	import(&commits);
	buf_release(&commits);
	by_hand("pa", "echo '  - {name: no-b, run: \"test ! -e pb.txt\"}' "
		      ">>.orch/config.yaml");
	fails(ERROR_REFUSED, "not trusted", land());
	told("pa landed");
	prints("", &box, "git -C repo for-each-ref refs/orch/claim");
	ok(project_reload(&project));
	trust_base(&project);
	ok(land());
	told("pb red");
	same(landings.items[0].checks.items[1].name, "no-b");
	tidy();
}

/* Stacked by hand: pb depends on pa, and both are in review. */
static void stack(const char *what)
{
	struct buf commits = BUF_INIT;

	put_queue("");
	put_queued("a", "");
	put_queued("b", "depends_on: [pa]\n");
	put_queued("c", "");
	small_open(&project, &box);
	import_done(&commits, "a", what);
	import_done(&commits, "b", "ok");
	import_done(&commits, "c", "ok");
	import(&commits);
	buf_release(&commits);
}

/* Its branch holds what the base has not: that has to land, and be replayed. */
static void a_stacked_branch_waits_for_the_one_below(void **state)
{
	(void)state;
	stack("red");
	sh(&box, "cd repo && git branch -q -f orch/small/pb $(git commit-tree "
		 "-p orch/small/pa -m stacked orch/small/pb^{tree}) && "
		 "git update-ref refs/orch/base/small/pb orch/small/pa");
	ok(land());
	told("pa red, pc landed");
	assert_int_equal(small_status(&project, "pb"), STATUS_IN_REVIEW);
	small_tidy(&box);
}

static void what_stands_on_a_culprit_is_passed_over(void **state)
{
	(void)state;
	stack("red");
	ok(land());
	told("pa red, pc landed");
	assert_int_equal(small_status(&project, "pb"), STATUS_IN_REVIEW);
	tidy();
}

static void what_depends_lands_behind_what_it_depends_on(void **state)
{
	(void)state;
	stack("ok");
	ok(land());
	told("pa landed, pb landed, pc landed");
	seen("green a b c");
	tidy();
}

static void a_window_is_claimed_as_long_as_it_is_looked_at(void **state)
{
	static const char *const rows[] = { "a", "ok", "b", "ok", "c", "ok",
					    "d", "ok", "e", "ok", NULL };
	char *more = xasprintf(
		"setup: [{name: look, run: 'mkdir kept; git -C %s/repo for-each-ref "
		"--format=\"%%(refname:lstrip=4)\" refs/orch/claim "
		">>%s/claims', keep: [kept]}]\n",
		box.dir, box.dir);

	(void)state;
	put_queue(more);
	free(more);
	in_review(rows);
	ok(land());
	prints("pa\npb\npc\npd", &box, "head -n 4 claims");
	tidy();
}

/* Takes the claim of pa away while the window is checked, by a command. */
static void lose_claim(const char *command)
{
	static const char *const rows[] = { "a", "ok", "b", "ok", NULL };

	put_queue("");
	putf(&box, ".orch/config.yaml",
	     "version: 1\npolicy: {sandbox: \"off\"}\n"
	     "checks: [{name: t, run: 'test -e %s/once || { touch %s/once; "
	     "cd %s/repo && %s; }'}]\n",
	     box.dir, box.dir, box.dir, command);
	in_review(rows);
	ok(land());
}

static void a_claim_that_somebody_took_is_not_landed_on(void **state)
{
	(void)state;
	lose_claim("git update-ref refs/orch/claim/small/pa "
		   "refs/orch/claim/small/pb");
	told("pb landed");
	prints("refs/orch/claim/small/pa", &box,
	       "git -C repo for-each-ref --format='%%(refname)' "
	       "refs/orch/claim");
	prints("orch/small/pa", &box,
	       "git -C repo for-each-ref --format='%%(refname:short)' "
	       "refs/heads/orch");
}

static void a_claim_that_is_gone_is_taken_again(void **state)
{
	(void)state;
	lose_claim("git update-ref -d refs/orch/claim/small/pa");
	told("pa landed, pb landed");
	tidy();
}

/* Green after the first time that <box>/once is not there. */
static void put_flaky(const char *more)
{
	put_queue("");
	putf(&box, ".orch/config.yaml",
	     "version: 1\npolicy: {sandbox: \"off\"}\n%s"
	     "checks: [{name: t, run: 'echo x >>%s/ran; test -e %s/once || "
	     "{ touch %s/once; exit 1; }'}]\n",
	     more, box.dir, box.dir, box.dir);
}

static void a_check_that_is_red_once_is_flaky_and_lands(void **state)
{
	static const char *const rows[] = { "a", "ok", "b", "ok", NULL };
	char *logs = xasprintf("%s/logs", box.dir);

	(void)state;
	put_flaky("");
	in_review(rows);
	project.log = log_open(logs, "run", LOG_INFO);
	ok(land());
	log_close(&project.log);
	told("pa landed, pb landed");
	for (size_t i = 0; i < 2; i++) {
		const struct check_outcome *check =
			&landings.items[i].checks.items[0];

		assert_int_equal(check->exit, 0);
		assert_true(check->flaky);
		assert_null(check->tail);
	}
	prints("2", &box, "wc -l <ran");
	prints("1", &box,
	       "grep -c '\"level\":\"warn\".*red once.*\"check\":\"t\"' "
	       "logs/run.jsonl");
	/* It is not known as green. */
	prints("", &box,
	       "find repo/.git/orch/checks -type f 2>/dev/null; true");
	tidy();
	free(logs);
}

static void a_check_that_is_red_twice_is_red(void **state)
{
	static const char *const rows[] = { "a", "red", NULL };

	(void)state;
	put_queue("");
	in_review(rows);
	ok(land());
	told("pa red");
	seen("red a\nred a");
	assert_false(landings.items[0].checks.items[0].flaky);
	assert_int_equal(landings.items[0].findings.len, 1);
	tidy();
}

static void who_hangs_the_checks_is_late_and_its_neighbours_land(void **state)
{
	static const char *const rows[] = { "a", "ok", "b", "ok",
					    "c", "ok", NULL };

	(void)state;
	put_queue("");
	putf(&box, ".orch/config.yaml",
	     "version: 1\npolicy: {sandbox: \"off\"}\n"
	     "delivery: {deadline: 3}\n"
	     "checks: [{name: t, run: 'echo x >>%s/ran; "
	     "test ! -e pb.txt || sleep 60'}]\n",
	     box.dir);
	in_review(rows);
	ok(land());
	told("pa landed, pb late, pc landed");
	const struct landing *late = &landings.items[1];
	assert_int_equal(late->findings.len, 1);
	same(late->findings.items[0].rule, "late");
	assert_non_null(
		strstr(late->findings.items[0].hint, "delivery.deadline"));
	assert_true(late->checks.items[0].late);
	assert_int_equal(small_status(&project, "pb"), STATUS_IN_REVIEW);
	tidy();
}

static void once_the_deadline_is_over_no_check_begins(void **state)
{
	struct check_outcomes checks = { NULL, 0, 0 };
	struct findings findings = FINDINGS_INIT;
	struct strings names = STRINGS_INIT;
	struct board board = BOARD_INIT;

	(void)state;
	put_queue("");
	small_open(&project, &box);
	ok(board_load(&board, &project, "small"));
	strings_add(&names, "t");
	ok(gate_landing_checks(&checks, &project, &board.plans.items[0]->plan,
			       &names, &project.base.tree, clock_ms() - 1,
			       &findings));
	assert_int_equal(checks.len, 1);
	assert_int_equal(checks.items[0].exit, 124);
	assert_true(checks.items[0].late);
	same(checks.items[0].ended, "not begun");
	assert_int_equal(findings.len, 1);
	same(findings.items[0].rule, "late");
	seen("");
	check_outcomes_release(&checks);
	findings_release(&findings);
	strings_release(&names);
	board_release(&board);
}

static void without_a_deadline_nobody_is_late(void **state)
{
	static const char *const rows[] = { "a", "ok", NULL };

	(void)state;
	put_queue("");
	put(&box, ".orch/config.yaml",
	    "version: 1\npolicy: {sandbox: \"off\"}\n"
	    "delivery: {deadline: 0}\n"
	    "checks: [{name: one, run: 'sleep 0.1'}]\n");
	in_review(rows);
	ok(land());
	told("pa landed");
}

/* A random queue, through all of it. */

enum fate { LANDED, RED };
struct draw {
	unsigned seed;
	enum fate fates[PHASES];
	size_t with[PHASES]; /* PHASES: nobody */
	size_t culprits;
};

static unsigned draw_below(struct draw *draw, unsigned below)
{
	draw->seed = draw->seed * 1664525u + 1013904223u;
	return (draw->seed >> 8) % below;
}

/* A fifth is red, or is with an earlier one, which may have landed. */
static void draw_phases(struct draw *draw)
{
	for (size_t i = 0; i < PHASES; i++) {
		unsigned what = draw_below(draw, 10);

		draw->with[i] =
			what == 1 && i ? draw_below(draw, (unsigned)i) : PHASES;
		draw->fates[i] = !what || (draw->with[i] < PHASES &&
					   draw->fates[draw->with[i]] == LANDED)
					 ? RED
					 : LANDED;
		draw->culprits += draw->fates[i] == RED;
	}
}

static void put_drawn(const struct draw *draw)
{
	struct buf commits = BUF_INIT;
	char name[8], text[16];

	for (size_t i = 0; i < PHASES; i++) {
		snprintf(name, sizeof name, "%02zu", i);
		put_queued(name, "");
	}
	small_open(&project, &box);
	for (size_t i = 0; i < PHASES; i++) {
		snprintf(name, sizeof name, "%02zu", i);
		if (draw->with[i] < PHASES)
			snprintf(text, sizeof text, "with %02zu",
				 draw->with[i]);
		else
			snprintf(text, sizeof text, "%s",
				 draw->fates[i] == RED ? "red" : "ok");
		import_done(&commits, name, text);
	}
	import(&commits);
	buf_release(&commits);
}

/* The culprits are told, and nobody else. */
static int fates_are_as_drawn(const struct draw *draw)
{
	size_t good = 0;

	FOR_EACH (struct landing, landing, &landings) {
		size_t i = (size_t)atoi(landing->phase + 1);

		good += landing->end ==
			(draw->fates[i] == RED ? LANDING_RED : LANDING_LANDED);
	}
	return good == PHASES && landings.len == PHASES;
}

/* Each tip that the base ever was, but the first, was green in a check. */
static int tips_were_green(void)
{
	char *bad = sh_out(
		&box,
		"git -C repo reflog show --format=%%H main | sed '$d' | "
		"while read tip; do names=$(git -C repo ls-tree --name-only "
		"$tip | sed -n 's/^p\\(.*\\)\\.txt$/\\1/p'); "
		"grep -qx \"green $(echo $names)\" seen || echo $tip; done");
	int none = !*bad;

	free(bad);
	return none;
}

/* One commit for each that landed, in order, and none beside. */
static int history_is_theirs(const struct draw *draw)
{
	struct buf want = BUF_INIT;

	for (size_t i = 0; i < PHASES; i++)
		if (draw->fates[i] == LANDED)
			buf_addf(&want, "%sp%02zu.txt", want.len ? " " : "", i);
	char *got = sh_out(&box, "cd repo && echo $(git log -m --first-parent "
				 "--reverse --format= --name-only "
				 "--diff-filter=A main -- 'p*.txt')");
	char *count = sh_out(&box, "git -C repo rev-list --first-parent "
				   "--count main");
	int same_as = !strcmp(got, want.data) &&
		      (size_t)atoi(count) == PHASES + 1 - draw->culprits;

	free(got);
	free(count);
	buf_release(&want);
	return same_as;
}

/* n + k * ceil(log2 n) + k, where a red one is run once more. */
static int checks_were_few(const struct draw *draw)
{
	char *green = sh_out(&box, "grep -c ^green seen; true");
	char *red = sh_out(&box, "grep -c ^red seen; true");
	size_t ran = (size_t)atoi(green) + (size_t)atoi(red) / 2;

	free(green);
	free(red);
	return ran <= PHASES + draw->culprits * 5 + draw->culprits;
}

static int round_is_right(unsigned seed)
{
	static const char *const methods[] = { "squash", "merge", "rebase" };
	struct draw draw = { .seed = seed };
	char *more = xasprintf("delivery: {method: %s}\n", methods[seed % 3]);

	draw_phases(&draw);
	put_queue(more);
	free(more);
	put_drawn(&draw);
	ok(land());
	int fates = fates_are_as_drawn(&draw), tips = tips_were_green();
	int history = history_is_theirs(&draw), few = checks_were_few(&draw);
	tidy();
	if (!fates || !tips || !history || !few)
		print_error("seed %u: fates %d, tips %d, history %d, few %d\n",
			    seed, fates, tips, history, few);
	return fates && tips && history && few;
}

static void the_base_is_only_ever_what_was_checked(void **state)
{
	const char *text = getenv("ORCH_LOOPS");
	unsigned seeds = text && !strcmp(text, "all") ? 50 : 3;
	unsigned good = 0;

	(void)state;
	for (unsigned seed = 0; seed < seeds; seed++) {
		good += (unsigned)round_is_right(seed);
		project_release(&project);
		sandbox_close(&box);
		project_sandbox(&box);
	}
	print_message("# integrate: %u/%u queues of %d phases landed what was "
		      "green and nothing else\n",
		      good, seeds, PHASES);
	assert_int_equal(good, seeds);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_green_together_lands_at_once),
		TEST(each_method_makes_a_commit_of_each_phase),
		TEST(of_two_culprits_each_has_its_own_findings),
		TEST(a_conflict_waits_for_its_neighbour_to_land),
		TEST(a_conflict_with_one_that_is_red_is_none),
		TEST(who_is_in_the_way_is_found_among_those_that_land),
		TEST(checks_of_an_earlier_window_guard_a_later_one),
		TEST(who_changes_the_checks_is_the_last_of_its_window),
		TEST(a_stacked_branch_waits_for_the_one_below),
		TEST(what_stands_on_a_culprit_is_passed_over),
		TEST(what_depends_lands_behind_what_it_depends_on),
		TEST(a_window_is_claimed_as_long_as_it_is_looked_at),
		TEST(a_claim_that_somebody_took_is_not_landed_on),
		TEST(a_claim_that_is_gone_is_taken_again),
		TEST(a_check_that_is_red_once_is_flaky_and_lands),
		TEST(a_check_that_is_red_twice_is_red),
		TEST(who_hangs_the_checks_is_late_and_its_neighbours_land),
		TEST(once_the_deadline_is_over_no_check_begins),
		TEST(without_a_deadline_nobody_is_late),
		TEST(the_base_is_only_ever_what_was_checked),
	};

	SANDBOX_MAIN(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
