#!/usr/bin/env bats
# Phases in review that are worked on again: for a person, for reviewers and CI
# on a small GitHub of our own (tests/e2e/github.py).
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154

load helper

setup() {
	sandbox
	load forge
	FORGE_PROGRAM=github.py
}

teardown() {
	[ -z "${FORGE_URL-}" ] || forge_stop
}

# agent <policy>: a project whose phase a is done by ~/bin/agent, a script that
# has the prompt on stdin, writes "one" into a.txt, and once the phase is in
# review does what is on stdin here; $prompt is a file then.
agent() {
	mkdir -p "$HOME/bin"
	{
		cat <<-'END'
			#!/bin/sh
			prompt=$HOME/prompt
			cat >"$prompt"
			if ! grep -q 'is in review' "$prompt"; then
				echo one >a.txt
				echo '{"summary": "Made.", "decisions": ["One line."],
					"notes": []}'
				exit
			fi
		END
		cat
	} >"$HOME/bin/agent"
	chmod +x "$HOME/bin/agent"
	project
	cat >.orch/config.yaml <<-END
		version: 1
		policy: {sandbox: auto, $1}
		checks: [{name: there, run: test -s a.txt}]
		agents:
		  - {name: coder, role: developer, worker: cli, command: $HOME/bin/agent}
	END
	mkdir -p .orch/plans/small/phases
	printf '%s\n' 'version: 1' 'id: small' 'title: Small' \
		'goal: a file' >.orch/plans/small/plan.yaml
	printf '%s\n' 'version: 1' 'id: a' 'title: Phase a' 'agent: coder' \
		'files: {create: [a.txt]}' 'status: planned' \
		>.orch/plans/small/phases/a.yaml
	commit 'plan small'
	git orch trust --yes >/dev/null 2>&1
}

# result <jq>: of the document on the branch.
result() {
	git orch show small/a --json | jq -cr ".document.result | $1"
}

@test "what a person asks for is changed on top of the branch" {
	agent 'attempts: 3' <<-'END'
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": ["It is two."], "notes": [],
			"answers": [{"remark": 1, "text": "It says two now.",
			"changed": true}]}'
	END
	git orch next-phase >/dev/null 2>&1
	before=$(git rev-parse orch/small/a)
	run_orch revise a --message 'make it two'
	exits 0
	says "a revised: Phase a"
	says "make it two"
	says "It says two now."
	[ "$(git show orch/small/a:a.txt)" = two ]
	[ "$(git rev-parse orch/small/a^)" = "$before" ]
	[ "$(git log -1 --format=%s orch/small/a)" = 'fix: revise Phase a' ]
	[ "$(git log -1 --format='%(trailers:key=Orch-Phase,valueonly)' orch/small/a)" = a ]
	[ "$(git rev-parse refs/orch/base/small/a)" = "$(git rev-parse main)" ]
	[ "$(result '[.attempts, .decisions, .start, .files[].path]')" = \
		"[2,[\"One line.\",\"It is two.\"],\"$(git rev-parse main)\",\"a.txt\"]" ]
	[ "$(result .answers)" = null ]
	[ "$(status_of small a)" = in-review ]
	run_orch validate --at orch/small/a
	exits 0
	[ -z "$(git for-each-ref refs/orch/claim)" ]
	untouched
}

# The same on a forge, phase a proposed as #1.
reviewed() {
	agent "$@"
	forge_start
	git orch next-phase >/dev/null 2>&1
	[ "$(state 'len(p)')" = 1 ]
}

# post <path> <json>: to the forge, as somebody else.
post() {
	curl -sf -o /dev/null -d "$2" "$FORGE_URL/repos/o/n/$1"
}

# remark <text> [<login>]: of line 1 of a.txt.
remark() {
	post pulls/1/comments "$(jq -n --arg b "$1" --arg l "${2:-ada}" \
		'{path: "a.txt", line: 1, body: $b, login: $l}')"
}

# red <name> <log>: a check of CI on the branch's last commit.
red() {
	post check-runs "$(jq -n --arg n "$1" --arg l "$2" --arg h "$(tip)" \
		'{name: $n, head_sha: $h, conclusion: "failure", login: "ci",
		  output: {title: "it is red", summary: "", text: $l}}')"
}

# state <python>: of pulls p, threads t, comments c, statuses s.
state() {
	python3 -c "import json
d = json.load(open('$FORGE/state.json'))
p, t, c, s = (d[x] for x in ('pulls', 'threads', 'comments', 'statuses'))
print($1)"
}

tip() {
	git ls-remote origin refs/heads/orch/small/a | cut -f 1
}

until_hung() {
	local tries=0
	until [ -e "$FORGE/hangs" ]; do
		sleep 0.05
		[ $((tries += 1)) -lt 400 ] || return
	done
}

# at <path>: a file on the branch.
at() {
	git fetch -q origin orch/small/a && git show "FETCH_HEAD:$1"
}

@test "a comment becomes a change, is answered and resolved" {
	reviewed 'attempts: 3' <<-'END'
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": [], "answers":
			[{"remark": 1, "text": "It says *two* now, @ada.",
			"changed": true}]}'
	END
	remark 'Make it two.'
	remark 'Make it three, says nobody.' stranger
	run_orch revise a --dry-run
	exits 0
	says "review by ada, a.txt:1"
	says "Make it two."
	[[ $output != *three* ]]
	run_orch revise a --dry-run --json
	exits 0
	json_fits revise
	before=$(tip)
	run_orch revise a --json
	exits 0
	json_fits revise
	says '"posted": 1'
	[ "$(at a.txt)" = two ]
	[ "$(git rev-parse FETCH_HEAD^)" = "$before" ]
	[ "$(state '[(x["resolved"], len(x["comments"])) for x in t]')" = \
		"[(True, 2), (False, 1)]" ]
	[[ $(state 't[0]["comments"][1]["body"]') == *'It says '*'two'*"Changed in $(git rev-parse --short=7 FETCH_HEAD)."* ]]
	[[ $(state 't[0]["comments"][1]["body"]') != *'@ada'* ]]
	[ "$(state 'p[0]["head"]["sha"]')" = "$(tip)" ]
	[[ $(state 'p[0]["body"]') == *'It took 2 attempts.'* ]]
	[ "$(git ls-remote origin 'refs/orch/claim/*')" = '' ]
	run_orch revise a
	exits 3
	warns "nothing to revise in 'a'"
	untouched
}

@test "red CI comes with the end of its log, and is mended" {
	reviewed 'attempts: 3' <<-'END'
		grep -q 'ci check unit' "$prompt" || exit 1
		grep -q 'expected two' "$prompt" || exit 1
		! grep -q 'far away' "$prompt" || exit 1
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": []}'
	END
	red unit "far away
$(seq 10000)
expected two"
	run_orch next-phase --no-revise
	exits 3
	run_orch next-phase --no-pr
	exits 3
	run_orch next-phase --dry-run
	exits 0
	says "would revise small/a: Phase a"
	run_orch next-phase --dry-run --json
	json_fits next-phase
	run_orch next-phase
	exits 0
	says "a revised: Phase a"
	says "ci check unit"
	[ "$(at a.txt)" = two ]
	run_orch next-phase
	exits 3
}

@test "run looks at what is in review when nothing else is left" {
	reviewed 'attempts: 3' <<-'END'
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": []}'
	END
	remark 'Make it two.'
	run_orch run --no-revise
	exits 3
	run_orch run
	exits 0
	says "done  a"
	[ "$(at a.txt)" = two ]
	# Nobody said what was done for it: the files do, and the thread stays.
	[[ $(state 't[0]["comments"][1]["body"]') == *'a.txt was changed.'*'Left open by'* ]]
	[ "$(state 't[0]["resolved"]')" = False ]
	run_orch run
	exits 3
}

@test "what is not changed is answered with the reason" {
	reviewed 'attempts: 3' <<-'END'
		echo '{"summary": "One.", "decisions": [], "notes": [], "answers":
			[{"remark": 1, "text": "One is what was asked for.",
			"changed": true}]}'
	END
	remark 'Make it two.'
	before=$(tip)
	run_orch revise a
	exits 0
	says "One is what was asked for."
	[ "$(at a.txt)" = one ]
	[ -z "$(git diff --name-only "$before" FETCH_HEAD -- ':!.orch')" ]
	[[ $(state 't[0]["comments"][1]["body"]') == *'Left open by'* ]]
	[ "$(state 't[0]["resolved"]')" = False ]
	# Who says more is heard again.
	post pulls/1/comments/1/replies '{"body": "No: two!", "login": "ada"}'
	run_orch revise a --dry-run
	exits 0
	says "No: two!"
}

@test "a revision that the gates refuse leaves the branch as it was" {
	reviewed 'attempts: 3' <<-'END'
		: >a.txt
		echo '{"summary": "None.", "decisions": [], "notes": [], "answers":
			[{"remark": 1, "text": "Emptied.", "changed": true}]}'
	END
	remark 'Empty it.'
	before=$(tip)
	run_orch next-phase
	exits 1
	says "a not revised"
	[ "$(tip)" = "$before" ]
	[ "$(state '[(x["context"], x["state"], x["sha"]) for x in s][-1]')" = \
		"('git-orch/revision', 'failure', '$before')" ]
	[[ $(state 'c[0]["body"]') == *'not accepted'* ]]
	[ "$(state '(len(c), len(t[0]["comments"]))')" = '(1, 1)' ]
	[ "$(git log -1 --format='%(trailers:key=Orch-Attempts,valueonly)' \
		refs/orch/attempt/small/a/3)" = 2 ]
	[ "$(git ls-remote origin 'refs/orch/claim/*')" = '' ]
	# Nobody tries the same again unasked, here or elsewhere.
	run_orch next-phase
	exits 3
	git clone -q "$(git remote get-url origin)" ../other
	cd ../other
	git orch trust --yes >/dev/null 2>&1
	run_orch next-phase
	exits 3
	cd ../repo
	run_orch revise a
	exits 1
	warns "phase 'a' has had 3 attempts, and policy.attempts is 3"
	warns "raise policy.attempts"
	run_orch -c policy.attempts=5 revise a
	exits 1
	says "a not revised"
	[ "$(state 'len(c)')" = 1 ]
}

@test "killed between push and answer, the next call answers once" {
	reviewed 'attempts: 3' <<-'END'
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": [], "answers":
			[{"remark": 1, "text": "Two.", "changed": true}]}'
	END
	remark 'Make it two.'
	touch "$FORGE/unsaid"
	git-orch revise a >/dev/null 2>&1 3>&- &
	until_hung
	kill -9 $!
	wait $! || true
	after=$(tip)
	[ "$(at a.txt)" = two ]
	run_orch next-phase
	exits 0
	[ "$(state '(t[0]["resolved"], len(t[0]["comments"]))')" = '(True, 2)' ]
	[ "$(tip)" = "$after" ]
	run_orch next-phase
	exits 3
}

@test "an answer that came to be unseen is not given twice, by another machine" {
	reviewed 'attempts: 3' <<-'END'
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": [], "answers":
			[{"remark": 1, "text": "Two.", "changed": true},
			{"remark": 2, "text": "Two as well.", "changed": true}]}'
	END
	remark 'Make it two.'
	remark 'And this one.'
	touch "$FORGE/said"
	git-orch revise a >/dev/null 2>&1 3>&- &
	until_hung
	kill -9 $!
	wait $! || true
	after=$(tip)
	git clone -q "$(git remote get-url origin)" ../other
	cd ../other
	git orch trust --yes >/dev/null 2>&1
	export ORCH_DELIVERY_LEASE=1
	run_orch revise a
	exits 0
	[ "$(tip)" = "$after" ]
	[ "$(state '[len(x["comments"]) for x in t]')" = '[2, 2]' ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
}

@test "answers that nobody holds a claim for are posted without work" {
	reviewed 'attempts: 2' <<-'END'
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": [], "answers":
			[{"remark": 1, "text": "Two.", "changed": true}]}'
	END
	remark 'Make it two.'
	touch "$FORGE/unsaid"
	git-orch revise a >/dev/null 2>&1 3>&- &
	until_hung
	kill -9 $!
	wait $! || true
	git orch claim break --yes a >/dev/null 2>&1
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
	after=$(tip)
	run_orch next-phase
	exits 0
	says "a answered"
	says "answers 1 posted"
	[ "$(state '(t[0]["resolved"], len(t[0]["comments"]))')" = '(True, 2)' ]
	[ "$(tip)" = "$after" ]
}

@test "what people committed to the branch stays" {
	reviewed 'attempts: 3, paths: [\"*.md\"]' <<-'END'
		grep -q three a.txt || exit 1
		echo four >>a.txt
		echo '{"summary": "Four.", "decisions": [], "notes": [], "answers":
			[{"remark": 1, "text": "Four.", "changed": true}]}'
	END
	git fetch -q origin orch/small/a
	git worktree add -q ../hand FETCH_HEAD
	(
		cd ../hand
		echo three >a.txt
		git commit -qam 'by hand'
		git merge -q --no-edit main
		git push -q origin HEAD:orch/small/a
	)
	hand=$(tip)
	remark 'Add four.'
	run_orch revise a
	exits 0
	[ "$(at a.txt)" = "three
four" ]
	[ "$(git rev-parse FETCH_HEAD^)" = "$hand" ]
	[ "$(git log --format=%s main..FETCH_HEAD | tail -n +2 | head -1)" = 'by hand' ]
}

@test "a phase that is rejected, done or unknown is not revised" {
	reviewed 'attempts: 3' <<-'END'
		exit 1
	END
	remark 'Make it two.'
	curl -sf -o /dev/null -X PATCH -d '{"state": "closed"}' \
		"$FORGE_URL/repos/o/n/pulls/1"
	run_orch revise a
	exits 3
	warns "phase 'a' is rejected, not in review"
	run_orch next-phase
	exits 3
	run_orch revise b
	exits 128
	run_orch revise
	exits 129
}

@test "without a forge nothing is wanted but what is said" {
	agent 'attempts: 2' <<-'END'
		grep -q 'from a file' "$prompt" || exit 1
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": []}'
	END
	run_orch revise a -m 'too early'
	exits 3
	warns "phase 'a' is ready, not in review"
	git orch next-phase >/dev/null 2>&1
	run_orch revise a
	exits 3
	warns "nothing to revise in 'a'"
	warns "git orch revise a --message <text>"
	run_orch revise a -m '   '
	exits 129
	run_orch next-phase
	exits 3
	echo 'said from a file' >../said
	run_orch revise a --file ../said
	exits 0
	[ "$(git show orch/small/a:a.txt)" = two ]
	run_orch revise a -F - <<<'more from a file'
	exits 1
	warns "has had 2 attempts"
}

@test "a phase that a template does is not revised" {
	small_plan
	git orch next-phase a >/dev/null 2>&1
	run_orch revise a -m 'do it better'
	exits 3
	warns "is done by 'scaffold', which makes the same again"
}

@test "what was revised lands as what it is, not as a fix of itself" {
	agent 'attempts: 3' <<-'END'
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": []}'
	END
	git orch next-phase >/dev/null 2>&1
	git orch revise a --message 'make it two' >/dev/null 2>&1
	[ "$(result .notes)" = null ]
	[ "$(git show orch/small/a:.orch/plans/small/docs/phases/a.md |
		grep -c 'asked for')" = 0 ]
	run_orch integrate
	exits 0
	[ "$(git log -1 --format=%s -- a.txt)" = 'feat: Phase a' ]
	[ "$(cat a.txt)" = two ]
}

@test "what the base says of the phase by now is what is worked to" {
	agent 'attempts: 3' <<-'END'
		grep -q 'It is two' "$prompt" || exit 1
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": []}'
	END
	git orch next-phase >/dev/null 2>&1
	sed -i 's/^status:/acceptance: [It is two]\nstatus:/' \
		.orch/plans/small/phases/a.yaml
	commit 'another goal'
	run_orch revise a -m 'as it is wanted now'
	exits 0
	git show orch/small/a:.orch/plans/small/phases/a.yaml >../document
	grep -q 'acceptance: \[It is two\]' ../document
	grep -q 'status: done' ../document
	[ "$(result .spec)" = "$(git rev-parse main:.orch/plans/small/phases/a.yaml)" ]
	run_orch integrate
	exits 0
	[ "$(git show main:a.txt)" = two ]
	[ "$(status_of small a)" = "done" ]
}

@test "what is wanted is told to every attempt, beside what was wrong" {
	agent 'attempts: 3' <<-'END'
		if grep -q 'This was tried before' "$prompt"; then
			grep -q 'make it two' "$prompt" || exit 1
			echo two >a.txt
		else
			: >a.txt
		fi
		echo '{"summary": "Two.", "decisions": [], "notes": []}'
	END
	git orch next-phase >/dev/null 2>&1
	run_orch revise a -m 'make it two' --json
	exits 0
	json_fits revise
	[ "$(jq .attempts <<<"$output")" = 2 ]
	[ "$(result '[.attempts, .agents[0].calls]')" = '[3,3]' ]
	[ "$(git show orch/small/a:a.txt)" = two ]
	git show orch/small/a:.orch/plans/small/docs/phases/a.md |
		grep -q '^Two\.'
}

@test "killed while the agent works, the same is worked on again" {
	agent 'attempts: 3' <<-'END'
		sleep 1
		echo two >a.txt
		echo '{"summary": "Two.", "decisions": [], "notes": []}'
	END
	git orch next-phase >/dev/null 2>&1
	git-orch revise a -m 'make it two' >/dev/null 2>&1 3>&- &
	sleep 0.7
	kill -9 $!
	wait $! || true
	run_orch next-phase
	exits 0
	says "a revised (resumed): Phase a"
	says "make it two"
	[ "$(git show orch/small/a:a.txt)" = two ]
	[ -z "$(git for-each-ref refs/orch/claim)" ]
}
