/*
 * A bare repository far.git, a clone near of it with one commit on main, and
 * what tests of remotes ask of both.
 */
#ifndef TESTS_UNIT_REMOTE_H
#define TESTS_UNIT_REMOTE_H

#include "tests/unit/test.h"

#include "gitops/ref.h"
#include "gitops/remote.h"
#include "tests/unit/repo.h"

#define CLAIM_REF "refs/orch/claim/p/a"
#define BASE_REF  "refs/orch/base/p/a"
#define WORK_REF  "refs/heads/orch/p/a"

static inline void far_open(struct scratch *box)
{
	sandbox_open(box);
	sh(box, "git init -q --bare -b main far.git && "
		"git init -q -b main near && cd near && "
		"git remote add origin ../far.git && "
		"echo one >a && git add a && git commit -qm one && "
		"git push -q -u origin main 2>&1");
}

static inline struct repo *near(const struct scratch *box)
{
	struct repo *repo = NULL;
	char *dir = xasprintf("%s/near", box->dir);

	ok(repo_open(&repo, dir));
	free(dir);
	return repo;
}

/* A commit of this message, without parents, in near. */
static inline struct oid a_commit(const struct scratch *box, const char *text)
{
	char *hex = sh_out(box,
			   "cd near && git commit-tree -m '%s' "
			   "$(git rev-parse main^{tree})",
			   text);
	struct oid oid;

	ok(oid_parse(&oid, hex));
	free(hex);
	return oid;
}

/* Where a ref of far.git stands, zero: nowhere. */
static inline struct oid far_ref(const struct scratch *box, const char *ref)
{
	char *hex = sh_out(
		box, "git -C far.git rev-parse --verify -q %s || true", ref);
	struct oid oid = oid_zero;

	if (*hex)
		ok(oid_parse(&oid, hex));
	free(hex);
	return oid;
}

static inline void far_is(const struct scratch *box, const char *ref,
			  const struct oid *oid)
{
	struct oid now = far_ref(box, ref);

	if (!oid_equal(&now, oid))
		fail_msg("%s stands elsewhere", ref);
}

/* Where a ref of near stands. */
static inline void near_is(const struct repo *repo, const char *ref,
			   const struct oid *oid)
{
	struct oid now;

	ok(ref_read_maybe(&now, repo, ref));
	if (!oid_equal(&now, oid))
		fail_msg("%s stands elsewhere", ref);
}

/* One ref, one push; what it came to. */
static inline struct error *push_one(enum push_end *end, char **why,
				     struct repo *repo, const char *ref,
				     const struct oid *to,
				     const struct oid *expected)
{
	struct push push = { .remote = "origin" };
	struct error *err;

	push_add(&push, ref, to, expected);
	err = remote_push(end, why, repo, &push);
	push_release(&push);
	return err;
}

static inline void ends(enum push_end expected, const char *text,
			struct repo *repo, const char *ref,
			const struct oid *to, const struct oid *old)
{
	enum push_end end;
	char *why = NULL;

	ok(push_one(&end, &why, repo, ref, to, old));
	if (end != expected || (text && (!why || !strstr(why, text))))
		fail_msg("end %d: %s", (int)end, why ? why : "no why");
	if (end == PUSH_DONE)
		assert_null(why);
	free(why);
}

static inline void far_hook(const struct scratch *box, const char *name,
			    const char *body)
{
	sh(box,
	   "printf '#!/bin/sh\\n%s\\n' >far.git/hooks/%s && "
	   "chmod +x far.git/hooks/%s",
	   body, name, name);
}

#define RACERS 8

/* In a child: 0 won, 1 lost, 2 neither. */
static inline int far_race_one(const struct scratch *box, int round, int n)
{
	char *text = xasprintf("round %d runner %d", round, n);
	char *ref = xasprintf("refs/orch/claim/race/r%d", round);
	struct oid mine = a_commit(box, text);
	struct repo *repo = near(box);
	enum push_end end;
	struct error *err = push_one(&end, NULL, repo, ref, &mine, &oid_zero);

	if (err)
		fprintf(stderr, "%s\n", err->message);
	return err ? 2 : end == PUSH_DONE ? 0 : end == PUSH_STALE ? 1 : 2;
}

/* All push for one ref that is not there yet: one wins. */
static inline void far_race(const struct scratch *box, int round)
{
	int pids[RACERS], count[3] = { 0 };

	for (int n = 0; n < RACERS; n++) {
		pids[n] = fork();
		if (!pids[n])
			_exit(far_race_one(box, round, n));
	}
	for (int n = 0; n < RACERS; n++) {
		int status;

		assert_int_equal(waitpid(pids[n], &status, 0), pids[n]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 3);
		count[WEXITSTATUS(status)]++;
	}
	assert_int_equal(count[0], 1);
	assert_int_equal(count[1], RACERS - 1);
}

#endif
