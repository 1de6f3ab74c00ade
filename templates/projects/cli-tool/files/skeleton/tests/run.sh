#!/bin/sh
# Run every test named on the command line, one line for each; what a test
# prints is shown when it fails.

run() {
	case $1 in
	*.sh) sh "$1" ;;
	*) "$1" ;;
	esac
}

passed=0
failed=0
for test in "$@"; do
	if output=$(run "$test" 2>&1); then
		echo "ok    ${test##*/}"
		passed=$((passed + 1))
	else
		printf '%s\n' "$output"
		echo "FAIL  ${test##*/}"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
