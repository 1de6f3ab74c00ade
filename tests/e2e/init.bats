#!/usr/bin/env bats
load helper

@test "init writes the configuration and the schemas and stages nothing" {
	repository
	run_orch init
	exits 0
	[ -f .orch/config.yaml ]
	[ -f .orch/schema/phase.json ]
	[ -f .orch/schema/prices.json ]
	git diff --cached --quiet
	[ "$(git config orch.base)" = main ]
}

@test "init ends with the command to type" {
	repository
	run_orch init
	says "next: git add .orch && git commit"
	eval "$(sed -n 's/^next: //p' <<<"$output")"
	run_orch status
	exits 0
}

@test "init run again changes nothing" {
	project
	run_orch init
	exits 0
	says "kept   .orch/config.yaml"
	untouched
}

@test "init overwrites nothing that differs, and writes nothing then" {
	repository
	mkdir .orch
	echo 'version: 1' >.orch/config.yaml
	run_orch init
	exits 128
	warns ".orch/config.yaml would be overwritten"
	warns "hint: git orch init --force"
	[ "$(cat .orch/config.yaml)" = 'version: 1' ]
	[ ! -e .orch/schema ]
	run_orch init --force
	exits 0
	grep -q policy .orch/config.yaml
}

@test "init works in a repository without commits" {
	git init -q .
	run_orch init
	exits 0
	says "git commit"
	[ "$(git config orch.base)" = main ]
}

@test "init refuses a bare repository" {
	git init -q --bare .
	run_orch init
	exits 128
	warns "a bare repository has no working tree"
	warns "hint: "
}

@test "init takes the base from --base" {
	repository
	git branch trunk
	run_orch init --base trunk
	exits 0
	[ "$(git config orch.base)" = trunk ]
}

@test "init with a detached HEAD says how to name the base" {
	repository
	git checkout -q --detach
	run_orch init
	exits 0
	warns "git config orch.base"
}

@test "what init wrote is trusted" {
	project
	run_orch trust --show
	exits 0
}

@test "init --json is what its schema says" {
	repository
	run_orch init --json
	exits 0
	json_fits init
}
