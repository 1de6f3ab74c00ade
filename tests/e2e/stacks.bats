#!/usr/bin/env bats
# Stacks as pull requests, on a small GitHub of our own (tests/e2e/github.py).
# shellcheck disable=SC2016,SC2034
load helper

setup() {
	sandbox
	load forge
	FORGE_PROGRAM=github.py
}

teardown() {
	forge_stop
}

# A chain of three on a forge, with stacking on.
stack() {
	project
	template_small
	{
		echo 'version: 1'
		echo 'policy: {sandbox: "off"}'
		echo 'delivery: {stacking: true, land: push}'
	} >.orch/config.yaml
	plan small
	phase small a 'files: {create: [a.txt]}'
	phase small b 'depends_on: [a]' 'files: {create: [b.txt]}'
	phase small c 'depends_on: [b]' 'files: {create: [c.txt]}'
	commit 'plan small'
	git orch trust --yes >/dev/null 2>&1
	forge_start
}

# What is known of the pull requests: head, base, draft and state of each.
pulls() {
	jq -r '.pulls[] | [.number, .head.ref, .base.ref, .draft, .state] | join(" ")' \
		"$FORGE/state.json"
}

# The server lets no branch go that a pull request would be merged into.
guard_targets() {
	cat >"$FORGE/git/o/n.git/hooks/update" <<-END
		#!/bin/sh
		case \$3 in *[!0]*) exit 0 ;; esac
		jq -e --arg ref "\${1#refs/heads/}" \\
			'[.pulls[] | select(.state == "open" and .base.ref == \$ref)]
			| length == 0' "$FORGE/state.json" >/dev/null
	END
	chmod +x "$FORGE/git/o/n.git/hooks/update"
}

@test "each pull request goes onto the one below, as a draft" {
	stack
	git orch next-phase a
	git orch next-phase b
	git orch next-phase c
	[ "$(pulls)" = "1 orch/small/a main false open
2 orch/small/b orch/small/a true open
3 orch/small/c orch/small/b true open" ]
}

@test "integrate points what is above at the base before the branch goes" {
	stack
	guard_targets
	git orch next-phase a
	git orch next-phase b
	git orch next-phase c
	run_orch integrate
	exits 0
	[ "$(pulls | cut -d' ' -f1-3)" = "1 orch/small/a main
2 orch/small/b main
3 orch/small/c main" ]
	[ "$(git log --format=%s -4 origin/main)" = "docs(small): integration report
feat: Phase c
feat: Phase b
feat: Phase a" ]
	[ -z "$(git ls-remote origin 'refs/heads/orch/*' 'refs/orch/*')" ]
}

@test "restack follows a pull request that was merged on the forge" {
	stack
	git orch next-phase a
	git orch next-phase b
	git orch next-phase c
	git fetch -q
	git merge -q --squash origin/orch/small/a >/dev/null
	git commit -qm 'feat: Phase a (#1)'
	git push -q origin main
	run_orch restack
	exits 0
	says "restacked  b  on main"
	says "restacked  c  on orch/small/b"
	[ "$(pulls | cut -d' ' -f1-3)" = "1 orch/small/a main
2 orch/small/b main
3 orch/small/c orch/small/b" ]
	[ "$(jq -r '.pulls | length' "$FORGE/state.json")" = 3 ]
}
