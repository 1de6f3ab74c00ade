#!/usr/bin/env bats
load helper

@test "approve lands the only draft on the base" {
	project
	git orch plan --template cli-tool
	run_orch approve
	exits 0
	says "tally is now on main"
	git cat-file -e main:.orch/plans/tally/plan.yaml
	[ -f .orch/plans/tally/plan.yaml ]
	untouched
}

@test "approve of what is on the base changes nothing" {
	small_plan
	tip=$(git rev-parse main)
	run_orch approve small
	exits 0
	says "was already on main"
	[ "$(git rev-parse main)" = "$tip" ]
}

@test "approve with several drafts asks which" {
	project
	git orch plan --template cli-tool
	git orch plan --template cli-tool --id other
	run_orch approve
	exits 129
	warns "tally"
	warns "other"
	run_orch approve other
	exits 0
}

@test "approve of an unknown plan is a failure" {
	project
	run_orch approve nothing
	exits 128
	warns "nothing"
}

@test "approve with no plan at all says how to begin" {
	project
	run_orch approve
	exits 128
	warns "hint: git orch plan --template"
}

@test "approve keeps uncommitted work in other files" {
	project
	echo more >>README
	echo new >untracked
	git orch plan --template cli-tool
	run_orch approve
	exits 0
	[ "$(git status --porcelain)" = " M README
?? untracked" ]
}

@test "approve refuses to overwrite uncommitted work" {
	project
	git orch plan --template cli-tool
	mkdir -p .orch/plans/tally
	echo mine >.orch/plans/tally/plan.yaml
	tip=$(git rev-parse main)
	run_orch approve
	exits 6
	[ "$(git rev-parse main)" = "$tip" ]
	[ "$(cat .orch/plans/tally/plan.yaml)" = mine ]
}

@test "approve does not land documents that are wrong" {
	project
	git orch plan --template cli-tool
	git checkout -q orch/tally/plan
	echo 'wrong: true' >>.orch/plans/tally/plan.yaml
	commit 'break it'
	git checkout -q main
	tip=$(git rev-parse main)
	run_orch approve
	exits 1
	says "wrong"
	[ "$(git rev-parse main)" = "$tip" ]
}

@test "approve works where the base is not checked out" {
	project
	git orch plan --template cli-tool
	git checkout -q -b other
	run_orch approve
	exits 0
	git cat-file -e main:.orch/plans/tally/plan.yaml
	untouched
}

@test "approve --json is what its schema says" {
	project
	git orch plan --template cli-tool
	run_orch approve --json
	exits 0
	json_fits approve
}
