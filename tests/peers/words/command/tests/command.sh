# The command counts what it reads, and fails for what is not there.
[ "$(printf 'one two\nthree' | ./words)" = "1 3 13" ]
! ./words no-such-file 2>/dev/null
