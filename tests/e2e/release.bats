#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154
load helper

# done_phase <id> [<line>...]: a phase that has landed.
done_phase() {
	phase small "$@"
	sed -i 's/^status: .*/status: done/' ".orch/plans/small/phases/$1.yaml"
}

# A project with two phases that are done and one that is not.
finished() {
	project
	mkdir -p .orch/templates/small/phases
	plan small
	done_phase a
	done_phase b 'commit: {type: fix, scope: roof}'
	phase small c
	commit 'plan small'
	git orch trust --yes >/dev/null 2>&1
}

# with_remote: the same, origin being a bare repository beside it.
with_remote() {
	finished
	git clone -q --bare . ../origin.git
	git remote add origin ../origin.git
	git fetch -q origin
}

teardown() {
	[ "$(type -t forge_stop)" != function ] || forge_stop
}

@test "release writes the entry, commits it to the base and tags it" {
	finished
	before=$(git rev-parse main)
	run_orch release
	exits 0
	says "v0.1.0, the first release"
	says "tagged: v0.1.0"
	[ "$(git rev-parse main~1)" = "$before" ]
	[ "$(git log -1 --format=%s)" = 'chore: release 0.1.0' ]
	[ "$(git cat-file -t v0.1.0)" = tag ]
	[ "$(git rev-parse 'v0.1.0^{commit}')" = "$(git rev-parse main)" ]
	git tag -l --format='%(contents)' v0.1.0 | grep -q '^### Added'
	diff <(sed 's/[0-9-]\{10\}$/DATE/' CHANGELOG.md) - <<-'END'
		# Changelog

		The format follows Keep a Changelog; versions follow Semantic Versioning.

		## [Unreleased]

		## [0.1.0] - DATE

		### Added

		- Phase a

		### Fixed

		- roof: Phase b
	END
	untouched
}

@test "a second run has nothing to release, and changes nothing" {
	finished
	git orch release >/dev/null 2>&1
	before=$(git for-each-ref)
	run_orch release
	exits 3
	warns "no phase was finished since v0.1.0"
	[ "$(git for-each-ref)" = "$before" ]
}

@test "the next version follows from what was finished since" {
	finished
	git orch release --version 1.0.0 >/dev/null 2>&1
	done_phase d 'commit: {type: fix}'
	commit d
	run_orch release --dry-run --json
	exits 0
	json_fits release
	[ "$(jq -r .release <<<"$output")" = 1.0.1 ]
	[ "$(jq -c '[.phases[].phase]' <<<"$output")" = '["d"]' ]
	done_phase e
	commit e
	[ "$(git orch release --dry-run --json | jq -r .release)" = 1.1.0 ]
	done_phase f 'commit: {type: docs!}'
	commit f
	run_orch release
	exits 0
	says "v2.0.0, after v1.0.0"
	says "- **Breaking:** Phase f"
}

@test "release --dry-run changes nothing" {
	finished
	before=$(git for-each-ref)
	run_orch release --dry-run
	exits 0
	says "- Phase a"
	[ "$(git for-each-ref)" = "$before" ]
	untouched
}

@test "a version has to be one, and above the last" {
	finished
	run_orch release --version 1.2
	exits 129
	git orch release --version 1.2.0 >/dev/null 2>&1
	done_phase c
	commit c
	run_orch release --version 1.1.0
	exits 129
	warns "not above the last one"
}

@test "a release to be tried does not count as the last one" {
	finished
	git orch release --version 1.0.0-rc.1 >/dev/null 2>&1
	run_orch release --version 1.0.0 --dry-run
	exits 0
	says "v1.0.0, the first release"
	says "Phase a"
}

@test "with nothing done there is nothing to release" {
	small_plan
	run_orch release
	exits 3
	warns "no phase is done yet"
	run_orch release nowhere
	exits 128
}

@test "release of one plan tells of its phases only" {
	finished
	mkdir -p .orch/plans/other/phases
	sed 's/small/other/' .orch/plans/small/plan.yaml \
		>.orch/plans/other/plan.yaml
	cp .orch/plans/small/phases/a.yaml .orch/plans/other/phases/z.yaml
	sed -i 's/^id: a/id: z/; s/Phase a/Phase z/' \
		.orch/plans/other/phases/z.yaml
	commit other
	run_orch release other --dry-run
	exits 0
	says "Phase z"
	[[ "$output" != *"Phase a"* ]]
}

@test "a changelog keeps what people wrote, and its line ends" {
	finished
	printf '# Log\r\n\r\n## [Unreleased]\r\n\r\n### Added\r\n\r\n* mine\r\n' \
		>CHANGELOG.md
	commit log
	git orch release >/dev/null 2>&1
	[ "$(grep -c $'\r$' CHANGELOG.md)" = "$(wc -l <CHANGELOG.md)" ]
	grep -A1 'mine' CHANGELOG.md | tail -1 | grep -q 'Phase a'
}

@test "an entry without its tag is gone on with, whatever came since" {
	finished
	git orch release >/dev/null 2>&1
	tagged=$(git rev-parse 'v0.1.0^{commit}')
	git tag -d v0.1.0 >/dev/null
	done_phase c
	commit c
	run_orch release
	exits 0
	[ "$(git rev-parse 'v0.1.0^{commit}')" = "$tagged" ]
	run_orch release --dry-run
	says "v0.2.0, after v0.1.0"
	[[ "$output" != *"Phase a"* ]]
}

@test "checks that are red with the entry keep the base where it is" {
	finished
	printf '\nchecks:\n- {name: log, run: "! test -e CHANGELOG.md"}\n' \
		>>.orch/config.yaml
	commit check
	git orch trust --yes >/dev/null 2>&1
	before=$(git for-each-ref)
	run_orch release
	exits 1
	warns "nothing was released"
	[ "$(git for-each-ref)" = "$before" ]
	untouched
}

@test "with a remote base and tag move there, and no local branch" {
	with_remote
	here=$(git rev-parse main)
	run_orch release
	exits 0
	[ "$(git rev-parse main)" = "$here" ]
	[ "$(git -C ../origin.git log -1 --format=%s main)" = \
		'chore: release 0.1.0' ]
	[ "$(git -C ../origin.git rev-parse 'v0.1.0^{commit}')" = \
		"$(git -C ../origin.git rev-parse main)" ]
	untouched
	git clone -q ../origin.git ../other
	cd ../other
	git orch trust --yes >/dev/null 2>&1
	run_orch release
	exits 3
}

@test "a push that the remote refuses names what to do, and goes on later" {
	with_remote
	cat >../origin.git/hooks/pre-receive <<-'END'
		#!/bin/sh
		! grep -q refs/tags/
	END
	chmod +x ../origin.git/hooks/pre-receive
	run_orch release
	exits 4
	rm ../origin.git/hooks/pre-receive
	run_orch release
	exits 0
	[ "$(git -C ../origin.git rev-list --count main)" = \
		"$(($(git rev-list --count main) + 1))" ]
	git -C ../origin.git rev-parse -q --verify 'v0.1.0^{commit}'
}

@test "a tag of that name that leads elsewhere is a conflict" {
	with_remote
	git tag v0.1.0 HEAD~1
	run_orch release
	exits 6
	warns "leads to another commit"
}

@test "a base that is protected gets a pull request, then the release" {
	load forge
	FORGE_PROGRAM=admin.py
	export GIT_HTTP_URL
	finished
	forge_start
	cat >"$FORGE/git/o/n.git/hooks/pre-receive" <<-'END'
		#!/bin/sh
		! grep -q refs/heads/main
	END
	chmod +x "$FORGE/git/o/n.git/hooks/pre-receive"
	run_orch release
	exits 0
	says "merge https://forge.example/pull/1"
	[ "$(jq -r '.pulls[0].title' "$FORGE/state.json")" = \
		'chore: release 0.1.0' ]
	[ "$(jq -rc '[.statuses[].context]' "$FORGE/state.json")" = \
		'["git-orch/paths"]' ]
	run_orch release --json
	exits 0
	json_fits release
	[ "$(jq '.pulls | length' "$FORGE/state.json")" = 1 ]
	rm "$FORGE/git/o/n.git/hooks/pre-receive"
	git fetch -q origin
	git push -q origin origin/orch/release-0.1.0:main
	run_orch release --draft
	exits 0
	says "released: https://forge.example/r/1"
	run ! git -C "$FORGE/git/o/n.git" rev-parse -q --verify \
		orch/release-0.1.0
	[ "$(jq -rc '.releases[0] | [.tag_name, .draft]' \
		"$FORGE/state.json")" = '["v0.1.0",true]' ]
	grep -q 'Phase a' <(jq -r '.releases[0].body' "$FORGE/state.json")
}

@test "a release that the forge did not get is made by the next run, once" {
	load forge
	FORGE_PROGRAM=admin.py
	export GIT_HTTP_URL
	finished
	forge_start
	echo 'POST /repos/o/n/releases' >"$FORGE/refuse"
	run_orch release
	[ "$status" -ne 0 ]
	git -C "$FORGE/git/o/n.git" rev-parse -q --verify v0.1.0
	rm "$FORGE/refuse"
	run_orch release
	exits 3
	run_orch release
	exits 3
	[ "$(jq '.releases | length' "$FORGE/state.json")" = 1 ]
}

@test "the integrator finds the words, and is asked again when one is missing" {
	load models
	finished
	mkdir -p "$MODEL"
	agents '  - {name: whole, role: integrator, provider: m, model: x}' \
		>.orch/config.yaml
	commit agents
	git orch trust --yes >/dev/null 2>&1
	echo '{"summary": "A house.", "changes": [
		{"phase": "small/a", "text": "There is a door"}]}' \
		>"$MODEL/release.1.json"
	echo '{"summary": "A house.", "changes": [
		{"phase": "small/b", "text": "It is dry"},
		{"phase": "small/a", "text": "There is a *door*"}]}' \
		>"$MODEL/release.json"
	run_orch release --json
	exits 0
	json_fits release
	[ "$(jq -r .agent <<<"$output")" = whole ]
	[ "$(find "$MODEL/asked" -name 'release.*' | wc -l)" = 2 ]
	grep -qx 'A house\.' CHANGELOG.md
	grep -qx -- '- There is a \\\*door\\\*' CHANGELOG.md
	grep -qx -- '- roof: It is dry' CHANGELOG.md
	run_orch cost small
	says integrator
}

@test "release --plain asks no model" {
	load models
	finished
	mkdir -p "$MODEL"
	agents '  - {name: whole, role: integrator, provider: m, model: x}' \
		>.orch/config.yaml
	commit agents
	git orch trust --yes >/dev/null 2>&1
	run_orch release --plain
	exits 0
	[ ! -e "$MODEL/asked" ]
}

@test "killed anywhere, the next run ends with one entry and one tag" {
	with_remote
	loops=${ORCH_LOOPS:-6}
	[ "$loops" != all ] || loops=40
	for n in $(seq "$loops"); do
		git-orch release >/dev/null 2>&1 3>&- &
		sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
		kill -9 $! 2>/dev/null || true
		wait $! || true
		run_orch release
		[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exits 0
		[ "$(git -C ../origin.git tag | wc -l)" = "$n" ]
		[ "$(git -C ../origin.git log --format=%s main |
			grep -c 'chore: release')" = "$n" ]
		echo "$n/$loops" >&3
		git pull -q --no-tags origin main
		done_phase "x$n"
		commit "x$n"
		git push -q origin main
	done
}

@test "commit and tag are signed where the user's configuration says so" {
	command -v ssh-keygen >/dev/null || skip "ssh-keygen is not installed"
	finished
	ssh-keygen -q -t ed25519 -N '' -f "$HOME/key"
	echo "carl@example.org $(cat "$HOME/key.pub")" >"$HOME/signers"
	git config --global gpg.format ssh
	git config --global gpg.ssh.allowedSignersFile "$HOME/signers"
	git config --global user.signingKey "$HOME/key"
	git config --global commit.gpgSign true
	git config --global tag.gpgSign true
	run_orch release
	exits 0
	git verify-tag v0.1.0
	git verify-commit main
}
