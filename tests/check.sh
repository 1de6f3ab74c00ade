#!/usr/bin/env bash
# Runs every suite, two at a time, each into a TAP file of its own, shows what
# failed, and ends with the line "N passed, N failed".
#
#   check.sh [--quick] [<suite>…]
#
#   ORCH_BUILD   the build directory (build)
#   ORCH_LOOPS   see tests/faults/lib.bash
#   ORCH_PEERS   node_modules of the outside peers (build/peers/node_modules)
set -u
cd "$(dirname "$0")/.." || exit 1
export ORCH_BUILD=${ORCH_BUILD:-build}
export ORCH_PEERS=${ORCH_PEERS:-$PWD/build/peers/node_modules}
logs=$ORCH_BUILD/check
quick=

[ "${1:-}" = --quick ] && quick=1 && shift

# Every suite by name: what comes behind it makes TAP, or is one test.
suites() {
	local file
	# The longest first: nothing is left to wait for alone at the end.
	for file in templates/projects/*/; do
		[ -n "$quick" ] || echo "templates/$(basename "$file")"
	done
	for file in "$ORCH_BUILD"/tests/unit/test-*; do
		[ -x "$file" ] && [ ! -d "$file" ] && [ "${file%.o}" = "$file" ] &&
			echo "unit/$(basename "$file")"
	done
	# Those with outside peers.
	for file in tests/peers/*.bats tests/e2e/agents*.bats; do
		[ -n "$quick" ] || [ ! -e "$file" ] || echo "$file"
	done
	for file in tests/*.bats tests/e2e/*.bats; do
		case $file in tests/e2e/agents*) continue ;; esac
		[ -e "$file" ] && echo "$file"
	done
	echo layers
	printf 'kill/%s\n' next-phase integrate approve run restack stack remote
	[ -n "$quick" ] || echo kill/agents
	echo race
	printf 'remote/%s\n' race pause clocks budget
	[ -n "$quick" ] || printf 'delivery/%s\n' stack kill
}

# A program that is one test: its lines become comments; 77 is a skip.
one_test() {
	local name=$1 code
	shift
	"$@" 2>&1 | sed 's/^/# /'
	code=${PIPESTATUS[0]}
	if [ "$code" = 0 ]; then
		echo "ok 1 $name"
	elif [ "$code" = 77 ]; then
		echo "ok 1 $name # SKIP"
	else
		echo "not ok 1 $name"
	fi
}

# How many lines of these files are tests that ran and passed.
passed() { cat "$@" | grep -E '^ok ' | grep -vicE '# skip'; }

run_suite() {
	case $1 in
	unit/*)
		CMOCKA_MESSAGE_OUTPUT=TAP "$ORCH_BUILD/tests/$1" 2>&1
		code=$?
		# A crash ends the list early: that is a failure of its own.
		[ $code -lt 128 ] && [ $code != 126 ] ||
			echo "not ok 999 $1 ended with status $code"
		;;
	*.bats) bats --formatter tap "$1" 2>&1 ;;
	layers) one_test "$1" tests/layers.sh ;;
	kill/agents) one_test "$1" tests/faults/agents.sh ;;
	kill/*) one_test "$1" tests/faults/kill.sh "${1#kill/}" ;;
	race) one_test "$1" tests/faults/race.sh ;;
	delivery/*) one_test "$1" tests/faults/delivery.sh "${1#delivery/}" ;;
	remote/*) one_test "$1" tests/faults/remote.sh "${1#remote/}" ;;
	templates/*) one_test "$1" tests/templates.sh "${1#templates/}" ;;
	*) echo "not ok 1 $1: no such suite" ;;
	esac
}

if [ "${1:-}" = --one ]; then
	log=$logs/$(echo "$2" | tr / -).tap
	begin=$SECONDS
	run_suite "$2" >"$log.part" 2>&1
	mv "$log.part" "$log"
	# No line at all is a suite that did not run.
	grep -qE '^(not )?ok ' "$log" || echo "not ok 1 $2 printed no test" >>"$log"
	# cmocka 1.1 says "not ok" of what it skips, the others say "ok".
	sed -i -E 's/^not ok (.*# SKIP)/ok \1/I' "$log"
	printf '%-40s %4d passed %3d failed %4d s\n' "$2" \
		"$(passed "$log")" "$(grep -cE '^not ok ' "$log")" \
		$((SECONDS - begin))
	exit 0
fi

rm -rf "$logs"
mkdir -p "$logs"
if [ $# -gt 0 ]; then printf '%s\n' "$@"; else suites; fi |
	xargs -P "${JOBS:-2}" -n 1 "$0" --one

grep -hE '^ok .*# skip' -i "$logs"/*.tap | sed -E 's/^ok [0-9]+ */skipped: /'
passed=$(passed "$logs"/*.tap)
failed=$(cat "$logs"/*.tap | grep -cE '^not ok ')
grep -hE '^# .*[0-9]+/[0-9]+' "$logs"/*.tap | sed 's/^# */loop: /' | sort -u
if [ "$failed" != 0 ]; then
	echo
	for log in "$logs"/*.tap; do
		grep -qE '^not ok ' "$log" || continue
		echo "--- $log"
		grep -nE -A 12 '^not ok ' "$log" | head -n 60
	done
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
