# count: values by frequency.
. tests/check.sh

fruit=$(mktemp)
trap 'rm -f "$fruit"' EXIT
printf '%s\n' 'pear 1' 'fig 2' 'pear 3' 'kiwi 4' 'pear 5' 'fig 6' 'fig 7' \
	'pear 8' >"$fruit"

run count -f 1 "$fruit"
expect 'the most frequent value comes first' \
	'count  percent  value
    4     50.0  pear
    3     37.5  fig
    1     12.5  kiwi' "$out"

run count -f 1 -n 1 -o json "$fruit"
expect 'the list can be cut' '[
  {"count": 4, "percent": 50.0, "value": "pear"}
]' "$out"

run count -b -n 2 -f 1 "$fruit"
contains 'the first bar is the longest' \
	'pear   ########################################' "$out"

out=$(printf 'a,x\nb,x\n' | "$PROGRAM" count -d , -f -1)
contains 'stdin is read when no file is named' '2    100.0  x' "$out"

run count "$fruit" /nonexistent/file
contains 'a file that is missing is named' '/nonexistent/file' "$err"
contains 'the others are still counted' 'kiwi 4' "$out"
expect 'and the status says so' 1 "$status"

run count -n none "$fruit"
contains 'misuse shows the usage' 'usage: {{name}} count' "$err"
expect 'and ends with 2' 2 "$status"

run count --help
contains 'help lists the options' '-n <top>' "$out"
finish
