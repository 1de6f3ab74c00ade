#!/usr/bin/env bats
# shellcheck disable=SC2154
load helper

@test "validate of a good project is silent on stdout" {
	small_plan
	run_orch validate
	exits 0
	[ -z "$output" ]
	warns "nothing wrong"
}

@test "validate prints every finding with file, line and column" {
	small_plan
	phase small a 'files: {create: [a.txt]}' 'prioritty: 2'
	phase small b 'depends_on: [nowhere]' 'files: {create: [a.txt]}'
	commit 'break it'
	run_orch validate
	exits 1
	says ".orch/plans/small/phases/a.yaml:6:1: "
	says "prioritty"
	says "priority"
	says "nowhere"
	says "a.txt"
}

@test "validate finds what no run could do" {
	small_plan
	phase small a 'due: 2026-02-30' 'files: {create: [.git/x]}'
	phase small b 'files: {modify: [.orch/plans/small/plan.yaml]}'
	commit 'impossible'
	run_orch validate
	exits 1
	says "phases/a.yaml:5:6: '2026-02-30' is no day of the calendar"
	says "phases/a.yaml:6:18: no phase may touch it: path '.git/x'"
	says "phases/b.yaml:5:18: "
	says "only policy.protected lets a phase touch it"
	git checkout -q HEAD~1 -- .orch/plans/small/phases/a.yaml
	commit 'a note is left'
	run_orch validate
	exits 0
}

@test "validate names a circle as a path" {
	small_plan
	phase small a 'depends_on: [c]' 'files: {create: [a.txt]}'
	commit circle
	run_orch validate
	exits 1
	says "a -> c -> a"
}

@test "validate reads the base and not the working tree" {
	small_plan
	echo 'wrong: 1' >>.orch/plans/small/plan.yaml
	run_orch validate
	exits 0
}

@test "validate of named files reads them from disk" {
	small_plan
	echo 'wrong: 1' >>.orch/plans/small/plan.yaml
	run_orch validate .orch/plans/small/plan.yaml
	exits 1
	says "wrong"
}

@test "a key that was put where its variable belongs is not shown" {
	local args key like_a_name="ghp"_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX
	local no_name="sk-ant"-api03-R8k2Lq9ZtB4xV1nM7cW3sY6dF0gHjK5pQ2aEuT-xA8y
	project
	cp .orch/config.yaml ../config
	for key in $like_a_name $no_name; do
		cp ../config .orch/config.yaml
		echo "providers: [{name: p, driver: anthropic, key_env: $key}]" \
			>>.orch/config.yaml
		commit "a key"
		for args in .orch/config.yaml --staged --json --sarif; do
			run_orch validate "$args"
			exits 1
			says key_env
			[[ "$output$stderr" != *"$key"* ]]
		done
		run_orch config validate
		exits 1
		[[ "$output$stderr" != *"$key"* ]]
		run_orch agent list
		exits 128
		warns key_env
		[[ "$output$stderr" != *"$key"* ]]
	done
}

@test "validate of a named configuration tells what its rows need" {
	project
	printf '%s\n' 'providers: [{name: p, driver: anthropic}]' \
		'agents: [{name: x, role: developer, provider: q, model: m}]' \
		>>.orch/config.yaml
	mkdir sub
	cd sub
	run_orch validate ../.orch/config.yaml
	exits 1
	says "../.orch/config.yaml:"
	says "there is no 'q' in providers"
	[ "$(grep -c "there is no 'q'" <<<"$output")" = 1 ]
}

@test "validate of named files works outside a repository" {
	mkdir -p ../loose/.orch/plans/x/phases
	cd ../loose
	plan x
	phase x a 'files: {create: [a.txt]}' 'nonsense: 1'
	run_orch validate .orch/plans/x/phases/a.yaml
	exits 1
	says "nonsense"
}

@test "validate without files outside a repository is a failure" {
	run_orch validate
	exits 128
	warns "not a git repository"
}

@test "validate --staged reads the index" {
	small_plan
	echo 'wrong: 1' >>.orch/plans/small/plan.yaml
	run_orch validate --staged
	exits 0
	git add .orch
	git checkout -q HEAD -- . 2>/dev/null || true
	echo 'wrong: 1' >>.orch/plans/small/plan.yaml
	git add .orch
	git show HEAD:.orch/plans/small/plan.yaml >.orch/plans/small/plan.yaml
	index=$(git ls-files -s | sha256sum)
	run_orch validate --staged
	exits 1
	says ".orch/plans/small/plan.yaml"
	[ "$(git ls-files -s | sha256sum)" = "$index" ]
}

@test "validate --staged works before the first commit" {
	git init -q .
	git orch init >/dev/null
	git add .orch
	run_orch validate --staged
	exits 0
}

@test "validate --at reads another revision" {
	small_plan
	git checkout -q -b broken
	echo 'wrong: 1' >>.orch/plans/small/plan.yaml
	commit 'break it'
	git checkout -q main
	run_orch validate
	exits 0
	run_orch validate --at broken
	exits 1
}

@test "validate --at an unknown revision is a failure" {
	small_plan
	run_orch validate --at nowhere
	exits 128
	warns nowhere
}

@test "validate reports a configuration that is wrong" {
	small_plan
	echo 'polici: {}' >>.orch/config.yaml
	commit 'break it'
	run_orch validate
	exits 1
	says ".orch/config.yaml"
	says "policy"
}

@test "validate answers at once to half a million open brackets" {
	project
	mkdir -p .orch/plans/deep
	head -c 500000 /dev/zero | tr '\0' '[' >.orch/plans/deep/plan.yaml
	run timeout 5 git orch validate .orch/plans/deep/plan.yaml
	exits 1
}

@test "validate takes one of files, --staged and --at" {
	small_plan
	run_orch validate --staged --at main
	exits 129
}

@test "validate --json is what its schema says, with and without findings" {
	small_plan
	run_orch validate --json
	exits 0
	json_fits validate
	echo 'wrong: 1' >>.orch/plans/small/plan.yaml
	commit 'break it'
	run_orch validate --json
	exits 1
	json_fits validate
}

@test "validate --sarif names rules and places" {
	small_plan
	echo 'wrong: 1' >>.orch/plans/small/plan.yaml
	commit 'break it'
	run_orch validate --sarif
	exits 1
	says '"version": "2.1.0"'
	says '"ruleId": "unknown-key"'
	says '"startLine"'
}

@test "validate says where it read" {
	small_plan
	sed -i 's/version: 1/version: 2/' .orch/plans/small/plan.yaml
	run_orch validate
	exits 0
	warns "5 documents on main, nothing wrong"
	git add .orch
	run_orch validate --staged
	exits 1
	warns "1 finding in 5 documents in the index"
	run_orch validate .orch/plans/small/plan.yaml
	exits 1
	warns "1 finding in 1 document"
	run_orch validate --at HEAD
	exits 0
	warns "5 documents on HEAD, nothing wrong"
}

@test "validate of a file that is not there says what is near" {
	small_plan
	run_orch validate .orch/confg.yaml
	exits 128
	warns "there is no '.orch/confg.yaml'"
	warns "did you mean '.orch/config.yaml'?"
	run_orch validate nofile
	exits 128
	warns "documents are below .orch/"
}

@test "validate finds what is wrong in the table of prices" {
	project
	cat >.orch/prices.yaml <<-'END'
		version: 1
		prices:
		  - {model: mine, from: 2026-01-01, input: "1.5", output: "6"}
	END
	commit prices
	run_orch validate
	exits 0
	run_orch validate .orch/prices.yaml
	exits 0
	sed -i 's/"1.5"/cheap/; s/output/outptu/' .orch/prices.yaml
	commit prices
	run_orch validate
	exits 1
	says ".orch/prices.yaml:3:"
	says "outptu"
	run_orch validate .orch/prices.yaml
	exits 1
	says ".orch/prices.yaml:3:"
}

@test "a document with more faults than anybody reads is answered" {
	small_plan
	phase small a 'files: {create: [a.txt]}' \
		"acceptance: [$(printf '{},%.0s' {1..200000})]"
	run_orch validate .orch/plans/small/phases/a.yaml
	exits 1
	says "'acceptance[998]'"
	says "and more: only the first 1000 findings of a document are told"
	[ "${#lines[@]}" -lt 1100 ]
	commit 'a hostile document'
	run_orch validate
	exits 1
	run_orch status
	exits 128
	warns "'acceptance' must have at most 1000 items"
	run_orch validate --json
	[ "$(jq '.findings | length' <<<"$output")" = 1001 ]
}

@test "validate waits for no pipe" {
	small_plan
	rm .orch/plans/small/phases/a.yaml
	mkfifo .orch/plans/small/phases/a.yaml pipe
	run --separate-stderr timeout 20 \
		git orch validate .orch/plans/small/phases/a.yaml
	exits 128
	warns "a.yaml' is no regular file"
	run --separate-stderr timeout 20 git orch validate pipe
	exits 128
	run_orch validate .orch/plans
	exits 128
	warns "plans' is no regular file"
	run_orch validate /dev/null
	exits 128
}

@test "a document that is too large is the only finding" {
	small_plan
	{
		printf '# '
		head -c 1100000 /dev/zero | tr '\0' k
	} >>.orch/plans/small/phases/a.yaml
	run_orch validate .orch/plans/small/phases/a.yaml
	exits 1
	says ".orch/plans/small/phases/a.yaml: "
	says "larger than"
	[ "${#lines[@]}" = 1 ]
	warns "1 finding in 1 document"
	git add -A
	run_orch validate --staged
	exits 1
	says ".orch/plans/small/phases/a.yaml: "
	[ "${#lines[@]}" = 1 ]
	warns "1 finding in 5 documents"
}
