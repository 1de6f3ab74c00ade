# Landing on a forge, by push and by the forge itself; the GitHub is our own
# (tests/e2e/github.py), and merges for real.
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

# land_plan <settings>: the plan 'small' with a check that says what it has
# seen; delivery has these settings.  The forge has it.
land_plan() {
	small_plan
	{
		echo 'policy: {sandbox: off}'
		echo 'checks: [{name: t, run: "! grep -q bad *.txt"}]'
		echo "delivery: {$1}"
	} >>.orch/config.yaml
	commit 'settings'
	git orch trust --yes >/dev/null 2>&1
	forge_start
}

# state <python>: of what the forge keeps, s, printed.
state() {
	python3 -c "import json
s = json.load(open('$FORGE/state.json'))
p = s['pulls']
print($1)"
}

# ask <method> <path> <body>: a person's or a program's.
ask() {
	curl -sf -o /dev/null -X "$1" -d "$3" "$FORGE_URL/repos/o/n/$2"
}

# done_by <phase>...: they are in review.
done_by() {
	local id
	for id; do
		git orch next-phase "$id" >/dev/null 2>&1 || return
	done
}

on_base() {
	git fetch -q --prune origin
	git ls-tree --name-only origin/main | grep -v '^\.' | xargs
}

# Nothing is left of what has landed.
all_withdrawn() {
	[ -z "$(git ls-remote origin 'refs/heads/orch/*' 'refs/orch/*')" ]
}

ends() {
	state '[x["state"] + ("+" if x["merged_at"] else "") for x in p]'
}

@test "land: push moves the base once and closes the pull requests" {
	land_plan 'land: push'
	done_by a b
	run_orch integrate
	exits 0
	warns "guarantee: checked"
	[ "$(on_base)" = "README a.txt b.txt" ]
	all_withdrawn
	[ "$(ends)" = "['closed', 'closed']" ]
	tip=$(git rev-parse origin/main)
	below=$(git rev-parse origin/main^)
	[ "$(state '[(c["number"], c["body"]) for c in s["comments"]]')" = \
		"[(1, 'Landed on \`main\` as $below.'), (2, 'Landed on \`main\` as $tip.')]" ]
	run_orch integrate
	exits 3
	[ "$(state 'len(s["comments"])')" = 2 ]
	[ "$(status_of small a)" = "done" ]
}

@test "with method merge the forge sees for itself that it landed" {
	land_plan 'land: push, method: merge'
	done_by a b
	run_orch integrate
	exits 0
	[ "$(ends)" = "['closed+', 'closed+']" ]
	[ "$(grep -c 'PATCH.*pulls' "$FORGE/asked")" = 0 ]
}

@test "one that the forge never came to mark is closed by the next integrate" {
	land_plan 'land: push, method: merge'
	touch "$FORGE/late"
	done_by a b
	run_orch integrate
	exits 0
	all_withdrawn
	[ "$(ends)" = "['open', 'open']" ]
	run_orch integrate
	exits 3
	[ "$(ends)" = "['closed', 'closed']" ]
	[ "$(state 'len(s["comments"])')" = 2 ]
}

@test "land: api has the forge merge, and leaves nothing behind" {
	land_plan 'method: squash'
	done_by a b
	run_orch integrate --json
	exits 0
	json_fits integrate
	says '"guarantee": "compared"'
	[ "$(on_base)" = "README a.txt b.txt" ]
	all_withdrawn
	[ "$(ends)" = "['closed+', 'closed+']" ]
	[ "$(git log --format='%(trailers:key=Orch-Phase,valueonly)' origin/main |
		grep . | xargs)" = "b a" ]
	[[ $output == *"$(git rev-parse origin/main)"* ]]
	[[ $output == *"$(git rev-parse origin/main^)"* ]]
	[ "$(status_of small b)" = "done" ]
	run_orch run --land
	exits 0
	[ "$(on_base)" = "README a.txt b.txt c.txt" ]
	all_withdrawn
}

@test "merge and rebase are the forge's, too" {
	land_plan "land: api, method: merge"
	done_by a b
	run_orch integrate
	exits 0
	[ "$(on_base)" = "README a.txt b.txt" ]
	[ "$(ends)" = "['closed+', 'closed+']" ]
	[ "$(git rev-list --count --merges origin/main)" = 2 ]
	all_withdrawn
	sed -i 's/method: merge/method: rebase/' .orch/config.yaml
	git pull -q --rebase=false origin main
	commit 'rebase'
	git push -q origin main
	git orch trust --yes >/dev/null 2>&1
	run_orch run --land
	exits 0
	[ "$(on_base)" = "README a.txt b.txt c.txt" ]
	[ "$(git rev-list --count --merges origin/main)" = 2 ]
}

# meanwhile <file> <text>: somebody pushes that to the base, between the check
# and the merge of the next one.
meanwhile() {
	cat >"$FORGE/meanwhile" <<-END
		#!/bin/sh
		exec >/dev/null 2>&1
		rm -rf "$FORGE/somebody"
		git clone -q "$FORGE/git/o/n.git" "$FORGE/somebody" &&
			cd "$FORGE/somebody" && echo "$2" >"$1" && git add -A &&
			git commit -qm 'somebody was here' && git push -q origin main
	END
	chmod +x "$FORGE/meanwhile"
}

@test "land: api sees a base that was moved before the merge, every time" {
	local n=10 k seen=0
	[ "${ORCH_LOOPS:-}" = all ] && n=100
	land_plan 'land: api'
	for k in $(seq "$n"); do
		phase small "p$k" "files: {create: [p$k.txt]}"
		mkdir -p ".orch/templates/small/files/p$k"
		echo "this is p$k" >".orch/templates/small/files/p$k/p$k.txt"
	done
	commit 'many phases'
	git push -q origin main
	git orch trust --yes >/dev/null 2>&1
	for k in $(seq "$n"); do
		done_by "p$k"
		meanwhile "m$k.txt" "$([ $((k % 3)) = 0 ] && echo bad)"
		run_orch integrate
		echo "$k: $status $output $stderr"
		[ -e "$FORGE/meanwhile.done" ]
		git fetch -q --prune origin
		git cat-file -e "origin/main:p$k.txt"
		git cat-file -e "origin/main:m$k.txt"
		if [ $((k % 3)) = 0 ]; then
			[ "$status" = 1 ] && says 'spoilt' &&
				warns "'main' was moved before 'p$k' was merged"
		else
			[ "$status" = 0 ] && says "landed    p$k" &&
				grep -q "the base was moved before" .git/orch/log/*
		fi && seen=$((seen + 1))
		rm -rf .git/orch/log
		# It is mended.
		if [ $((k % 3)) = 0 ]; then
			(cd "$FORGE/somebody" && git pull -q &&
				git rm -q "m$k.txt" && git commit -qm mended &&
				git push -q)
		fi
		all_withdrawn
	done
	echo "$seen/$n"
	[ "$seen" = "$n" ]
}

@test "red after the merge stops the queue, and those behind it stay" {
	land_plan 'land: api'
	done_by a b
	meanwhile m.txt bad
	run_orch integrate
	exits 1
	says "spoilt    a"
	[[ $output != *' b '* ]]
	[ "$(on_base)" = "README a.txt m.txt" ]
	[ "$(status_of small b)" = in-review ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
	# What is on the base was red; so is what lands on it.
	run_orch integrate
	exits 1
	says "red       b"
}

@test "those behind it are checked on what somebody made of the base" {
	land_plan 'land: api'
	done_by a b
	meanwhile m.txt good
	run_orch integrate
	exits 0
	[ "$(on_base)" = "README a.txt b.txt m.txt" ]
	[ "$(ends)" = "['closed+', 'closed+']" ]
}

@test "a document that git cannot merge is merged on the branch first" {
	land_plan 'land: api'
	done_by a
	# On the base a line comes in beside one that the branch changed.
	sed -i 's/^status:/priority: 2\n&/' .orch/plans/small/phases/a.yaml
	commit 'another priority'
	git push -q origin main
	git orch trust --yes >/dev/null 2>&1
	tip=$(git ls-remote origin refs/heads/orch/small/a | cut -f1)
	git fetch -q
	run git merge-tree --write-tree origin/main "$tip"
	[ "$status" -eq 1 ]
	run_orch integrate
	exits 0
	[ "$(ends)" = "['closed+']" ]
	git fetch -q
	git show origin/main:.orch/plans/small/phases/a.yaml |
		grep -q 'priority: 2'
	git show origin/main:.orch/plans/small/phases/a.yaml | grep -q 'status: done'
	all_withdrawn
}

@test "what is not approved waits, and its neighbours land" {
	land_plan 'land: api'
	echo '[{"type": "pull_request", "parameters":
		{"required_approving_review_count": 1}}]' >"$FORGE/rules"
	done_by a b
	run_orch integrate
	exits 3
	says "waiting"
	says "waiting for approval: #1 has 0 of 1"
	ask POST pulls/2/reviews \
		'{"body": "", "login": "ada", "state": "APPROVED"}'
	run_orch integrate
	exits 0
	says "landed    b"
	says "waiting   a"
	[ "$(on_base)" = "README b.txt" ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
	run_orch run --land
	exits 3
	says "waiting for approval: #1 has 0 of 1"
}

@test "where nothing is protected nobody has to approve, but may object" {
	land_plan 'land: push'
	done_by a b
	ask POST pulls/1/reviews '{"body": "no", "login": "ada"}'
	run_orch integrate --json
	exits 0
	json_fits integrate
	[ "$(on_base)" = "README b.txt" ]
	says "changes are wanted on #1"
	ask POST pulls/1/reviews \
		'{"body": "", "login": "ada", "state": "APPROVED"}'
	run_orch integrate
	exits 0
	[ "$(on_base)" = "README a.txt b.txt" ]
}

@test "the checks that the base asks for have to be green" {
	land_plan 'land: push'
	echo '[{"type": "required_status_checks", "parameters":
		{"required_status_checks": [{"context": "ci"},
		{"context": "git-orch/paths"}]}}]' >"$FORGE/rules"
	done_by a
	run_orch integrate
	exits 3
	says "waiting for check 'ci'"
	[[ $output != *git-orch/paths* ]]
	tip=$(git rev-parse origin/orch/small/a)
	ask POST check-runs '{"login": "ci", "name": "ci", "head_sha": "'"$tip"'",
		"conclusion": "failure", "output": {"summary": "no"}}'
	run_orch integrate
	exits 3
	says "waiting for check 'ci', which is red"
	ask POST check-runs '{"login": "ci", "name": "ci", "head_sha": "'"$tip"'",
		"conclusion": "success", "output": {"summary": "yes"}}'
	run_orch integrate
	exits 0
	[ "$(on_base)" = "README a.txt" ]
}

@test "a merge that the forge refuses is told, and its neighbours land" {
	land_plan 'land: api'
	done_by a b
	echo 'At least one review is missing' >"$FORGE/unwilling"
	cat >"$FORGE/meanwhile" <<-END
		#!/bin/sh
		(sleep 0.2; rm "$FORGE/unwilling") >/dev/null 2>&1 &
	END
	chmod +x "$FORGE/meanwhile"
	run_orch integrate
	exits 4
	says "refused   a"
	says "At least one review is missing"
	says "landed    b"
	[ "$(on_base)" = "README b.txt" ]
	run_orch integrate
	exits 0
	[ "$(on_base)" = "README a.txt b.txt" ]
}

@test "a head that was moved before the merge is looked at anew" {
	land_plan 'land: api'
	done_by a
	cat >"$FORGE/meanwhile" <<-END
		#!/bin/sh
		exec >/dev/null 2>&1
		git clone -q -b orch/small/a "$FORGE/git/o/n.git" "$FORGE/somebody" &&
			cd "$FORGE/somebody" && echo more >>a.txt &&
			git commit -qam 'one more line' && git push -q
	END
	chmod +x "$FORGE/meanwhile"
	run_orch integrate
	exits 0
	says "landed    a"
	[ "$(on_base)" = "README a.txt" ]
	[ "$(git show origin/main:a.txt | tail -1)" = more ]
	all_withdrawn
}

@test "without a pull request the forge has nothing to merge" {
	land_plan 'land: api'
	git orch next-phase a --no-pr >/dev/null 2>&1
	run_orch integrate
	exits 3
	says "it has no pull request"
	says "git orch next-phase a opens it"
	done_by a
	run_orch integrate
	exits 0
}

@test "the forge's own merge queue gets what was checked" {
	land_plan 'land: api'
	echo '[{"type": "merge_queue"}]' >"$FORGE/rules"
	done_by a b
	base=$(git ls-remote origin refs/heads/main)
	run_orch integrate --json
	exits 0
	json_fits integrate
	says '"end": "queued"'
	[ "$(state 's["queue"]')" = "['N1', 'N2']" ]
	[ "$(git ls-remote origin refs/heads/main)" = "$base" ]
	[ -z "$(git ls-remote origin 'refs/orch/claim/*')" ]
	# Its turn has come.
	tip=$(git rev-parse origin/orch/small/a)
	ask PUT pulls/1/merge \
		'{"sha": "'"$tip"'", "merge_method": "squash", "commit_title": "a"}'
	run_orch integrate
	exits 0
	says "queued    b"
	[ "$(status_of small a)" = "done" ]
	[ -z "$(git ls-remote origin refs/heads/orch/small/a)" ]
	[ -n "$(git ls-remote origin refs/heads/orch/small/b)" ]
}

@test "what a person merged is withdrawn, and what stood on it goes along" {
	land_plan 'stacking: true'
	phase small d 'depends_on: [a]' 'files: {create: [d.txt]}'
	mkdir -p .orch/templates/small/files/d
	echo 'this is d' >.orch/templates/small/files/d/d.txt
	commit 'phase d'
	git push -q origin main
	git orch trust --yes >/dev/null 2>&1
	done_by a d
	[ "$(state '(p[1]["base"]["ref"], p[1]["draft"])')" = \
		"('orch/small/a', True)" ]
	tip=$(git rev-parse origin/orch/small/a)
	ask PUT pulls/1/merge \
		'{"sha": "'"$tip"'", "merge_method": "squash", "commit_title": "a"}'
	run_orch integrate
	exits 0
	[ "$(on_base)" = "README a.txt d.txt" ]
	[ "$(state '(p[1]["base"]["ref"], p[1]["draft"])')" = \
		"('main', False)" ]
	[ "$(ends)" = "['closed+', 'closed+']" ]
	all_withdrawn
}

# killed_at <file>: integrate is killed where the forge stops answering.
killed_at() {
	local tries=0
	touch "$FORGE/$1"
	git-orch integrate >/dev/null 2>&1 3>&- &
	KILLED=$!
	until [ -e "$FORGE/hangs" ]; do
		sleep 0.05
		[ $((tries += 1)) -lt 400 ] || return
	done
	kill -KILL "$KILLED"
	wait "$KILLED" || true
}

@test "killed between merge and withdrawal, the next integrate withdraws" {
	land_plan 'land: api'
	done_by a b
	killed_at unmerged
	[ "$(on_base)" = "README a.txt" ]
	[ -n "$(git ls-remote origin refs/heads/orch/small/a)" ]
	run_orch integrate
	exits 0
	says "landed    b"
	[ "$(on_base)" = "README a.txt b.txt" ]
	[ "$(ends)" = "['closed+', 'closed+']" ]
	all_withdrawn
}

@test "killed before it was said where it landed, the next integrate does" {
	land_plan 'land: push'
	done_by a b
	killed_at unsettled
	[ "$(on_base)" = "README a.txt b.txt" ]
	[ "$(ends)" = "['open', 'open']" ]
	run_orch integrate
	exits 3
	[ "$(ends)" = "['closed', 'closed']" ]
	[ "$(state '[c["number"] for c in s["comments"]]')" = "[1, 2]" ]
	all_withdrawn
}
