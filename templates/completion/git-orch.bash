# bash completion for git-orch, written by `git orch completion bash`.
#
# git's own completion calls _git_orch for `git orch`; where it is absent, and
# for `git-orch`, this file is enough.

# The words that this repository offers: plans, phases, templates, keys.
__git_orch_ask() {
	case $1 in
	commands) __git_orch_rows '' && echo "$words" ;;
	shells) echo bash zsh fish ;;
	files) compgen -f -- "$cur" ;;
	*) git-orch complete "$1" 2>/dev/null || git orch complete "$1" 2>/dev/null ;;
	esac
}

# Fills words (commands), options and operands for a command's path.
__git_orch_rows() {
	local always=''
	words='' options='' operands=''
	case $1 in
{{rows}}	esac
	case $always in
{{globals}}	esac
}

_git_orch() {
	local cur=${COMP_WORDS[COMP_CWORD]} path='' i word prev
	local words options operands
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	[ "$prev" = = ] && prev=${COMP_WORDS[COMP_CWORD - 2]}
	[ "$cur" = = ] && prev=${COMP_WORDS[COMP_CWORD - 1]} cur=
	__git_orch_rows ''
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case " $words " in
		*" $word "*)
			path="${path:+$path }$word"
			__git_orch_rows "$path"
			;;
		esac
	done
	case $prev in
	--plan) operands=plans words='' options='' ;;
	--until) operands=phases words='' options='' ;;
	--template) operands=templates words='' options='' ;;
	--color) operands='' words='auto always never' options='' ;;
	esac
	case $cur in
	-*) words=$options ;;
	*) [ -n "$operands" ] && words="$words $(__git_orch_ask "$operands")" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	case ${COMPREPLY[0]} in
	*=) compopt -o nospace 2>/dev/null ;;
	esac
}

complete -F _git_orch git-orch
