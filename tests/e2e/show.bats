#!/usr/bin/env bats
load helper

@test "show renders a phase with its history" {
	small_plan
	run_orch show small/c
	exits 0
	says "small/c  Phase c"
	says "waiting: waits for a, b"
	says "depends_on  a, b"
	says "plan small"
}

@test "show renders a plan" {
	small_plan
	run_orch show small
	exits 0
	says "active"
	says "a small plan for a test"
}

@test "show of a done phase has the evidence" {
	small_plan 'checks: [{name: look, run: "test -f README"}]'
	git orch next-phase a
	run_orch show small/a
	exits 0
	says "in-review"
	says "on orch/small/a"
	says "look"
	says "sha256:"
}

@test "show of a draft reads its branch" {
	project
	git orch plan --template cli-tool
	run_orch show tally
	exits 0
	says draft
}

@test "show of an unknown phase says what is near" {
	small_plan
	run_orch show small/cc
	exits 128
	warns "plan 'small' has no phase 'cc'"
	warns "did you mean 'small/c'?"
}

@test "show of an unknown plan is a failure" {
	small_plan
	run_orch show nowhere
	exits 128
	warns "there is no plan 'nowhere'"
}

@test "show --json is what its schema says, numbers as numbers" {
	small_plan
	phase small a 'files: {create: [a.txt]}' 'priority: 2'
	commit 'priority'
	run_orch show --json small/a
	exits 0
	json_fits show
	says '"priority": 2'
	run_orch show --json small
	exits 0
	json_fits show
}
