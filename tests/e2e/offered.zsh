#!/usr/bin/env zsh
# What zsh offers behind a line, one a line:
#
#	zsh offered.zsh <folder of _git-orch> <line>
#
# Completion works only within the line editor, so a shell of its own is given
# the line and the tab, and what it would add is written to a file instead.
emulate zsh
zmodload zsh/zpty
found=$(mktemp) || exit 1
zpty shell zsh -f -i
zpty -w shell "PS1= found=$found"
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -U compinit; compinit -D -u"
zpty -w shell '
compadd() {
	local -a hits
	[[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && {
		builtin compadd "$@"
		return
	}
	builtin compadd -A hits "$@"
	(( $#hits )) && print -l -- $hits >>$found
}
offer() {
	_main_complete
	print -- "(end)" >>$found
}
zle -C offer list-choices offer
bindkey "^I" offer'
zpty -w -n shell "$2"$'\t'
repeat 200; do
	[[ $(tail -n 1 $found) == "(end)" ]] && break
	sleep 0.05
done
zpty -d shell
grep -v '^(end)$' $found
rm -f $found
