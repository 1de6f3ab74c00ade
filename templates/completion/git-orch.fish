# fish completion for git-orch, written by `git orch completion fish`.

# Every command there is, as "<the commands before it>/<its name>".
set -g __git_orch_known

# The path of commands typed so far: "config get".
function __git_orch_path
	set -l found
	for word in (commandline -opc)[2..-1]
		if contains -- "$found/$word" $__git_orch_known
			set found (string trim -- "$found $word")
		end
	end
	echo "$found"
end

function __git_orch_at
	__git_orch_in_orch
	and test (__git_orch_path) = "$argv[1]"
end

function __git_orch_below
	__git_orch_in_orch
	and string match -q -- "$argv[1]*" (__git_orch_path)
end

function __git_orch_in_orch
	test (commandline -opc)[1] = git-orch
	or contains orch (commandline -opc)
end

# The words of one kind; plans, phases, templates and keys are the repository's.
function __git_orch_ask
	switch $argv[1]
		case commands
			string replace -rf '^/' '' -- $__git_orch_known
		case shells
			string split ' ' 'bash zsh fish'
		case colours
			string split ' ' 'auto always never'
		case '*'
			git-orch complete $argv[1] 2>/dev/null
			or git orch complete $argv[1] 2>/dev/null
	end
end

function __git_orch_command
	set -a __git_orch_known "$argv[1]/$argv[2]"
	for program in git git-orch
		complete -f -c $program -a $argv[2] -d $argv[3] \
			-n "__git_orch_at '$argv[1]'"
	end
end

function __git_orch_option
	set -l values
	switch $argv[2]
		case plan
			set values -a '(__git_orch_ask plans)'
		case until
			set values -a '(__git_orch_ask phases)'
		case template
			set values -a '(__git_orch_ask templates)'
		case color
			set values -a '(__git_orch_ask colours)'
	end
	for program in git git-orch
		complete -f -c $program -l $argv[2] -d $argv[3] \
			$argv[4..-1] $values -n "__git_orch_below '$argv[1]'"
	end
end

function __git_orch_operands
	set -l words -f -a "(__git_orch_ask $argv[2])"
	if test $argv[2] = files
		set words -F
	end
	for program in git git-orch
		complete -c $program $words -n "__git_orch_at '$argv[1]'"
	end
end

{{rows}}{{globals}}
