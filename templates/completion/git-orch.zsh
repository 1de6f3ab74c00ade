#compdef git-orch
#description plan work as small, checked commits
# zsh completion for git-orch, written by `git orch completion zsh`.  Saved as
# _git-orch in a folder of $fpath it serves `git orch` and `git-orch`.

__git_orch_rows() {
	local always=''
	words_found=() options_found=() operands=
	case $1 in
{{rows}}	esac
	case $always in
{{globals}}	esac
}

_git-orch() {
	local path_found='' operands word option=${words[CURRENT-1]}
	local -a words_found options_found answers valued
	__git_orch_rows ''
	for word in ${words[2,CURRENT-1]}; do
		[[ $word == orch && -z $path_found ]] && continue
		if (( ${#words_found[(r)$word:*]} )); then
			path_found="${path_found:+$path_found }$word"
			__git_orch_rows "$path_found"
		fi
	done
	if [[ $PREFIX == --*=* ]]; then
		option=${PREFIX%%=*}
		compset -P 1 '*='
	fi
	case $option in
	--plan) operands=plans words_found=() ;;
	--until) operands=phases words_found=() ;;
	--template) operands=templates words_found=() ;;
	--color) operands=colours words_found=() ;;
	esac
	if [[ $PREFIX == -* ]]; then
		valued=(${(M)options_found:#*=:*})
		options_found=(${options_found:#*=:*})
		_describe -o option options_found -- valued -S ''
		return
	fi
	(( $#words_found )) && _describe command words_found
	case $operands in
	'') ;;
	files) _files ;;
	shells) compadd bash zsh fish ;;
	colours) compadd auto always never ;;
	commands) __git_orch_rows ''; _describe command words_found ;;
	*)
		answers=(${(f)"$(git orch complete $operands 2>/dev/null)"})
		compadd -a answers
		;;
	esac
}

_git-orch "$@"
