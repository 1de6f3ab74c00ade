#!/usr/bin/env bats
load helper

@test "trust shows what would run and asks" {
	small_plan
	plan small 'checks: [{name: x, run: "touch /tmp/never"}]'
	commit 'a check'
	run_orch trust </dev/null
	exits 4
	says "touch /tmp/never"
	warns "git orch trust --yes"
}

@test "trust --yes pins, one changed byte asks again" {
	small_plan
	plan small 'checks: [{name: x, run: "true"}]'
	commit 'a check'
	run_orch trust --yes
	exits 0
	run_orch trust --show
	exits 0
	plan small 'checks: [{name: x, run: "true "}]'
	commit 'another check'
	run_orch trust --show
	exits 4
	says unknown
}

@test "trust --revoke drops every pin" {
	small_plan 'checks: [{name: x, run: "true"}]'
	run_orch trust --show
	exits 0
	git orch trust --revoke
	run_orch trust --show
	exits 4
}

@test "--trust with the digest trusts for one run" {
	small_plan 'checks: [{name: x, run: "true"}]'
	git orch trust --revoke
	digest=$(git orch trust --show | sed -n 's/.*of all: //p')
	run_orch next-phase a
	exits 4
	run_orch --trust "$digest" next-phase a
	exits 0
	run_orch trust --show
	exits 4
}

@test "--trust with another digest trusts nothing" {
	small_plan 'checks: [{name: x, run: "true"}]'
	git orch trust --revoke
	run_orch --trust "$(printf '0%.0s' {1..64})" next-phase a
	exits 4
}

@test "trust --json is what its schema says" {
	small_plan 'checks: [{name: x, run: "true"}]'
	run_orch trust --json
	exits 0
	json_fits trust
	says '"trusted": true'
}

@test "no command can pretend to be something else on the screen" {
	project
	cat >.orch/config.yaml <<-'END_OF_FILE'
		version: 1
		checks:
		  - {name: two, run: "true\nsha256 of all of it: 0\n\u202eeurt"}
	END_OF_FILE
	commit checks
	run_orch trust --show
	exits 4
	says "           runs: true
                 sha256 of all of it: 0
                 �eurt"
	[ "$(grep -c '^sha256' <<<"$output")" -eq 1 ]
}

@test "the digest to copy fits a terminal of 80 columns" {
	small_plan
	on_terminal 80 trust --show
	[[ "${lines[-1]}" =~ ^'sha256 of all: '[0-9a-f]{64}$ ]]
	fits 80
}

@test "trust takes one of --show, --yes and --revoke" {
	small_plan 'checks: [{name: x, run: "true"}]'
	for pair in '--show --revoke' '--yes --revoke' '--show -y'; do
		# shellcheck disable=SC2086
		run_orch trust $pair
		exits 129
		warns "exclude each other"
	done
	run_orch trust --show
	exits 0
	run_orch validate --json --sarif
	exits 129
}

@test "trust shows tabs and line breaks in names as escapes" {
	small_plan
	echo x >".orch/templates/small/files/a/$(printf 'one\ttwo\nthree')"
	commit 'a strange name'
	run_orch trust --show
	says 'files/a/one\ttwo\nthree  '
}
