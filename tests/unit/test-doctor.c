/* What the doctor finds, and what it mends on request. */
#include "tests/unit/project.h"

#include "gitops/claim.h"
#include "plans/doctor.h"

#include <unistd.h>

static void put_plan(const struct scratch *box)
{
	put(box, ".orch/plans/p/plan.yaml",
	    "version: 1\nid: p\ntitle: Plan\ngoal: x\n");
	put(box, ".orch/plans/p/phases/a.yaml",
	    "version: 1\nid: a\ntitle: On the base\npriority: 2\n"
	    "agent: scaffold\nfiles: {create: [a]}\nstatus: planned\n");
	commit_all(box);
}

static const struct diagnosis *named(const struct diagnoses *diagnoses,
				     const char *name)
{
	FOR_EACH (struct diagnosis, diagnosis, diagnoses)
		if (!strcmp(diagnosis->name, name))
			return diagnosis;
	fail_msg("no diagnosis of %s", name);
	return NULL;
}

/* The doctor looks at the current directory. */
static void go_to(const struct scratch *box, const char *folder)
{
	char *dir = xasprintf("%s/%s", box->dir, folder);

	assert_int_equal(chdir(dir), 0);
	free(dir);
}

static void outside_a_repository_the_doctor_says_so(void **state)
{
	(void)state;
	struct scratch box;
	struct diagnoses diagnoses = DIAGNOSES_INIT;
	const struct project_options options = { .program = "git-orch" };

	project_sandbox(&box);
	go_to(&box, ".");
	ok(doctor(&diagnoses, &options, 0));
	assert_int_equal(named(&diagnoses, "git")->level, DIAGNOSIS_OK);
	assert_int_equal(named(&diagnoses, "repository")->level, DIAGNOSIS_BAD);
	diagnoses_release(&diagnoses);
	go_to(&box, "..");
	sandbox_close(&box);
}

/* A claim as a killed runner leaves it: the ref without the flock. */
static void leave_claim(const struct scratch *box, const char *status)
{
	struct project project = PROJECT_INIT;
	struct claim claim = { .lock = FILE_LOCK_INIT };

	put_plan(box);
	sh(box,
	   "cd repo && sed -i 's/^status: .*/status: %s/' "
	   ".orch/plans/p/phases/a.yaml && git commit -q --allow-empty -am y",
	   status);
	ok(open_at(&project, box, NULL));
	ok(claim_take(&claim, project.repo, "p", "a",
		      "20260102T030405Z-00000000"));
	claim_release(&claim);
	project_release(&project);
}

static void a_dead_claim_that_has_work_is_left_to_next_phase(void **state)
{
	(void)state;
	struct scratch box;
	struct diagnoses diagnoses = DIAGNOSES_INIT;
	const struct project_options options = { .program = "git-orch" };

	project_sandbox(&box);
	leave_claim(&box, "planned");
	go_to(&box, "repo");
	ok(doctor(&diagnoses, &options, 1));
	same(named(&diagnoses, "claims")->fix,
	     "git orch next-phase --plan p a");
	sh(&box, "git -C repo rev-parse -q --verify refs/orch/claim/p/a "
		 ">/dev/null");
	diagnoses_release(&diagnoses);
	go_to(&box, "..");
	sandbox_close(&box);
}

static void a_dead_claim_of_a_done_phase_is_dropped_on_request(void **state)
{
	(void)state;
	struct scratch box;
	struct diagnoses look = DIAGNOSES_INIT, mend = DIAGNOSES_INIT;
	const struct project_options options = { .program = "git-orch" };

	project_sandbox(&box);
	leave_claim(&box, "done");
	go_to(&box, "repo");
	ok(doctor(&look, &options, 0));
	same(named(&look, "claims")->fix, "git orch doctor --fix");
	ok(doctor(&mend, &options, 1));
	char *left = sh_out(&box, "git -C repo for-each-ref refs/orch/claim");
	same(left, "");
	free(left);
	diagnoses_release(&look);
	diagnoses_release(&mend);
	go_to(&box, "..");
	sandbox_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outside_a_repository_the_doctor_says_so),
		cmocka_unit_test(
			a_dead_claim_that_has_work_is_left_to_next_phase),
		cmocka_unit_test(
			a_dead_claim_of_a_done_phase_is_dropped_on_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
