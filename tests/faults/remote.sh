#!/usr/bin/env bash
# Runners in clones of their own, as on machines of their own, over one bare
# repository behind http, with a lease of two seconds.  Prints n/N.
#
#   remote.sh race    sixteen want one phase: one does it
#   remote.sh pause   one is stopped beyond its lease, half of the times inside
#                     its push: it publishes nothing, the other does
#   remote.sh clocks  their wall clocks are twenty years apart
#   remote.sh budget  eight with a phase each and one budget: what is spent
#                     passes it by one reservation of each at most
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

mode=$1
lease=2
runners=2
rounds=${ORCH_LOOPS:-3}
case $mode in
race)
	runners=16
	[ "$rounds" = all ] && rounds=200
	;;
pause) [ "$rounds" = all ] && rounds=100 ;;
clocks) [ "$rounds" = all ] && rounds=20 ;;
budget)
	runners=8
	[ "$rounds" = all ] && rounds=20
	;;
*) exit 129 ;;
esac

# A check that tells when a runner is at work, and takes a moment.
prepare() {
	local i
	make_repo
	sed -i "s|run: \"true\"|run: \"touch $scratch/at-work; sleep 0.3\"|" \
		.orch/config.yaml
	echo "delivery: {lease: $lease}" >>.orch/config.yaml
	[ "$mode" != budget ] || sell
	git add -A && git commit -qm 'a check that takes a moment'
	serve_repo
	cp -a "$far" "$scratch/seed-far"
	for i in $(seq $runners); do
		git clone -q "$far_url" "$scratch/runner-$i"
		cd "$scratch/runner-$i" || exit 1
		"$orch" trust --yes >/dev/null 2>&1
		cd "$scratch" && mv "runner-$i" "seed-$i" || exit 1
	done
}

# Eight phases that cost a dollar each, two calls of half a dollar, and three
# dollars for all of them; each may reserve a dollar.
sell() {
	local id port folder=.orch/plans/p/phases
	# The end of its standard input ends it, which is the end of this.
	mkfifo "$scratch/model.in" "$scratch/model.out"
	python3 "$here/tests/faults/model.py" <"$scratch/model.in" \
		>"$scratch/model.out" 2>/dev/null &
	# shellcheck disable=SC2034
	exec {model}>"$scratch/model.in"
	read -r port <"$scratch/model.out" || exit 1
	rm $folder/*
	for id in a b c d e f g h; do
		cat >$folder/$id.yaml <<-END
			version: 1
			id: $id
			title: Write $id
			summary: Writes src/$id.txt
			agent: dev
			objectives: [a file]
			files: {create: [src/$id.txt]}
			acceptance: [the file is there]
			checks: [ok]
			status: planned
		END
	done
	cat >>.orch/config.yaml <<-END
		providers:
		  - {name: shop, driver: openai, api: chat,
		     base_url: "http://127.0.0.1:$port/v1", key_env: SHOP_KEY}
		agents:
		  - {name: dev, role: developer, worker: tools, provider: shop,
		     model: half-dollar, max_tokens: 100}
		budget: {plan: {usd: "3.00"}, phase: {usd: "1.00"}}
	END
	cat >.orch/prices.yaml <<-END
		version: 1
		prices:
		  - {model: half-dollar, from: 2020-01-01, input: "5", output: "5",
		     cached: "1", cache_write: "1", source: here}
	END
	export SHOP_KEY=a-word-that-opens-nothing
}

# Trust is by path, so every round's clones lie where these did.
restore() {
	local i
	cd "$scratch" || exit 1
	rm -rf "$far" at-work
	cp -a seed-far "$far"
	for i in $(seq $runners); do
		rm -rf "runner-$i"
		cp -a "seed-$i" "runner-$i"
	done
}

# runner <n> <args>: in its clone and a session of its own, which setsid need
# not fork for: nothing here leads a group.
runner() {
	local n=$1
	shift
	cd "$scratch/runner-$n" || exit 1
	ORCH_RUNNER=runner-$n exec setsid "$orch" "$@" \
		>"$scratch/out.$n" 2>&1
}

# There is one branch, of one commit, and no claim.
holds() {
	local refs commits
	refs=$(git -C "$far" for-each-ref --format='%(refname)' | tr '\n' ' ')
	commits=$(git -C "$far" rev-list --count main..orch/p/a)
	[ "$refs" = "refs/heads/main refs/heads/orch/p/a refs/orch/base/p/a " ] &&
		[ "$commits" = 1 ] && return
	echo "  refs: $refs, $commits commits"
	return 1
}

race() {
	local pids=() i pid winners=0 others=0
	for i in $(seq $runners); do
		(runner "$i" next-phase --no-wait --plan p a) &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
		case $? in
		0) winners=$((winners + 1)) ;;
		3 | 5) others=$((others + 1)) ;;
		esac
	done
	[ $winners = 1 ] && [ $others = $((runners - 1)) ] && holds && return
	echo "  $winners winners, $others told"
	return 1
}

# await <file>: for ten seconds at most.
await() {
	local tries
	for ((tries = 0; tries < 1000; tries++)); do
		[ -e "$1" ] && return
		sleep 0.01
	done
	echo "  nothing came: $1"
	return 1
}

# All processes of a runner.
session() { ps -o pid= -s "$1"; }

# The first push of the branch waits in the hook until it is let go.
hold_push() {
	cat >"$far/hooks/pre-receive" <<-END
		#!/bin/sh
		grep -q refs/heads/orch/p/a || exit 0
		mkdir $scratch/held 2>/dev/null || exit 0
		while [ -e $scratch/held ]; do sleep 0.02; done
	END
	chmod +x "$far/hooks/pre-receive"
	rm -rf "$scratch/held"
}

pause() {
	local stopped=() first code first_code second tip
	restore
	[ $((round % 2)) = 0 ] && hold_push
	(runner 1 next-phase --plan p a) &
	first=$!
	await "$scratch/at-work" || return
	if [ $((round % 2)) = 0 ]; then
		await "$scratch/held" || return
	else
		sleep "0.$((RANDOM % 4))"
	fi
	mapfile -t stopped < <(session "$first")
	kill -STOP "${stopped[@]}" 2>/dev/null
	(runner 2 next-phase --plan p a)
	code=$?
	second=$(git -C "$far" rev-parse -q --verify refs/heads/orch/p/a)
	rm -rf "$scratch/held"
	kill -CONT "${stopped[@]}" 2>/dev/null
	wait $first
	first_code=$?
	tip=$(git -C "$far" rev-parse -q --verify refs/heads/orch/p/a)
	if [ "$code $first_code $tip" = "0 5 $second" ]; then
		holds
		return
	fi
	# It was through, or the server had its push or renewal still to do.
	if [ $((round % 2)) = 1 ] && [ $first_code = 0 ] &&
		{ [ "$code" != 0 ] || [ "$tip" = "$second" ]; } && holds; then
		early=$((early + 1))
		[ $early -gt "$rounds" ] || pause
		return
	fi
	echo "  the one that was stopped: $first_code, the other: $code"
	tail -n 3 "$scratch"/out.[12]
	return 1
}

years=315360000 # ten of them

# One machine is ten years ahead, and dies; the other is ten years behind.
clocks() {
	local first code begin pids
	(LD_PRELOAD=$scratch/clock.so CLOCK_SHIFT=$years \
		runner 1 next-phase --plan p a) &
	first=$!
	await "$scratch/at-work" || return
	mapfile -t pids < <(session "$first")
	kill -KILL "${pids[@]}" 2>/dev/null
	wait $first 2>/dev/null
	begin=${EPOCHREALTIME/./}
	(LD_PRELOAD=$scratch/clock.so CLOCK_SHIFT=-$years \
		runner 2 next-phase --plan p a --no-wait)
	code=$?
	[ $code = 5 ] || {
		echo "  a claim that was just taken: exit $code"
		return 1
	}
	(LD_PRELOAD=$scratch/clock.so CLOCK_SHIFT=-$years \
		runner 2 next-phase --plan p a)
	code=$?
	took=$(((${EPOCHREALTIME/./} - begin) / 1000))
	[ $code = 0 ] && [ $took -ge $((lease * 1000)) ] &&
		[ $took -lt $((lease * 1000 + 8000)) ] && holds && return
	echo "  exit $code after $took ms"
	tail -n 3 "$scratch"/out.[12]
	return 1
}

# What stands in the documents, in cents, and how many are done.
spent() {
	git -C "$far" for-each-ref --format='%(refname)' 'refs/heads/orch/p/*' |
		while read -r ref; do
			git -C "$far" show "$ref:.orch/plans/p/phases/${ref##*/}.yaml"
		done | grep -o 'cost_usd: "[0-9.]*"' | tr -dc '0-9.\n' |
		awk '{ n += 100 * $1 } END { print n + 0 }'
}

budget() {
	local pids=() i ids=(a b c d e f g h) cents done_
	for i in $(seq $runners); do
		(runner "$i" next-phase --no-wait --plan p "${ids[i - 1]}") &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	cents=$(spent)
	done_=$(git -C "$far" for-each-ref 'refs/heads/orch/p/*' | wc -l)
	# Three dollars and one of each runner; and somebody could work.
	[ "$cents" -le $((300 + 100 * runners)) ] && [ "$done_" -ge 2 ] &&
		overspent=$((overspent > cents - 300 ? overspent : cents - 300)) &&
		late_is_refused && return
	echo "  $cents cents for $done_ phases"
	tail -qn 2 "$scratch"/out.*
	return 1
}

# Who comes when it is used up gets nothing.
late_is_refused() {
	local id before
	before=$(spent)
	[ "$before" -lt 300 ] && return
	for id in a b c d e f g h; do
		git -C "$far" rev-parse -q --verify "refs/heads/orch/p/$id" \
			>/dev/null && continue
		(runner 1 next-phase --no-wait --plan p $id)
		[ $? = 4 ] && [ "$(spent)" = "$before" ] && return
		echo "  phase $id was begun with nothing left"
		return 1
	done
}

# A build with sanitizers wants to be the first that is loaded.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
[ "$mode" != clocks ] ||
	cc -std=gnu11 -D_GNU_SOURCE -O1 -shared -fPIC -o "$scratch/clock.so" \
		"$here/tests/faults/clock.c" -ldl || exit 1
prepare
good=0 early=0 overspent=-300
for round in $(seq "$rounds"); do
	restore
	if $mode; then
		good=$((good + 1))
	else
		echo "$mode: round $round"
	fi
done
case $mode in
race) what="rounds with exactly one winner of $runners" ;;
pause) what="published nothing once it was overtaken ($early were too early)" ;;
clocks) what="taken over after a lease, and not before" ;;
budget) what="within a reservation of each of $runners ($overspent cents over)" ;;
esac
echo "remote $mode: $good/$rounds $what"
[ "$good" = "$rounds" ]
