#!/usr/bin/env bats
# Phases in review that are worked on again: for a person, for reviewers and CI
# on a small GitHub of our own (tests/e2e/github.py).
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154

load helper

setup() {
	sandbox
	load forge
	FORGE_PROGRAM=github.py
}

teardown() {
	[ -z "${FORGE_URL-}" ] || forge_stop
}

# agent <policy>: a project whose phase a is done by ~/bin/agent, a script that
# has the prompt on stdin, writes "one" into a.txt, and once the phase is in
# review does what is on stdin here; $prompt is a file then.
agent() {
	mkdir -p "$HOME/bin"
	{
		cat <<-'END'
			#!/bin/sh
			prompt=$HOME/prompt
			cat >"$prompt"
			if ! grep -q 'is in review' "$prompt"; then
				echo one >a.txt
				echo '{"summary": "Made.", "decisions": ["One line."],
					"notes": []}'
				exit
			fi
		END
		cat
	} >"$HOME/bin/agent"
	chmod +x "$HOME/bin/agent"
	project
	cat >.orch/config.yaml <<-END
		version: 1
		policy: {sandbox: auto, $1}
		checks: [{name: there, run: test -s a.txt}]
		agents:
		  - {name: coder, role: developer, worker: cli, command: $HOME/bin/agent}
	END
	mkdir -p .orch/plans/small/phases
	printf '%s\n' 'version: 1' 'id: small' 'title: Small' \
		'goal: a file' >.orch/plans/small/plan.yaml
	printf '%s\n' 'version: 1' 'id: a' 'title: Phase a' 'agent: coder' \
		'files: {create: [a.txt]}' 'status: planned' \
		>.orch/plans/small/phases/a.yaml
	commit 'plan small'
	git orch trust --yes >/dev/null 2>&1
}

# result <jq>: of the document on the branch.
result() {
	git orch show small/a --json | jq -cr ".document.result | $1"
}

@test "what a person asks for is changed on top of the branch" {
	agent 'attempts: 3' <<-'END'
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": ["It is two."], "notes": [],
			"answers": [{"remark": 1, "text": "It says two now.",
			"changed": true}]}'
	END
	git orch next-phase >/dev/null 2>&1
	before=$(git rev-parse orch/small/a)
	run_orch revise a --message 'make it two'
	exits 0
	says "a revised: Phase a"
	says "make it two"
	says "It says two now."
	[ "$(git show orch/small/a:a.txt)" = two ]
	[ "$(git rev-parse orch/small/a^)" = "$before" ]
	[ "$(git log -1 --format=%s orch/small/a)" = 'fix: revise Phase a' ]
	[ "$(git log -1 --format='%(trailers:key=Orch-Phase,valueonly)' orch/small/a)" = a ]
	[ "$(git rev-parse refs/orch/base/small/a)" = "$(git rev-parse main)" ]
	[ "$(result '[.attempts, .decisions, .start, .files[].path]')" = \
		"[2,[\"One line.\",\"It is two.\"],\"$(git rev-parse main)\",\"a.txt\"]" ]
	[ "$(result .answers)" = null ]
	[ "$(status_of small a)" = in-review ]
	run_orch validate --at orch/small/a
	exits 0
	[ -z "$(git for-each-ref refs/orch/claim)" ]
	untouched
}
