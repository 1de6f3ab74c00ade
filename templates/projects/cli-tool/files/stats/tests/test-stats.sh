# stats: measures of a column.
. tests/check.sh

numbers=$(mktemp)
trap 'rm -f "$numbers"' EXIT
printf '%s\n' 'name;size' 'a;4' 'b;2' 'c;5' 'd;4' 'e;10' >"$numbers"

run stats -d ';' -f 2 "$numbers"
expect 'all measures, the heading left out' \
	'measure         value
count               5
skipped             1
sum                25
mean                5
deviation           3
smallest            2
quarter             4
median              4
three-quarters      5
largest            10' "$out"
expect 'and that is success' 0 "$status"

run stats -o csv -f 7 "$numbers"
expect 'no numbers: only the counts' \
	"$(printf 'measure,value\r\ncount,0\r\nskipped,0\r')" "$out"

run stats -x
expect 'an unknown option is misuse' 2 "$status"
finish
