#!/usr/bin/env bats
load helper

@test "version prints the version" {
	run_orch version
	exits 0
	[[ "$output" =~ ^git-orch\ version\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	run_orch --version
	exits 0
	[[ "$output" =~ ^git-orch\ version ]]
}

@test "version needs no repository and no HOME" {
	cd /
	HOME='' run git-orch version
	exits 0
}

@test "version --json is what its schema says" {
	run_orch version --json
	exits 0
	json_fits version
}
