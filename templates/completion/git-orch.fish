# fish completion for git-orch, written by `git orch completion fish`.

# The path of commands typed so far: "config get".
function __git_orch_path
	set -l found
	for word in (commandline -opc)[2..-1]
		if test "$word" = orch -a -z "$found"
			continue
		end
		if not string match -q -- '-*' $word
			set found $found $word
		end
	end
	echo "$found"
end

function __git_orch_at
	set -l path (__git_orch_path)
	test "$path" = "$argv[1]"
end

function __git_orch_below
	set -l path (__git_orch_path)
	string match -q -- "$argv[1]*" "$path"
end

function __git_orch_in_orch
	test (commandline -opc)[1] = git-orch
	or contains orch (commandline -opc)
end

function __git_orch_command
	for program in git git-orch
		complete -f -c $program -a $argv[2] -d $argv[3] \
			-n "__git_orch_in_orch; and __git_orch_at '$argv[1]'"
	end
end

function __git_orch_option
	for program in git git-orch
		complete -f -c $program -l $argv[2] -d $argv[3] $argv[4..-1] \
			-n "__git_orch_in_orch; and __git_orch_below '$argv[1]'"
	end
end

function __git_orch_operands
	set -l words "(git orch complete $argv[2] 2>/dev/null)"
	switch $argv[2]
		case shells
			set words 'bash zsh fish'
		case files
			return
	end
	for program in git git-orch
		complete -f -c $program -a $words \
			-n "__git_orch_in_orch; and __git_orch_at '$argv[1]'"
	end
end

{{rows}}{{globals}}
