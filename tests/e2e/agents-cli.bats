#!/usr/bin/env bats
# Phases by coding agents that others wrote, whose models others play: see
# tests/peers/agents/fixtures.json for single ones, tests/peers/agents/words.mjs
# for a whole plan.  The agents are large and are not installed
# by `make check`: `make peers-agents` does, else ORCH_AGENTS names a
# node_modules that has some of them, and tests of those that are absent are
# skipped.

bats_require_minimum_version 1.5.0
AGENTS=${ORCH_AGENTS:-$BATS_TEST_DIRNAME/../../build/peers/agents/node_modules}
load helper.bash
load ../peers/start.bash
load ../peers/words.bash

setup_file() {
	[ -z "$(peers_missing)" ] || skip "$(peers_missing)"
}

teardown() {
	peers_stop
}

# find_agent <pattern>: sets command, or skips.
find_agent() {
	local found
	for found in "$AGENTS"/$1; do
		[ -x "$found" ] || continue
		command=$(realpath "$found")
		return
	done
	skip "no ${1##*/} in $AGENTS (make peers-agents)"
}

# by <profile> <driver> <suffix of the url> <title> <policy>: a project with one
# phase that the agent does, approved and trusted.
by() {
	aimock_start "$BATS_TEST_TMPDIR/mock" "$PEERS_HERE/agents/fixtures.json"
	export DUMMY_KEY=dummy-key-of-nobody
	project
	cat >.orch/config.yaml <<-END
		version: 1
		providers:
		  - {name: mock, driver: $2, base_url: "$AIMOCK_URL$3",
		     key_env: DUMMY_KEY}
		agents:
		  - name: coder
		    role: developer
		    worker: cli
		    profile: $1
		    provider: mock
		    model: ${MODEL:-some-model}
		    command: $command
		    network: true
		    budget: {usd: "1.00"}
		    timeout: 90
		checks: [{name: made, run: grep '^by $1' made.txt}]
		policy: {attempts: 1, sandbox: $5}
	END
	mkdir -p .orch/plans/small/phases
	printf '%s\n' 'version: 1' 'id: small' 'title: Small' \
		'goal: a file' >.orch/plans/small/plan.yaml
	printf '%s\n' 'version: 1' 'id: a' "title: $4" 'agent: coder' \
		'files: {create: [made.txt]}' \
		'acceptance: [made.txt says who made it]' \
		'status: planned' >.orch/plans/small/phases/a.yaml
	commit 'plan small'
	git orch trust --yes >/dev/null 2>&1
}

# What the branch says of the phase, as JSON.
result() {
	git orch show small/a --json | jq ".document.result | $1"
}

journal() {
	cat .git/orch/journal/*.jsonl
}

# done_by <profile>: the phase is done as the fixture has it.
done_by() {
	run_orch next-phase
	exits 0
	[ "$(git show orch/small/a:made.txt)" = "by $1" ]
	[ "$(journal | jq -r 'select(.type == "closed") | .sandbox')" = agent ]
	[ -n "$(journal | jq -r 'select(.type == "closed") | .session')" ]
	[ "$(journal | jq -r 'select(.type == "closed") | .profile')" = "$1" ]
	! grep -r "$DUMMY_KEY" .git/orch
	! ls "$HOME"/.cache/git-orch/*/home/*
	untouched
}

@test "claude does a phase" {
	find_agent '@anthropic-ai/claude-code-linux-*/claude'
	MODEL=claude-opus-5-5 by claude anthropic '' 'By claude' auto
	done_by claude
	git show orch/small/a:.orch/plans/small/phases/a.yaml |
		grep 'One line is enough'
}

@test "codex does a phase" {
	find_agent '@openai/codex-linux-*/vendor/*/bin/codex'
	by codex openai /v1 'By codex' auto
	done_by codex
	git show orch/small/a:.orch/plans/small/phases/a.yaml |
		grep 'Nothing else'
}

@test "gemini does a phase" {
	find_agent '@google/gemini-cli/bundle/gemini.js'
	MODEL=gemini-2.5-flash by gemini openai '' 'By gemini' auto
	done_by gemini
}

@test "opencode does a phase" {
	find_agent 'opencode-linux-x64/bin/opencode'
	by opencode openai /v1 'By opencode' auto
	done_by opencode
}

@test "a key that claude's service refuses ends the run, not the phase" {
	find_agent '@anthropic-ai/claude-code-linux-*/claude'
	by claude anthropic '' 'Refused' auto
	run_orch next-phase
	exits 128
	warns "agent 'coder':"
	run ! git rev-parse -q --verify orch/small/a
}

@test "a key that codex's service refuses ends the run, not the phase" {
	find_agent '@openai/codex-linux-*/vendor/*/bin/codex'
	by codex openai /v1 'Refused' auto
	run_orch next-phase
	exits 128
	warns '401'
	run ! git rev-parse -q --verify orch/small/a
}

# words_by <profile> <driver> <suffix of the url> <model>: the plan of words.mjs
# is made by models and done by the agent, which asks the peer behind the front:
# what the front logs is what we sent.
words_by() {
	aimock_start "$BATS_TEST_TMPDIR/mock" "$PEERS_HERE/agents/words.mjs"
	front_start "$BATS_TEST_TMPDIR/front" "$AIMOCK_URL"
	export WORDS_PROVIDERS="\
  - {name: own, driver: $2, base_url: \"$AIMOCK_URL$3\", key_env: WORDS_KEY}"
	export WORDS_AGENTS="\
  - {name: coder, role: developer, worker: cli, profile: $1, provider: own,
     model: $4, command: $command, network: true, budget: {usd: \"1.00\"},
     timeout: 300}"
	words_project
	run_orch plan "$GOAL"
	exits 0
	run_orch approve words
	exits 0
}

# runs_of <profile>: of what the journals say was closed, its runs.
runs_of() {
	journal | jq -c "select(.type == \"closed\" and .worker == \"cli\" and
		.profile == \"$1\")"
}

# all_done_by <profile>: every phase is on the base, written by the agent.
all_done_by() {
	run_orch run words --jobs 3 --land
	exits 0
	landed
	untouched
	[ "$(asked /v1/messages 'Stage: implement')" = 0 ]
	[ "$(asked /v1/responses 'Stage: verdict')" = 4 ]

	# The first attempt of one did not pass the test: it was done again.
	[ "$(runs_of "$1" | wc -l)" = 5 ]
	[ "$(runs_of "$1" | jq -r 'select(.tree).sandbox' | sort -u)" = agent ]
	[ "$(doc report | jq .result.attempts)" = 2 ]
	[ "$(doc command | jq .result.attempts)" = 1 ]
	[ "$(doc report | jq -c '[.result.checks[] | [.name, .exit]]')" = \
		'[["test",0]]' ]
	[ "$(doc report | jq .result.verdict.success)" = true ]
	bodies_fit
}

@test "agents plan a goal, and claude writes its phases" {
	find_agent '@anthropic-ai/claude-code-linux-*/claude'
	words_by claude anthropic '' claude-opus-5-5
	all_done_by claude
}

@test "agents plan a goal, and codex writes its phases" {
	find_agent '@openai/codex-linux-*/vendor/*/bin/codex'
	words_by codex openai /v1 gpt-6-sol
	all_done_by codex
}
