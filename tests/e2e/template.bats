#!/usr/bin/env bats
load helper

@test "template list names the program's templates" {
	project
	run_orch template list
	exits 0
	says cli-tool
	says api-service
}

@test "template list names the repository's own ones, too" {
	small_plan
	run_orch template list
	exits 0
	says small
	says .orch/templates
}

@test "template show prints variables and phases" {
	project
	run_orch template show cli-tool
	exits 0
	says tally
	says skeleton
}

@test "template show of an unknown template says what is near" {
	project
	run_orch template show cli-tol
	exits 128
	warns "did you mean 'cli-tool'?"
}

@test "template alone is a usage error" {
	project
	run_orch template
	exits 129
	warns "list|show"
}

@test "template list --json is what its schema says" {
	small_plan
	run_orch template list --json
	exits 0
	json_fits template-list
}

@test "template show --json is what its schema says" {
	project
	run_orch template show --json cli-tool
	exits 0
	json_fits template-show
}

@test "template show lists phases in plan order, and wraps what is long" {
	project
	run_orch template show cli-tool
	[[ "$output" == *$'phases\n  skeleton\n  input\n  output\n  summary'* ]]
	says "install"
	git orch plan --template cli-tool | sed -n 's/  scaffold$//p' >../plan
	git orch template show cli-tool | sed '1,/^phases/d' | diff - ../plan
	on_terminal 70 template show cli-tool
	fits 70
	[[ "$output" != *…* ]]
	says "also the"
}
