#!/usr/bin/env bats
load helper

@test "doctor finds nothing wrong in a good project" {
	small_plan
	run_orch doctor
	exits 0
	says "sandbox"
	says "main, by git config orch.base"
}

@test "doctor works outside a repository" {
	run_orch doctor
	exits 1
	says "not a git repository"
	says "fix: "
}

@test "doctor names a missing identity and its fix" {
	project
	unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
	unset GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
	run_orch doctor
	exits 1
	says "git config --global user.name"
}

@test "doctor names what is not trusted" {
	small_plan 'checks: [{name: x, run: "true"}]'
	git orch trust --revoke
	run_orch doctor
	exits 1
	says "git orch trust"
}

@test "doctor names a claim whose runner is gone" {
	small_plan 'checks: [{name: slow, run: "sleep 2"}]'
	git-orch next-phase a 2>/dev/null 3>&- &
	pid=$!
	until [ "$(status_of small a)" = running ]; do sleep 0.1; done
	kill -KILL $pid
	wait $pid || true
	run_orch doctor
	says "the runner of 'a'"
	says "git orch next-phase --plan small a"
}

@test "doctor names a repository that cannot be served" {
	git init -q --object-format=sha256 .
	run_orch doctor
	exits 1
	says "sha256"
}

@test "doctor --fix removes worktrees whose owner is gone" {
	small_plan 'checks: [{name: slow, run: "true"}]'
	git orch next-phase a
	work=$(find "$HOME/.cache/git-orch" -maxdepth 3 -mindepth 3 -type d |
		head -n 1)
	[ -d "$work" ]
	rm -rf "$work"
	run_orch doctor
	says "git orch doctor --fix"
	run_orch doctor --fix
	exits 0
	run_orch doctor
	says "none is orphaned"
}

@test "doctor --json is what its schema says" {
	project
	run_orch doctor --json
	exits 0
	json_fits doctor
}
