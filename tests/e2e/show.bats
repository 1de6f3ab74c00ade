#!/usr/bin/env bats
load helper

@test "show renders a phase with its history" {
	small_plan
	run_orch show small/c
	exits 0
	says "small/c  Phase c"
	says "waiting: waits for a, b"
	says "depends on  a, b"
	says "plan small"
}

@test "show renders a plan" {
	small_plan
	run_orch show small
	exits 0
	says "active"
	says "a small plan for a test"
}

@test "show of a done phase has the evidence" {
	small_plan 'checks: [{name: look, run: "test -f README"}]'
	git orch next-phase a
	run_orch show small/a
	exits 0
	says "in-review"
	says "on orch/small/a"
	says "checks     look passed, "
	says "files      + a.txt"
	[[ "$output" != *sha256:* ]]
}

@test "show of a draft reads its branch" {
	project
	git orch plan --template cli-tool
	run_orch show tally
	exits 0
	says draft
}

@test "show of an unknown phase says what is near" {
	small_plan
	run_orch show small/cc
	exits 128
	warns "plan 'small' has no phase 'cc'"
	warns "did you mean 'small/c'?"
}

@test "show of an unknown plan is a failure" {
	small_plan
	run_orch show nowhere
	exits 128
	warns "there is no plan 'nowhere'"
}

@test "show --json is what its schema says, numbers as numbers" {
	small_plan
	phase small a 'files: {create: [a.txt]}' 'priority: 2'
	commit 'priority'
	run_orch show --json small/a
	exits 0
	json_fits show
	says '"priority": 2'
	run_orch show --json small
	exits 0
	json_fits show
}

# A phase that is done, with all that a result may say.
judged() {
	small_plan
	cat >.orch/plans/small/phases/a.yaml <<-'END'
		version: 1
		id: a
		title: Phase a
		files: {create: [a.txt]}
		acceptance: [the file is there, the file is short]
		status: done
		result:
		  start: "1234567890123456789012345678901234567890"
		  attempts: 2
		  agents:
		    - {role: developer, model: m-large, calls: 5, cost_usd: "0.421000"}
		    - {role: validator, model: m-small, calls: 1, cost_usd: "0.000100"}
		    - {role: planner, model: m-own, calls: 2, cost_usd: unpriced}
		  checks:
		    - {name: build, exit: 0, seconds: 1.24, sandbox: bwrap, coverage: 81.5}
		    - {name: test, exit: 3, seconds: 0.5, sandbox: "off", tail: "one\ntwo"}
		  verdict:
		    success: true
		    score: 0.92
		    criteria:
		      - {criterion: 1, met: true, evidence: a.txt was made}
		      - {criterion: 2, met: false}
		    warnings: [it is long]
		  files:
		    - {path: a.txt, change: create, declared: true}
		    - {path: b.txt, change: modify, declared: false}
		    - {path: c.txt, change: delete, declared: true}
		  decisions: [one file is enough]
		  notes: [read it]
		  started: "2026-01-02T03:04:05Z"
		  seconds: 7
	END
	commit 'a is done'
}

@test "show tells a result as a person would ask for it" {
	judged
	run_orch show small/a
	exits 0
	says "worked     2026-01-02 03:04:05, took 7 s, 2 attempts, from 1234567"
	says "agents     developer  m-large  5 calls  \$0.42"
	says "           validator  m-small  1 call  \$0.000100"
	says "           planner  m-own  2 calls  unpriced"
	says "checks     build passed, 1.2 s, bwrap, coverage 81.5 %"
	says $'test failed (exit 3), 0.5 s, off\n               one\n               two'
	says "verdict    accepted, score 0.92"
	says "✓ 1. the file is there: a.txt was made"
	says "✗ 2. the file is short"
	says "warnings   it is long"
	says "files      + a.txt"
	says "~ b.txt  undeclared"
	says "- c.txt"
	says "decisions  one file is enough"
	says "notes      read it"
	[[ "$output" != *declared\ true* ]]
	[[ "$output" != *$'\033'* ]]
}

@test "show breaks lines between words, and on a terminal only" {
	project
	git orch plan --template cli-tool
	on_terminal 60 --no-pager show tally
	fits 60
	says "  - name: tally"
	says $'plan tally:\n                       count and'
	run_orch show tally
	says "docs(tally): plan tally: count and summarise what is in text"
}
