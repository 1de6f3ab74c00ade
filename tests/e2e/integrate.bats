#!/usr/bin/env bats
load helper

@test "integrate lands what is in review" {
	small_plan
	git orch next-phase a
	run_orch integrate
	exits 0
	says "landed"
	[ "$(git show main:a.txt)" = "this is a" ]
	[ -f a.txt ]
	[ "$(status_of small a)" = done ]
	untouched
}

@test "integrate takes branch, claim and base ref away" {
	small_plan
	git orch next-phase a
	git orch integrate
	[ -z "$(git for-each-ref refs/heads/orch refs/orch)" ]
}

@test "integrate with nothing in review is exit 3" {
	small_plan
	run_orch integrate
	exits 3
	warns "in review"
}

@test "integrate leaves a phase whose checks are red on what it meets" {
	small_plan 'checks: [{name: alone, run: "test ! -f a.txt || test ! -f b.txt"}]'
	git orch run
	run_orch integrate
	exits 1
	says "landed"
	says "red"
	[ "$(status_of small a)" = done ]
	[ "$(status_of small b)" = in-review ]
}

@test "integrate leaves a conflict to a person: exit 6" {
	small_plan
	git orch next-phase a
	echo other >a.txt
	commit 'the same file'
	tip=$(git rev-parse main)
	run_orch integrate
	exits 6
	says "conflict"
	says "a.txt"
	[ "$(git rev-parse main)" = "$tip" ]
}

@test "integrate passes over what would overwrite uncommitted work" {
	small_plan
	git orch run
	echo mine >a.txt
	run_orch integrate
	exits 6
	says "would be overwritten: a.txt"
	says "commit those files or move them away"
	says "landed    b"
	[ "$(cat a.txt)" = mine ]
	[ "$(status_of small a)" = in-review ]
	[ "$(status_of small b)" = done ]
	[ "$(git status --porcelain)" = "?? a.txt" ]
}

@test "integrate leaves a branch that changes what it may not: exit 4" {
	small_plan
	git orch run
	git checkout -q orch/small/a
	mkdir -p .github/workflows
	echo 'on: push' >.github/workflows/evil.yml
	commit 'by hand'
	git checkout -q main
	run_orch integrate
	exits 4
	says "refused   a"
	says "'.github/workflows/evil.yml' is protected"
	says "declare it in the phase's files:"
	says "landed    b"
	[ "$(status_of small a)" = in-review ]
	[ "$(status_of small b)" = done ]
	[ ! -e .github ]
	run_orch integrate --json
	exits 4
	json_fits integrate
	says '"end": "refused"'
	run_orch run --land
	exits 4
	says "evil.yml"
	untouched
}

@test "integrate merges as delivery.method says" {
	small_plan
	git orch next-phase a
	git orch -c delivery.method=merge integrate
	[ "$(git rev-list --parents -1 main | wc -w)" = 3 ]
}

@test "integrate works in a repository without a worktree" {
	small_plan
	git clone -q --bare . ../bare.git
	cd ../bare.git
	git remote remove origin
	git orch trust --yes
	run_orch run --land
	exits 0
	[ "$(git show main:c.txt)" = "this is c" ]
}

@test "integrate --json is what its schema says" {
	small_plan 'checks: [{name: look, run: "true"}]'
	git orch next-phase a
	run_orch integrate --json
	exits 0
	json_fits integrate
}

@test "integrate goes on where somebody else moves the base meanwhile" {
	small_plan 'checks: [{name: slow, run: "sleep 1"}]'
	git orch next-phase a
	git commit -q --allow-empty -m 'before'
	echo new >new
	commit 'another source'
	git orch integrate >out 2>&1 3>&- &
	pid=$!
	until [ "$(status_of small a)" = running ]; do sleep 0.05; done
	sleep 0.3
	git commit -q --allow-empty -m 'meanwhile'
	wait $pid
	rm out
	[ "$(status_of small a)" = done ]
	[ "$(git log --format=%s | grep -c meanwhile)" = 1 ]
	untouched
}

@test "integrate waits for a rebase of the base to end" {
	small_plan
	git orch next-phase a
	git checkout -q -b side
	echo side >README
	git commit -qam side
	git checkout -q main
	echo main >README
	git commit -qam main
	run git rebase side
	exits 1
	tip=$(git rev-parse main)
	run_orch integrate
	exits 6
	says "is being rebased in"
	says "end that first"
	[ "$(git rev-parse main)" = "$tip" ]
	git rebase --abort
	run_orch integrate
	exits 0
	[ -f a.txt ]
	untouched
}

@test "on a terminal integrate breaks what it found between words" {
	small_plan
	git orch run
	git checkout -q orch/small/a
	mkdir -p .github/workflows
	echo 'on: push' >.github/workflows/evil.yml
	commit 'by hand'
	git checkout -q main
	on_terminal 46 --no-pager --quiet integrate
	exits 4
	says "declare it in the phase's files:"
	fits 46
}

@test "on a terminal integrate tells once what landed" {
	small_plan
	git orch run >/dev/null 2>&1
	on_terminal 80 integrate
	[ "$(grep -c "landed *a " <<<"$output")" = 1 ]
	[ "$(grep -c "landed *b " <<<"$output")" = 1 ]
}

@test "integrate tells a check that was red once as flaky" {
	export ORCH_POLICY_SANDBOX=off
	once=$BATS_TEST_TMPDIR/once
	small_plan "checks: [{name: t, run: \"test -e $once || { touch $once; exit 1; }\"}]"
	touch "$once"
	git orch run
	rm "$once"
	run_orch integrate
	exits 0
	says "landed    a"
	says "landed    b"
	says "flaky: t was red once"
	grep -rq "red once" .git/orch/log
}

@test "integrate puts a phase out whose checks take too long: late" {
	export ORCH_POLICY_SANDBOX=off
	slow=$BATS_TEST_TMPDIR/slow
	small_plan "checks: [{name: t, run: \"test ! -e $slow || test ! -e b.txt || sleep 60\"}]"
	git orch run
	touch "$slow"
	run_orch -c delivery.deadline=3 integrate
	exits 1
	says "landed    a"
	says "late      b"
	says "check 't' has not ended by the deadline"
	run_orch -c delivery.deadline=3 integrate --json
	exits 1
	json_fits integrate
	says '"end": "late"'
	run_orch -c delivery.deadline=3 run --land --json
	exits 1
	json_fits run
	untouched
}

@test "integrate moves the base of a remote, and begins anew where that has moved" {
	export ORCH_POLICY_SANDBOX=off
	go=$BATS_TEST_TMPDIR/go
	small_plan "checks: [{name: slow, run: \"until test -e $go; do sleep 0.1; done\"}]"
	git init -q --bare -b main ../remote.git
	git remote add origin ../remote.git
	git push -q -u origin main
	touch "$go"
	git orch run
	rm "$go"
	local=$(git rev-parse main)
	git orch integrate >out 2>&1 3>&- &
	pid=$!
	until [ "$(git -C ../remote.git for-each-ref refs/orch/claim | wc -l)" = 2 ]; do
		sleep 0.05
	done
	git clone -q ../remote.git ../other
	git -C ../other commit -q --allow-empty -m meanwhile
	git -C ../other push -q
	touch "$go"
	wait $pid
	rm out
	[ "$(git -C ../remote.git log --format=%s -3 main)" = "feat: Phase b
feat: Phase a
meanwhile" ]
	[ "$(git -C ../remote.git for-each-ref --format='%(refname)')" = refs/heads/main ]
	[ "$(git rev-parse main)" = "$local" ]
	untouched
}
