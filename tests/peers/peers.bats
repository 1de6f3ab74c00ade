#!/usr/bin/env bats
# The peers themselves: that they are there, that the log in front of them is
# raw, and that the check of request bodies finds what it is there to find.

load start.bash

setup_file() {
	[ -z "$(peers_missing)" ] || skip "$(peers_missing)"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cat >fixtures.json <<-'END'
		{"fixtures": [{"match": {"userMessage": "say hello"},
		 "response": {"content": "Hello.", "usage":
		 {"input_tokens": 7, "output_tokens": 2}}}]}
	END
}

teardown() {
	peers_stop
}

hello='{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"say hello"}]}'

# logged <path> <body>: a line of the log.
logged() {
	echo "{\"at\":1,\"path\":\"$1\",\"status\":200,\"body\":$2}" >>log
}

judge() {
	run node "$PEERS_HERE/check-bodies.mjs" "$PEERS" log
	echo "$output"
}

@test "the front offers HTTP/2 over TLS, and logs the bytes that were sent" {
	aimock_start mock fixtures.json
	front_start front "$AIMOCK_URL"
	run curl -s --http2 --cacert "$FRONT_CA" -w '\n%{http_version}' \
		-H 'content-type: application/json' -d "$hello" \
		"$FRONT_TLS_URL/v1/messages"
	[[ "$output" == *'"Hello."'* ]]
	[ "${lines[-1]}" = 2 ]
	[[ "$(cat "$FRONT_LOG")" == *"\"status\":200,"*"\"body\":$hello}" ]]
}

@test "what no fixture knows is refused" {
	aimock_start mock fixtures.json
	front_start front "$AIMOCK_URL"
	run curl -s -o /dev/null -w '%{http_code}' -d "${hello/hello/bye}" \
		"$FRONT_URL/v1/messages"
	[ "$output" = 503 ]
}

@test "streams that the peer cannot make come from files, and are logged" {
	front_start front http://127.0.0.1:9
	run curl -s -d "$hello" \
		"$FRONT_URL/canned/anthropic-broken/v1/messages"
	[[ "$output" == *overloaded_error* ]]
	[[ "$(cat "$FRONT_LOG")" == *"\"body\":$hello}" ]]
}

@test "requests of all three services that fit their types pass" {
	logged /v1/messages "$hello"
	logged /v1/chat/completions \
		'{"model":"m","messages":[{"role":"user","content":"x"}]}'
	logged /v1/responses '{"model":"m","input":"x","stream":true}'
	judge
	[ "$status" = 0 ]
	[[ "$output" == *'3 bodies, all fit'* ]]
}

@test "each planted violation is found, and where it was logged" {
	local bad path body
	while read -r path body; do
		rm -f log
		logged /v1/messages "$hello"
		logged "$path" "$body"
		judge
		[ "$status" = 1 ]
		[[ "$output" == *"log:2"* ]]
		[[ "$output" != *"log:1 "* ]]
	done <<-'END'
		/v1/messages {"model":"m","messages":[]}
		/v1/messages {"model":"m","max_tokens":9,"messages":[],"nonsense":1}
		/v1/messages {"model":"m","max_tokens":9,"messages":[{"role":"tool","content":"x"}]}
		/v1/messages {"model":"m","max_tokens":9,"messages":[],"tools":[{"name":"x"}]}
		/v1/chat/completions {"model":"m","messages":[{"role":"tool","content":"x"}]}
		/v1/responses {"model":"m","input":"x","max_tokens":5}
		/v1/messages {"model":
		/v1/elsewhere {}
	END
}

@test "a log of nothing is no pass" {
	: >log
	judge
	[ "$status" = 1 ]
}
