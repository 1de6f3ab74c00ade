#!/usr/bin/env bash
# Sixteen processes want the same phase: in each round exactly one does it,
# the others are told, and there is one commit.  Prints n/N.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

rounds=${ORCH_LOOPS:-5}
[ "$rounds" = all ] && rounds=100
runners=16

make_repo
cp -a "$repo" "$scratch/seed"
good=0
for round in $(seq "$rounds"); do
	rm -rf "$repo" && cp -a "$scratch/seed" "$repo" && cd "$repo" || exit 1
	pids=()
	for i in $(seq $runners); do
		"$orch" next-phase --plan p a >"$scratch/out.$i" 2>&1 &
		pids+=($!)
	done
	winners=0 others=0
	for pid in "${pids[@]}"; do
		wait "$pid"
		case $? in
		0) winners=$((winners + 1)) ;;
		3 | 5) others=$((others + 1)) ;;
		esac
	done
	commits=$(git rev-list --count main..orch/p/a)
	if [ $winners = 1 ] && [ $others = $((runners - 1)) ] &&
		[ "$commits" = 1 ]; then
		good=$((good + 1))
	else
		echo "round $round: $winners winners, $others told, $commits commits"
		cat "$scratch"/out.* | sort | uniq -c | head
	fi
done
echo "race: $good/$rounds rounds with exactly one winner of $runners"
[ "$good" = "$rounds" ]
