# Phases as pull requests, on a small GitHub of our own (tests/e2e/github.py).
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154

load helper

setup() {
	sandbox
	load forge
	FORGE_PROGRAM=github.py
}

teardown() {
	forge_stop
}

# The plan 'small' on a forge.
small_forge() {
	small_plan
	forge_start
}

# on_top <phase> <on>: one more phase, on the base.
on_top() {
	phase small "$1" "depends_on: [$2]" "files: {create: [$1.txt]}"
	mkdir -p ".orch/templates/small/files/$1"
	echo "this is $1" >".orch/templates/small/files/$1/$1.txt"
	commit "phase $1"
	git orch trust --yes >/dev/null 2>&1
}

# pulls <python>: of the list p, printed.
pulls() {
	python3 -c "import json, sys
p = json.load(open('$FORGE/state.json'))['pulls']
s = json.load(open('$FORGE/state.json'))['statuses']
print($1)"
}

# A person closes or merges it.
patch() {
	curl -sf -o /dev/null -X PATCH -d "$2" "$FORGE_URL/repos/o/n/pulls/$1"
}

# until_hung: the forge has the request and answers nothing.
until_hung() {
	local tries=0
	until [ -e "$FORGE/hangs" ]; do
		sleep 0.05
		[ $((tries += 1)) -lt 400 ] || return
	done
}

# killed_at <when>: next-phase a is killed there; the forge is quick again.
killed_at() {
	touch "$FORGE/$1"
	git-orch next-phase a >/dev/null 2>&1 3>&- &
	until_hung
	kill -9 $!
	wait $! || true
}

@test "a phase that is done is a pull request" {
	small_forge
	run_orch next-phase a
	exits 0
	says "pr      #1 https://forge.example/o/n/pull/1"
	[ "$(pulls '[(x["title"], x["head"]["ref"], x["base"]["ref"], x["draft"])
		for x in p]')" = "[('feat: Phase a', 'orch/small/a', 'main', False)]" ]
	[[ $(pulls 'p[0]["body"]') == *'- create `a.txt`'* ]]
	[ "$(pulls '[(x["context"], x["state"], x["description"]) for x in s]')" \
		= "[('git-orch/paths', 'success', '1 file')]" ]
	[ "$(pulls 's[0]["sha"] == p[0]["head"]["sha"]')" = True ]
	run_orch status
	says "#1 is open: https://forge.example/o/n/pull/1"
	untouched
}

@test "its number stands in every reply for programs" {
	small_forge
	run_orch next-phase a --json
	exits 0
	json_fits next-phase
	says '"number": 1'
	run_orch run --json
	exits 0
	json_fits run
	says '"url": "https://forge.example/o/n/pull/2"'
	run_orch status --json
	json_fits status
	says '"state": "open"'
	run_orch run
	exits 3
}

@test "a phase on top of another is a draft against its branch" {
	small_plan
	on_top d a
	forge_start
	export ORCH_DELIVERY_STACKING=true
	git orch next-phase a >/dev/null 2>&1
	run_orch next-phase d
	exits 0
	says "pr      #2 (draft) https://forge.example/o/n/pull/2"
	[ "$(pulls '(p[1]["base"]["ref"], p[1]["draft"])')" = \
		"('orch/small/a', True)" ]
	[[ $(pulls 'p[1]["body"]') == *'Stacked on `orch/small/a`'* ]]
	run_orch status
	says "#2 is a draft"
	patch 1 '{"state": "closed"}'
	on_top e d
	git push -q origin main
	git orch trust --yes >/dev/null 2>&1
	run_orch next-phase e
	exits 3
	[ "$(status_of small a)" = rejected ]
}

@test "where there are no drafts it is an open one" {
	small_plan
	on_top d a
	forge_start
	touch "$FORGE/private"
	export ORCH_DELIVERY_STACKING=true
	git orch next-phase a >/dev/null 2>&1
	run_orch next-phase d
	exits 0
	[ "$(pulls '(p[1]["base"]["ref"], p[1]["draft"])')" = \
		"('orch/small/a', False)" ]
}

@test "labels, reviewers and assignees are those of the configuration" {
	small_plan
	echo 'delivery: {labels: [orch, small], reviewers: [ada], assignees: [bob]}' \
		>>.orch/config.yaml
	commit 'labels'
	git orch trust --yes >/dev/null 2>&1
	forge_start
	run_orch next-phase a
	exits 0
	[ "$(pulls '[[n["name"] for n in p[0]["labels"]],
		p[0]["requested_reviewers"], p[0]["assignees"]]')" = \
		"[['orch', 'small'], [{'login': 'ada'}], [{'login': 'bob'}]]" ]
}

@test "--no-pr proposes nothing, and naming the phase does later" {
	small_forge
	run_orch next-phase a --no-pr
	exits 0
	[ "$(pulls 'len(p)')" = 0 ]
	[ "$(status_of small a)" = in-review ]
	run_orch next-phase a --no-pr
	exits 3
	run_orch next-phase a
	exits 0
	says "a done"
	says "#1"
	run_orch next-phase a
	exits 3
	[ "$(pulls 'len(p)')" = 1 ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
}

@test "a token that may not mark commits proposes all the same" {
	small_forge
	touch "$FORGE/unmarked"
	run_orch next-phase a
	exits 0
	says "#1"
	[ "$(pulls 'len(s)')" = 0 ]
	grep -q 'Resource not accessible' .git/orch/log/*
}

@test "what --no-push kept is pushed and proposed by naming it" {
	small_forge
	run_orch next-phase a --no-push
	exits 0
	[ -z "$(git ls-remote origin 'refs/heads/orch/*')" ]
	run_orch status
	says "only this clone has it: this pushes it"
	kept=$(git rev-parse orch/small/a)
	run_orch next-phase a --no-push
	exits 3
	run_orch next-phase a
	exits 0
	[ "$(git ls-remote origin refs/heads/orch/small/a)" = \
		"$kept	refs/heads/orch/small/a" ]
	[ "$(pulls 'p[0]["head"]["sha"]')" = "$kept" ]
	[ -z "$(git for-each-ref refs/heads/orch refs/orch/base)" ]
	run_orch status
	[[ $output != *'not pushed'* ]]
}

@test "killed before the request was made, the next call makes it" {
	small_forge
	killed_at before
	[ "$(pulls 'len(p)')" = 0 ]
	tip=$(git ls-remote origin refs/heads/orch/small/a)
	run_orch next-phase
	exits 0
	says "a done (resumed)"
	[ "$(pulls '[x["head"]["ref"] for x in p]')" = "['orch/small/a']" ]
	[ "$(git ls-remote origin refs/heads/orch/small/a)" = "$tip" ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
}

@test "killed before the answer came, the next call finds the request" {
	small_forge
	killed_at after
	[ "$(pulls 'len(p)')" = 1 ]
	run_orch next-phase
	exits 0
	says "a done (resumed)"
	says "#1"
	[ "$(pulls 'len(p)')" = 1 ]
}

@test "one that was closed after the kill is not made again" {
	small_forge
	killed_at after
	patch 1 '{"state": "closed"}'
	run_orch next-phase
	exits 0
	[ "$(pulls 'len(p)')" = 1 ]
	[ "$(status_of small a)" = rejected ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
}

@test "one that has landed after the kill is not made again" {
	small_forge
	killed_at after
	patch 1 '{"state": "closed"}'
	git fetch -q origin
	git merge -q --squash origin/orch/small/a
	git commit -qm 'squashed by a person'
	git push -q origin main
	run_orch next-phase b
	exits 0
	run_orch next-phase a
	[ "$(pulls '[x["head"]["ref"] for x in p]')" = \
		"['orch/small/a', 'orch/small/b']" ]
	[ "$(status_of small a)" = done ]
}

@test "another machine goes on where a dead one stopped" {
	small_forge
	killed_at before
	git clone -q "$(git remote get-url origin)" ../other
	cd ../other
	git orch trust --yes >/dev/null 2>&1
	export ORCH_DELIVERY_LEASE=1
	run_orch next-phase a
	exits 0
	says "a done (resumed)"
	[ "$(pulls '[x["head"]["ref"] for x in p]')" = "['orch/small/a']" ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
}

@test "a forge that is down is for later, and the work is not done again" {
	small_forge
	touch "$FORGE/busy"
	run_orch next-phase a
	exits 75
	warns "cannot find the pull request of 'orch/small/a'"
	warns "a: pushed, and not proposed"
	tip=$(git ls-remote origin refs/heads/orch/small/a)
	[ -n "$tip" ]
	run_orch next-phase
	exits 75
	rm "$FORGE/busy"
	run_orch next-phase
	exits 0
	says "a done (resumed)"
	[ "$(pulls 'len(p)')" = 1 ]
	[ "$(git ls-remote origin refs/heads/orch/small/a)" = "$tip" ]
}

@test "a request that exists, says the forge, is the one" {
	small_forge
	killed_at before
	curl -sf -o /dev/null -d '{"title": "mine", "body": "", "base": "main",
		"head": "orch/small/a"}' "$FORGE_URL/repos/o/n/pulls"
	touch "$FORGE/unseen"
	run_orch next-phase
	exits 0
	[ ! -e "$FORGE/unseen" ]
	says "#1"
	[ "$(pulls '[x["title"] for x in p]')" = "['feat: Phase a']" ]
}

@test "a request that a person closes is a rejection" {
	small_forge
	git orch next-phase a >/dev/null 2>&1
	patch 1 '{"state": "closed"}'
	[ "$(status_of small a)" = in-review ]
	run_orch status --fetch
	exits 0
	says "its pull request #1 was closed"
	[ "$(status_of small a)" = rejected ]
	run_orch next-phase a
	exits 0
	says "#2"
	[ "$(status_of small a)" = in-review ]
}

@test "what a person has closed does not land" {
	small_forge
	git orch next-phase a >/dev/null 2>&1
	patch 1 '{"state": "closed"}'
	base=$(git ls-remote origin refs/heads/main)
	run_orch integrate
	exits 3
	[ "$(git ls-remote origin refs/heads/main)" = "$base" ]
	patch 1 '{"state": "open"}'
	touch "$FORGE/busy"
	run_orch integrate
	exits 75
	[ "$(git ls-remote origin refs/heads/main)" = "$base" ]
	rm "$FORGE/busy"
	run_orch integrate
	exits 0
	says "landed"
	[ "$(status_of small a)" = done ]
}

@test "one that is opened again is in review again" {
	small_forge
	git orch next-phase a >/dev/null 2>&1
	patch 1 '{"state": "closed"}'
	git orch status --fetch >/dev/null
	patch 1 '{"state": "open"}'
	run_orch next-phase a
	exits 3
	warns "phase 'a' is in review"
}

@test "the kept answers may be deleted, or be damaged" {
	small_forge
	git orch next-phase a >/dev/null 2>&1
	echo '{"version": 1, "pulls": [{}]}' >.git/orch/index/pulls.json
	[ "$(status_of small a)" = in-review ]
	run_orch status --fetch
	says "#1 is open"
	rm .git/orch/index/pulls.json
	run_orch status
	exits 0
	[ "$(status_of small a)" = in-review ]
}

@test "work that failed is not proposed" {
	small_plan
	echo 'checks: [{name: t, run: "false"}]' >>.orch/config.yaml
	commit 'a check'
	git orch trust --yes >/dev/null 2>&1
	forge_start
	run_orch next-phase a
	exits 1
	[ "$(pulls 'len(p)')" = 0 ]
	[ ! -e "$FORGE/asked" ]
}

@test "a forge that refuses gives the phase free" {
	small_forge
	export ORCH_DELIVERY_API=$FORGE_URL/elsewhere
	run_orch next-phase a
	[ "$status" -ne 0 ]
	[ "$status" -ne 75 ]
	warns "a: pushed, and not proposed; git orch next-phase a goes on there"
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
	export ORCH_DELIVERY_API=$FORGE_URL
	run_orch next-phase b
	exits 0
	run_orch next-phase a
	exits 0
	[ "$(pulls '[x["head"]["ref"] for x in p]')" = \
		"['orch/small/b', 'orch/small/a']" ]
}

@test "a GitHub that others wrote has one request for each phase" {
	small_plan
	emulate_start n
	emulate_serve n
	run_orch next-phase a
	run_orch next-phase a --json
	[ "$status" -eq 3 ]
	run_orch run --jobs 2
	list=$(curl -sf "$FORGE_URL/repos/admin/n/pulls" |
		python3 -c 'import json, sys
print(sorted((p["head"]["ref"], p["base"]["ref"], p["draft"])
	for p in json.load(sys.stdin)))')
	shas=$(curl -sf "$FORGE_URL/repos/admin/n/pulls" | python3 -c 'import json, sys
print(*sorted(p["head"]["sha"] for p in json.load(sys.stdin)))')
	refs=$(git ls-remote origin 'refs/heads/orch/*' | cut -f1 | sort | xargs)
	run_orch status --fetch
	emulate_stop
	exits 0
	says "/pull/1"
	says "/pull/2"
	[ "$list" = "[('orch/small/a', 'main', False), ('orch/small/b', 'main', False)]" ]
	[ "$shas" = "$refs" ]
}

# A forge on which phase a fails, until it is mended.
failing_forge() {
	small_plan
	echo 'checks: [{name: t, run: "! grep -q bad *.txt"}]' >>.orch/config.yaml
	echo bad >.orch/templates/small/files/a/a.txt
	commit 'a check'
	git orch trust --yes >/dev/null 2>&1
	forge_start
}

mended() {
	echo good >.orch/templates/small/files/a/a.txt
	commit 'mended'
	git push -q origin main
	git orch trust --yes >/dev/null 2>&1
}

# Nothing of a is left in this clone but what the remote has.
all_is_there() {
	[ -z "$(git for-each-ref refs/heads/orch refs/orch/base)" ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
	[ "$(pulls '[x["head"]["sha"] for x in p]')" = \
		"['$(git rev-parse origin/orch/small/a)']" ]
}

@test "what failed and was kept is started again, and pushed" {
	failing_forge
	run_orch next-phase a --no-push
	exits 1
	git show-ref -q orch/small/a
	mended
	run_orch next-phase a
	exits 0
	all_is_there
}

@test "what failed on the remote is started again here, and pushed later" {
	failing_forge
	run_orch next-phase a
	exits 1
	mended
	run_orch next-phase a --no-push
	exits 0
	kept=$(git rev-parse refs/heads/orch/small/a)
	[ "$(git rev-parse origin/orch/small/a)" != "$kept" ]
	run_orch next-phase a
	exits 0
	[ "$(git rev-parse origin/orch/small/a)" = "$kept" ]
	all_is_there
}

# The base of the forge takes no pushes.
protect_base() {
	cat >"$FORGE/git/o/n.git/hooks/pre-receive" <<-'END'
		#!/bin/sh
		while read -r old new ref; do
			[ "$ref" != refs/heads/main ] && continue
			echo "GH006: Protected branch update failed for $ref."
			exit 1
		done
	END
	chmod +x "$FORGE/git/o/n.git/hooks/pre-receive"
}

# A draft on the forge, whose base takes no pushes.
protected_draft() {
	project
	template_small
	commit 'template'
	git orch trust --yes >/dev/null 2>&1
	forge_start
	git orch plan --template small >/dev/null 2>&1
	protect_base
}

@test "approve opens the plan's pull request where the base is protected" {
	protected_draft
	base=$(git ls-remote origin refs/heads/main)
	run_orch approve
	exits 0
	says "main is protected: the plan is approved when #1 is merged"
	says "https://forge.example/o/n/pull/1"
	run_orch approve --json
	exits 0
	json_fits approve
	says '"number": 1'
	says '"landed": false'
	[ "$(pulls '[(x["title"], x["head"]["ref"]) for x in p]')" = \
		"[('Plan: Plan small', 'orch/small/plan')]" ]
	[[ $(pulls 'p[0]["body"]') == *'| c | Phase c | a, b |'* ]]
	[ "$(git ls-remote origin refs/heads/main)" = "$base" ]
}

@test "without a forge approve says who can open it" {
	protected_draft
	ORCH_DELIVERY_FORGE=local run_orch approve
	exits 4
	warns "open a pull request of orch/small/plan by hand"
}
