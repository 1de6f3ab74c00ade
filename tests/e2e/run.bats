#!/usr/bin/env bats
load helper

@test "run does every phase that is ready" {
	small_plan
	run_orch run
	exits 0
	says "small: 2 done, 1 waiting"
	[ "$(status_of small a)" = in-review ]
	[ "$(status_of small c)" = waiting ]
	untouched
}

@test "run --land finishes the plan" {
	small_plan 'checks: [{name: look, run: "test -f README"}]'
	run_orch run --land --jobs 2
	exits 0
	says "small: 3 done, 3 landed; "
	says "the plan is finished"
	[ "$(cat a.txt b.txt c.txt)" = "this is a
this is b
this is c" ]
	untouched
	git fsck --strict
}

@test "run --jobs 2 has two phases at once" {
	small_plan 'checks: [{name: slow, run: "sleep 1"}]'
	run_orch run --jobs 2
	exits 0
	says "up to 2 at once"
}

@test "run --land keeps uncommitted edits, and commit -a reverts nothing" {
	small_plan
	echo mine >>README
	echo new >untracked
	run_orch run --land
	exits 0
	[ "$(git status --porcelain)" = " M README
?? untracked" ]
	git commit -qam mine
	[ "$(git diff --name-only HEAD~1 HEAD)" = README ]
}

@test "run --land advances a worktree that has the base by another name" {
	small_plan
	git symbolic-ref refs/heads/master refs/heads/main
	git checkout -q master
	echo mine >>README
	run_orch run --land
	exits 0
	[ "$(git status --porcelain)" = " M README" ]
	git commit -qam 'something else'
	[ "$(git show --format= --name-only)" = README ]
	[ "$(cat a.txt)" = "this is a" ]
}

@test "run --land lands on the branch that another name of it leads to" {
	small_plan
	git symbolic-ref refs/heads/master refs/heads/main
	run_orch --base=master run --land
	exits 0
	says "the plan is finished"
	[ "$(git symbolic-ref refs/heads/master)" = refs/heads/main ]
	[ "$(git show main:c.txt)" = "this is c" ]
	untouched
}

@test "run --land passes over a phase whose file is in the way" {
	small_plan
	phase small d 'files: {create: [d.txt]}' 'depends_on: [b]'
	mkdir .orch/templates/small/files/d
	echo d >.orch/templates/small/files/d/d.txt
	commit 'a phase behind b'
	git orch trust --yes
	echo mine >a.txt
	run_orch run --land
	exits 6
	says "would be overwritten: a.txt; commit those files"
	[ "$(status_of small a)" = in-review ]
	[ "$(status_of small b)" = done ]
	[ "$(status_of small d)" = done ]
	[ "$(cat a.txt)" = mine ]
}

@test "run of a finished plan has nothing to do" {
	small_plan
	git orch run --land
	run_orch run
	[ "$status" -eq 3 ] || [ "$status" -eq 0 ]
	run_orch run small
	exits 0
}

@test "run with nothing ready is exit 3" {
	small_plan
	git orch run
	run_orch run
	exits 3
}

@test "run with a red check is exit 1 and the others go on" {
	small_plan 'checks: [{name: pick, run: "test ! -f a.txt"}]'
	run_orch run
	exits 1
	says "1 done, 1 failed"
	[ "$(status_of small b)" = in-review ]
	[ "$(status_of small a)" = failed ]
}

@test "run --until stops when that phase is done" {
	small_plan
	run_orch run --until a
	exits 0
	[ "$(status_of small a)" = in-review ]
	[ "$(status_of small b)" = ready ]
}

@test "run --until an unknown phase is a failure" {
	small_plan
	run_orch run --until nowhere
	exits 128
	warns nowhere
}

@test "run refuses what is no number of jobs" {
	small_plan
	for n in 0 -1 x 1000000; do
		run_orch run --jobs "$n"
		exits 129
	done
}

@test "run of an unknown plan is a failure" {
	small_plan
	run_orch run nowhere
	exits 128
}

@test "run without trust is exit 4" {
	small_plan
	plan small 'checks: [{name: new, run: "true"}]'
	commit 'a check'
	run_orch run
	exits 4
}

@test "run without a key to sign with is exit 128, and no phase failed" {
	small_plan
	git config commit.gpgsign true
	git config gpg.program /nowhere/gpg
	run_orch run --land
	exits 128
	says "2 stopped"
	! grep -q failed <<<"$output"
	says "likewise"
	[ "$(status_of small a)" = ready ]
	git config commit.gpgsign false
	run_orch run --land
	exits 0
	says "the plan is finished"
}

@test "run without git is exit 128 with what to do" {
	small_plan 'checks: [{name: t, run: "true"}]'
	orch=$(command -v git-orch)
	git orch run
	mkdir "$BATS_TEST_TMPDIR/none"
	status=0
	output=$(PATH="$BATS_TEST_TMPDIR/none" "$orch" run --land 2>/dev/null) ||
		status=$?
	exits 128
	says "there is no program 'git'; install"
}

@test "SIGINT ends run and its children, and the next run goes on" {
	small_plan 'checks: [{name: slow, run: "sleep 2"}]'
	# A job in the background ignores SIGINT unless it is told not to.
	env --default-signal=INT git-orch run --jobs 2 2>/dev/null 3>&- &
	pid=$!
	until [ "$(status_of small a)" = running ]; do sleep 0.1; done
	kill -INT $pid
	code=0
	wait $pid || code=$?
	[ "$code" -eq 130 ]
	run_orch run --land
	exits 0
	says "the plan is finished"
}

@test "run --json is what its schema says" {
	small_plan
	run_orch run --land --json
	exits 0
	json_fits run
	says '"finished": true'
}

@test "run --land tells each of the phases that land together" {
	small_plan
	run_orch run --until a
	run_orch run --until b
	run_orch run --land --until c
	exits 0
	for phase in a b c; do
		[[ "$stderr" =~ $'\n'"landed  $phase  "[0-9.]+' s' ]]
	done
	says "small: 1 done, 3 landed"
}

@test "run --land says which phase lands, and what is left at the end" {
	small_plan 'checks: [{name: look, run: "test -f README"}]'
	run_orch run --land --until a
	exits 0
	warns "landing a  check"
	[[ "$stderr" =~ $'\n''done  a  '[0-9.]+' s' ]]
	[[ "$stderr" =~ $'\n''landed  a  '[0-9.]+' s' ]]
	[[ "$stderr" != *"land  "* ]]
	says "small: 1 done, 1 landed, 1 ready, 1 waiting"
	says "next: git orch next-phase  (b is ready)"
}

@test "run --until a phase there is not names those there are" {
	small_plan
	run_orch run --until nope
	exits 128
	warns "plan 'small' has no phase 'nope'"
	warns "hint: it has a, b, c"
}
