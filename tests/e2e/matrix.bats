#!/usr/bin/env bats
load helper

@test "matrix lists what is ready, as CI services take it" {
	small_plan
	run_orch matrix
	exits 0
	says "small/a"
	says "small/b"
	run_orch matrix --json
	json_fits matrix
	[ "$(jq -c '[.include[].phase]' <<<"$output")" = '["a","b"]' ]
	[ "$(jq -c 'keys' <<<"$output")" = '["include"]' ]
}

@test "the command of a row does its phase" {
	small_plan
	eval "$(git orch matrix --json --max 1 | jq -r '.include[0].command')"
	[ "$(status_of small a)" = in-review ]
}

@test "matrix leaves out what would touch the same files" {
	small_plan
	phase small d 'priority: 1' 'files: {create: ["*.txt"]}'
	commit 'a phase that meets both'
	[ "$(git orch matrix --json | jq -c '[.include[].phase]')" = '["d"]' ]
}

@test "without ready phases the list is empty, and the status says so" {
	small_plan
	git orch run >/dev/null 2>&1
	run_orch matrix
	exits 3
	run_orch matrix --json
	exits 0
	[ "$(jq -c .include <<<"$output")" = '[]' ]
}

@test "matrix of a plan that is not there is an error" {
	small_plan
	run_orch matrix nowhere
	exits 128
}

@test "status shows ready phases that would meet" {
	small_plan
	phase small d 'files: {create: [b.txt]}'
	commit 'a phase that meets b'
	run_orch status
	says "would meet d at b.txt"
	run_orch status --json
	json_fits status
	[ "$(jq -c '.phases[] | select(.id == "b") | .overlaps' <<<"$output")" = '["d"]' ]
	[ "$(jq -c '.phases[] | select(.id == "a") | .overlaps' <<<"$output")" = '[]' ]
}

@test "run does not put side by side what would meet" {
	project
	template_small
	plan small 'checks: [{name: slow, run: "sleep 0.3"}]'
	phase small a 'files: {create: [a.txt]}'
	phase small b 'files: {create: [a.txt, b.txt]}'
	commit 'two that meet'
	git orch trust --yes >/dev/null 2>&1
	git orch run --jobs 2 --json >run.json 2>/dev/null || true
	[ "$(jq .most_at_once run.json)" = 1 ]
}
