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
	says "the runner of 'small/a'"
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

@test "doctor --fix drops a dead claim that the base has no phase for" {
	small_plan
	git-orch next-phase a
	git branch -D orch/small/a
	git update-ref refs/orch/claim/gone/a "$(git commit-tree -m 'claim gone/a

Orch-Claim: 1
Orch-Runner: me
Orch-Run: 20260102T030405Z-00000000
Orch-Nonce: 0
Orch-Generation: 1
Orch-State: working' "$(git mktree </dev/null)")"
	run_orch doctor
	exits 0
	says "the base has no phase 'gone/a'"
	says "git orch doctor --fix"
	run_orch doctor --fix
	exits 0
	says "the claim on 'gone/a' was dropped"
	[ -z "$(git for-each-ref refs/orch/claim)" ]
	run_orch doctor
	says "none is stale"
}

@test "doctor --fix removes refs that a power cut emptied" {
	small_plan
	mkdir -p .git/refs/orch/claim/small .git/refs/orch/base/small
	: >.git/refs/orch/claim/small/a
	echo garbage >.git/refs/orch/base/small/b
	run_orch doctor
	exits 1
	says "'refs/orch/claim/small/a' cannot be read"
	says "'refs/orch/base/small/b' cannot be read"
	run_orch doctor --fix
	exits 0
	git orch next-phase a
	[ "$(git fsck 2>&1 | grep -v ^dangling)" = "" ]
}

@test "doctor --fix leaves a ref whose phase a runner holds" {
	small_plan
	mkdir -p .git/refs/orch/claim/small .git/orch/lock/small
	: >.git/refs/orch/claim/small/a
	exec 9>.git/orch/lock/small/a
	flock 9
	run_orch doctor --fix
	exits 1
	[ -e .git/refs/orch/claim/small/a ]
	exec 9>&-
	run_orch doctor --fix
	exits 0
	[ ! -e .git/refs/orch/claim/small/a ]
}

@test "doctor names what a phase left that its plan no longer has" {
	small_plan
	git orch next-phase a
	git orch next-phase b
	git rm -q .orch/plans/small/phases/{a,c}.yaml
	commit 'without a and c'
	git branch orch/mine/own
	run_orch doctor
	exits 0
	says "'small/a'"
	says "its branch 'orch/small/a' is there"
	says "fix: when nobody needs it: git branch -D orch/small/a"
	says "'refs/orch/base/small/a' is there"
	[[ $output != *small/b* && $output != *mine* ]]
	run_orch doctor --fix
	exits 0
	says "the base ref of 'small/a' was removed"
	run git for-each-ref --format='%(refname)' refs/heads/orch refs/orch/base
	[ "$output" = "refs/heads/orch/mine/own
refs/heads/orch/small/a
refs/heads/orch/small/b
refs/orch/base/small/b" ]
	git branch -qD orch/small/a
	run_orch doctor
	says "none is in the way or left over"
}

@test "doctor names a branch that is in the way of ours" {
	small_plan
	git branch orch
	run_orch doctor
	exits 1
	says "branch 'orch' is in the way of 'orch/small/plan'"
	says "git branch -m orch <name>, or set delivery.branch_prefix"
	git branch -m orch other
	run_orch doctor
	exits 0
}

@test "doctor --fix removes locks of phases that nobody holds" {
	small_plan
	mkdir -p .git/orch/lock/small
	touch .git/orch/lock/small/a .git/orch/lock/small/b
	touch .git/orch/lock/refs.lock
	exec 9>.git/orch/lock/small/b
	flock 9
	run_orch doctor
	exits 0
	says "1 of phases that nobody holds"
	run_orch doctor --fix
	exits 0
	[ "$(ls .git/orch/lock/small)" = b ]
	[ -e .git/orch/lock/refs.lock ]
	exec 9>&-
}

# models <line>...: a trusted project with these rows.
models() {
	project
	printf '%s\n' 'version: 1' "$@" >.orch/config.yaml
	commit models
	git orch trust --yes >/dev/null 2>&1
}

@test "doctor names keys that are missing, and whether somebody needs them" {
	models 'providers:' \
		'  - {name: used, driver: anthropic, key_env: USED_KEY}' \
		'  - {name: idle, driver: openai, key_env: IDLE_KEY}' \
		'agents: [{name: dev, role: developer, provider: used, model: claude-opus-5-5}]'
	run_orch doctor
	exits 1
	says "'used' has no key: USED_KEY is not set"
	says "'idle' has no key: IDLE_KEY is not set"
	says "every model has its price"
	USED_KEY=x run_orch doctor
	exits 0
	says "'used' has its key from USED_KEY"
}

@test "doctor names variables, programs and prices that are missing" {
	# shellcheck disable=SC2016
	models 'providers: [{name: p, driver: command, command: cat}]' \
		'agents:' \
		'  - {name: a, role: developer, provider: p, model: "m-${SIZE}"}' \
		'  - {name: b, role: manager, provider: p, model: odd}' \
		'  - {name: c, role: git, worker: cli, command: no-such-agent}'
	run_orch doctor
	exits 1
	says "agents.a.model needs SIZE, which is not set"
	says "agent 'c' has no program 'no-such-agent'"
	says "'odd' has no price"
	run_orch status
	exits 0
	run_orch validate
	exits 0
	says "agents.a.model needs SIZE, which is not set"
}

@test "doctor --online asks whether servers are there, and only then" {
	models 'providers: [{name: p, driver: openai, base_url: "http://127.0.0.1:9/v1"}]' \
		'agents: [{name: a, role: developer, provider: p, model: gpt-6-sol}]'
	run_orch doctor
	exits 0
	says "'p' needs no key"
	run_orch doctor --online
	exits 1
	says "'p' does not answer"
	python3 -m http.server --bind 127.0.0.1 -d "$HOME" 0 >../port 2>&1 3>&- &
	server=$!
	until grep -q port ../port; do sleep 0.1; done
	port=$(sed 's/.*port \([0-9]*\).*/\1/;q' ../port)
	models_at=$(sed "s/:9/:$port/" .orch/config.yaml)
	echo "$models_at" >.orch/config.yaml
	commit port
	git orch trust --yes >/dev/null 2>&1
	run_orch doctor --online
	kill "$server"
	exits 0
	says "'p' answers (404"
}

@test "doctor --json is what its schema says" {
	project
	run_orch doctor --json
	exits 0
	json_fits doctor
}

@test "doctor shows its rows without a home" {
	small_plan
	run --separate-stderr env -u HOME git-orch doctor
	exits 1
	says "HOME is not set"
	says "set HOME or XDG_CONFIG_HOME"
	says "identity"
	HOME=here run --separate-stderr git-orch doctor --json
	exits 1
	says "HOME is 'here', which is no absolute path"
	json_fits doctor
}

# A forge where nothing is wrong; sed's <script> changes it.
good_forge() {
	load forge
	small_plan
	forge_start
	sed "${1-}" >"$FORGE/answers" <<-'END'
		{"GET /user": [200, {"X-OAuth-Scopes": "repo, workflow",
		  "X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4321"},
		  {"login": "ada"}],
		"GET /repos/o/n": [200, {}, {"default_branch": "main",
		  "private": false, "owner": {"login": "o", "type": "User"},
		  "permissions": {"push": true, "admin": true},
		  "delete_branch_on_merge": false, "allow_squash_merge": true}]}
	END
}

@test "doctor --forge finds nothing wrong with a good forge" {
	good_forge
	run_orch doctor --forge
	forge_stop
	exits 0
	says "'origin' can be shared by several machines"
	says "github, http://127.0.0.1:"
	says "ada, from GH_TOKEN"
	says "4321 of 5000 requests are left"
	says "anybody who may push can push to 'main'"
	[ "$(cut -d' ' -f1,2 "$FORGE/asked")" = "GET /user
GET /repos/o/n
GET /repos/o/n/git/ref/heads%2Forch
GET /repos/o/n/branches/main/protection
GET /repos/o/n/branches/main
GET /repos/o/n/rules/branches/main?per_page=100" ]
	[ -z "$(git -C "$FORGE/git/o/n.git" for-each-ref refs/orch)" ]
}

@test "doctor --forge names what is wrong, with its fix" {
	good_forge 's/, workflow//; s/"allow_squash_merge": true/"archived": true/
		s/"push": true/"push": false/'
	run_orch doctor --forge --json
	forge_stop
	exits 1
	json_fits doctor
	says "'o/n' is archived"
	says "may not push here"
	says "gh auth refresh -s workflow"
}

@test "doctor --forge says what the base's rules are, and what they forbid" {
	good_forge
	sed -i '$s/}$/,\n"GET \/repos\/o\/n\/branches\/main\/protection": [200, {},\
		{"required_pull_request_reviews":\
		{"required_approving_review_count": 2},\
		"required_status_checks": {"contexts": ["a", "b"]}}]}/' "$FORGE/answers"
	run_orch doctor --forge
	exits 0
	says "'main' has rules: 2 approvals, the checks 'a', 'b', pull requests"
	ORCH_DELIVERY_LAND=push run_orch doctor --forge
	forge_stop
	exits 1
	says "delivery.land is push, and 'main' takes pull requests only"
}

@test "doctor --forge names a token that is wrong, and does not show it" {
	good_forge 's/\[200, {"X-OAuth/[401, {"X-OAuth/'
	run_orch doctor --forge
	forge_stop
	exits 1
	says "check the token in GH_TOKEN"
	[[ "$output$stderr" != *some-token* ]]
}

@test "doctor --forge sends no token where only the remote says so" {
	good_forge
	unset ORCH_DELIVERY_API
	run_orch doctor --forge
	exits 1
	says "the token in GH_TOKEN is not sent to '127.0.0.1:"
	git config orch.delivery.api "$FORGE_URL"
	run_orch doctor --forge
	forge_stop
	exits 1
	says "may not choose where a token goes"
	[ ! -e "$FORGE/asked" ]
}

@test "doctor --forge says when a server is for a single machine only" {
	good_forge
	git -C "$FORGE/git/o/n.git" config receive.advertiseAtomic false
	run_orch doctor --forge
	exits 0
	says "single machine only"
	forge_stop
	run_orch doctor --forge
	exits 1
	says "fix: git ls-remote origin"
	says "127.0.0.1"
}

@test "doctor --forge of a project without remote and forge asks nobody" {
	small_plan
	run_orch doctor --forge
	exits 0
	says "there is none"
	says "local: branches only"
	cd ..
	run_orch doctor --forge
	exits 1
	says "it was not asked"
}

@test "doctor --forge and a GitHub that others wrote" {
	load forge
	small_plan
	mkdir -p ../served/admin
	git clone -q --bare . ../served/admin/n.git
	git -C ../served/admin/n.git config http.receivepack true
	emulate_start n
	git_http_start "$PWD/../served"
	git remote add origin "${GIT_HTTP_URL}admin/n.git"
	git fetch -q origin
	run_orch doctor --forge
	emulate_stop
	git_http_stop
	exits 0
	says "admin, from GH_TOKEN"
	says "'admin/n', public"
	says "no branch is in the way of 'orch/...'"
}
