#!/usr/bin/env bash
#
# The project templates, without the program: each phase on top of what it
# depends on, and all phases in an order, must pass the template's checks at
# every step; phases that may run side by side must not share a file.
#
#	[ORCH_LOOPS=<orders, at most 2>] tests/templates.sh [<template>...]

set -u
export LC_ALL=C
cd "$(dirname "$0")/../templates/projects" || exit 128
scratch=$(mktemp -d) || exit 128
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/home"
passed=0
failed=0

ok() {
	passed=$((passed + 1))
}

not_ok() {
	failed=$((failed + 1))
	echo "not ok: $1"
	[ $# -lt 2 ] || tail -n 20 "$2" | sed 's/^/    /'
}

# expansion <template>: a sed script that replaces its variables by defaults.
expansion() {
	awk '$2 == "name:" { name = $3 }
	     $1 == "default:" {
		sub(/^ *default: /, ""); gsub(/[\\&|]/, "\\\\&")
		print "s|{{" name "}}|" $0 "|g"
	     }' "$1/template.yaml"
}

phases() {
	for file in "$1"/phases/*.yaml; do
		basename "$file" .yaml
	done
}

depends_on() {
	sed -n 's/^depends_on: \[\(.*\)\]$/\1/p' "$1/phases/$2.yaml" |
		tr -d ' ' | tr ',' '\n'
}

# files <template> <phase> <pattern>: as declared under create or modify
files() {
	awk -v want="^($3):$" '/^[a-z]/ { in_files = $1 == "files:" }
		in_files && /^  [a-z]/ { list = $1 }
		in_files && /^    - / && list ~ want {
			gsub(/^    - "?|"$/, ""); print
		}' "$1/phases/$2.yaml"
}

# brought <template> <phase>: the files that are there for it
brought() {
	(cd "$1/files/$2" && find . -type f | cut -c 3- | sort)
}

check_commands() {
	awk '/^[a-z]/ { in_checks = $1 == "checks:" }
		in_checks && $1 == "run:" {
			sub(/^ *run: "?/, ""); sub(/"$/, ""); print
		}' "$1/plan.yaml"
}

# order <template> [-r]: all phases, each after what it depends on.
order() {
	local template=$1 flag=${2:-} left done=' ' phase dep
	left=$(phases "$template" | sort ${flag:+"$flag"})
	while [ -n "$left" ]; do
		for phase in $left none; do
			[ "$phase" != none ] || return 1
			for dep in $(depends_on "$template" "$phase"); do
				[[ $done == *" $dep "* ]] || continue 2
			done
			break
		done
		echo "$phase"
		done+="$phase "
		left=$(grep -vx "$phase" <<<"$left")
	done
}

# ancestors <template> <phase>: itself and all it depends on, in order.
ancestors() {
	local wanted=" $2 " phase
	for phase in $(order "$1" | tac); do
		if [[ $wanted == *" $phase "* ]]; then
			wanted+=$(depends_on "$1" "$phase" | tr '\n' ' ')
		fi
	done
	for phase in $(order "$1"); do
		[[ $wanted != *" $phase "* ]] || echo "$phase"
	done
}

# apply <template> <phase> <folder>
apply() {
	local file target
	while IFS= read -r file; do
		target=$3/$(sed -f "$scratch/vars" <<<"$file")
		mkdir -p "${target%/*}"
		sed -f "$scratch/vars" "$1/files/$2/$file" >"$target"
	done < <(brought "$1" "$2")
}

# run_checks <template> <folder> <name of the step>
run_checks() {
	local command
	while IFS= read -r command; do
		if (cd "$2" && env -i PATH=/usr/bin:/bin LC_ALL=C TZ=UTC \
			HOME="$scratch/home" sh -c "$command") \
			>"$scratch/log" 2>&1 </dev/null; then
			ok
		else
			not_ok "$1: $3: $command" "$scratch/log"
		fi
	done < <(check_commands "$1")
}

# What a phase declares is what it brings; new files are new, others are not.
declared() {
	local template=$1 phase dep before file
	for phase in $(order "$template"); do
		if diff <(files "$template" "$phase" 'create|modify' | sort) \
			<(brought "$template" "$phase") >"$scratch/log"; then
			ok
		else
			not_ok "$template: $phase: files" "$scratch/log"
		fi
		before=$(for dep in $(ancestors "$template" "$phase"); do
			[ "$dep" = "$phase" ] || files "$template" "$dep" create
		done)
		while IFS= read -r file; do
			if grep -qxF -- "$file" <<<"$before"; then
				not_ok "$template: $phase: $file is not new"
			else
				ok
			fi
		done < <(files "$template" "$phase" create)
		while IFS= read -r file; do
			if grep -qxF -- "$file" <<<"$before"; then
				ok
			else
				not_ok "$template: $phase: no $file to modify"
			fi
		done < <(files "$template" "$phase" modify)
	done
}

# Phases of which none depends on the other share no file.
apart() {
	local template=$1 a b shared
	for a in $(phases "$template"); do
		for b in $(phases "$template"); do
			[[ $a < $b ]] || continue
			! ancestors "$template" "$a" | grep -qx "$b" || continue
			! ancestors "$template" "$b" | grep -qx "$a" || continue
			shared=$(comm -12 <(brought "$template" "$a") \
				<(brought "$template" "$b"))
			if [ -z "$shared" ]; then
				ok
			else
				not_ok "$template: $a and $b share $shared"
			fi
		done
	done
}

no_placeholder_left() {
	if grep -rIn '{{' "$2" >"$scratch/log"; then
		not_ok "$1: $3: not expanded" "$scratch/log"
	else
		ok
	fi
}

alone() {
	local phase dep folder
	for phase in $(phases "$1"); do
		folder=$scratch/$1-alone-$phase
		mkdir "$folder"
		for dep in $(ancestors "$1" "$phase"); do
			apply "$1" "$dep" "$folder"
		done
		no_placeholder_left "$1" "$folder" "$phase"
		run_checks "$1" "$folder" "$phase on its dependencies"
		rm -rf "$folder"
	done
}

together() {
	local phase folder=$scratch/$1-together
	mkdir "$folder"
	for phase in $(order "$1" "${2:-}"); do
		apply "$1" "$phase" "$folder"
		run_checks "$1" "$folder" "$phase, order ${2:-forward}"
	done
	rm -rf "$folder"
}

orders=$((${ORCH_LOOPS:-1} > 1 ? 2 : 1))
[ $# -gt 0 ] || set -- */
for template in "${@%/}"; do
	expansion "$template" >"$scratch/vars"
	if [ "$(order "$template" | wc -l)" -ne \
		"$(phases "$template" | wc -l)" ]; then
		not_ok "$template: the phases have a cycle or a loose end"
		continue
	fi
	declared "$template"
	apart "$template"
	alone "$template"
	together "$template" -r
	[ "$orders" -eq 1 ] || together "$template"
	echo "$template: $(phases "$template" | wc -l) phases, $orders/2 orders"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
