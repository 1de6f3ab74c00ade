# hist: how numbers are distributed.
. tests/check.sh

numbers=$(mktemp)
trap 'rm -f "$numbers"' EXIT
printf '%s\n' 0 1 1 2 9 10 not-a-number >"$numbers"

run hist -n 2 "$numbers"
expect 'values are put into ranges' \
	'from  to  count  bar
   0   5      4  ########################################
   5  10      2  ####################' "$out"

run hist -n 5 "$numbers"
expect 'an empty range has no bar' '   4   6      0' \
	"$(printf '%s\n' "$out" | grep '^ *4 ')"

run hist -n 5 -o csv "$numbers"
contains 'a range without values is shown' "$(printf '2,4,1,')" "$out"
contains 'and counts nothing' "$(printf '4,6,0,')" "$out"

out=$(printf '3\n3\n' | "$PROGRAM" hist -o json)
contains 'equal values share one range' '"from": 3, "to": 3, "count": 2' "$out"

out=$("$PROGRAM" hist -o json </dev/null)
expect 'no values: no ranges' '[]' "$out"

run hist -n 0 "$numbers"
expect 'there is at least one range' 2 "$status"
finish
