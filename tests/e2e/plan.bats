#!/usr/bin/env bats
load helper

@test "plan writes a draft on a branch of its own" {
	project
	run_orch plan --template cli-tool
	exits 0
	says "next: git orch approve tally"
	git rev-parse --verify -q orch/tally/plan
	[ "$(git rev-parse orch/tally/plan^)" = "$(git rev-parse main)" ]
	git cat-file -e orch/tally/plan:.orch/plans/tally/plan.yaml
	untouched
}

@test "plan changes only its own folder" {
	project
	git orch plan --template cli-tool
	run git diff --name-only main orch/tally/plan -- ':!.orch/plans/tally'
	exits 0
	[ -z "$output" ]
}

@test "plan takes id, goal and variables" {
	project
	run_orch plan "count words" --template cli-tool --id counter \
		--var name=counter
	exits 0
	run git show orch/counter/plan:.orch/plans/counter/plan.yaml
	says 'id: "counter"'
	says "count words"
}

@test "plan without a template names the templates" {
	project
	run_orch plan "a goal"
	exits 129
	warns "no agent is configured"
	warns "cli-tool"
}

@test "plan with an unknown template says what there is" {
	project
	run_orch plan --template cli-tol
	exits 128
	warns "there is no template 'cli-tol'"
	warns "did you mean 'cli-tool'?"
}

@test "plan refuses an id that is a draft already" {
	project
	git orch plan --template cli-tool
	tip=$(git rev-parse orch/tally/plan)
	run_orch plan --template cli-tool
	exits 128
	warns "there is a plan 'tally' already"
	[ "$(git rev-parse orch/tally/plan)" = "$tip" ]
}

@test "plan refuses an id that is on the base already" {
	small_plan
	run_orch plan --template cli-tool --id small
	exits 128
	warns "there is a plan 'small' already, on main"
}

@test "plan refuses what is no id" {
	project
	for id in Upper plan a_b -- -x; do
		run_orch plan --template cli-tool --id "$id"
		[ "$status" -ne 0 ]
	done
	run_orch plan --template cli-tool --id plan
	exits 128
	warns "'plan' is no id"
}

@test "plan refuses a variable that does not fit its pattern" {
	project
	run_orch plan --template cli-tool --var 'name=No Name'
	[ "$status" -ne 0 ]
	warns "name"
	run git rev-parse --verify -q orch/tally/plan
	exits 1
}

@test "plan --dry-run writes no ref" {
	project
	before=$(git for-each-ref)
	run_orch plan --template cli-tool --dry-run
	exits 0
	says "nothing was written"
	[ "$(git for-each-ref)" = "$before" ]
}

@test "the checks of a template of the program are trusted" {
	project
	git orch plan --template cli-tool
	git orch approve
	run_orch trust --show
	exits 0
	says "runs: "
}

@test "plan without an identity says how to set one" {
	project
	unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL
	unset GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
	run_orch plan --template cli-tool
	exits 128
	warns "hint: "
	warns "git config --global user.name"
}

@test "plan --json is what its schema says" {
	project
	run_orch plan --template cli-tool --json
	exits 0
	json_fits plan
}

@test "plan --dry-run --json is what its schema says" {
	project
	run_orch plan --template cli-tool --dry-run --json
	exits 0
	json_fits plan
}

@test "plan takes any text as the value of a variable" {
	project
	template_small
	sed -i 's/^goal: .*/goal: {{goal}} # why/' .orch/templates/small/plan.yaml
	echo '  - {name: goal}' >>.orch/templates/small/template.yaml
	commit 'a template'
	goal=$'a: "b" # {c}\nid: stolen'
	run_orch plan --template small --var "goal=$goal"
	exits 0
	run git show orch/small/plan:.orch/plans/small/plan.yaml
	says 'goal: "a: \"b\" # {c}\nid: stolen" # why'
	says 'id: "small"'
	git checkout -q orch/small/plan
	run_orch validate
	exits 0
}

@test "plan names the template's file that is no YAML" {
	project
	template_small
	echo 'title: [' >>.orch/templates/small/plan.yaml
	commit 'a template'
	run_orch plan --template small --id other
	exits 128
	warns "template 'small': plan.yaml: line"
	[ -z "$(git for-each-ref refs/heads/orch)" ]
}
