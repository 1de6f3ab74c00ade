#!/usr/bin/env bats
# `agent test` of models that others play, through each interface.

load helper.bash
load ../peers/start.bash
load ../peers/words.bash

setup_file() {
	[ -z "$(peers_missing)" ] || skip "$(peers_missing)"
}

play() {
	aimock_start "$BATS_TEST_TMPDIR/mock" "$PEERS_HERE/words.mjs"
	front_start "$BATS_TEST_TMPDIR/front" "$AIMOCK_URL"
}

teardown() {
	peers_stop
}

# tested <agent>: the row of it.
tested() {
	jq -c --arg agent "$1" '.tests[] | select(.agent == $agent)' \
		<<<"$output"
}

@test "agent test asks each service once, and says what that cost" {
	play
	words_project
	run_orch agent test --all --json
	exits 0
	json_fits agent-test
	[ "$(requests)" = 3 ]
	[ "$(asked /v1/messages 'Stage: test')" = 1 ]
	[ "$(asked /v1/responses 'Stage: test')" = 2 ]
	bodies_fit
}

@test "agent test counts tokens and money as the services do" {
	play
	words_project
	run_orch agent test developer --json
	exits 0
	[ "$(tested developer | jq -c '[.answered, .model, .stop, .error]')" = \
		'[true,"claude-sonnet-5-5","end",null]' ]
	[ "$(tested developer | jq '.input_tokens > 1000 and .output_tokens > 100
		and .micros > 0')" = true ]
	run_orch agent test manager
	exits 0
	says "gpt-6-sol"
	says " USD"
	run_orch cost --by stage
	says "test"
}

@test "agent test speaks Chat Completions and the older API version" {
	play
	words_project chat 2023-06-01
	run_orch agent test --all --json
	exits 0
	[ "$(jq '[.tests[].answered] | all' <<<"$output")" = true ]
	[ "$(asked /v1/chat/completions 'Stage: test')" = 2 ]
	[ "$(jq -r 'select(.path == "/v1/messages").version' "$FRONT_LOG")" = \
		2023-06-01 ]
	bodies_fit
}

@test "agent test names the one whose service does not answer" {
	play
	WORDS_CLAUDE=$FRONT_URL/nowhere words_project
	run_orch agent test --all --json
	[ "$status" -ne 0 ]
	json_fits agent-test
	[ "$(tested developer | jq .answered)" = false ]
	[ "$(tested developer | jq -r .error)" != null ]
	[ "$(tested manager | jq .answered)" = true ]
	# Once: whoever tests waits for nothing.
	[ "$(asked /nowhere/v1/messages .)" = 1 ]
}
