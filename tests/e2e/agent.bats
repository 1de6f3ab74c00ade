#!/usr/bin/env bats
load helper
load models

# with_agents: one that answers, one that fails, one without a key, a program.
with_agents() {
	project
	cat >.orch/config.yaml <<-'END'
		version: 1
		providers:
		  - {name: good, driver: command, command: "echo ok"}
		  - {name: bad, driver: command, command: "sh -c 'echo no key >&2; exit 3'"}
		  - {name: far, driver: anthropic, key_env: FAR_KEY}
		  - {name: asked, driver: openai, key_command: "pass key"}
		agents:
		  - {name: one, role: developer, provider: good, model: claude-haiku-4-5, fallback: [two]}
		  - {name: two, role: manager, provider: bad, model: odd}
		  - {name: three, role: validator, provider: far, model: "claude-${SIZE}"}
		  - {name: four, role: git, provider: asked, model: gpt-6-sol}
		  - {name: five, role: integrator, worker: cli, profile: generic, command: my-agent --go}
	END
	commit agents
	git orch trust --yes >/dev/null 2>&1
}

@test "agent list shows models, keys and prices" {
	with_agents
	run_orch agent list
	exits 0
	says claude-haiku-4-5
	says "1.000/5.000"
	says "FAR_KEY is not set"
	says "key_command"
	says "agents.three.model needs SIZE, which is not set"
	says "there is no program 'my-agent'"
	run_orch agent list --json
	exits 0
	json_fits agent-list
	[ "$(jq -r '.agents[] | select(.name == "one") | .input_micros' <<<"$output")" = 1000000 ]
	[ "$(jq -r '.agents[] | select(.name == "two") | .price' <<<"$output")" = null ]
	[ "$(jq -r '.agents[] | select(.name == "three") | .key.state' <<<"$output")" = missing ]
	FAR_KEY=x run_orch agent list --json
	[ "$(jq -r '.agents[] | select(.name == "three") | .key.state' <<<"$output")" = set ]
}

@test "agent list needs no trust and starts nothing" {
	with_agents
	git orch trust --revoke 2>/dev/null
	run_orch agent list
	exits 0
	run_orch agent test one
	exits 4
}

@test "agent test asks one short question and says what it cost" {
	with_agents
	run_orch agent test one
	exits 0
	says "ok "
	says "claude-haiku-4-5"
	says "tokens"
	run_orch agent test one --json
	exits 0
	json_fits agent-test
	[ "$(jq '.tests[0].answered' <<<"$output")" = true ]
	[ "$(jq '.tests[0].micros' <<<"$output")" = 0 ]
	run_orch cost --by stage
	exits 0
	says "test "
	# Nothing of it is kept: the next test asks again.
	run_orch cache list
	says "no reply is kept"
}

@test "agent test exits 1 when it fails, with what to do, and asks no fallback" {
	with_agents
	run_orch agent test two
	exits 1
	says "failed"
	run_orch agent test two --json
	exits 1
	json_fits agent-test
	[ "$(jq -r '.tests[0].answered' <<<"$output")" = false ]
	run_orch agent test three
	exits 1
	says "needs SIZE, which is not set"
	SIZE=opus-5-5 run_orch agent test three
	exits 1
	says "there is no key for provider 'far'"
	warns "FAR_KEY"
}

@test "agent test of a program asks for its version" {
	with_agents
	mkdir ../bin
	printf '#!/bin/sh\necho my-agent 1.2\n' >../bin/my-agent
	chmod +x ../bin/my-agent
	run_orch agent test five
	exits 1
	says "there is no program 'my-agent'"
	PATH=$PWD/../bin:$PATH run_orch agent test five
	exits 0
	says "my-agent 1.2"
}

@test "agent test --all tests those that ask somebody" {
	with_agents
	run_orch agent test --all --json
	exits 1
	json_fits agent-test
	[ "$(jq '.tests | length' <<<"$output")" = 5 ]
	[ "$(jq '[.tests[] | select(.answered)] | length' <<<"$output")" = 1 ]
	run_orch agent test
	exits 129
	run_orch agent test nobody
	exits 128
	run_orch agent test scaffold
	exits 1
	says "asks no model"
}

# limited <limits>: programs that plan, the manager within limits of our own.
limited() {
	planners
	sed -i "/name: m,/s/}\$/, limits: {$1}}/" .orch/config.yaml
	commit limits
	git orch trust --yes >/dev/null 2>&1
}

@test "a wait for a limit of our own is told, and an interrupt ends it" {
	limited 'requests_per_minute: 1'
	"$ORCH_BUILD/git-orch" plan "a list of tasks" >out 2>err 3>&- &
	local pid=$! i status=0
	for ((i = 0; i < 100; i++)); do
		grep -q 'are used up' err && break
		sleep 0.05
	done
	grep -E "agent 'manager': waiting [0-9]+ s, until 20.*Z: requests_per_minute of provider 'm' are used up" err
	kill -INT $pid
	wait $pid || status=$?
	[ $status = 130 ]
	[ "$(grep -c 'are used up' err)" = 1 ]
}

@test "who would wait too long for a limit is told when to come back" {
	limited 'requests_per_hour: 1'
	run_orch plan "a list of tasks"
	exits 75
	warns "its requests_per_hour are used up; it is asked again in"
	warns "try again later"
	run_orch agent test manager
	exits 1
	says "requests_per_hour are used up"
}
