#!/usr/bin/env bats
# Work over a remote: its refs are the truth, and nothing local moves.  The
# remote is a bare repository behind git's own HTTP server, or a path.
load helper

setup_file() {
	# shellcheck source=tests/peers/git-http.bash
	. "$BATS_TEST_DIRNAME/../peers/git-http.bash"
	export SERVED=$BATS_FILE_TMPDIR/served
	mkdir -p "$SERVED"
	git_http_start "$SERVED"
	export SERVER=$GIT_HTTP_URL
}

teardown_file() {
	git_http_stop
}

setup() {
	sandbox
	name=test-$BATS_TEST_NUMBER
	far=$SERVED/$name/far.git
	url=$SERVER$name/far.git
}

# Plan 'small' is on the base of a bare repository, far, and the test stands in
# a clone of it, one.
served() {
	small_plan
	mkdir -p "$(dirname "$far")"
	git clone -q --bare . "$far"
	git -C "$far" config http.receivepack true
	clone one
}

# clone <name> [<option>...]: another clone, trusted; the test stands in it.
clone() {
	local name=$1
	shift
	cd "$BATS_TEST_TMPDIR" || return
	git clone -q "$@" "$url" "$name"
	cd "$name" || return
	git orch trust --yes >/dev/null 2>&1
}

# All that a user calls theirs: branches, tags, HEAD, index, files, and what
# they configured.
local_state() {
	git for-each-ref refs/heads refs/tags refs/orch/claim refs/orch/base
	git symbolic-ref HEAD
	git status --porcelain
	git config --local --list
}

# still <args>: as run_orch, and nothing local moved.
still() {
	local before after
	before=$(local_state)
	run_orch "$@"
	after=$(local_state)
	[ "$before" = "$after" ] && return
	echo "git orch $* moved what is local:"
	diff <(echo "$before") <(echo "$after")
}

# far_refs: what the remote has, by name.
far_refs() {
	git -C "$far" for-each-ref --format='%(refname)' "$@"
}

# landed_once <phase>...: each is one commit on the remote's base, and done.
landed_once() {
	local id
	for id in "$@"; do
		[ "$(git -C "$far" log --format=%H main -- "$id.txt" |
			wc -l)" = 1 ]
		git -C "$far" show "main:.orch/plans/small/phases/$id.yaml" |
			grep -qx 'status: done'
	done
}

# far_hook <name>: its body comes by standard input.
far_hook() {
	cat >"$far/hooks/$1"
	chmod +x "$far/hooks/$1"
}

# The way of one plan from template to done, each command in the same clone.
whole_way() {
	still plan --template small --id way
	exits 0
	[ "$(far_refs refs/heads/orch)" = refs/heads/orch/way/plan ]
	still approve way
	exits 0
	[ -z "$(far_refs refs/heads/orch)" ]
	git orch trust --yes >/dev/null 2>&1
	still next-phase --plan way
	exits 0
	says "a done"
	[ "$(far_refs refs/heads/orch refs/orch)" = "refs/heads/orch/way/a
refs/orch/base/way/a" ]
	still next-phase --plan way
	exits 0
	still integrate way
	exits 0
	still next-phase --plan way
	exits 0
	says "c done"
	still integrate way
	exits 0
	still status way
	exits 0
	says "3 phases, 3 done"
	still next-phase --plan way
	exits 3
	[ "$(far_refs)" = refs/heads/main ]
	[ "$(git -C "$far" show main:c.txt)" = "this is c" ]
	[ -z "$(git for-each-ref refs/orch refs/orch-remotes)" ]
	[ "$(git rev-parse refs/remotes/origin/main)" = \
		"$(git -C "$far" rev-parse main)" ]
}

@test "from plan to done over http, and nothing local moves" {
	served
	whole_way
}

@test "from plan to done over a path, and nothing local moves" {
	url=$far
	served
	whole_way
}

@test "run --land does a plan over a remote" {
	served
	still run --land --jobs 2 small
	exits 0
	landed_once a b c
	[ "$(far_refs)" = refs/heads/main ]
}

@test "two clones that run at once do each phase once" {
	served
	clone two
	(cd ../one && exec git orch run --land --jobs 2 small) \
		>../one.out 2>&1 3>&- &
	local code=0 other=0
	git orch run --land --jobs 2 small >../two.out 2>&1 || code=$?
	wait $! || other=$?
	cat ../one.out ../two.out
	[[ "$code $other" =~ ^[035]\ [035]$ ]]
	landed_once a b c
	[ "$(far_refs)" = refs/heads/main ]
}

@test "a phase is claimed and published on the remote" {
	served
	far_hook pre-receive <<-'END'
		#!/bin/sh
		while read -r old new ref; do
			set -- "$@" "$ref"
		done
		echo "$@" >>pushes
	END
	run_orch next-phase a
	exits 0
	cat "$far/pushes"
	[ "$(cat "$far/pushes")" = "refs/orch/claim/small/a
refs/orch/claim/small/a refs/heads/orch/small/a refs/orch/base/small/a
refs/orch/claim/small/a" ]
	[ "$(git -C "$far" rev-list --count main..orch/small/a)" = 1 ]
	[ "$(git -C "$far" rev-parse refs/orch/base/small/a)" = \
		"$(git -C "$far" rev-parse main)" ]
}

@test "another clone sees at once what is done" {
	served
	clone two
	(cd ../one && git orch next-phase a)
	[ "$(status_of small a)" = ready ]
	run_orch status small --fetch --json
	exits 0
	[ "$(status_of small a)" = in-review ]
	run_orch next-phase
	exits 0
	says "b done"
}

@test "status asks no network, status --fetch does" {
	served
	git remote set-url origin http://127.0.0.1:1/nowhere.git
	for command in "status" "status --json" "validate" "show small" \
		"next-phase --dry-run"; do
		# shellcheck disable=SC2086
		still $command
		exits 0
	done
	still status --fetch
	exits 75
	warns "origin"
}

@test "a remote that cannot be reached: exit 75, and nothing is lost" {
	served
	git remote set-url origin http://127.0.0.1:1/nowhere.git
	still next-phase
	exits 75
	warns "remote 'origin'"
	warns "hint: look at the network"
	git remote set-url origin "$url"
	run_orch next-phase
	exits 0
	says "a done"
}

@test "a server that fails behind the claim: exit 75, then it goes on" {
	served
	printf 'pass 503 503 503 503 503 503 503 503 503' >"$SERVED/faults"
	still next-phase a
	: >"$SERVED/faults"
	exits 75
	warns "remote 'origin'"
	[ -z "$(far_refs refs/heads/orch)" ]
	run_orch next-phase a
	exits 0
	[ "$(git -C "$far" rev-list --count main..orch/small/a)" = 1 ]
	[ -z "$(far_refs refs/orch/claim)" ]
}

@test "an answer that is lost does nothing twice" {
	served
	for fault in "cut-after" "pass cut-after" "pass pass cut-after" \
		"cut-inside" "pass cut-inside" "503 pass 503 pass cut-before"; do
		echo "$fault" >"$SERVED/faults"
		run_orch next-phase a
		exits 0
		[ "$(git -C "$far" rev-list --count main..orch/small/a)" = 1 ]
		[ "$(far_refs refs/orch)" = refs/orch/base/small/a ]
		git -C "$far" update-ref -d refs/heads/orch/small/a
		git -C "$far" update-ref -d refs/orch/base/small/a
	done
	: >"$SERVED/faults"
}

@test "a wrong password is told at once, and not shown" {
	url=$far
	served
	mkdir -p "$SERVED/locked"
	cp -a "$far" "$SERVED/locked/$name.git"
	git remote set-url origin \
		"${SERVER/:\/\//://ada:wrong@}locked/$name.git"
	still next-phase
	exits 128
	warns "remote 'origin'"
	warns "hint: see that git itself gets in"
	[[ "$output$stderr" != *wrong@* ]]
	git remote set-url origin \
		"${SERVER/:\/\//://ada:right@}locked/$name.git"
	run_orch next-phase
	exits 0
}

@test "what the server's hook declines: exit 4 with its words" {
	served
	far_hook pre-receive <<-'END'
		#!/bin/sh
		while read -r old new ref; do
			case $ref in refs/heads/orch/*)
				echo "not before Monday" >&2
				exit 1
			esac
		done
	END
	still next-phase a
	exits 4
	warns "not before Monday"
	[ -z "$(far_refs refs/heads/orch refs/orch)" ]
	rm "$far/hooks/pre-receive"
	run_orch next-phase a
	exits 0
}

@test "a protected base: exit 4 with the server's words" {
	served
	git orch next-phase a
	far_hook update <<-'END'
		#!/bin/sh
		[ "$1" = refs/heads/main ] || exit 0
		echo "main is protected: use a pull request" >&2
		exit 1
	END
	still integrate small
	exits 4
	warns "main is protected"
	[ "$(far_refs refs/heads/orch refs/orch)" = "refs/heads/orch/small/a
refs/orch/base/small/a" ]
	still plan --template small --id other
	exits 0
	still approve other
	exits 4
	warns "main is protected"
	rm "$far/hooks/update"
	run_orch integrate small
	exits 0
	landed_once a
}

@test "a server without atomic push is for one machine only" {
	served
	git -C "$far" config receive.advertiseAtomic false
	still next-phase
	exits 128
	warns "cannot be shared by runners"
	warns "hint: work in this clone alone: git config orch.remote ."
	git config orch.remote .
	run_orch next-phase
	exits 0
	git rev-parse --verify -q orch/small/a
	[ -z "$(far_refs refs/heads/orch refs/orch)" ]
}

@test "a server that hides refs/orch is for one machine only" {
	served
	git -C "$far" config transfer.hideRefs refs/orch
	still next-phase
	exits 128
	warns "cannot be shared by runners"
	warns "git config orch.remote ."
}

@test "a server whose hook refuses refs/orch is for one machine only" {
	served
	far_hook update <<-'END'
		#!/bin/sh
		case $1 in refs/orch/*) echo "odd name" >&2 && exit 1 ;; esac
	END
	still next-phase
	exits 128
	warns "cannot be shared by runners"
	warns "git config orch.remote ."
}

@test "--no-push keeps a phase here, and its name pushes it" {
	served
	run_orch next-phase a --no-push
	exits 0
	[ -z "$(far_refs refs/heads/orch refs/orch)" ]
	[ "$(git rev-list --count main..orch/small/a)" = 1 ]
	kept=$(git rev-parse orch/small/a)
	run_orch status small --json
	exits 0
	json_fits status
	[ "$(jq -r '.phases[0] | .status, .flags[]?' \
		<<<"$output")" = "in-review
unpushed" ]
	run_orch next-phase a
	exits 0
	[ "$(git -C "$far" rev-parse orch/small/a)" = "$kept" ]
	[ "$(far_refs refs/orch)" = refs/orch/base/small/a ]
	[ -z "$(git for-each-ref refs/heads/orch refs/orch/base)" ]
	run_orch status small --json
	[ "$(jq -r '.phases[0] | .status, .flags[]?' \
		<<<"$output")" = in-review ]
	still integrate small
	exits 0
	landed_once a
}

@test "what one clone kept and another pushed is told, and not overwritten" {
	served
	git orch next-phase a --no-push
	clone two
	git orch next-phase a
	theirs=$(git -C "$far" rev-parse orch/small/a)
	cd ../one
	still next-phase a
	exits 6
	warns "branch 'orch/small/a' on 'origin' is not what was kept here"
	[ "$(git -C "$far" rev-parse orch/small/a)" = "$theirs" ]
	still integrate small
	exits 0
	landed_once a
}

@test "a runner that was killed in another clone is waited for" {
	served
	sed -i 's/^version: 1$/&\ndelivery: {lease: 2}/' .orch/config.yaml
	commit 'a short lease'
	git push -q
	git orch trust --yes >/dev/null 2>&1
	# A runner of another machine, as far as this clone can tell.
	git push -q origin "$(printf '%s\n' 'claim small/a' '' 'Orch-Claim: 1' \
		'Orch-Runner: them' 'Orch-Run: r' 'Orch-Nonce: 00' \
		'Orch-Generation: 1' 'Orch-State: working' |
		git commit-tree "$(git mktree </dev/null)"):refs/orch/claim/small/a"
	still next-phase a --no-wait
	exits 5
	warns "them"
	still next-phase a
	exits 0
	warns "wait for a (them) to go on, or to be gone"
	[ "$(git -C "$far" rev-list --count main..orch/small/a)" = 1 ]
	[ -z "$(far_refs refs/orch/claim)" ]
}

@test "work that takes longer than a lease keeps its claim" {
	served
	cat >.orch/config.yaml <<-END
		version: 1
		policy: {sandbox: off}
		delivery: {lease: 3}
		checks: [{name: slow, run: "touch $BATS_TEST_TMPDIR/at-work; sleep 8"}]
	END
	sed -i 's/^status/checks: [slow]\n&/' .orch/plans/small/phases/a.yaml
	commit 'a slow check'
	git push -q
	git orch trust --yes >/dev/null 2>&1
	clone two
	(cd ../one && ORCH_RUNNER=one exec git orch next-phase a) \
		>../one.out 2>&1 3>&- &
	while [ ! -e ../at-work ]; do sleep 0.1; done
	# It is renewed while the other looks, who then looks no longer.
	run_orch next-phase a
	exits 5
	warns "claimed by one"
	sleep 4
	git fetch -q origin 'refs/orch/claim/*:refs/seen/*'
	[ "$(git log -1 --format='%(trailers:key=Orch-Generation,valueonly)' \
		refs/seen/small/a)" -gt 2 ]
	wait $!
	[ "$(git -C "$far" rev-list --count main..orch/small/a)" = 1 ]
	[ -z "$(far_refs refs/orch/claim)" ]
}

@test "a shallow clone is made whole before anything is merged" {
	served
	git orch next-phase a
	git orch next-phase b
	clone two --depth 1
	[ "$(git rev-parse --is-shallow-repository)" = true ]
	still integrate small
	exits 0
	[ "$(git rev-parse --is-shallow-repository)" = false ]
	landed_once a b
	git -C "$far" fsck --strict
}

@test "a shallow clone does a phase" {
	served
	clone two --depth 1
	still next-phase
	exits 0
	[ "$(git -C "$far" rev-list --count main..orch/small/a)" = 1 ]
}

@test "a base that moves before the push is landed on" {
	served
	git orch next-phase a
	cd "$BATS_TEST_TMPDIR/repo"
	git commit -q --allow-empty -m 'from elsewhere'
	git push -q "$far" main:refs/heads/elsewhere
	far_hook pre-receive <<-'END'
		#!/bin/sh
		while read -r old new ref; do
			[ "$ref" = refs/heads/main ] && [ ! -e moved ] || continue
			touch moved
			env -u GIT_QUARANTINE_PATH git update-ref \
				refs/heads/main refs/heads/elsewhere
		done
	END
	cd ../one
	still integrate small
	exits 0
	[ -e "$far/moved" ]
	landed_once a
	git -C "$far" merge-base --is-ancestor elsewhere main
}

@test "approving lands on a base that moves before the push" {
	served
	git orch plan --template small --id other
	cd "$BATS_TEST_TMPDIR/repo"
	git commit -q --allow-empty -m 'from elsewhere'
	git push -q "$far" main:refs/heads/elsewhere
	far_hook pre-receive <<-'END'
		#!/bin/sh
		while read -r old new ref; do
			[ "$ref" = refs/heads/main ] && [ ! -e moved ] || continue
			touch moved
			env -u GIT_QUARANTINE_PATH git update-ref \
				refs/heads/main refs/heads/elsewhere
		done
	END
	cd ../one
	still approve other
	exits 0
	[ -e "$far/moved" ]
	git -C "$far" merge-base --is-ancestor elsewhere main
	git -C "$far" show main:.orch/plans/other/plan.yaml
}

@test "a branch that somebody pushed to meanwhile is left alone: exit 6" {
	served
	cd "$BATS_TEST_TMPDIR/repo"
	git commit -q --allow-empty -m 'by hand'
	git push -q "$far" main:refs/heads/elsewhere
	far_hook pre-receive <<-'END'
		#!/bin/sh
		while read -r old new ref; do
			[ "$ref" = refs/heads/orch/small/a ] || continue
			env -u GIT_QUARANTINE_PATH git update-ref \
				refs/heads/orch/small/a refs/heads/elsewhere
		done
	END
	cd ../one
	still next-phase a
	exits 6
	warns "branch 'orch/small/a' was moved on 'origin'"
	[ "$(git -C "$far" rev-parse orch/small/a)" = \
		"$(git -C "$far" rev-parse elsewhere)" ]
	[ -z "$(far_refs refs/orch)" ]
}

# with_nothing_in_common <phase>: a pushed branch that says done, and has the
# declared file, on a history of its own.
with_nothing_in_common() {
	local file=.orch/plans/small/phases/$1.yaml
	(
		cd "$BATS_TEST_TMPDIR/repo" || exit
		git checkout -q --orphan alone main
		git rm -rfq . && mkdir -p "$(dirname "$file")"
		git show "main:$file" | sed 's/planned/done/' >"$file"
		echo "$1" >"$1.txt"
		commit alone
		git push -q "$far" "alone:refs/heads/orch/small/$1"
		git checkout -qf main
	)
}

@test "a branch with nothing in common is told, and stops nobody" {
	served
	with_nothing_in_common a
	run_orch status --fetch
	exits 0
	says "no longer merges"
	git orch next-phase b
	still integrate
	exits 6
	says "the two histories have nothing in common"
	says "landed    b"
	landed_once b
	[ "$(far_refs refs/heads/orch)" = refs/heads/orch/small/a ]
	[ -z "$(far_refs refs/orch)" ]
}

@test "what is to be typed works on the remote, and runs nothing else" {
	served
	# shellcheck disable=SC2016
	bad='$(touch${IFS}pwned)'
	git -C "$far" update-ref "refs/orch/claim/small/$bad" \
		"$(git -C "$far" rev-parse main)"
	git -C "$far" update-ref "refs/heads/orch/small/a/$bad" \
		"$(git -C "$far" rev-parse main)"
	run_orch next-phase a
	exits 6
	eval "$(sed -n 's/^hint: when nobody needs it: \(.*\), or .*/\1/p' \
		<<<"$stderr")"
	run_orch doctor
	exits 1
	eval "$(sed -n 's/^ *fix: \(git push .*\)/\1/p' <<<"$output")"
	[ ! -e pwned ]
	[ "$(far_refs)" = refs/heads/main ]
	git orch status --fetch >/dev/null
	run_orch doctor
	exits 0
}

@test "a branch that goes with its merge leaves no base ref behind" {
	served
	git orch next-phase a
	git fetch -q
	git -C "$far" update-ref refs/heads/main refs/heads/orch/small/a
	git push -q origin :orch/small/a
	[ "$(far_refs refs/orch)" = refs/orch/base/small/a ]
	run_orch integrate
	exits 3
	[ "$(far_refs)" = refs/heads/main ]
}

@test "the user's own fetch --prune and gc in between lose nothing" {
	served
	git orch next-phase a
	git fetch -q --prune
	git remote prune origin
	git gc -q --prune=now
	git orch next-phase b
	git fetch -q --prune
	git gc -q --prune=now
	still integrate small
	exits 0
	landed_once a b
}

@test "a narrow fetch configuration is not in the way" {
	served
	git config remote.origin.fetch '+refs/heads/main:refs/remotes/origin/main'
	still run --land small
	exits 0
	landed_once a b c
}

@test "no fetch configuration and no tracking refs are not in the way" {
	served
	git config --unset remote.origin.fetch
	git update-ref -d refs/remotes/origin/main
	git symbolic-ref --delete refs/remotes/origin/HEAD
	still run --land small
	exits 0
	landed_once a b c
}

@test "a mirror is refused, as a push would move its branches" {
	served
	git config remote.origin.fetch '+refs/*:refs/*'
	still next-phase
	exits 4
	warns "would move"
	warns "hint: "
}

@test "a remote by another name is found" {
	served
	git remote rename origin upstream
	still run --land small
	exits 0
	landed_once a b c
}

@test "which remote is said by option, environment and configuration" {
	served
	git remote rename origin upstream
	git remote add fork http://127.0.0.1:1/nowhere.git
	run_orch status
	exits 129
	warns "fork, upstream"
	still --remote upstream next-phase a
	exits 0
	ORCH_REMOTE=upstream still next-phase b
	exits 0
	git config orch.remote upstream
	still integrate
	exits 0
	landed_once a b
	ORCH_REMOTE=fork still next-phase
	[ "$status" != 0 ]
	still --remote . status
	exits 0
}

@test "a bare clone can be a runner" {
	served
	cd "$BATS_TEST_TMPDIR"
	git clone -q --bare "$url" bare.git
	cd bare.git
	run_orch status
	exits 128
	warns "hint: look there first: git orch status --fetch"
	git orch status --fetch
	git orch trust --yes >/dev/null 2>&1
	before=$(git for-each-ref refs/heads)
	run_orch run --land small
	exits 0
	[ "$(git for-each-ref refs/heads)" = "$before" ]
	landed_once a b c
}

@test "a worktree of a clone can be a runner" {
	served
	git worktree add -q ../beside -b beside
	cd ../beside
	still run --land small
	exits 0
	landed_once a b c
	[ -z "$(git -C ../one status --porcelain)" ]
}

@test "local commits on the base's branch are not landed with a phase" {
	served
	git commit -q --allow-empty -m 'not pushed'
	still run --land small
	exits 0
	landed_once a b c
	[ -z "$(git -C "$far" log --format=%s main | grep 'not pushed')" ]
}

@test "a remote without the base names the push" {
	project
	mkdir -p "$(dirname "$far")"
	git init -q --bare "$far"
	git remote add origin "$far"
	still next-phase
	exits 128
	warns "base branch 'main'"
	warns "git push -u origin main"
}

@test "an empty remote can be worked on once the base is pushed" {
	small_plan
	mkdir -p "$(dirname "$far")"
	git init -q --bare -b main "$far"
	git remote add origin "$far"
	git push -q -u origin main
	still run --land small
	exits 0
	landed_once a b c
}
