#!/usr/bin/env bats
# Phases by a coding agent that is a shell script here; those that others wrote
# are in agents-cli.bats.

load helper.bash

# agent <policy> [<line of the agent's row>...]: a project whose phase a is done
# by ~/bin/agent, which a test writes to stdin.
agent() {
	local policy=$1 line
	shift
	mkdir -p "$HOME/bin"
	{
		echo '#!/bin/sh'
		cat
	} >"$HOME/bin/agent"
	chmod +x "$HOME/bin/agent"
	project
	{
		echo 'version: 1'
		echo "policy: {$policy}"
		echo 'checks: [{name: there, run: test -s a.txt}]'
		echo 'agents:'
		echo '  - name: coder'
		echo '    role: developer'
		echo '    worker: cli'
		echo "    command: $HOME/bin/agent"
		for line in "$@"; do
			echo "    $line"
		done
	} >.orch/config.yaml
	mkdir -p .orch/plans/small/phases
	printf '%s\n' 'version: 1' 'id: small' 'title: Small' \
		'goal: a file' >.orch/plans/small/plan.yaml
	printf '%s\n' 'version: 1' 'id: a' 'title: Phase a' 'agent: coder' \
		'files: {create: [a.txt]}' 'status: planned' \
		>.orch/plans/small/phases/a.yaml
	commit 'plan small'
	git orch trust --yes >/dev/null 2>&1
}

# lines <type>: how many of them the journals have.
lines() {
	cat .git/orch/journal/*.jsonl | jq -c "select(.type == \"$1\")" | wc -l
}

until_there() {
	local i
	for ((i = 0; i < 200; i++)); do
		[ -e "$1" ] && return
		sleep 0.05
	done
	return 1
}

@test "an agent's files are the phase's commit" {
	agent 'sandbox: auto' <<-'END'
		grep -q 'Do this phase' || exit 1
		echo made >a.txt
		echo '{"summary": "Makes a.", "decisions": ["No b."], "notes": []}'
	END
	run_orch next-phase
	exits 0
	[ "$(git diff --name-only main orch/small/a -- ':!.orch')" = a.txt ]
	[ "$(git show orch/small/a:a.txt)" = made ]
	git show orch/small/a:.orch/plans/small/phases/a.yaml | grep 'No b\.'
	untouched
}

@test "what a gate refused is told to the next attempt, on its files" {
	agent 'sandbox: auto, attempts: 2, files: strict' <<-'END'
		cat >"$HOME/prompt"
		if grep -q "'b.txt' is not among the files" "$HOME/prompt"; then
			rm b.txt
		else
			echo made >a.txt
			echo more >b.txt
		fi
	END
	run_orch next-phase
	exits 0
	[ "$(git diff --name-only main orch/small/a -- ':!.orch')" = a.txt ]
	[ "$(lines closed)" = 2 ]
}

@test "paths beyond the declared ones are listed as asked for" {
	agent 'sandbox: auto' <<-'END'
		cat >/dev/null
		echo 1 >a.txt
		echo 1 >b.txt
	END
	run_orch next-phase
	exits 0
	git orch show small/a --json >/dev/null
	git show orch/small/a:.orch/plans/small/phases/a.yaml |
		grep -A3 'path: b.txt' | grep 'declared: false'
}

@test "a key that an agent was handed and says is kept nowhere" {
	export MY_TOKEN=handed-to-this-agent
	agent 'sandbox: auto, attempts: 2' 'env: [MY_TOKEN]' <<-'END'
		cat >"$HOME/prompt"
		echo "I know $MY_TOKEN" >&2
		echo "{\"summary\": \"Made.\", \"decisions\": [\"It is $MY_TOKEN.\"], \"notes\": []}"
		if grep -q 'a key that is in use' "$HOME/prompt"; then
			echo made >a.txt
		else
			echo "$MY_TOKEN" >a.txt
		fi
	END
	run_orch next-phase
	exits 0
	[[ "$output$stderr" != *"$MY_TOKEN"* ]]
	[ "$(git show orch/small/a:a.txt)" = made ]
	[ "$(lines closed)" = 2 ]
	grep -rqF 'It is [redacted:known].' .git/orch
	run ! grep -rqF "$MY_TOKEN" .git/orch
	[ -z "$(git log -S "$MY_TOKEN" --format=%H orch/small/a)" ]
	git show orch/small/a:.orch/plans/small/phases/a.yaml |
		grep -q 'It is \[redacted:known\]'
}

@test "a key that an agent makes a file's name is in nothing that is published" {
	export MY_TOKEN=handed-to-this-agent
	agent 'sandbox: auto, attempts: 1' 'env: [MY_TOKEN]' <<-'END'
		cat >/dev/null
		echo made >a.txt
		echo made >"$MY_TOKEN"
	END
	run_orch next-phase
	exits 1
	[[ "$output$stderr" != *"$MY_TOKEN"* ]]
	[[ "$output" == *"has what looks like a key that is in use"* ]]
	run ! git grep -qF "$MY_TOKEN" orch/small/a
	[[ "$(git log -1 --format=%B orch/small/a)" != *"$MY_TOKEN"* ]]
	git show orch/small/a:.orch/plans/small/phases/a.yaml |
		grep -F 'path: "[redacted:known]"'
}

@test "an agent that changes nothing fails the phase" {
	agent 'sandbox: auto, attempts: 1' <<-'END'
		cat >/dev/null
		echo 'looks fine'
	END
	run_orch next-phase
	exits 1
	git log -1 --format=%b orch/small/a | grep "agent 'coder' changed nothing"
}

@test "a symbolic link it leaves is refused by the gate" {
	agent 'sandbox: auto, attempts: 1' <<-'END'
		cat >/dev/null
		ln -s /etc/passwd a.txt
	END
	run_orch next-phase
	exits 1
	git log -1 --format=%b orch/small/a | grep 'a.txt'
}

@test "without the sandbox that is required nothing is started" {
	agent 'sandbox: required' <<-'END'
		cat >/dev/null
		echo 1 >a.txt
	END
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in git sh; do
		ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
	done
	run --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" \
		"$ORCH_BUILD/git-orch" next-phase
	exits 4
	warns 'sandbox is required'
	[ "$(lines open)" = 0 ]
}

@test "where bubblewrap is absent Landlock is around it" {
	agent 'sandbox: auto' <<-END
		cat >/dev/null
		echo x >$HOME/outside || echo kept in
		echo x >"\$HOME/own" && echo 1 >a.txt
		setsid sleep 98764 >/dev/null 2>&1 &
	END
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in git sh; do
		ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
	done
	run --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" \
		"$ORCH_BUILD/git-orch" next-phase
	[[ "$stderr" != *'sandbox cannot be had'* ]] || skip "no Landlock here"
	exits 0
	cat .git/orch/journal/*.jsonl | jq -es 'any(.type == "closed" and
		.level == "landlock" and .sandbox == "agent" and
		(.answer | contains("kept in")))'
	[ ! -e "$HOME/outside" ]
	run ! pgrep -f 'sleep 9876[4]'
}

@test "killed while the agent runs, it is run again and the open run stays" {
	agent 'sandbox: "off"' <<-END
		cat >/dev/null
		echo x >>$BATS_TEST_TMPDIR/starts
		[ -e $BATS_TEST_TMPDIR/go ] || sleep 30
		echo 1 >a.txt
	END
	"$ORCH_BUILD/git-orch" next-phase >/dev/null 2>&1 3>&- &
	local pid=$!
	until_there "$BATS_TEST_TMPDIR/starts"
	kill -KILL $pid
	wait $pid || :
	touch "$BATS_TEST_TMPDIR/go"
	run_orch next-phase
	exits 0
	[ "$(wc -l <"$BATS_TEST_TMPDIR/starts")" = 2 ]
	[ "$(lines open)" = 2 ]
	[ "$(lines closed)" = 1 ]
	[ "$(git rev-list --count main..orch/small/a)" = 1 ]
}

@test "killed behind the agent's run, it is not run again" {
	agent 'sandbox: "off"' <<-END
		cat >/dev/null
		echo x >>$BATS_TEST_TMPDIR/starts
		date +%N >a.txt
	END
	sed -i "s|run: test.*|run: 'touch $BATS_TEST_TMPDIR/checking; [ -e $BATS_TEST_TMPDIR/go ] \\|\\| sleep 30'}]|" \
		.orch/config.yaml
	commit 'a slow check'
	git orch trust --yes >/dev/null 2>&1
	"$ORCH_BUILD/git-orch" next-phase >/dev/null 2>&1 3>&- &
	local pid=$! made
	until_there "$BATS_TEST_TMPDIR/checking"
	kill -KILL $pid
	wait $pid || :
	made=$(git show refs/orch/attempt/small/a/1:a.txt)
	touch "$BATS_TEST_TMPDIR/go"
	run_orch next-phase
	exits 0
	[ "$(wc -l <"$BATS_TEST_TMPDIR/starts")" = 1 ]
	[ "$(git show orch/small/a:a.txt)" = "$made" ]
}

@test "an interrupt ends the agent and drops the claim" {
	agent 'sandbox: auto' <<-'END'
		cat >/dev/null
		echo 1 >a.txt
		echo started
		sleep 98765
	END
	"$ORCH_BUILD/git-orch" next-phase >/dev/null 2>&1 3>&- &
	local pid=$! i
	for ((i = 0; i < 200; i++)); do
		pgrep -f 'sleep 9876[5]' >/dev/null && break
		sleep 0.05
	done
	kill -INT $pid
	wait $pid || :
	run ! pgrep -f 'sleep 9876[5]'
	[ -z "$(git for-each-ref refs/orch/claim)" ]
}

@test "run says which budget to raise, and then goes on" {
	agent 'sandbox: auto' 'budget: {usd: "1.00"}' <<-'END'
		cat >/dev/null
	END
	run_orch run -c budget.plan.calls=1
	exits 4
	says "1 stopped"
	! grep -q "held by others" <<<"$output"
	says "next: git orch run small  (first: raise budget.plan.calls)"
	! grep -q "its runner is gone" <<<"$output"
	printf '%s\n' '#!/bin/sh' 'cat >/dev/null' 'echo made >a.txt' \
		>"$HOME/bin/agent"
	run_orch run -c budget.plan.calls=9
	exits 0
	says "1 done"
}

# gone <file>: the processes it names are, soon.
gone() {
	local i pid
	for ((i = 0; i < 100; i++)); do
		for pid in $(cat "$1"); do
			grep -qs 'State:.*[^Z] (' "/proc/$pid/status" &&
				sleep 0.05 && continue 2
		done
		return 0
	done
	cat "$1"
	return 1
}

# household: a program that starts a daemon, and lasts; both are in ../pids.
household() {
	cat <<-END
		setsid sh -c 'echo \$\$ >>$BATS_TEST_TMPDIR/pids; sleep 300' &
		echo \$\$ >>$BATS_TEST_TMPDIR/pids
		sleep 300
	END
}

# killed <args>: git-orch, by SIGKILL when a household is there.
killed() {
	local i pid pids=$BATS_TEST_TMPDIR/pids
	"$ORCH_BUILD/git-orch" "$@" >/dev/null 2>&1 3>&- &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		[ -e "$pids" ] && [ "$(wc -l <"$pids")" = 2 ] && break
		sleep 0.05
	done
	[ "$(wc -l <"$pids")" = 2 ]
	kill -KILL $pid
	wait $pid || :
	gone "$pids"
}

@test "killed without the sandbox, it leaves no daemon of an agent behind" {
	household | agent 'sandbox: "off"'
	killed next-phase a
}

@test "killed without the sandbox, it leaves no daemon of a check behind" {
	household >../check
	small_plan "checks: [{name: t, run: 'sh $BATS_TEST_TMPDIR/check'}]"
	killed -c policy.sandbox=off next-phase a
}
