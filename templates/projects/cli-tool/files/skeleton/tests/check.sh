# For test scripts: `. tests/check.sh`, then run and expect, then finish.
# $PROGRAM is the program under test.
# shellcheck shell=sh disable=SC2034

set -u
failed=0

# run <arg>...: keeps stdout, stderr and the exit status.
run() {
	out=$("$PROGRAM" "$@" 2>"${TMPDIR:-/tmp}/check.$$")
	status=$?
	err=$(cat "${TMPDIR:-/tmp}/check.$$")
	rm -f "${TMPDIR:-/tmp}/check.$$"
}

# expect <what> <expected> <actual>
expect() {
	[ "$2" = "$3" ] && return
	printf '%s: %s\nexpected:\n%s\ngot:\n%s\n' "$0" "$1" "$2" "$3" >&2
	failed=1
}

# contains <what> <part> <text>
contains() {
	case $3 in
	*"$2"*) return ;;
	esac
	printf '%s: %s: no "%s" in:\n%s\n' "$0" "$1" "$2" "$3" >&2
	failed=1
}

finish() {
	exit "$failed"
}
