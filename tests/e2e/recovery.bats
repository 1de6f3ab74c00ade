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
		[ "$(status_of "$id" a)" = done ]
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
