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

# What a shell offers behind a line: every word, and no other, in any order.
offers() { # <line> <word>...
	run "$asked" "$1"
	[ "$(sort -u <<<"$output")" = "$(printf '%s\n' "${@:2}" | sort)" ] || {
		echo "behind '$1':" && echo "$output"
		return 1
	}
}

each_kind_is_offered() {
	small_plan
	offers 'git orch ne' next-phase
	offers 'git-orch ne' next-phase
	offers 'git orch config ' list get validate
	offers 'git orch config get policy.at' policy.attempts
	offers 'git orch next-phase ' a b c
	offers 'git orch status sm' small
	offers 'git orch --plan small stat' status
	offers 'git orch plan --template cli' cli-tool
	offers 'git orch run --until ' a b c
	offers 'git orch --color a' always auto
	offers 'git-orch trust --rev' --revoke
	offers 'git orch show small/' small/a small/b small/c
	offers 'git orch help ne' next-phase
	offers 'git orch completion z' zsh
	offers 'git orch validate .orch/conf' .orch/config.yaml
}

ask_fish() {
	fish --no-config -c 'source script.fish; complete -C "$argv"' "$1" |
		cut -f 1
}

@test "fish takes its script and offers the same" {
	command -v fish >/dev/null || skip "fish is not installed"
	git orch completion fish >script.fish
	run fish --no-config -c 'source script.fish'
	exits 0
	[ -z "$output" ]
	asked=ask_fish
	each_kind_is_offered
	offers 'git orch run --j' --jobs --json
	offers 'git orch run --until=b' --until=b
}

# Behind a folder zsh offers what is in it.
ask_zsh() {
	"$ROOT/tests/e2e/offered.zsh" "$PWD" "$1" |
		sed 's|^config.yaml$|.orch/&|'
}

@test "zsh takes its script and offers the same" {
	command -v zsh >/dev/null || skip "zsh is not installed"
	git orch completion zsh >_git-orch
	run zsh -f -n _git-orch
	exits 0
	[ -z "$output" ]
	asked=ask_zsh
	each_kind_is_offered
	offers 'git orch run --j' --jobs= --json
	offers 'git orch run --until=b' b
}

@test "another shell is a usage error" {
	run_orch completion csh
	exits 129
	warns "bash, zsh and fish"
}
