#!/usr/bin/env bats
# What stands in the way, and how the user gets past it: names that could
# collide, refs and locks that a power cut or a killed process left, places
# that cannot be written.
load helper

# plan_called <id>: one phase, ready.
plan_called() {
	project
	template_small
	plan "$1"
	phase "$1" a 'files: {create: [a.txt]}'
	commit "plan $1"
	git orch trust --yes >/dev/null 2>&1
}

@test "a plan may be called as our own locks are" {
	for id in refs worktrees runner; do
		mkdir "../$id"
		cd "../$id"
		plan_called "$id"
		run_orch run "$id" --land
		exits 0
		[ "$(status_of "$id" a)" = "done" ]
		[ "$(cat a.txt)" = "this is a" ]
		untouched
	done
}

@test "a claim that a power cut emptied is named with what to do" {
	small_plan
	mkdir -p .git/refs/orch/claim/small
	head -c 41 /dev/zero >.git/refs/orch/claim/small/a
	run_orch next-phase a
	exits 128
	warns "refs/orch/claim/small/a"
	warns "hint: remove it: git orch doctor --fix"
	git orch doctor --fix
	git orch next-phase a
}

# The git that runs the command is no git that has a lock.
@test "locks that a killed process left on our refs are in nobody's way" {
	small_plan
	mkdir -p .git/refs/heads/orch/small .git/refs/orch/claim/small
	touch .git/refs/heads/orch/small/a.lock \
		.git/refs/orch/claim/small/a.lock
	run_orch next-phase a
	exits 0
	[ "$(git rev-list --count main..orch/small/a)" = 1 ]
}

@test "a cache that cannot be written is named with what to do" {
	small_plan 'checks: [{name: t, run: "true"}]'
	: >../file
	XDG_CACHE_HOME=$PWD/../file run_orch next-phase a
	exits 128
	warns "no place for a worktree"
	warns "../file/git-orch"
	warns "hint: let XDG_CACHE_HOME"
	[ -z "$(git for-each-ref refs/orch refs/heads/orch)" ]
	git orch next-phase a
}

@test "landing waits for no git that has the index locked" {
	small_plan
	git orch next-phase a
	: >.git/index.lock
	run_orch integrate small
	exits 75
	warns "the index of '$PWD' is locked"
	warns "hint: wait until the git at work there has ended, or remove"
	[ -e .git/index.lock ]
	[ ! -e a.txt ]
	rm .git/index.lock
	run_orch integrate small
	exits 0
	untouched
}

@test "variables of git that lead nowhere are named" {
	small_plan
	for name in GIT_DIR GIT_COMMON_DIR GIT_WORK_TREE; do
		export "$name=/nowhere"
		run_orch status
		exits 128
		warns "error: $name: "
		warns "/nowhere"
		warns "hint: unset $name, or let it name what is there"
		unset "$name"
	done
}
