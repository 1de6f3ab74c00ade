#!/usr/bin/env bash
# Ends a command by SIGKILL at each of its writes, and those of its children,
# then runs it once more: it has to finish the work, with one branch and one
# commit, and leave nothing behind.  Prints n/N recovered.
#
# "remote" is next-phase over http: there the clone's own git is killed as well,
# while the server goes on with what it has heard.
#
# "restack" has a phase whose lower one was squashed; "stack" is a run that has
# to bring such a one along by itself.
#
#   kill.sh next-phase|integrate|approve|run|restack|stack|remote
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

# The sanitizers' runtime has to be loaded first, and so does the preload.
if ldd "$orch" | grep -q libasan; then
	echo "kill $1: not with AddressSanitizer, whose runtime must come first"
	exit 77
fi

mode=$1
state=$scratch/state
cc -std=gnu11 -D_GNU_SOURCE -D_FORTIFY_SOURCE=0 -O1 -shared -fPIC \
	-o "$scratch/kill.so" "$here/tests/faults/kill.c" -ldl || exit 1

# shared memory of the preload: count, point, number of pids, the pids
arm() {
	{
		perl -e 'print pack("q3", 0, $ARGV[0], 0)' "$1"
		head -c 16400 /dev/zero
	} >"$state"
}
# Waits, for two seconds at most, until everybody on the list is gone.
all_gone() {
	local pids pid tries
	pids=$(perl -e 'local $/; my (undef, undef, $n, @pid) =
		unpack("q3 l*", <STDIN>); print join " ", grep { $_ > 0 }
		@pid[0 .. ($n < 4096 ? $n : 4096) - 1]' <"$state")
	for pid in $pids; do
		for ((tries = 0; tries < 200; tries++)); do
			readlink "/proc/$pid/exe" >/dev/null || break
			sleep 0.01
		done
	done
}
counted() { perl -e 'local $/; print unpack("q", <STDIN>)' <"$state"; }

command=(next-phase --plan p a)
case $mode in
next-phase | remote) ;;
integrate) command=(integrate p) ;;
approve) command=(approve p) ;;
run) command=(run p --jobs 2 --land) ;;
restack) command=(restack --plan p) ;;
stack) command=(-c delivery.stacking=true run p --jobs 2 --land) ;;
*) exit 129 ;;
esac

under_test() {
	LD_PRELOAD=$scratch/kill.so KILL_STATE=$state "$orch" "${command[@]}" \
		>"$scratch/out" 2>&1
}

prepare() {
	make_repo
	case $mode in
	integrate)
		"$orch" next-phase --plan p a >/dev/null &&
			"$orch" next-phase --plan p b >/dev/null
		;;
	restack)
		"$orch" next-phase --plan p b >/dev/null &&
			"$orch" integrate p >/dev/null &&
			"$orch" next-phase --plan p a >/dev/null &&
			"$orch" -c delivery.stacking=true \
				next-phase --plan p c >/dev/null
		git merge -q --squash orch/p/a >/dev/null
		git commit -qm 'squash a'
		echo other >other
		git add other
		git commit -qm other
		;;
	approve)
		git checkout -q -b side HEAD~1
		git branch -f main side
		git checkout -q main
		git branch -D side -q
		"$orch" plan --template tiny --id p >/dev/null
		;;
	esac
	[ "$mode" = remote ] && serve_repo && cp -a "$far" "$scratch/seed-far"
	echo edited >>note
	cp -a "$repo" "$scratch/seed"
	[ -d "$XDG_CACHE_HOME" ] && cp -a "$XDG_CACHE_HOME" "$scratch/seed-cache"
}

restore() {
	cd "$scratch" || exit 1
	rm -rf "$repo" "$XDG_CACHE_HOME"
	cp -a seed repo
	[ "$mode" = remote ] && settled && rm -rf "$far" && cp -a seed-far "$far"
	[ -d seed-cache ] && cp -a seed-cache "$XDG_CACHE_HOME"
	cd "$repo" || exit 1
}

# Nobody of the server is at work any more.
settled() {
	local tries
	for ((tries = 0; tries < 200; tries++)); do
		pgrep -f "git.*$scratch/served/far" >/dev/null || return 0
		sleep 0.02
	done
}

# What has to be so at the end, whatever happened on the way.
content_there() {
	git -C "$far" ls-tree -r orch/p/a | grep -v '	\.orch/plans/p/'
}
content() { git ls-tree -r "$1" | grep -v '	\.orch/plans/p/'; }

expect() {
	[ "$2" = "$3" ] || {
		echo "  $1: '$2', not '$3'"
		return 1
	}
}

# The same of a remote; here nothing moved.
holds_there() {
	expect "local branches" "$(git for-each-ref --format='%(refname)' \
		refs/heads refs/orch/base)" refs/heads/main &&
		expect "refs there" "$(git -C "$far" for-each-ref \
			--format='%(refname)')" "refs/heads/main
refs/heads/orch/p/a
refs/orch/base/p/a" &&
		expect "commits" "$(git -C "$far" rev-list --count \
			main..orch/p/a)" 1 &&
		expect "content" "$(content_there)" "$wanted" &&
		moves_on
}

# A lock that git left on a tracking ref is in nobody's way: when all of them
# have moved, all are seen where they are, and no lock is left.  One on an
# attempt ref that is gone stays until its name is used again.
moves_on() {
	git -C "$far" update-ref refs/heads/orch/p/a main
	git -C "$far" update-ref refs/orch/claim/p/a main
	git -C "$far" update-ref refs/heads/main \
		"$(git -C "$far" commit-tree -m next -p main 'main^{tree}')"
	git -C "$far" update-ref refs/orch/base/p/a main
	"$orch" status --fetch >/dev/null || return
	expect "locks" "$(find .git -name '*.lock' ! -path '.git/orch/*' \
		! -path '.git/refs/orch/attempt/*')" "" &&
		expect "tracking" \
			"$(git for-each-ref --format='%(objectname) %(refname)' \
				refs/remotes refs/orch-remotes |
				sed 's,refs/remotes/origin,refs/heads,
					s,orch-remotes/origin,orch,' | sort)" \
			"$(git -C "$far" for-each-ref \
				--format='%(objectname) %(refname)' | sort)"
}

holds() {
	expect "git fsck" "$(git fsck --strict 2>&1 | grep -v '^dangling')" "" &&
		expect "claims" "$(git for-each-ref refs/orch/claim)" "" &&
		expect "git status" "$(git status --porcelain)" " M note" &&
		expect "worktree" "$(cat note)" "note
edited" || return 1
	case $mode in
	remote) holds_there ;;
	next-phase)
		expect "branches" "$(git for-each-ref --format='%(refname)' \
			refs/heads/orch)" refs/heads/orch/p/a &&
			expect "commits" \
				"$(git rev-list --count main..orch/p/a)" 1 &&
			expect "content" "$(content orch/p/a)" "$wanted"
		;;
	restack)
		expect "branches" "$(git for-each-ref --format='%(refname)' \
			refs/heads/orch)" refs/heads/orch/p/c &&
			expect "base ref" "$(git rev-parse \
				refs/orch/base/p/c)" "$(git rev-parse main)" &&
			expect "commits" \
				"$(git rev-list --count main..orch/p/c)" 2 &&
			expect "content" "$(content orch/p/c)" "$wanted"
		;;
	*)
		expect "branches" "$(git for-each-ref refs/heads/orch)" "" &&
			expect "commits" "$(git rev-list --count main)" \
				"$commits" &&
			expect "content" "$(content main)" "$wanted"
		;;
	esac
}

prepare
restore
arm 0
under_test || {
	cat "$scratch/out"
	echo "undisturbed run failed"
	exit 1
}
total=$(counted)
commits=$(git rev-list --count main)
case $mode in
remote) wanted=$(content_there) ;;
next-phase) wanted=$(content orch/p/a) ;;
restack) wanted=$(content orch/p/c) ;;
*) wanted=$(content main) ;;
esac
holds || {
	echo "undisturbed run: not as expected"
	exit 1
}

n=0 recovered=0
for at in $(points "$total"); do
	restore
	arm "$at"
	# The shell's own word on a killed child is no news here.
	under_test 2>/dev/null
	all_gone
	n=$((n + 1))
	"$orch" "${command[@]}" >"$scratch/again" 2>&1
	code=$?
	if { [ $code = 0 ] || [ $code = 3 ]; } && holds; then
		recovered=$((recovered + 1))
	else
		echo "killed at write $at of $total: exit $code afterwards"
		tail -n 3 "$scratch/again"
		[ -n "${KEEP:-}" ] && cp -a "$repo" "$KEEP/kill-$mode-$at"
	fi
done
echo "kill $mode: $recovered/$n recovered, of $total writes"
[ "$recovered" = "$n" ] && [ "$n" -gt 0 ]
