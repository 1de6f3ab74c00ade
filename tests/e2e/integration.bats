#!/usr/bin/env bats
# Final integration: the readiness report of a plan whose phases have landed.
# shellcheck disable=SC2016,SC2034,SC2153

load helper.bash
load models.bash

REPORT=.orch/plans/small/docs/integration.md

# finished [<line of the configuration>...]: plan 'small' with all of it landed
# by `run --land`.
finished() {
	small_plan
	if [ $# -gt 0 ]; then
		{
			echo 'version: 1'
			printf '%s\n' "$@"
		} >.orch/config.yaml
		commit 'configuration'
		git orch trust --yes >/dev/null 2>&1
	fi
	run_orch run small --land
}

report() {
	git show "main:$REPORT"
}

reports() {
	git log --format=%s main -- "$REPORT" | wc -l
}

@test "a plan that is finished has a report on the base" {
	finished
	exits 0
	says "the plan is finished"
	says "$REPORT"
	report | grep '^Plan `small` is \*\*ready\*\*\.$'
	report | grep '^a small plan for a test$'
	report | grep '^Phase `c` is done\.$'
	report | grep -A2 '^## What is open$' | grep '^Nothing\.$'
	[ "$(git log -1 --format=%s main)" = "docs(small): integration report" ]
	[ "$(git show --format= --name-only main)" = "$REPORT" ]
	[ "$(git log -1 --format='%(trailers:key=Orch-Plan,valueonly)' main |
		xargs)" = small ]
	[ -f "$REPORT" ]
	untouched
	# No time, duration, cost or run.
	run ! grep -E '[0-9]{4}-[0-9]{2}|[0-9]+ s\b|usd|T[0-9]{6}Z' "$REPORT"
}

@test "integrate that lands the last phase reports, and no one before" {
	small_plan
	git orch run
	run_orch integrate
	exits 0
	[ "$(reports)" = 0 ]
	git orch next-phase c
	run_orch integrate --json
	exits 0
	json_fits integrate
	[ "$(jq -r .report.path <<<"$output")" = "$REPORT" ]
	[ "$(jq -r .report.ready <<<"$output")" = true ]
	[ "$(jq -r .report.commit <<<"$output")" = "$(git rev-parse main)" ]
	[ "$(jq -r .commit <<<"$output")" = "$(git rev-parse main)" ]
	[ "$(reports)" = 1 ]
}

@test "the same state has the same report, and no second commit" {
	finished
	tip=$(git rev-parse main)
	run_orch integrate --final small
	exits 0
	says "ready"
	says "(as it was)"
	[ "$(git rev-parse main)" = "$tip" ]
	run_orch integrate small
	exits 3
	# What a person has made of it stays.
	sed -i 's/^Nothing\.$/Nothing at all./' "$REPORT"
	commit 'by hand'
	run_orch integrate --final small
	exits 0
	report | grep 'Nothing at all'
	[ "$(reports)" = 2 ]
}

@test "delivery.report: false wants none; --final writes one all the same" {
	finished 'delivery: {report: false}'
	exits 0
	[ "$(reports)" = 0 ]
	run_orch integrate small
	exits 3
	run_orch integrate --final small
	exits 0
	[ "$(reports)" = 1 ]
}

@test "a plan that is not finished is not ready: exit 1" {
	small_plan
	git orch next-phase a
	git orch integrate
	git orch next-phase b
	sed -i 's/^status: planned/status: skipped\nreason: nobody wants it/' \
		.orch/plans/small/phases/c.yaml
	commit 'skip c'
	git branch -D -q orch/small/b
	run_orch integrate --final
	exits 1
	says "open"
	says "b: ready"
	says "c: skipped: nobody wants it"
	report | grep '^Plan `small` is \*\*not ready\*\*\.$'
	report | grep '^- b: ready$'
	report | grep '^Phase `c` is skipped: nobody wants it$'
	run_orch run small --land
	exits 0
	report | grep '^Plan `small` is \*\*ready\*\*\.$'
	[ "$(reports)" = 2 ]
	untouched
}

@test "checks that no phase asked for are run at the end, each of them" {
	finished \
		'checks:' \
		'- {name: first, run: "! test -f c.txt"}' \
		'- {name: second, run: "echo x >>'"$HOME"'/ran"}' \
		'policy: {sandbox: "off"}'
	# They are red for c, which does not land.
	[ "$(status_of small c)" != "done" ]
	for id in a b c; do
		sed -i 's/^status/checks: [second]\nstatus/' \
			".orch/plans/small/phases/$id.yaml"
	done
	commit 'only the second'
	git branch -D -q orch/small/c
	run_orch run small --land
	exits 1
	says "not ready"
	[ "$(status_of small c)" = "done" ]
	report | grep '^- `first`: failed$'
	report | grep '^- `second`: passed$'
	report | grep "^- check 'first' failed"
	[ "$(git log -1 --format=%s main)" = "docs(small): integration report" ]
	# Mended, and reported on anew.
	sed -i 's/! test -f c.txt/true/' .orch/config.yaml
	commit 'mend the check'
	git orch trust --yes >/dev/null 2>&1
	run_orch integrate --final small --json
	exits 0
	json_fits integrate
	[ "$(jq -r '[.report.checks[].exit] | add' <<<"$output")" = 0 ]
	report | grep '^Plan `small` is \*\*ready\*\*\.$'
}

@test "a source that was checked is not checked again" {
	finished "checks: [{name: t, run: 'echo x >>$HOME/ran'}]" \
		'policy: {sandbox: "off"}'
	exits 0
	ran=$(wc -l <"$HOME/ran")
	git orch integrate --final small
	sed -i 's/ready/done/' "$REPORT"
	commit 'by hand'
	git orch integrate --final small
	[ "$(wc -l <"$HOME/ran")" = "$ran" ]
}

# with_integrator <answer>: plan 'small' is finished, with an integrator.
with_integrator() {
	local script="python3 $BATS_TEST_DIRNAME/model.py $MODEL"
	mkdir -p "$MODEL"
	printf '%s\n' "$1" >"$MODEL/integration.json"
	finished 'providers:' \
		"- {name: i, driver: command, command: $script integrator}" \
		'agents:' \
		'- {name: chief, role: integrator, provider: i, model: owl}'
}

# words <ready> [<more phases>]: an answer of the integrator.
words() {
	cat <<-END
		{"phases": [{"phase": "a", "text": "It delivers a.txt."},
		{"phase": "b", "text": "It delivers b.txt."}$2],
		"seams": ["a.txt and b.txt differ in style: see <b>both</b>"],
		"summary": "Three files were asked for.\\n# Not a heading",
		"ready": $1}
	END
}
C=', {"phase": "c", "text": "It delivers c.txt."}'

@test "an integrator finds words for it" {
	with_integrator "$(words true "$C")"
	exits 0
	report | grep '^Plan `small` is \*\*ready\*\*\.$'
	report | grep 'Three files were asked for\.'
	run ! grep '^# Not' "$REPORT"
	report | grep '^It delivers c\.txt\.$'
	report | grep -A2 '^## What the integrator saw$' | grep 'differ in style'
	run ! grep -F '<b>' "$REPORT"
	[ "$(git log -1 --format='%(trailers:key=Assisted-by,valueonly)' main |
		xargs)" = chief:owl ]
	grep '"goal": "a small plan for a test"' "$MODEL"/asked/integration.1.*
	# Its words stay as long as the facts do, and nobody is asked again.
	run_orch integrate --final small
	exits 0
	[ "$(asked)" = integration.1.integrator ]
	[ "$(reports)" = 1 ]
	untouched
}

@test "an integrator cannot deny the facts" {
	with_integrator "$(words false "$C")"
	exits 0
	says "ready"
	report | grep '^Plan `small` is \*\*ready\*\*\.$'
	run ! grep 'Three files were asked for' "$REPORT"
	[ "$(git log -1 --format='%(trailers:key=Assisted-by,valueonly)' main |
		xargs)" = "" ]
	grep 'ready has to be true, as the facts say' "$MODEL"/asked/*
}

@test "an integrator that leaves a phase out is asked again" {
	words true '' >"$BATS_TEST_TMPDIR/first"
	mkdir -p "$MODEL"
	cp "$BATS_TEST_TMPDIR/first" "$MODEL/integration.1.json"
	with_integrator "$(words true "$C")"
	exits 0
	grep "phase 'c' is missing" "$MODEL"/asked/integration.2.*
	report | grep '^It delivers c\.txt\.$'
}

@test "killed while the integrator is asked, the next run reports" {
	mkdir -p "$MODEL"
	touch "$MODEL/integration.die"
	with_integrator "$(words true "$C")" || true
	[ "$(status_of small c)" = "done" ]
	[ "$(reports)" = 0 ]
	rm "$MODEL/integration.die"
	run_orch run small --land
	exits 0
	[ "$(reports)" = 1 ]
	report | grep 'Three files were asked for'
}

@test "with a remote the report is pushed, and no local branch moves" {
	small_plan
	git clone -q --bare . ../far.git
	git remote add origin ../far.git
	git fetch -q origin
	local=$(git rev-parse main)
	run_orch run small --land
	exits 0
	says "ready"
	[ "$(git rev-parse main)" = "$local" ]
	[ "$(git -C ../far.git log -1 --format=%s main)" = \
		"docs(small): integration report" ]
	[ ! -e "$REPORT" ]
	untouched
	# Another clone has nothing to add to it.
	git clone -q ../far.git ../other
	tip=$(git -C ../far.git rev-parse main)
	(cd ../other && git orch trust --yes && git orch integrate --final small)
	[ "$(git -C ../far.git rev-parse main)" = "$tip" ]
}

@test "a base that moves meanwhile is reported on as it is then" {
	small_plan
	{
		echo 'version: 1'
		echo 'policy: {sandbox: "off"}'
		echo 'checks:'
		echo "- {name: t, run: 'while [ -e $HOME/hold ]; do sleep 0.1; done; touch $HOME/began'}"
	} >.orch/config.yaml
	commit 'a check that waits'
	git orch trust --yes >/dev/null 2>&1
	git orch -c delivery.report=false run small --land
	[ "$(reports)" = 0 ]
	echo more >more.txt
	commit 'another source'
	touch "$HOME/hold"
	git orch integrate --final small >out 2>&1 3>&- &
	sleep 1
	echo meanwhile >meanwhile.txt
	git add meanwhile.txt
	git commit -qm 'meanwhile'
	rm "$HOME/hold"
	wait $!
	rm out
	[ "$(git log --format=%s -2)" = "docs(small): integration report
meanwhile" ]
	untouched
}

@test "where the base is protected the report becomes a pull request" {
	load forge
	FORGE_PROGRAM=github.py
	small_plan
	forge_start
	git orch -c delivery.report=false -c delivery.land=push \
		run small --land 3>&- >../out 2>&1 || {
		cat ../out
		false
	}
	[ "$(status_of small c)" = "done" ]
	cat >"$FORGE/git/o/n.git/hooks/pre-receive" <<-'END'
		#!/bin/sh
		! grep -q refs/heads/main
	END
	chmod +x "$FORGE/git/o/n.git/hooks/pre-receive"
	run_orch integrate --final small --json
	number=$(jq .report.pr.number <<<"$output")
	forge=$(jq -r ".pulls[] | select(.number == $number) | .title" \
		"$FORGE/state.json")
	pulls=$(jq '.pulls | length' "$FORGE/state.json")
	run_orch integrate --final small
	again=$(jq '.pulls | length' "$FORGE/state.json")
	forge_stop
	exits 0
	says "waits as #$number"
	[ "$forge" = "docs(small): integration report" ]
	[ "$pulls" = "$again" ]
	git -C "$FORGE/git/o/n.git" show "orch/report-small:$REPORT" |
		grep 'is \*\*ready\*\*'
}
