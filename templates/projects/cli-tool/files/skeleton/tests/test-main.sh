# The program as a whole: help, version, and what it refuses.
. tests/check.sh

run --version
expect 'the version is printed' '{{name}} 0.1.0' "$out"
expect 'and that is success' 0 "$status"

run --help
contains 'help says how to call it' 'usage: {{name}} <command>' "$out"
expect 'asking for help is success' 0 "$status"

run
contains 'no command: usage on stderr' 'usage: {{name}}' "$err"
expect 'no command is misuse' 2 "$status"

run no-such-command
contains 'an unknown command is named' "'no-such-command'" "$err"
expect 'an unknown command is misuse' 2 "$status"

if [ -w /dev/full ]; then
	"$PROGRAM" --help >/dev/full 2>/dev/null
	expect 'output that cannot be written is an error' 1 $?
fi
finish
