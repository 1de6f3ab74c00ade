#!/usr/bin/env bats
# Conflicts that the agent of role git tries to resolve, which is a shell script
# here; tests/unit/test-resolve.c has one that calls tools.

load helper.bash

# resolver [<line of the configuration>...]: plan 'small' with a git agent that
# stdin is the script of; phase a is in review, and the base has another a.txt.
resolver() {
	mkdir -p "$HOME/bin"
	{
		echo '#!/bin/sh'
		cat
	} >"$HOME/bin/agent"
	chmod +x "$HOME/bin/agent"
	small_plan
	{
		echo 'version: 1'
		echo 'agents:'
		echo '  - name: resolver'
		echo '    role: git'
		echo '    worker: cli'
		echo '    model: wise'
		echo "    command: $HOME/bin/agent"
		printf '%s\n' "$@"
	} >.orch/config.yaml
	commit 'an agent for conflicts'
	git orch trust --yes >/dev/null 2>&1
	git orch next-phase a
	echo other >a.txt
	commit 'the same file'
	tip=$(git rev-parse main)
}

# left: phase a does not land, and nothing moved but its neighbour.
left() {
	exits 6
	says "conflict  a"
	says "both sides changed a.txt"
	[ "$(git show main:a.txt)" = other ]
	[ "$(git show orch/small/a:a.txt)" = "this is a" ]
	[ "$(status_of small a)" = in-review ]
	[ -z "$(git for-each-ref refs/orch/claim)" ]
	untouched
}

@test "a conflict is resolved on the merged files, and lands" {
	resolver <<-'END'
		cat >.prompt-was-here
		grep -q '^Stage: resolve$' .prompt-was-here || exit 1
		rm .prompt-was-here
		[ "$(sed -n 1p a.txt)" = '<<<<<<< base' ] || exit 1
		[ "$(sed -n '$p' a.txt)" = '>>>>>>> a' ] || exit 1
		printf 'other\nthis is a\n' >a.txt
		echo '{"summary": "Keeps both.", "decisions": [], "notes": []}'
	END
	run_orch integrate
	exits 0
	says "landed    a"
	[ "$(git show main:a.txt)" = "other
this is a" ]
	[ "$(status_of small a)" = "done" ]
	[ "$(git log -1 --format='%(trailers:key=Assisted-by,valueonly)' main |
		grep -c '^resolver:wise$')" = 1 ]
	[ "$(git rev-list --count "$tip..main" -- a.txt)" = 1 ]
	[ -z "$(git for-each-ref refs/orch refs/heads/orch)" ]
	untouched
}

@test "the trailer stands in a merge commit too, and in a squash of a rebase" {
	resolver 'delivery: {method: merge}' <<-'END'
		cat >/dev/null
		printf 'other\nthis is a\n' >a.txt
	END
	run_orch integrate
	exits 0
	[ "$(git log -1 --format=%s main)" = "Merge phase a of small: Phase a" ]
	git log -1 --format=%B main | grep '^Assisted-by: resolver:wise$'
	git orch next-phase b
	echo other >b.txt
	commit 'the other file'
	sed -i 's/a\.txt/b.txt/; s/this is a/this is b/' "$HOME/bin/agent"
	run_orch -c delivery.method=rebase integrate
	exits 0
	[ "$(git rev-list --parents -1 main | wc -w)" = 2 ]
	git log -1 --format=%B main | grep '^Assisted-by: resolver:wise$'
	[ "$(git show main:b.txt)" = "other
this is b" ]
}

@test "what has markers left goes to a person, with why: exit 6" {
	resolver <<-'END'
		cat >/dev/null
		echo more >>a.txt
	END
	git orch next-phase b
	run_orch integrate
	left
	says "'a.txt' still has conflict markers"
	says "landed    b"
	[ "$(git rev-list --count "$tip..main" -- b.txt)" = 1 ]
	[ "$(cat .git/orch/journal/*.jsonl |
		jq -r 'select(.type == "open" and .stage == "resolve") | .attempt' |
		xargs)" = '1 2' ]
}

@test "the second attempt is told what was wrong with the first" {
	resolver <<-'END'
		if grep -q "'a.txt' still has conflict markers"; then
			printf 'other\nthis is a\n' >a.txt
		else
			echo more >>a.txt
		fi
	END
	run_orch integrate
	exits 0
	says "landed    a"
}

@test "an agent that touches another file is refused: exit 6" {
	resolver <<-'END'
		cat >/dev/null
		printf 'other\nthis is a\n' >a.txt
		echo mine >README
	END
	run_orch integrate
	left
	says "'README' was changed and is not in conflict"
	[ "$(git rev-parse main)" = "$tip" ]
}

@test "a phase's own files and policy.always let it touch no more" {
	resolver 'policy: {always: [README], files: extend}' <<-'END'
		cat >/dev/null
		printf 'other\nthis is a\n' >a.txt
		echo mine >README
	END
	run_orch integrate
	left
	says "not in conflict"
}

@test "an agent that gives up leaves the conflict: exit 6" {
	resolver <<-'END'
		cat >/dev/null
		exit 1
	END
	run_orch integrate --json
	exits 6
	json_fits integrate
	[ "$(jq -r '.landings[0].end' <<<"$output")" = conflict ]
	jq -r '.landings[0].findings[0].message' <<<"$output" | grep 'not resolved'
}

@test "what is resolved and red on the checks does not land: exit 1" {
	resolver 'checks: [{name: t, run: "! grep -q wrong a.txt"}]' <<-'END'
		cat >/dev/null
		echo wrong >a.txt
	END
	run_orch integrate
	exits 1
	says "red       a"
	[ "$(git rev-parse main)" = "$tip" ]
}

@test "nobody is asked of a binary file" {
	resolver <<-'END'
		cat >/dev/null
		echo both >a.txt
	END
	printf 'a\0b' >a.txt
	commit 'a binary one'
	run_orch integrate
	exits 6
	says "both sides changed a.txt"
	run ! grep -r resolve .git/orch/journal
}

@test "a secret in what was resolved is refused" {
	local token
	token=ghp_$(printf 'a1B2c3D4e5%.0s' 1 2 3)F6g7H8
	resolver <<-END
		cat >/dev/null
		printf 'other\nthis is a\ntoken = "$token"\n' >a.txt
	END
	run_orch integrate
	left
	[[ "$output" != *"$token"* ]]
}

@test "restack gives a conflict to it as well, and checks what comes out" {
	resolver 'delivery: {stacking: true}' <<-'END'
		cat >/dev/null
		printf 'other\nthis is d\n' >d.txt
	END
	phase small d 'depends_on: [a]' 'files: {create: [d.txt]}'
	mkdir -p .orch/templates/small/files/d
	echo "this is d" >.orch/templates/small/files/d/d.txt
	git rm -q a.txt
	commit 'phase d'
	git orch trust --yes >/dev/null 2>&1
	git orch next-phase d
	git merge -q --squash orch/small/a >/dev/null
	echo other >d.txt
	commit 'squash a, and the same file'
	run_orch restack
	exits 0
	[ "$(git show orch/small/d:d.txt)" = "other
this is d" ]
	git log --format=%B main..orch/small/d | grep '^Assisted-by: resolver:wise$'
	git log -1 --format=%B orch/small/d | grep '^Orch-Evidence: '
	[ "$(status_of small d)" = in-review ]
	run_orch integrate
	exits 0
	[ "$(git show main:d.txt)" = "other
this is d" ]
	untouched
}
