#!/usr/bin/env bats
# shellcheck disable=SC2154
load helper

@test "config list prints what applies" {
	project
	run_orch config list
	exits 0
	says "policy.attempts=3"
}

@test "config list --show-origin says who said so, by precedence" {
	project
	git config orch.policy.maxfiles 7
	printf 'policy: {attempts: 5}\n' >>.orch/config.yaml
	commit settings
	ORCH_DELIVERY_LEASE=60 run_orch -c delivery.stacking=true \
		config list --show-origin
	exits 0
	[[ "$output" =~ .orch/config.yaml:[0-9]+\ +policy.attempts=5 ]]
	[[ "$output" =~ git\ config.*policy.max_files=7 ]]
	[[ "$output" =~ ORCH_DELIVERY_LEASE\ +delivery.lease=60 ]]
	[[ "$output" =~ default\ +delivery.method=squash ]]
	says "delivery.stacking=true"
}

@test "config list shows no secret" {
	local key="ghp"_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX
	project
	echo "providers: [{name: p, driver: anthropic, headers: [{name: X-Key, value: $key}]}]" \
		>>.orch/config.yaml
	commit key
	for args in '' --show-origin --json; do
		# shellcheck disable=SC2086
		run_orch config list $args
		exits 0
		says "[redacted:github-token]"
		[[ "$output$stderr" != *"$key"* ]]
	done
}

@test "config get prints one setting" {
	project
	run_orch config get policy.attempts
	exits 0
	[ "$output" = 3 ]
	run_orch -c policy.attempts=9 config get policy.attempts
	[ "$output" = 9 ]
}

@test "config get of an unknown key says what is near" {
	project
	run_orch config get policy.atempts
	exits 128
	warns "did you mean 'policy.attempts'?"
}

@test "-c without a value is a usage error" {
	project
	run_orch -c policy.attempts config list
	exits 129
	warns "key=value"
}

@test "--env applies the overlay of that name" {
	project
	printf 'version: 1\npolicy: {attempts: 8}\n' >.orch/config.staging.yaml
	commit overlay
	run_orch --env staging config get policy.attempts
	[ "$output" = 8 ]
	ORCH_ENV=staging run_orch config get policy.attempts
	[ "$output" = 8 ]
	run_orch config get policy.attempts
	[ "$output" = 3 ]
}

@test "config validate prints what is wrong" {
	project
	run_orch config validate
	exits 0
	printf 'policy: {atempts: 5}\n' >>.orch/config.yaml
	commit wrong
	run_orch config validate
	exits 1
	says "atempts"
	says "did you mean"
}

@test "config validate notes what nothing reads in git config" {
	project
	git config orch.delivery.leas 9
	run_orch config validate
	exits 0
	says "nothing reads 'orch.delivery.leas'"
}

@test "config list --json is what its schema says" {
	project
	run_orch config list --json
	exits 0
	json_fits config-list
}

@test "config get --json is what its schema says" {
	project
	run_orch config get --json policy.attempts
	exits 0
	json_fits config-get
}

@test "a name in a value that is meant for it comes from the environment" {
	project
	cat >>.orch/config.yaml <<-'END'
		providers:
		  - name: mine
		    driver: openai
		    base_url: https://${LLM_HOST}/v1
		    key_command: echo ${LLM_KEY}
		    headers: [{name: X-Key, value: "${LLM_KEY}"}]
	END
	commit provider
	run_orch config get providers.mine.base_url
	exits 0
	[ "$output" = 'https://${LLM_HOST}/v1' ]
	run_orch status
	exits 0
	run_orch config validate
	exits 0
	says "needs LLM_HOST, which is not set"
	says 'export LLM_HOST, or write ${LLM_HOST:-default}'
	export LLM_HOST=llm.example LLM_KEY=sk-very-secret
	run_orch config get providers.mine.base_url
	exits 0
	[ "$output" = https://llm.example/v1 ]
	run_orch config list --show-origin
	exits 0
	[[ "$output" =~ environment\ LLM_HOST\ +providers.mine.base_url ]]
	says "providers.mine.headers.X-Key.value=…"
	says 'providers.mine.key_command=echo ${LLM_KEY}'
	[[ "$output" != *sk-very-secret* ]]
	run_orch config list --json
	[[ "$output" != *sk-very-secret* ]]
}

@test "-c with a value that does not fit is a usage error" {
	project
	run_orch -c policy.attempts=abc config list
	exits 129
	warns "'policy.attempts' must be an integer from 1 to 20, not 'abc'"
	warns "hint: git-orch-plan(5) says what a setting takes"
}
