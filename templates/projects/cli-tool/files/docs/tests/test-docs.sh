# The man page and the README know every command and every option.
. tests/check.sh

page=$(cat man/{{name}}.1)
readme=$(cat README.md)

# The lines of the synopsis that belong to a command.
synopsis() {
	sed -n "/^\.Cm $1\$/,/^\.Op Ar\$/p" man/{{name}}.1
}

for source in src/cmd-*.c; do
	command=${source#src/cmd-}
	command=${command%.c}
	contains 'the man page has the command' ".Cm $command" "$page"
	contains 'the README has the command' "\`$command\`" "$readme"
	run "$command" --help
	for option in $(printf '%s\n' "$out" | sed -n 's/^  -\(.\) .*/\1/p'); do
		contains "the synopsis has -$option of $command" \
			"Op Fl $option" "$(synopsis "$command")"
	done
done
finish
