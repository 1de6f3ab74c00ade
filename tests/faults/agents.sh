#!/usr/bin/env bash
# Ends a run of four phases, done by models, with SIGKILL at random moments, and
# lets it go on.  Each time: what was sent twice was open in a journal at the
# kill; every phase has one commit; the documents are those of an undisturbed
# run but for what the schema calls volatile.  Prints n/N recovered.
#
#   ORCH_LOOPS   how often (4); "all" is 50
#
# The moments are chosen with a fixed seed.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"
# shellcheck source=../peers/start.bash
. "$here/tests/peers/start.bash"
# shellcheck source=../peers/words.bash
. "$here/tests/peers/words.bash"

[ -z "$(peers_missing)" ] || {
	peers_missing
	exit 77
}
trap 'peers_stop; rm -rf "$scratch"' EXIT
export PATH=$build:$PATH
rounds=${ORCH_LOOPS:-4}
[ "$rounds" = all ] && rounds=50
judge=$here/tests/faults/agents.mjs
journal=$repo/.git/orch/journal
command=(git orch run words --jobs 3 --land)

prepare() {
	# Answers take a while, so that some are under way at a kill.
	aimock_start "$scratch/mock" "$here/tests/peers/words.mjs" 5 || exit 1
	front_start "$scratch/front" "$AIMOCK_URL" || exit 1
	mkdir "$repo"
	cd "$repo" || exit 1
	words_project responses
	if ! git orch plan "$GOAL" >"$scratch/out" 2>&1 ||
		! git orch approve words >>"$scratch/out" 2>&1; then
		cat "$scratch/out"
		exit 1
	fi
	# Planning is over: what it asked is no part of the run.
	rm -rf .git/orch/journal
	cp -a "$repo" "$scratch/seed"
}

restore() {
	cd "$scratch" || exit 1
	rm -rf "$repo" "$XDG_CACHE_HOME"
	cp -a seed repo
	cd "$repo" || exit 1
	: >"$FRONT_LOG"
}

# The names of what differs from run to run, of the schema.
volatile=$(jq -c '[.. | objects | to_entries[] |
	select(.value | objects | .["x-volatile"] == true) | .key] | unique' \
	"$here/templates/schema/phase.json")

# All there is on the base, without what is volatile.
content() {
	local phase
	git ls-tree -r main | grep -v '	\.orch/plans/words/phases/'
	for phase in counting command report manual; do
		git orch show "words/$phase" --json >"$scratch/document" || return
		jq -S --argjson volatile "$volatile" '.document | walk(
			if type == "object" then
				with_entries(select(.key | IN($volatile[]) | not))
			else . end)' "$scratch/document" || return
	done
}

# How many commits of the base are a phase's.
commits() {
	git log --format='%(trailers:key=Orch-Phase,valueonly,separator=%x2c)' \
		main | grep . | sort | tr '\n' ' '
}

holds() {
	[ "$(commits)" = "command counting manual report " ] || {
		echo "  commits: $(commits)"
		return 1
	}
	[ -z "$(git for-each-ref refs/heads/orch refs/orch/claim)" ] || {
		git for-each-ref refs/heads/orch refs/orch/claim
		return 1
	}
	[ -z "$(git status --porcelain)" ] || {
		git status --porcelain
		return 1
	}
	content >"$scratch/content" || return
	diff "$scratch/wanted" "$scratch/content" | head -n 20
	cmp -s "$scratch/wanted" "$scratch/content"
}

# Everything of a session that was begun here: the children of the run are in
# process groups of their own.
kill_session() {
	local pids
	while pids=$(ps -s "$1" -o pid= --no-headers) && [ -n "$pids" ]; do
		# shellcheck disable=SC2086
		kill -KILL $pids 2>/dev/null
		sleep 0.02
	done
}

# Ends it after so many milliseconds; what is open then goes to a file.
disturb() {
	local pid
	setsid "${command[@]}" >"$scratch/out" 2>&1 </dev/null &
	pid=$!
	disown
	sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
	kill_session "$pid"
	echo '[]' >"$scratch/open"
	[ ! -d "$journal" ] ||
		node "$judge" open "$journal" >"$scratch/open"
}

prepare
restore
begin=$(date +%s%3N)
"${command[@]}" >"$scratch/out" 2>&1 || {
	cat "$scratch/out"
	echo "undisturbed run failed"
	exit 1
}
lasts=$(($(date +%s%3N) - begin))
content >"$scratch/wanted" || exit 1
echo '[]' >"$scratch/open"
if ! holds ||
	! node "$judge" judge "$journal" "$FRONT_LOG" "$scratch/open"; then
	echo "undisturbed run: not as expected"
	exit 1
fi

RANDOM=20261120
n=0 recovered=0 resent=0
while [ "$n" -lt "$rounds" ]; do
	n=$((n + 1))
	at=$((RANDOM * lasts / 32768))
	restore
	disturb "$at"
	"${command[@]}" >"$scratch/again" 2>&1
	code=$?
	said=$(node "$judge" judge "$journal" "$FRONT_LOG" "$scratch/open")
	judged=$?
	[[ "$said" == *" 0 sent twice"* ]] || resent=$((resent + 1))
	if [ $judged = 0 ] && { [ $code = 0 ] || [ $code = 3 ]; } && holds; then
		recovered=$((recovered + 1))
	else
		echo "killed after $at of $lasts ms: exit $code afterwards"
		echo "$said"
		tail -n 3 "$scratch/again"
		[ -n "${KEEP:-}" ] && cp -a "$scratch" "$KEEP/agents-$n"
	fi
done
echo "kill agents: $recovered/$n recovered, $resent with a request sent again"
[ "$recovered" = "$n" ] && [ "$n" -gt 0 ]
