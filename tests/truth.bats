#!/usr/bin/env bats
# What the program says of itself: each command has -h, a man page, completion
# and an end-to-end file; each option stands in both help and page.
load e2e/helper

commands() {
	git-orch -h | sed -n '/^Commands/,/^Options/s/^    \([a-z-]*\) .*/\1/p'
}

# The subcommands of a command, as its own -h lists them.
subs() {
	git-orch "$1" -h | sed -n '/^Options/q;s/^    \([a-z][a-z-]*\)  .*/\1/p'
}

# The long options that -h prints.
help_options() {
	git-orch "$@" -h | sed -n '/^[A-Z]/,$s/^    .*--\([a-z-]*\).*/\1/p' |
		sort -u
}

# The long options that a page lists.
page_options() {
	sed -n '/^\.Bl -tag/,/^\.El/s/^\.It .*Fl -\([a-z-]*\).*/\1/p' "$1" |
		sort -u
}

@test "there are commands" {
	[ "$(commands | wc -l)" -ge 16 ]
}

@test "each command has a man page" {
	for command in $(commands); do
		[ -f "$ROOT/docs/git-orch-$command.1" ] || {
			echo "no page: $command"
			return 1
		}
	done
}

@test "each man page has a command" {
	for page in "$ROOT"/docs/git-orch-*.1; do
		name=${page##*/git-orch-}
		commands | grep -qx "${name%.1}"
	done
}

@test "each command has an end-to-end file" {
	for command in $(commands); do
		[ -f "$ROOT/tests/e2e/$command.bats" ] || {
			echo "no tests: $command"
			return 1
		}
	done
}

@test "each command answers -h, outside a repository too" {
	for command in $(commands); do
		run git-orch "$command" -h
		exits 0
		says "usage: git orch $command"
	done
}

@test "the options of -h are the options of the page" {
	for command in $(commands); do
		help=$({
			help_options "$command"
			for sub in $(subs "$command"); do
				help_options "$command" "$sub"
			done
		} | sort -u)
		page=$(page_options "$ROOT/docs/git-orch-$command.1")
		[ "$help" = "$page" ] || {
			echo "$command"
			diff <(echo "$help") <(echo "$page")
			return 1
		}
	done
}

@test "the options of every command are those of git-orch(1)" {
	help=$(git-orch -h | sed -n '/^Options/,$s/^    .*--\([a-z-]*\).*/\1/p' |
		sort -u)
	diff <(echo "$help") <(page_options "$ROOT/docs/git-orch.1")
}

@test "each command and option is completed in each shell" {
	for shell in bash zsh fish; do
		script=$(git-orch completion "$shell")
		for command in $(commands); do
			[[ "$script" == *"$command"* ]]
			for option in $(help_options "$command"); do
				[[ "$script" == *"$command'"*"$option"* ]]
			done
		done
	done
}

@test "no help text has a quote that a completion script would trip over" {
	for command in '' $(commands); do
		# shellcheck disable=SC2086
		run git-orch $command -h
		[[ "$output" != *"'"* ]]
	done
}

@test "git-orch(1) names every command and every exit status" {
	for command in $(commands); do
		grep -q "^\.It Xr git-orch-$command 1" "$ROOT/docs/git-orch.1"
	done
	for code in 0 1 3 4 5 6 75 128 129 '130, 143'; do
		grep -q "^\.It $code\b" "$ROOT/docs/git-orch.1"
	done
}

@test "each property of the schemas stands in git-orch-plan(5)" {
	for kind in config plan phase prices; do
		python3 - "$ROOT/templates/schema/$kind.json" <<'END' >../names
import json, sys
def walk(o):
    if isinstance(o, dict):
        for name, value in o.get("properties", {}).items():
            print(name)
        for value in o.values():
            walk(value)
walk(json.load(open(sys.argv[1])))
END
		[ -s ../names ]
		sort -u ../names | while read -r name; do
			grep -qE "^\.It Li ([^ ]*\.)?$name\$" \
				"$ROOT/docs/git-orch-plan.5" || {
				echo "$kind: $name"
				exit 1
			}
		done
	done
}

@test "the pages have no fault that mandoc knows" {
	command -v mandoc || skip "mandoc is not installed"
	for page in "$ROOT"/docs/*.[157]; do
		mandoc -Tlint -W warning "$page"
	done
}

@test "each JSON schema of an output is used by an end-to-end test" {
	for schema in "$ROOT"/templates/schema/out/*.json; do
		name=${schema##*/}
		grep -qr "json_fits ${name%.json}\$" "$ROOT/tests/e2e" || {
			echo "no test: $name"
			return 1
		}
	done
}

@test "the tutorial works as printed" {
	sed -n 's/^\$ //p' "$ROOT/docs/git-orch-tutorial.7" >../tutorial
	[ "$(grep -c 'git orch' ../tutorial)" -ge 9 ]
	run bash -ex ../tutorial
	exits 0
	says "the plan is finished"
	git -C tally fsck --strict
	[ -z "$(git -C tally status --porcelain --untracked-files=no)" ]
}
