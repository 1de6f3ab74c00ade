# make install: the program and its man page, below DESTDIR.
. tests/check.sh

dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT

# Not as a part of the make that runs this test.
unset MAKEFLAGS MFLAGS MAKELEVEL
make -s install BUILD="${PROGRAM%/*}" DESTDIR="$dest" PREFIX=/usr >/dev/null
expect 'installing succeeds' 0 $?

expect 'the installed program runs' '{{name}} 0.1.0' \
	"$("$dest/usr/bin/{{name}}" --version)"
[ -f "$dest/usr/share/man/man1/{{name}}.1" ]
expect 'the man page is installed' 0 $?
finish
