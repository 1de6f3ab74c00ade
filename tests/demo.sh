#!/usr/bin/env bash
# `make demo`: a small program from a plan, in a repository made for it.
# Says each command before it runs it; ends 0 when all of it worked.
#
#   demo.sh <git-orch> <folder>      the folder is made anew
set -euo pipefail

program=$(realpath "$1")
folder=$2

rm -rf "$folder"
mkdir -p "$folder/bin" "$folder/home"
folder=$(realpath "$folder")
ln -s "$program" "$folder/bin/git-orch"

# Nothing of the person's own is read or written: no trust, no configuration.
export PATH=$folder/bin:$PATH HOME=$folder/home GIT_CONFIG_NOSYSTEM=1
export XDG_CONFIG_HOME=$folder/home/config XDG_CACHE_HOME=$folder/home/cache
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
git config --global user.name "Demo Person"
git config --global user.email demo@example.invalid
git config --global init.defaultBranch main

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

# Shows a command as if it were typed, then runs it.
type_() {
	local word line=''
	for word; do
		case $word in
		*[!A-Za-z0-9_./=-]*) line+=" \"$word\"" ;;
		*) line+=" $word" ;;
		esac
	done
	printf '\n%s$%s%s\n' "$bold" "$line" "$plain"
	"$@"
}

# git status is empty before and after every command but init.
clean() {
	[ -z "$(git status --porcelain)" ] || {
		echo "demo: git status is not empty after $1"
		git status --short
		exit 1
	}
}

type_ git init -q "$folder/tally"
cd "$folder/tally"
git commit -q --allow-empty -m "Begin"
type_ git orch init
git add .orch
type_ git commit -qm "Use git-orch"
clean init
type_ git orch plan --template cli-tool --var name=tally
clean plan
type_ git orch approve tally
clean approve
type_ git orch validate
clean validate
type_ git orch status
clean status
type_ git orch run tally --jobs 2 --land
clean run
type_ git orch status tally
clean status
type_ git log --oneline --graph
type_ git fsck --strict --no-dangling --no-progress
type_ make -s
type_ make -s check
git clean -ffdxq
clean "building what was landed"
printf '\nThe repository is %s\n' "$folder/tally"
