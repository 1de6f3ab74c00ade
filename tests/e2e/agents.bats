#!/usr/bin/env bats
# From a goal to a landed program with models that others play: see
# tests/peers/words.mjs for what they say.  One run, looked at from all sides;
# then the same by other routes.

load helper.bash
load ../peers/start.bash
load ../peers/words.bash

setup_file() {
	[ -z "$(peers_missing)" ] || skip "$(peers_missing)"
}

teardown() {
	peers_stop
}

play() {
	aimock_start "$BATS_TEST_TMPDIR/mock" "$PEERS_HERE/words.mjs"
	front_start "$BATS_TEST_TMPDIR/front" "$AIMOCK_URL"
}

# A plan that is approved.
planned() {
	words_project "$@"
	run_orch plan "$GOAL"
	exits 0
	run_orch approve words
	exits 0
}

@test "agents plan a goal, write its phases, judge them, and land them" {
	play
	planned
	[ "$(asked /v1/responses 'Stage: brainstorm')" = 1 ]
	[ "$(asked /v1/messages 'Stage: brainstorm')" = 1 ]
	run_orch validate --at main
	exits 0

	run_orch run words --jobs 3 --land
	exits 0
	landed
	untouched
	[ "$(asked /v1/messages 'Stage: implement')" -gt 10 ]
	[ "$(asked /v1/responses 'Stage: verdict')" = 4 ]

	# Its first attempt did not pass the test; the checks were real.
	[ "$(doc report | jq .result.attempts)" = 2 ]
	[ "$(doc command | jq .result.attempts)" = 1 ]
	[ "$(doc report | jq -c '[.result.checks[] | [.name, .exit]]')" = \
		'[["test",0]]' ]
	[ "$(asked /v1/messages 'This was tried before')" = 3 ]
	[ "$(doc report | jq .result.verdict.success)" = true ]
	[ "$(doc report | jq -r '[.result.agents[].role] | sort | join(" ")')" = \
		'developer validator' ]
	bodies_fit
}

@test "done again with the journal's folder nothing is asked" {
	play
	planned
	git clone -q . ../again
	run_orch run words --jobs 3 --land
	exits 0
	: >"$FRONT_LOG"
	mkdir -p ../again/.git/orch
	cp -a .git/orch/. ../again/.git/orch
	cd ../again
	git remote remove origin
	git orch trust --yes >/dev/null 2>&1
	run_orch run words --jobs 3 --land
	exits 0
	landed
	[ "$(requests)" = 0 ]
}

@test "a goal that was planned before is planned from the store" {
	play
	words_project
	git clone -q . ../again
	run_orch plan "$GOAL"
	exits 0
	: >"$FRONT_LOG"
	mkdir -p ../again/.git/orch
	cp -a .git/orch/. ../again/.git/orch
	cd ../again
	git remote remove origin
	git orch trust --yes >/dev/null 2>&1
	run_orch plan "$GOAL"
	exits 0
	[ "$(requests)" = 0 ]
}

@test "with what others shared only the verdicts are asked for" {
	play
	git init -q --bare ../hub
	WORDS_MORE='cache: {share: true}' planned
	git clone -q . ../again
	run_orch run words --jobs 3 --land
	exits 0
	git remote add origin ../hub
	git push -q origin main
	run_orch cache push
	exits 0
	: >"$FRONT_LOG"
	cd ../again
	git remote set-url origin ../hub
	git orch trust --yes >/dev/null 2>&1
	run_orch cache pull
	exits 0
	git remote remove origin
	run_orch run words --jobs 3 --land
	exits 0
	landed
	[ "$(asked /v1/responses 'Stage: verdict')" = 4 ]
	[ "$(requests)" = 4 ]
}

# closed <query>: of what the journals say was answered.
closed() {
	cat .git/orch/journal/*.jsonl |
		jq -sc "[.[] | select(.type == \"closed\" and $1)]"
}

@test "what was read from the service's cache is counted apart" {
	play
	WORDS_CLAUDE=$FRONT_URL/canned/anthropic-usage words_project
	run_orch plan "$GOAL"
	[ "$status" -ne 0 ]
	[ "$(closed '.agent == "developer"' | jq -c '.[0].usage')" = \
		'{"input":40,"cached":2000,"cache_write":300,"output":9,"reasoning":0}' ]
	bodies_fit
}

@test "an answer that breaks off with an error is asked for again" {
	play
	WORDS_CLAUDE=$FRONT_URL/canned/anthropic-broken words_project
	run_orch plan "$GOAL"
	exits 75
	warns overloaded_error
	[ "$(asked /canned/anthropic-broken/v1/messages .)" = 5 ]
	[ "$(closed '.agent == "developer"' |
		jq -c '.[0] | [.failed, .tries, .maybe_paid]')" = \
		'["overloaded",5,5]' ]
}

@test "the older API version and Chat Completions do as well" {
	play
	planned chat 2023-06-01
	run_orch run words --jobs 3 --land
	exits 0
	landed
	[ "$(asked /v1/chat/completions 'Stage: verdict')" = 4 ]
	[ "$(jq -r 'select(.path == "/v1/messages").version' "$FRONT_LOG" |
		sort -u)" = 2023-06-01 ]
	bodies_fit
}

@test "the developer may speak either of the other interfaces" {
	local api
	for api in responses chat; do
		mkdir "../$api"
		cd "../$api"
		play
		unset WORDS_CLAUDE
		WORDS_DEVELOPER='gpt, model: gpt-6-sol' planned "$api"
		run_orch run words --jobs 3 --land
		exits 0
		landed
		[ "$(asked /v1/messages .)" = 0 ]
		bodies_fit
		peers_stop
	done
}

@test "over TLS with HTTP/2 it is the same" {
	play
	export CURL_CA_BUNDLE=$FRONT_CA
	FRONT_URL=$FRONT_TLS_URL
	planned
	[ "$(requests)" = 7 ]
	bodies_fit
}
