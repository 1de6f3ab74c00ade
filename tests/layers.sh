#!/usr/bin/env bash
# The walls: includes point one way, each foreign library has its files, and
# the objects agree (nm).  Prints what stands against it.
#
#   ORCH_BUILD   the build directory (build)
set -u
cd "$(dirname "$0")/.." || exit 1
build=${ORCH_BUILD:-build}
bad=0
# none() stands at the end of pipes, and has to be heard.
shopt -s lastpipe

# $1 says what is wrong; standard input lists where.
none() {
	local lines
	lines=$(cat)
	[ -n "$lines" ] || return 0
	printf '%s:\n%s\n' "$1" "$lines"
	bad=1
}

include='^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*["<](\.\./)*'
includes() { grep -nE "$include($2)" "$1"/*.[ch] /dev/null; }

includes core 'gitops/|plans/|cmd/' | none "core includes what is above it"
includes gitops 'plans/|cmd/' | none "gitops includes what is above it"
includes plans 'cmd/' | none "plans includes what is above it"

# A library and the one file (or folder) that may include it.
seam() {
	grep -lE "$include$1" {core,gitops,plans,cmd}/*.[ch] |
		grep -vxE "$2" | none "<$1> is included outside $2"
}
seam 'git2' 'gitops/git2\.h'
seam 'curl/' 'core/curl\.h'
seam 'yaml\.h' 'core/yaml\.c'
seam '(cjson/)?cJSON' 'core/json\.c'
seam 'pcre2' 'core/regex\.c'
seam 'zlib' 'core/zlib\.c'
grep -nE "${include}gitops/git2\\.h" {core,plans,cmd}/*.[ch] gitops/*.h |
	none "git2.h is included outside gitops/*.c"
grep -lE "${include}core/(curl|http-transfer)\\.h" {core,gitops,plans,cmd}/*.[ch] |
	grep -vxE 'core/(curl\.c|http.*\.[ch])' |
	none "libcurl is used outside core/http*.c"

# What the objects of a folder ask for, and what others offer.
undefined() { nm -u "$build/$1.a" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u; }
offered() {
	nm --defined-only "$@" 2>/dev/null |
		awk 'NF == 3 && $2 ~ /^[A-TV-Z]$/ {print $3}' | sort -u
}
above() { comm -12 <(undefined "$1") <(offered "${@:2}"); }

above core "$build"/{gitops,plans}.a "$build"/cmd/*.o |
	none "core asks for symbols above it"
above gitops "$build/plans.a" "$build"/cmd/*.o |
	none "gitops asks for symbols above it"
above plans "$build"/cmd/*.o | none "plans asks for symbols above it"
{
	undefined core | grep -E '^(git_|curl_(easy|multi|global|url)_)'
	undefined gitops | grep '^plan_'
} | none "symbols that none of ours may ask for"

# Out of memory and BUG() say so and abort; a child between fork and exec ends.
may_end='^[^:]*:(alloc|error)\.o:|^[^:]*:proc-(spawn|keeper)\.o: _exit$'
for folder in core gitops plans; do
	nm -A -u "$build/$folder.a" 2>/dev/null |
		awk '$(NF - 1) == "U" {print $1, $NF}' |
		grep -E ' ((__)?v?printf(_chk)?|puts|putchar|perror|v?(err|warn)x?|stdout|stderr|abort|_?exit|_Exit|quick_exit)$' |
		grep -vE "$may_end" | none "$folder prints or exits"
done

for archive in core gitops plans; do
	[ -n "$(undefined "$archive")" ] || {
		echo "$build/$archive.a has no symbols: nothing was looked at"
		bad=1
	}
done
[ -n "$(offered "$build"/cmd/*.o)" ] || {
	echo "$build/cmd has no symbols: nothing was looked at"
	bad=1
}
exit $bad
