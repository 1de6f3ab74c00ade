# What every end-to-end test loads: a sandbox of its own with fixed names and
# dates, the program under test first in PATH, and words for what tests say.
#
# ORCH_BUILD is the build directory (default: build).
# shellcheck shell=bash disable=SC2154

bats_require_minimum_version 1.5.0

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ORCH_BUILD=${ORCH_BUILD:-build}
case $ORCH_BUILD in
/*) ;;
*) ORCH_BUILD=$ROOT/$ORCH_BUILD ;;
esac

setup() {
	sandbox
}

# HOME, configuration and caches below the test's own directory.
sandbox() {
	local name

	for name in $(compgen -v | grep -E '^(GIT_|ORCH_|XDG_)'); do
		[ "$name" = ORCH_BUILD ] || unset "$name"
	done
	unset CI NO_COLOR CLICOLOR_FORCE PAGER
	export HOME=$BATS_TEST_TMPDIR/home
	export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat TERM=dumb
	export LC_ALL=C.UTF-8 TZ=UTC
	export GIT_AUTHOR_NAME='Ada Author' GIT_AUTHOR_EMAIL=ada@example.org
	export GIT_COMMITTER_NAME='Carl Committer'
	export GIT_COMMITTER_EMAIL=carl@example.org
	export GIT_AUTHOR_DATE='2026-01-02T03:04:05+0000'
	export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
	export PATH=$ORCH_BUILD:$PATH
	mkdir -p "$HOME" "$BATS_TEST_TMPDIR/repo"
	git config --global init.defaultBranch main
	git config --global gc.auto 0
	cd "$BATS_TEST_TMPDIR/repo" || return
}

# A repository with one commit.
repository() {
	git init -q .
	echo hello >README
	git add README
	git commit -qm 'first commit'
}

# A repository that is set up: .orch/ is on the base.
project() {
	repository
	git orch init >/dev/null
	git add .orch
	git commit -qm 'set up git-orch'
}

# phase <plan> <id> [<line>...]: a phase's document, not committed.
phase() {
	local plan=$1 id=$2
	shift 2
	mkdir -p ".orch/plans/$plan/phases"
	{
		echo 'version: 1'
		echo "id: $id"
		echo "title: Phase $id"
		echo 'agent: scaffold'
		printf '%s\n' "$@"
		echo 'status: planned'
	} >".orch/plans/$plan/phases/$id.yaml"
}

# plan <id> [<line>...]: a plan's document, not committed.  It is made from
# the template 'small' that template_small writes.
plan() {
	local plan=$1
	shift
	mkdir -p ".orch/plans/$plan"
	{
		echo 'version: 1'
		echo "id: $plan"
		echo "title: Plan $plan"
		echo 'goal: a small plan for a test'
		echo 'template: small'
		printf '%s\n' "$@"
	} >".orch/plans/$plan/plan.yaml"
}

# The repository's own template: phases a, b and c each write one file.
template_small() {
	local id
	mkdir -p .orch/templates/small/phases
	cat >.orch/templates/small/template.yaml <<-'END'
		title: A small template
		summary: Three phases, a file each
		vars:
		  - name: name
		    default: small
	END
	cat >.orch/templates/small/plan.yaml <<-'END'
		version: 1
		id: "{{name}}"
		title: "Plan {{name}}"
		goal: three files
		template: small
	END
	for id in a b c; do
		mkdir -p ".orch/templates/small/files/$id"
		echo "this is $id" >".orch/templates/small/files/$id/$id.txt"
		{
			echo 'version: 1'
			echo "id: $id"
			echo "title: Phase $id"
			echo 'agent: scaffold'
			[ $id = c ] && echo 'depends_on: [a, b]'
			echo "files: {create: [$id.txt]}"
			echo 'status: planned'
		} >".orch/templates/small/phases/$id.yaml"
	done
}

# A project whose base has plan 'small': a and b are ready, c waits for both.
# Lines given go into the plan's document.
small_plan() {
	project
	template_small
	plan small "$@"
	phase small a 'files: {create: [a.txt]}'
	phase small b 'files: {create: [b.txt]}'
	phase small c 'depends_on: [a, b]' 'files: {create: [c.txt]}'
	commit 'plan small'
	git orch trust --yes >/dev/null 2>&1
}

commit() {
	git add -A
	git commit -qm "$1"
}

# run_orch <args>: as `run`, with stdout and stderr apart.
run_orch() {
	run --separate-stderr git orch "$@"
}

# on_terminal <columns> <args>: stdout and stderr are a terminal that wide.
on_terminal() {
	local columns=$1
	shift
	run script -qec "stty cols $columns rows 30; git orch $*" /dev/null
	output=${output//$'\r'/}
	mapfile -t lines <<<"$output"
}

# fits <columns>: no line that was printed is wider.
fits() {
	local line
	for line in "${lines[@]}"; do
		[ "${#line}" -le "$1" ] && continue
		echo "wider than $1: $line"
		return 1
	done
}

# exits <status>: what run gave, with all there is to see when it is another.
exits() {
	[ "$status" -eq "$1" ] && return
	echo "exit $status, expected $1"
	echo "stdout: $output"
	echo "stderr: ${stderr-}"
	return 1
}

# says <text>: it is part of stdout.  warns: of stderr.
says() {
	[[ "$output" == *"$1"* ]] && return
	echo "not in stdout: $1"
	echo "stdout: $output"
	echo "stderr: ${stderr-}"
	return 1
}

warns() {
	[[ "${stderr-}" == *"$1"* ]] && return
	echo "not in stderr: $1"
	echo "stdout: $output"
	echo "stderr: ${stderr-}"
	return 1
}

# json_fits <schema>: stdout is what templates/schema/out/<schema>.json says.
json_fits() {
	"$ORCH_BUILD/tests/tools/schema-check" \
		"$ROOT/templates/schema/out/$1.json" <<<"$output"
}

# The working tree is as it was: nothing changed, nothing staged.
untouched() {
	local left
	left=$(git status --porcelain)
	[ -z "$left" ] && return
	echo "git status: $left"
	return 1
}

# status_of <plan> <phase>: its derived status.
status_of() {
	git orch status "$1" --json |
		sed -n "/\"id\": \"$2\"/,/\"status\"/s/.*\"status\": \"\(.*\)\".*/\1/p"
}
