#!/usr/bin/env bats
load helper

# What bash would offer behind these words; the last may be begun.
offered() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_git_orch
	printf '%s\n' "${COMPREPLY[@]}"
}

@test "the bash script completes commands, options and ids" {
	small_plan
	eval "$(git orch completion bash)"
	run offered git orch ne
	[ "$output" = next-phase ]
	run offered git orch next-phase ''
	says a
	says c
	run offered git orch run --j
	says "--jobs="
	run offered git orch status sm
	[ "$output" = small ]
	run offered git orch plan --template cli
	[ "$output" = cli-tool ]
	run offered git orch config ge
	[ "$output" = get ]
	run offered git-orch trust --rev
	[ "$output" = --revoke ]
	run offered git orch show small/
	says small/b
}

@test "the bash script offers nothing hidden" {
	run git orch completion bash
	[[ "$output" != *"' complete'"* ]]
	[[ "$output" != *sandbox-exec* ]]
}

@test "every script knows every command" {
	for shell in bash zsh fish; do
		run git orch completion $shell
		exits 0
		for command in init plan approve status next-phase doctor; do
			says "$command"
		done
	done
}

@test "the bash script is valid" {
	git orch completion bash >script
	bash -n script
}

@test "another shell is a usage error" {
	run_orch completion csh
	exits 129
	warns "bash, zsh and fish"
}
