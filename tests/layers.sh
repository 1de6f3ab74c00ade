#!/usr/bin/env bash
# The walls: includes point one way, each foreign library has its files, and
# the objects agree (nm).  Prints what stands against it.
#
#   ORCH_BUILD   the build directory (build)
set -u
cd "$(dirname "$0")/.." || exit 1
build=${ORCH_BUILD:-build}
bad=0

# $1 says what is wrong; standard input lists where.
none() {
	local lines
	lines=$(cat)
	[ -n "$lines" ] || return 0
	printf '%s:\n%s\n' "$1" "$lines"
	bad=1
}

includes() { grep -nE "^#include [\"<]($2)" "$1"/*.[ch] /dev/null; }

includes core 'gitops/|plans/|cmd/' | none "core includes what is above it"
includes gitops 'plans/|cmd/' | none "gitops includes what is above it"
includes plans 'cmd/' | none "plans includes what is above it"

# A library and the one file (or folder) that may include it.
seam() {
	grep -lE "^#include [\"<]$1" {core,gitops,plans,cmd}/*.[ch] |
		grep -vxE "$2" | none "<$1> is included outside $2"
}
seam 'git2' 'gitops/git2\.h'
seam 'curl/' 'core/curl\.h'
seam 'yaml\.h' 'core/yaml\.c'
seam '(cjson/)?cJSON' 'core/json\.c'
seam 'pcre2' 'core/regex\.c'
grep -nE '^#include "gitops/git2.h"' {core,plans,cmd}/*.[ch] gitops/*.h |
	none "git2.h is included outside gitops/*.c"
grep -lE '^#include "core/(curl|http-transfer).h"' {core,gitops,plans,cmd}/*.[ch] |
	grep -vxE 'core/(curl\.c|http.*\.[ch])' |
	none "libcurl is used outside core/http*.c"

# Undefined symbols of a folder's objects.
undefined() { nm -u "$build/$1.a" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u; }
undefined core | grep -E '^(git_|repo_|ref_|plan_|phase_|board_)' |
	none "core asks for symbols above it"
undefined gitops | grep -E '^(plan_|phase_|board_|config_load|transaction_)' |
	none "gitops asks for symbols above it"
for folder in core gitops plans; do
	undefined "$folder" |
		grep -E '^(printf|puts|putchar|vprintf|exit|_exit|quick_exit)$' |
		grep -vxE '_exit' | none "$folder prints or exits"
done

for archive in core gitops plans; do
	[ -e "$build/$archive.a" ] || {
		echo "$build/$archive.a is missing: nothing was looked at"
		bad=1
	}
done
exit $bad
