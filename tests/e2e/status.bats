#!/usr/bin/env bats
load helper

@test "status without plans says how to begin" {
	project
	run_orch status
	exits 0
	says "git orch plan --template"
}

@test "status shows each phase, the graph and what to do" {
	small_plan
	run_orch status
	exits 0
	says "small  Plan small"
	says "ready"
	says "waits for a, b"
	says "next: git orch run"
}

@test "status shows a draft and how to approve it" {
	project
	git orch plan --template cli-tool
	run_orch status
	exits 0
	says "draft"
	says "git orch approve tally"
}

@test "status writes and moves nothing" {
	small_plan
	find .git -path .git/orch -prune -o -type f -exec sha256sum {} + | sort >../before
	run_orch status
	find .git -path .git/orch -prune -o -type f -exec sha256sum {} + | sort >../after
	diff ../before ../after
	untouched
}

@test "status of one plan leaves others out" {
	small_plan
	plan other
	phase other x 'files: {create: [x.txt]}'
	commit other
	run_orch status other
	exits 0
	[[ "$output" != *"Plan small"* ]]
	run_orch status --plan other
	exits 0
	[[ "$output" != *"Plan small"* ]]
}

@test "status of an unknown plan is a failure" {
	small_plan
	run_orch status nowhere
	exits 128
	warns "there is no plan 'nowhere'"
}

@test "status of a large plan fits on a screen, --all shows it" {
	project
	plan large
	for i in $(seq 1 120); do
		phase large "p$i" "files: {create: [f$i]}"
	done
	commit large
	run_orch status
	exits 0
	[ "${#lines[@]}" -lt 40 ]
	says "120 ready"
	says "git orch status --all"
	run_orch status --all
	says "p120"
}

@test "status prints no colour into a pipe, and some when told to" {
	small_plan
	run_orch status
	[[ "$output" != *$'\033'* ]]
	run_orch status --color=always
	[[ "$output" == *$'\033[33m'* ]]
	NO_COLOR=1 run_orch status --color=always
	[[ "$output" == *$'\033'* ]]
	git config color.ui always
	run_orch status
	[[ "$output" == *$'\033'* || "$TERM" = dumb ]]
	NO_COLOR=1 run_orch status
	[[ "$output" != *$'\033'* ]]
}

@test "status lets no document speak to the terminal" {
	small_plan
	sed -i 's/^title: .*/title: "red \\e[31m bell \\a"/' \
		.orch/plans/small/phases/a.yaml
	commit 'an evil title'
	run_orch status
	[[ "$output" != *$'\033'* ]]
	[[ "$output" != *$'\a'* ]]
}

@test "status with a broken document names file and line" {
	small_plan
	echo 'wrong: 1' >>.orch/plans/small/phases/a.yaml
	commit 'break it'
	run_orch status
	exits 128
	warns ".orch/plans/small/phases/a.yaml:"
}

# A second plan that is broken, after small_plan.
broken_plan() {
	plan other
	phase other x 'wrong: 1'
	commit 'a broken plan'
}

@test "status shows the other plans beside a broken one: exit 128" {
	small_plan
	broken_plan
	run_orch status
	exits 128
	says "small  Plan small"
	says "other  broken: .orch/plans/other/phases/x.yaml:5:1: "
	warns "plan 'other' cannot be read"
	warns "git orch validate"
	run_orch status --json
	exits 128
	json_fits status
	says '"state": "broken"'
	says 'x.yaml:5:1'
	run_orch status small
	exits 0
	[[ "$output" != *broken* ]]
	run_orch status other
	exits 128
	warns "x.yaml:5:1"
}

@test "what status says to do next can be typed where two plans are open" {
	small_plan
	plan other
	phase other a 'files: {create: [a.txt]}'
	phase other b 'files: {create: [b.txt]}'
	commit other
	for where in status 'status small' 'status other' 'status small'; do
		# shellcheck disable=SC2086
		git orch $where | sed -n 's/^next: \(git orch .*\)  (.*/\1/p' >../next
		[ -s ../next ]
		while read -r line; do
			eval "$line" </dev/null
		done <../next
	done
}

@test "status names both sides of a conflict" {
	small_plan
	git orch next-phase a
	echo mine >a.txt
	commit mine
	git checkout -q -b elsewhere HEAD~1
	git config orch.base main
	run_orch status
	says "git diff main...orch/small/a"
	git diff main...orch/small/a | grep -q 'this is a'
}

@test "status --json is what its schema says" {
	small_plan
	run_orch status --json
	exits 0
	json_fits status
	says '"status": "waiting"'
	says '"pr": null'
}

@test "status --json of a draft and of nothing is what its schema says" {
	project
	run_orch status --json
	json_fits status
	git orch plan --template cli-tool
	run_orch status --json
	json_fits status
	says '"state": "draft"'
}

@test "status on a full disk is a failure" {
	small_plan
	run bash -c 'git orch status >/dev/full'
	exits 128
	says "No space left on device"
}

@test "status into a pipe that closes is quiet" {
	small_plan
	run bash -c 'set -o pipefail; git orch status --json | true'
	exits 0
	[ -z "$output" ]
}

@test "a claim that cannot be read holds its phase and no other" {
	small_plan
	git update-ref refs/orch/claim/small/a HEAD
	[ "$(status_of small a)" = running ]
	[ "$(status_of small b)" = ready ]
	run_orch status --json
	exits 0
	json_fits status
	run_orch next-phase a
	exits 5
	warns "error: phase 'a' is held, and its claim cannot be read"
	warns "hint: git orch doctor shows how to remove it"
	run_orch doctor
	exits 1
	says "fix: git update-ref -d refs/orch/claim/small/a"
	run_orch run --land
	git update-ref -d refs/orch/claim/small/a
	run_orch run --land
	exits 0
	says "the plan is finished"
}

@test "a branch whose document is none leaves its phase started" {
	small_plan
	doc=.orch/plans/small/phases/a.yaml
	for what in 'rm $doc; mkdir $doc; touch $doc/x' \
		'yes "# long" | head -c 2000000 >>$doc' \
		'head -c 5000 /dev/urandom >$doc' 'ln -sf /etc/passwd $doc'; do
		git checkout -qB orch/small/a main
		eval "$what"
		commit "$what"
		git checkout -q main
		[ "$(status_of small a)" = started ]
		[ "$(status_of small b)" = ready ]
	done
	run_orch next-phase a
	exits 128
	warns "$doc"
}

@test "a branch that is no commit is named" {
	small_plan
	git rev-parse HEAD:README >.git/refs/heads/orch-x
	mkdir -p .git/refs/heads/orch/small
	mv .git/refs/heads/orch-x .git/refs/heads/orch/small/a
	run_orch status
	exits 128
	warns "branch 'orch/small/a'"
}

@test "status fits a terminal: whole words, and titles keep their columns" {
	project
	git orch plan --template cli-tool
	git orch approve tally
	on_terminal 80 status
	exits 0
	fits 80
	says $'what is in text\n  active: 10 phases, 1 ready, 9 waiting\n'
	says 'waits for input +2  Command count'
	says 'Program that builds, and a pl…'
	on_terminal 120 status
	says 'what is in text  active: 10 phases, 1 ready, 9 waiting'
	says 'waits for input, table, output  '
	on_terminal 77 status
	fits 77
	says 'after input +2  Command count'
	on_terminal 50 status
	fits 50
	says '· waiting      count'
	run_orch status
	says 'what is in text  active: 10 phases, 1 ready, 9 waiting'
	says 'Program that builds, and a place for everything'
}

@test "status says why a phase failed below its title" {
	small_plan 'checks: [{name: look, run: "echo a long way to say no; false"}]'
	git orch next-phase a || true
	on_terminal 60 status
	exits 0
	fits 60
	says '✗ failed   a '
	says $'\n             check '
	run_orch status
	says $'Phase a\n             check '
}

@test "hints are wrapped on a terminal, commands in them stay whole" {
	small_plan
	on_terminal 46 show small/nothing
	fits 46
	says $'error: plan \'small\' has no phase \'nothing\'\n'
	says 'hint: git orch status small lists them'
	on_terminal 40 show nowhere
	fits 40
	says $'hint: git orch status lists the plans; a\n      phase is named <plan>/<phase>'
	run_orch show nowhere
	warns 'hint: git orch status lists the plans; a phase is named <plan>/<phase>'
}
